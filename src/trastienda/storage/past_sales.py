"""Past documents by the numbers they had elsewhere."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.past_sales import own_number
from trastienda.storage import schema
from trastienda.storage.dialects import Connection


class Known(Struct, frozen=True):
    """A document that the shop has: when it was, and what it came to."""

    id: int
    at_ms: int
    total_minor: int


def _numbers_query(
    table: sa.Table,
    number: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    documents = table.c
    query = sa.select(number, documents.id, documents.at_ms, documents.total_minor)
    return query.where(number.in_(sa.bindparam("numbers", expanding=True)))


_KNOWN_SALES = _numbers_query(schema.sales, schema.sales.c.origin_number)
_KNOWN_RETURNS = _numbers_query(schema.returns, schema.returns.c.origin_number)


def _own_query(
    table: sa.Table,
    number: sa.ColumnElement[int],
) -> sa.Select[Any]:
    is_own = table.c.origin_number.is_(None)
    return _numbers_query(table, number).where(is_own)


_OWN_SALES = _own_query(schema.sales, schema.sales.c.folio)
_OWN_RETURNS = _own_query(schema.returns, schema.returns.c.id)


def own(
    connection: Connection,
    numbers: Sequence[str],
    *,
    returns: bool = False,
) -> dict[str, Known]:
    """Return the shop's documents that these numbers name.

    They are written as the shop writes them when it exports.
    """
    parsed = {number: own_number(number, is_return=returns) for number in numbers}
    origins = [origin for _, origin in parsed.values() if origin is not None]
    from_elsewhere = known(connection, origins, returns=returns)

    own_numbers = list({own_no for own_no, _ in parsed.values() if own_no is not None})
    query = _OWN_RETURNS if returns else _OWN_SALES
    by_own_number: dict[int, Known] = {}
    for chunk in connection.chunks(own_numbers):
        for own_no, *columns in connection.execute(query, {"numbers": chunk}):
            by_own_number[own_no] = Known(*columns)

    documents = {}
    for number, (own_no, origin) in parsed.items():
        document = by_own_number.get(own_no or 0) or from_elsewhere.get(origin or "")
        if document is not None:
            documents[number] = document
    return documents


def known(
    connection: Connection,
    numbers: Sequence[str],
    *,
    returns: bool = False,
) -> dict[str, Known]:
    """Return the sales, or the returns, that these numbers name."""
    query = _KNOWN_RETURNS if returns else _KNOWN_SALES
    documents: dict[str, Known] = {}
    for chunk in connection.chunks(numbers):
        for number, *columns in connection.execute(query, {"numbers": chunk}):
            documents[str(number)] = Known(*columns)
    return documents
