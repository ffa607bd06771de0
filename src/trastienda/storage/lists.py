"""Pages of lists, newest first: a cursor names the last row seen, so that pages neither skip nor repeat."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Page, Window
from trastienda.domain.text import fold
from trastienda.storage.dialects import Connection

EACH_ROWS = 500
"""Rows held at once where all are read; some megabytes of sales with their lines."""

Item = TypeVar("Item")
Row = sa.Row[*tuple[Any, ...]]
"""A row of whatever columns."""
Rows = Sequence[Row]


def _encode(key: Sequence[int]) -> str:
    return (
        base64.urlsafe_b64encode(".".join(map(str, key)).encode()).decode().rstrip("=")
    )


def cursor_key(cursor: str, length: int) -> list[int]:
    """Return the key of the last row seen; raise Invalid for a cursor that no list of this kind gave."""
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
        key = [int(part) for part in text.split(".")]
    except (binascii.Error, ValueError) as error:
        raise Invalid("cursor", "cursor") from error
    if len(key) != length or any(abs(part) >= 2**63 for part in key):
        raise Invalid("cursor", "cursor")
    return key


def page(
    connection: Connection,
    query: sa.Select[Any],
    key: Sequence[sa.ColumnElement[int]],
    window: Window,
    build: Callable[[Rows], list[Item]],
) -> Page[Item]:
    """Return the page of ``query`` that ``window`` names, in falling order of ``key``.

    ``key`` tells rows apart: integer columns of ``query``, unique together. ``build`` makes the items out of all rows
    of a page at once, so that what belongs to them is read in sets. Raises Invalid for a foreign cursor.
    """
    if window.cursor is not None:
        after = cursor_key(window.cursor, len(key))
        query = query.where(sa.tuple_(*key) < sa.tuple_(*after))
    query = query.order_by(*(column.desc() for column in key)).limit(window.limit + 1)
    return cut(connection.execute(query).all(), key, window, build)


def cut(
    rows: Rows,
    key: Sequence[sa.ColumnElement[int]],
    window: Window,
    build: Callable[[Rows], list[Item]],
) -> Page[Item]:
    """Make a page of rows that were read with one more than the limit."""
    following = None
    if len(rows) > window.limit:
        rows = rows[: window.limit]
        last = rows[-1]._mapping
        following = _encode([last[column] for column in key])
    return Page(build(rows), following)


def each(
    connection: Connection,
    query: sa.Select[Any],
    key: Sequence[sa.ColumnElement[int]],
    build: Callable[[Rows], Iterable[Item]],
) -> Iterator[Item]:
    """Yield all items of ``query`` in rising order of ``key``, few of them held at once."""
    for rows in connection.execute(query.order_by(*key)).partitions(EACH_ROWS):
        yield from build(rows)


def within(
    query: sa.Select[Any], column: sa.ColumnElement[int], window: Window
) -> sa.Select[Any]:
    """Keep the rows whose time lies in the window."""
    if window.from_ms is not None:
        query = query.where(column >= window.from_ms)
    if window.until_ms is not None:
        query = query.where(column < window.until_ms)
    return query


def containing(
    query: sa.Select[Any], column: sa.ColumnElement[str], search: str | None
) -> sa.Select[Any]:
    """Keep the rows whose folded text holds every word of ``search``."""
    for word in fold(search or "").split():
        query = query.where(column.contains(word, autoescape=True))
    return query
