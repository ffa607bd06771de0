"""Purchases with their lines: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Person
from trastienda.domain.purchases import Purchase, PurchaseLine
from trastienda.storage import lists, schema
from trastienda.storage.transactions import Tx

_P = schema.purchases.c
_L = schema.purchase_lines.c
_SELECT = sa.select(
    _P.at_ms,
    _P.id,
    _P.buyer_id,
    _P.supplier,
    _P.document,
    _P.total_minor,
    schema.users.c.rut.label("buyer_rut"),
    schema.users.c.name.label("buyer_name"),
).outerjoin_from(schema.purchases, schema.users, schema.users.c.id == _P.buyer_id)
_LINES = (
    sa.select(schema.purchase_lines)
    .where(_L.purchase_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_L.purchase_id, _L.position)
)


def add(tx: Tx, purchase: Purchase) -> None:
    """Write a purchase with its lines."""
    tx.insert(
        schema.purchases,
        [
            (
                purchase.id,
                purchase.at_ms,
                purchase.buyer_id,
                purchase.supplier,
                purchase.document,
                purchase.total_minor,
            )
        ],
    )
    tx.insert(
        schema.purchase_lines,
        [
            (
                purchase.id,
                position,
                line.product_id,
                line.code,
                line.name,
                line.quantity_milli,
                line.cost_minor,
            )
            for position, line in enumerate(purchase.lines)
        ],
    )


def by_id(connection: sa.Connection, purchase_id: int) -> Purchase | None:
    """Return one purchase."""
    rows = connection.execute(_SELECT.where(_P.id == purchase_id)).all()
    return _build(connection, rows)[0] if rows else None


def listed(connection: sa.Connection, window: Window) -> Page[Purchase]:
    """Return a page of purchases, newest first, searched by supplier, document or product."""
    query = lists.within(_SELECT, _P.at_ms, window)
    if window.search:
        text = window.search.strip()
        line = sa.select(_L.purchase_id).where(
            _L.purchase_id == _P.id,
            sa.or_(_L.code == text, _L.name.icontains(text, autoescape=True)),
        )
        query = query.where(
            sa.or_(
                line.exists(),
                _P.supplier.icontains(text, autoescape=True),
                _P.document == text,
            )
        )
    return lists.page(
        connection,
        query,
        [_P.at_ms, _P.id],
        window,
        lambda rows: _build(connection, rows),
    )


def each(connection: sa.Connection, window: Window) -> Iterator[Purchase]:
    """Yield the purchases of a window, oldest first."""
    query = lists.within(_SELECT, _P.at_ms, window)
    return lists.each(
        connection, query, [_P.at_ms, _P.id], lambda rows: _build(connection, rows)
    )


def _build(connection: sa.Connection, rows: lists.Rows) -> list[Purchase]:
    lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
    for row in connection.execute(_LINES, {"ids": [row.id for row in rows]}):
        lines[row[0]].append(PurchaseLine(*row[2:7]))
    return [_purchase(row, tuple(lines[row.id])) for row in rows]


def _purchase(row: lists.Row, lines: tuple[PurchaseLine, ...]) -> Purchase:
    return Purchase(
        id=row.id,
        at_ms=row.at_ms,
        buyer_id=row.buyer_id,
        buyer=None if row.buyer_rut is None else Person(row.buyer_rut, row.buyer_name),
        supplier=row.supplier,
        document=row.document,
        lines=lines,
        total_minor=row.total_minor,
    )
