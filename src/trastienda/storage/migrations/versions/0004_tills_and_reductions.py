"""Where a document was made, why a line was cheaper, and a plain name for settlings."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.migrations import shop_connection

revision = "0004"
down_revision = "0003"

SEALED = {
    "payments": (
        "sale_id",
        "settlement_no",
        "position",
        "method",
        "amount_minor",
        "change_minor",
        "rounding_minor",
        "at_ms",
        "user_id",
    ),
    "purchases": (
        "id",
        "at_ms",
        "buyer_id",
        "supplier",
        "document",
        "total_minor",
        "location_id",
        "device",
        "shift_id",
    ),
    "returns": (
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
    ),
    "sale_lines": (
        "sale_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "unit_price_minor",
        "discount_minor",
        "total_minor",
        "cost_minor",
        "exempt",
        "reductions",
    ),
    "sales": (
        "id",
        "folio",
        "origin_number",
        "at_ms",
        "location_id",
        "seller_id",
        "buyer_id",
        "customer_rut",
        "net_minor",
        "vat_minor",
        "exempt_minor",
        "total_minor",
        "rounding_minor",
        "change_minor",
        "vat_bp",
        "device",
        "shift_id",
    ),
}
"""The tables that change here, and the columns that may never change in them."""


def upgrade() -> None:
    """Add the columns and seal them; documents that are there were made at the one location."""
    for table in SEALED:
        shop_connection().unseal(table)

    op.alter_column("payments", "call", new_column_name="settlement_no")
    reductions = sa.Column(
        "reductions", sa.Text(16777215), server_default="", nullable=False
    )
    op.add_column("sale_lines", reductions)
    for table in ("sales", "returns", "purchases"):
        if table != "sales":  # sales had their location from the first day
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN location_id INTEGER"
                f" CONSTRAINT fk_{table}_location_id REFERENCES locations (id)"
            )
            op.execute(f"UPDATE {table} SET location_id = 1")  # noqa: S608 - our name
        op.add_column(table, sa.Column("device", sa.String(64)))
        op.add_column(table, sa.Column("shift_id", sa.BigInteger()))

    for table, columns in SEALED.items():
        shop_connection().seal(table, columns)
