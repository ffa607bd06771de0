"""Which passwords have to be changed; from where sessions are used, and when last."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns.

    The passwords that are there were in use, and stay. Of the sessions nobody knows it.
    """
    op.add_column("users", sa.Column("must_change_since_ms", sa.BigInteger()))
    op.add_column("sessions", sa.Column("used_at_ms", sa.BigInteger()))
    op.add_column("sessions", sa.Column("address", sa.String(64)))
    op.add_column("sessions", sa.Column("program", sa.String(200)))
