"""Categories are found in any case, with or without accents."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_PRODUCTS = sa.table(
    "products",
    sa.column("category", sa.String),
    sa.column("category_key", sa.String),
)


def upgrade() -> None:
    """Add what a category is found by, with its index, and fill it."""
    op.add_column("products", sa.Column("category_key", sa.String(255)))
    op.create_index(op.f("ix_products_category_key"), "products", ["category_key"])

    columns = _PRODUCTS.c
    statement = (
        sa.update(_PRODUCTS)
        .where(columns.category == sa.bindparam("written"))
        .values(category_key=sa.bindparam("key"))
    )
    connection = op.get_bind()
    written = connection.execute(sa.select(columns.category).distinct()).scalars()
    categories = [
        {"written": category, "key": _fold(category)}
        for category in written
        if category
    ]
    if categories:
        connection.execute(statement, categories)


# As trastienda.domain.text has it when this is written; there it may change.
def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return bare.casefold()
