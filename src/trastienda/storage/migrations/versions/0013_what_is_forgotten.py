"""Addresses that can be forgotten; how far they are, and what was said in each room."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.migrations import shop_connection

revision = "0013"
down_revision = "0012"

SEALED_COLUMNS = (
    "id",
    "at_ms",
    "user_id",
    "action",
    "detail",
    "previous_hash",
    "hash",
    "origin_seal",
)
"""Those of a registro, none of which may ever change."""


def upgrade() -> None:
    """Add the columns; the hashes of rows that are there cover their addresses themselves."""
    shop_connection().unseal("audit")
    op.add_column("audit", sa.Column("origin_salt", sa.String(32)))
    op.add_column("audit", sa.Column("origin_seal", sa.String(64)))
    shop_connection().seal("audit", SEALED_COLUMNS)

    for table, name in (("head", "addresses_until_id"), ("rooms", "forgotten_seq")):
        column = sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        op.add_column(table, column)
