"""What an export asks beside the rows themselves."""

from collections.abc import Iterable

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.lists import Window
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection

_TABLES = {
    "products": schema.products,
    "sales": schema.sales,
    "returns": schema.returns,
    "purchases": schema.purchases,
    "movements": schema.movements,
    "audit": schema.audit,
}


def count(
    connection: Connection,
    subject: str,
    window: Window,
) -> int:
    """Return how many rows of ``subject`` are in the window.

    Products have no time, so all of them are counted.
    """
    table = _TABLES[subject]
    query = sa.select(sa.func.count()).select_from(table)
    if subject == "products":
        query = query.where(table.c.removed_at_ms.is_(None))
    else:
        query = lists.within(query, table.c.at_ms, window)
    return int(connection.execute(query).scalar_one())


class SaleNote(Struct, frozen=True):
    """What an export tells of a sale beside its return."""

    folio: int | None
    origin_number: str | None
    customer_rut: str | None


_SALES = schema.sales.c
_NOTES_OF_SALES = sa.select(
    _SALES.id, _SALES.folio, _SALES.origin_number, _SALES.customer_rut
).where(_SALES.id.in_(sa.bindparam("ids", expanding=True)))


def sale_notes(
    connection: Connection,
    sale_ids: Iterable[int],
) -> dict[int, SaleNote]:
    """Return what is told of some sales, few enough for one statement."""
    distinct_ids = sorted(set(sale_ids))
    sale_rows = connection.execute(_NOTES_OF_SALES, {"ids": distinct_ids})
    return {sale_id: SaleNote(*columns) for sale_id, *columns in sale_rows}
