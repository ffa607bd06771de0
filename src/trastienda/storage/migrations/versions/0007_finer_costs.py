"""Costs finer than the minor unit, and totals of lines as the supplier's invoice has them."""

import sqlalchemy as sa
from alembic import op

from trastienda.storage.migrations import shop_connection

revision = "0007"
down_revision = "0006"

SEALED = {
    "purchase_lines": (
        "purchase_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "cost_minor",
        "cost_rest_milli",
        "given_total_minor",
    ),
    "return_lines": (
        "return_id",
        "position",
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "total_minor",
        "cost_minor",
        "exempt",
        "cost_rest_milli",
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
        "cost_rest_milli",
    ),
}
"""The tables that change here, and the columns that may never change in them."""


def upgrade() -> None:
    """Add the columns; costs that are there were whole."""
    for table in SEALED:
        shop_connection().unseal(table)

    for table in ("products", *SEALED):
        rest = sa.Column(
            "cost_rest_milli", sa.BigInteger(), server_default="0", nullable=False
        )
        op.add_column(table, rest)
    op.add_column("purchase_lines", sa.Column("given_total_minor", sa.BigInteger()))

    for table, columns in SEALED.items():
        shop_connection().seal(table, columns)
