"""Pages of lists, newest first unless another order is asked for.

A cursor names the last row seen, so that pages neither skip nor repeat rows.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Page, Window
from trastienda.storage.dialects import Connection

EACH_ROWS = 500
"""Rows held at once where all are read; some megabytes of sales with their lines."""

Item = TypeVar("Item")
Row = sa.Row[*tuple[Any, ...]]
"""A row of whatever columns."""
Rows = Sequence[Row]
Key = Sequence[sa.ColumnElement[Any]]
"""Columns that tell the rows of a list apart, and put them in order."""


def cursor(key: Sequence[Any]) -> str:
    """Return the cursor of a row with this key, a text that needs no quoting in an address."""
    key_text = msgspec.json.encode(key)
    return base64.urlsafe_b64encode(key_text).decode().rstrip("=")


def cursor_key(
    cursor: str,
    key: Key,
) -> list[Any]:
    """Return the values of ``key`` in the last row seen.

    Raises Invalid for a cursor that no list with such keys gives.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
        values = msgspec.json.decode(decoded, type=list[int | str])
    except (binascii.Error, ValueError) as error:
        raise Invalid("cursor", "cursor") from error

    is_of_list = len(values) == len(key)
    for column, value in zip(key, values, strict=False):
        # A column holds no number of more than 64 bits.
        fits = not isinstance(value, int) or abs(value) < 2**63
        is_of_list &= fits and isinstance(value, column.type.python_type)
    if not is_of_list:
        raise Invalid("cursor", "cursor")
    return values


def page(
    connection: Connection,
    query: sa.Select[Any],
    key: Key,
    window: Window,
    build: Callable[[Rows], list[Item]],
    *,
    rising: bool = False,
) -> Page[Item]:
    """Return the page of ``query`` that ``window`` asks for, in falling order of ``key``,
    or else in ``rising`` order.

    ``key`` are columns of ``query``, unique together. ``build`` makes the items of all
    rows at once, so that it can read what belongs to them in sets. Raises Invalid for a
    cursor that is not of this list.
    """
    return page_of_any(connection, [query], key, window, build, rising=rising)


def page_of_any(
    connection: Connection,
    queries: Sequence[sa.Select[Any]],
    key: Key,
    window: Window,
    build: Callable[[Rows], list[Item]],
    *,
    rising: bool = False,
) -> Page[Item]:
    """Return the page of what any of ``queries`` gives, each row once, as :func:`page` does.

    Each query runs along an index of its own, and the database merges them: an OR of what
    they ask would be looked for along one index, in all rows or in the wrong order.
    """
    total = count(connection, queries, key) if window.counted else None
    if window.cursor is not None:
        after = sa.tuple_(*cursor_key(window.cursor, key))
        place = sa.tuple_(*key)
        is_later = place > after if rising else place < after
        queries = [query.where(is_later) for query in queries]

    merged: sa.Select[Any] | sa.CompoundSelect[Any] = queries[0]
    order = key
    if len(queries) > 1:
        # In what is merged, a column has no table, and another one may be called the same.
        labels = [column.label(f"key_{place}") for place, column in enumerate(key)]
        merged = sa.union(*(query.add_columns(*labels) for query in queries))
        order = [merged.selected_columns[label.name] for label in labels]
    ordered = [column if rising else column.desc() for column in order]
    rows = connection.execute(merged.order_by(*ordered).limit(window.limit + 1)).all()
    return cut(rows, key, window, build, total)


def count(
    connection: Connection,
    queries: Sequence[sa.Select[Any]],
    key: Key,
) -> int:
    """Return how many rows any of ``queries`` gives."""
    keys = [query.with_only_columns(*key) for query in queries]
    merged = keys[0] if len(keys) == 1 else sa.union(*keys)
    total = sa.select(sa.func.count()).select_from(merged.subquery())
    return int(connection.execute(total).scalar_one())


def cut(
    rows: Rows,
    key: Key,
    window: Window,
    build: Callable[[Rows], list[Item]],
    total: int | None = None,
) -> Page[Item]:
    """Make a page of rows that were read with one more than the limit.

    Its cursor is the key of its last row.
    """
    following = None
    if len(rows) > window.limit:
        rows = rows[: window.limit]
        last_row = rows[-1]._mapping
        following = cursor([last_row[column] for column in key])

    items = build(rows)
    return Page(items, following, total)


def each(
    connection: Connection,
    query: sa.Select[Any],
    key: Sequence[sa.ColumnElement[int]],
    build: Callable[[Rows], Iterable[Item]],
) -> Iterator[Item]:
    """Yield all items of ``query`` in rising order of ``key``, EACH_ROWS at a time."""
    for rows in connection.execute(query.order_by(*key)).partitions(EACH_ROWS):
        yield from build(rows)


def within(
    query: sa.Select[Any],
    column: sa.ColumnElement[int],
    window: Window,
) -> sa.Select[Any]:
    """Keep the rows whose time lies in the window."""
    if window.from_ms is not None:
        query = query.where(column >= window.from_ms)
    if window.until_ms is not None:
        query = query.where(column < window.until_ms)
    return query
