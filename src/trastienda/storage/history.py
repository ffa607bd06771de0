"""Past documents by the numbers they had elsewhere."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.storage import dialects, schema


class Known(Struct, frozen=True):
    """A document that the shop has: when it was, and what it came to."""

    id: int
    at_ms: int
    total_minor: int


def _query(table: sa.Table) -> sa.Select[Any]:
    c = table.c
    query = sa.select(c.origin_number, c.id, c.at_ms, c.total_minor)
    return query.where(c.origin_number.in_(sa.bindparam("numbers", expanding=True)))


_SALES, _RETURNS = _query(schema.sales), _query(schema.returns)


def known(connection: sa.Connection, numbers: Sequence[str], *, returns: bool = False) -> dict[str, Known]:
    """Return the sales, or the returns, that these numbers name."""
    query = _RETURNS if returns else _SALES
    found: dict[str, Known] = {}
    for start in range(0, len(numbers), dialects.SQLITE_VARIABLES):
        chunk = numbers[start : start + dialects.SQLITE_VARIABLES]
        for number, *rest in connection.execute(query, {"numbers": chunk}):
            found[str(number)] = Known(*rest)
    return found
