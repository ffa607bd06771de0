"""Past documents by the numbers they had elsewhere."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from trastienda.storage import dialects, schema

_SALES = sa.select(schema.sales.c.origin_number, schema.sales.c.id).where(
    schema.sales.c.origin_number.in_(sa.bindparam("numbers", expanding=True))
)
_RETURNS = sa.select(schema.returns.c.origin_number, schema.returns.c.id).where(
    schema.returns.c.origin_number.in_(sa.bindparam("numbers", expanding=True))
)


def _ids(connection: sa.Connection, query: sa.Select[Any], numbers: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(numbers), dialects.SQLITE_VARIABLES):
        chunk = numbers[start : start + dialects.SQLITE_VARIABLES]
        for number, row_id in connection.execute(query, {"numbers": chunk}):
            found[str(number)] = row_id
    return found


def sale_ids(connection: sa.Connection, numbers: Sequence[str]) -> dict[str, int]:
    """Return the sales that these numbers name."""
    return _ids(connection, _SALES, numbers)


def return_ids(connection: sa.Connection, numbers: Sequence[str]) -> dict[str, int]:
    """Return the returns that these numbers name."""
    return _ids(connection, _RETURNS, numbers)
