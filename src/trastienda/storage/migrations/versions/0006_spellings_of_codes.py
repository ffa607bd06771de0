"""Spellings that became one code: filled with zeros, UPC-E, and GS1 symbols."""

import sqlalchemy as sa
from alembic import op

from trastienda.domain import barcode

revision = "0006"
down_revision = "0005"

_PRODUCTS = sa.table(
    "products",
    sa.column("id", sa.BigInteger),
    sa.column("code", sa.String),
    sa.column("code_key", sa.String),
)


def upgrade() -> None:
    """Give each product the key of its code.

    Where two products turn out to have one code, the second is found by its own spelling
    alone, and the shop may retire it.
    """
    connection = op.get_bind()
    columns = sa.select(_PRODUCTS.c.id, _PRODUCTS.c.code, _PRODUCTS.c.code_key)
    products = connection.execute(columns.order_by(_PRODUCTS.c.id)).all()
    taken = {code_key for _, _, code_key in products}
    for product_id, code, code_key in products:
        new_key = barcode.key(code)
        if new_key == code_key:
            continue

        if new_key in taken:
            new_key = code
        taken.add(new_key)
        own_row = sa.update(_PRODUCTS).where(_PRODUCTS.c.id == product_id)
        connection.execute(own_row.values(code_key=new_key))
