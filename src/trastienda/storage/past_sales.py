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


def _query(table: sa.Table) -> sa.Select[Any]:
    c = table.c
    query = sa.select(c.origin_number, c.id, c.at_ms, c.total_minor)
    return query.where(c.origin_number.in_(sa.bindparam("numbers", expanding=True)))


_KNOWN_SALES, _KNOWN_RETURNS = _query(schema.sales), _query(schema.returns)


def _own_query(
    table: sa.Table,
    number: sa.ColumnElement[int],
) -> sa.Select[Any]:
    c = table.c
    query = sa.select(number, c.id, c.at_ms, c.total_minor).where(
        c.origin_number.is_(None)
    )
    return query.where(number.in_(sa.bindparam("numbers", expanding=True)))


_OWN_SALES = _own_query(schema.sales, schema.sales.c.folio)
_OWN_RETURNS = _own_query(schema.returns, schema.returns.c.id)


def own(
    connection: Connection,
    numbers: Sequence[str],
    *,
    returns: bool = False,
) -> dict[str, Known]:
    """Return the shop's documents that these numbers name as it writes them when it exports."""
    meant = {number: own_number(number, is_return=returns) for number in numbers}
    from_elsewhere = known(
        connection,
        [origin for _, origin in meant.values() if origin is not None],
        returns=returns,
    )
    own_numbers = list({one for one, _ in meant.values() if one is not None})
    query = _OWN_RETURNS if returns else _OWN_SALES
    found: dict[int, Known] = {}
    for chunk in connection.chunks(own_numbers):
        found |= {
            row[0]: Known(*row[1:])
            for row in connection.execute(query, {"numbers": chunk})
        }
    both = {
        number: found.get(one or 0) or from_elsewhere.get(origin or "")
        for number, (one, origin) in meant.items()
    }
    return {number: one for number, one in both.items() if one is not None}


def known(
    connection: Connection,
    numbers: Sequence[str],
    *,
    returns: bool = False,
) -> dict[str, Known]:
    """Return the sales, or the returns, that these numbers name."""
    query = _KNOWN_RETURNS if returns else _KNOWN_SALES
    found: dict[str, Known] = {}
    for chunk in connection.chunks(numbers):
        for number, *rest in connection.execute(query, {"numbers": chunk}):
            found[str(number)] = Known(*rest)
    return found
