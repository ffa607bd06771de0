"""Which discount was told to be over: it stays, and is shown no more."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; of the discounts that are there none was told."""
    op.add_column("products", sa.Column("told_until_ms", sa.BigInteger()))
