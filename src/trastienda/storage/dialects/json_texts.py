"""JSON written by the database itself.

Where many rows become few texts, a row that need not come to Python takes a third of the
time.
"""

from typing import Any

import sqlalchemy as sa

Value = sa.ColumnElement[Any]


def written(
    template: str,
    *values: Value,
) -> sa.ColumnElement[str]:
    """Return ``template`` with each ``%d`` and ``%s`` of it replaced by a value.

    A null becomes 0 or nothing: what may be one goes through :func:`quoted`.
    """
    return sa.func.format(template, *values, type_=sa.Text())


def quoted(value: Value) -> sa.ColumnElement[str]:
    """Return a value as JSON."""
    return sa.func.json_quote(value, type_=sa.Text())


def flag(value: Value) -> sa.ColumnElement[str]:
    """Return a flag as JSON."""
    return sa.case((value, "true"), else_="false")


def in_one(texts: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return the texts of a group of rows as one, divided by commas."""
    return sa.func.group_concat(texts, type_=sa.Text())


def sum_in(
    array: sa.ColumnElement[str],
    field: str,
) -> sa.ColumnElement[int]:
    """Return the sum of a field of the objects in a JSON array."""
    items = sa.func.json_each(array).table_valued("value")
    value = sa.func.json_extract(items.c.value, f"$.{field}")
    return sa.select(sa.func.sum(value)).select_from(items).scalar_subquery()


def as_bytes(text: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    """Return a text as the bytes that it is stored in."""
    return sa.cast(text, sa.LargeBinary())
