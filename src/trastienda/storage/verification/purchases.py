"""Clause 2: purchases with their lines."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.movements import Cause
from trastienda.domain.purchases import Purchase, PurchaseLine, content
from trastienda.domain.verification import DOCUMENTS, Broken, differs
from trastienda.storage import schema
from trastienda.storage.verification.documents import (
    Trace,
    broken_code,
    broken_position,
)
from trastienda.storage.verification.streams import RANGE, Books, blocks_of, rows

_P = schema.purchases.c
_L = schema.purchase_lines.c
_PURCHASES = (
    sa.select(_P.id, _P.at_ms, _P.buyer_id, _P.supplier, _P.document, _P.total_minor)
    .where(_P.id.between(*RANGE))
    .order_by(_P.id)
)
_LINES = (
    sa.select(
        _L.purchase_id,
        _L.position,
        _L.product_id,
        _L.code,
        _L.name,
        _L.quantity_milli,
        _L.cost_minor,
    )
    .where(_L.purchase_id.between(*RANGE))
    .order_by(_L.purchase_id, _L.position)
)


def broken_purchases(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the purchases, in the order of their numbers."""
    trace = Trace(books, schema.purchases, "purchase", Cause.PURCHASE)
    for first, last in blocks_of(books.last("purchase")):
        values = {"first": first, "last": last}
        lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
        positions: defaultdict[int, list[int]] = defaultdict(list)
        for row in rows(books.connection, _LINES, **values):
            positions[row[0]].append(row[1])
            lines[row[0]].append(PurchaseLine(*row[2:]))
        for row in rows(books.connection, _PURCHASES, **values):
            number, at_ms, buyer_id, supplier, document, total_minor = row
            purchase = Purchase(
                id=number,
                at_ms=at_ms,
                buyer_id=buyer_id,
                buyer=None,
                supplier=supplier,
                document=document,
                lines=tuple(lines[number]),
                total_minor=total_minor,
            )
            if broken := _broken(books, trace, purchase, positions[number]):
                yield broken
    yield from trace.leftover()


def _broken(
    books: Books, trace: Trace, purchase: Purchase, positions: list[int]
) -> Broken | None:
    if broken := broken_position("purchase_lines", purchase.id, positions):
        return broken
    total_minor = sum(line.total_minor for line in purchase.lines)
    if broken := differs(
        DOCUMENTS,
        "purchases",
        purchase.id,
        "total_minor",
        total_minor,
        purchase.total_minor,
    ):
        return broken
    for position, line in enumerate(purchase.lines):
        row = f"{purchase.id}/{position}"
        if broken := broken_code(
            books, "purchase_lines", row, line.product_id, line.code
        ):
            return broken
    moves = [(line.product_id, line.quantity_milli) for line in purchase.lines]
    return trace.broken(purchase.id, content(purchase), purchase.at_ms, False, moves)
