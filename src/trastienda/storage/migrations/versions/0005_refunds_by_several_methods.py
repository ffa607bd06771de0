"""A refund by several methods, and sums of days that tell what returns took off debts."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.migrations import shop_connection

revision = "0005"
down_revision = "0004"

SEALED_COLUMNS = (
    "id",
    "sale_id",
    "origin_number",
    "at_ms",
    "seller_id",
    "reason",
    "net_minor",
    "vat_minor",
    "exempt_minor",
    "total_minor",
    "rounding_minor",
    "method",
    "refund_minor",
    "debt_reduced_minor",
    "restock",
    "location_id",
    "device",
    "shift_id",
    "refunds",
)
"""Those of a return, none of which may ever change."""


def upgrade() -> None:
    """Add the column and seal it; have the days that are over summed anew."""
    shop_connection().unseal("returns")
    refunds = sa.Column("refunds", sa.Text(16777215), server_default="", nullable=False)
    op.add_column("returns", refunds)
    shop_connection().seal("returns", SEALED_COLUMNS)

    op.execute("DELETE FROM day_summaries")
    op.execute("UPDATE head SET summed_until_ms = 0")
