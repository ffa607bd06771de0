"""Purchases with their lines: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.purchases import Purchase, PurchaseLine, is_same_paper
from trastienda.domain.tills import Till
from trastienda.storage import lists, product_lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.rows import (
    Columns,
    DocumentColumns,
    person_of,
    with_person,
)
from trastienda.storage.transactions import Tx

PURCHASES: DocumentColumns[Purchase] = DocumentColumns(
    schema.purchases, Purchase, parts={"till": Till}
)
PURCHASE_LINES: Columns[PurchaseLine] = Columns(
    schema.purchase_lines, PurchaseLine, keys=2
)

_PURCHASES = schema.purchases.c
_PURCHASE_LINES = schema.purchase_lines.c
_SELECT = with_person(schema.purchases, _PURCHASES.buyer_id)
_LINES_OF_PURCHASES = (
    sa.select(schema.purchase_lines)
    .where(_PURCHASE_LINES.purchase_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_PURCHASE_LINES.purchase_id, _PURCHASE_LINES.position)
)


def add(
    transaction: Tx,
    purchase: Purchase,
) -> None:
    """Write a purchase with its lines."""
    transaction.insert(schema.purchases, [PURCHASES.row(purchase)])
    lines = [
        PURCHASE_LINES.row(line, purchase.id, position)
        for position, line in enumerate(purchase.lines)
    ]
    transaction.insert(schema.purchase_lines, lines)


def by_id(connection: Connection, purchase_id: int) -> Purchase | None:
    """Return one purchase."""
    query = _SELECT.where(_PURCHASES.id == purchase_id)
    purchase_rows = connection.execute(query).all()
    if not purchase_rows:
        return None
    (purchase,) = _build(connection, purchase_rows)
    return purchase


def has_paper(
    connection: Connection,
    supplier: str,
    document: str,
) -> bool:
    """Tell whether the shop has this document of this supplier. It looks at all purchases."""

    def as_compared(text: Any) -> Any:
        return sa.func.lower(sa.func.replace(text, " ", ""))

    wanted = sa.literal(document)
    query = _SELECT.where(as_compared(_PURCHASES.document) == as_compared(wanted))
    purchase_rows = connection.execute(query).all()
    purchases = [PURCHASES.read(row, buyer=None, lines=()) for row in purchase_rows]
    return any(is_same_paper(purchase, supplier, document) for purchase in purchases)


def listed(connection: Connection, window: Window) -> Page[Purchase]:
    """Return a page of purchases, newest first.

    A search is by supplier, document or product.
    """
    query = lists.within(_SELECT, _PURCHASES.at_ms, window)
    if window.search:
        wanted = window.search.strip()
        of_product = sa.or_(
            _PURCHASE_LINES.code == wanted,
            _PURCHASE_LINES.name.icontains(wanted, autoescape=True),
            _PURCHASE_LINES.product_id.in_(product_lists.ids_named(wanted)),
        )
        line = sa.select(_PURCHASE_LINES.purchase_id).where(
            _PURCHASE_LINES.purchase_id == _PURCHASES.id, of_product
        )
        matches = sa.or_(
            line.exists(),
            _PURCHASES.supplier.icontains(wanted, autoescape=True),
            _PURCHASES.document == wanted,
        )
        query = query.where(matches)

    def build(purchase_rows: lists.Rows) -> list[Purchase]:
        return _build(connection, purchase_rows)

    key = [_PURCHASES.at_ms, _PURCHASES.id]
    return lists.page(connection, query, key, window, build)


def each(connection: Connection, window: Window) -> Iterator[Purchase]:
    """Yield the purchases of a window, oldest first."""

    def build(purchase_rows: lists.Rows) -> list[Purchase]:
        return _build(connection, purchase_rows)

    query = lists.within(_SELECT, _PURCHASES.at_ms, window)
    return lists.each(connection, query, [_PURCHASES.at_ms, _PURCHASES.id], build)


def _build(
    connection: Connection,
    rows: lists.Rows,
) -> list[Purchase]:
    """Make purchases of rows, reading the lines of all of them in one query."""
    lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
    ids = [row.id for row in rows]
    for row in connection.execute(_LINES_OF_PURCHASES, {"ids": ids}):
        lines[row.purchase_id].append(PURCHASE_LINES.read(row))

    purchases = []
    for row in rows:
        parts = {"buyer": person_of(row), "lines": tuple(lines[row.id])}
        purchases.append(PURCHASES.read(row, **parts))
    return purchases
