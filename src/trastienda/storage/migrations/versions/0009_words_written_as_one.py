"""Products are found by 1.5 for 1,5, and by cocacola for Coca-Cola."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_DECIMAL_MARK = re.compile(r"(?<=\d),(?=\d)")
_WORD = re.compile(r"(?:[^\W_]|(?<=\d)\.(?=\d))+")
_PRODUCTS = sa.table(
    "products",
    sa.column("id", sa.BigInteger),
    sa.column("code", sa.String),
    sa.column("name", sa.String),
    sa.column("search", sa.String),
    sa.column("search_in_one", sa.String),
)


def upgrade() -> None:
    """Add what is searched where words are written as one, and fill it."""
    in_one = sa.Column(
        "search_in_one", sa.String(1000), server_default="", nullable=False
    )
    op.add_column("products", in_one)

    columns = _PRODUCTS.c
    statement = (
        sa.update(_PRODUCTS)
        .where(columns.id == sa.bindparam("product_id"))
        .values(search=sa.bindparam("text"), search_in_one=sa.bindparam("joined"))
    )
    connection = op.get_bind()
    products = connection.execute(sa.select(columns.id, columns.code, columns.name))
    searched = [
        {
            "product_id": product_id,
            "text": _searchable(f"{name} {code}")[:300],
            "joined": _words_in_one(name)[:1000],
        }
        for product_id, code, name in products
    ]
    if searched:
        connection.execute(statement, searched)


# As trastienda.domain.text has them when this is written; there they may change.
def _searchable(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _DECIMAL_MARK.sub(".", bare.casefold())


def _words_in_one(name: str) -> str:
    words = _WORD.findall(_searchable(name))
    beginnings = [_join(words[start : start + 3]) for start in range(1, len(words))]
    return " ".join(["", _join(words), *beginnings, ""])


def _join(words: list[str]) -> str:
    joined = ""
    for word in words:
        if joined[-1:].isdigit() and word[0].isdigit():
            joined += "/"
        joined += word
    return joined
