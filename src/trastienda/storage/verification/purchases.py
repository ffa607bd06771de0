"""Clause 2: purchases with their lines."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.movements import Cause
from trastienda.domain.purchases import FINGERPRINTS, PurchaseLine
from trastienda.domain.verification import DOCUMENTS, Broken, differs
from trastienda.storage import schema
from trastienda.storage.purchases import PURCHASE_LINES, PURCHASES
from trastienda.storage.verification.documents import (
    Trace,
    broken_code,
    broken_position,
)
from trastienda.storage.verification.streams import RANGE, Books, blocks_of, raw_rows

_PURCHASES = schema.purchases.c
_PURCHASE_LINES = schema.purchase_lines.c
_PURCHASES_IN_RANGE = (
    sa.select(schema.purchases)
    .where(_PURCHASES.id.between(*RANGE))
    .order_by(_PURCHASES.id)
)
_LINES_IN_RANGE = (
    sa.select(schema.purchase_lines)
    .where(_PURCHASE_LINES.purchase_id.between(*RANGE))
    .order_by(_PURCHASE_LINES.purchase_id, _PURCHASE_LINES.position)
)


def broken_purchases(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the purchases, in the order of their numbers."""
    trace = Trace(books, schema.purchases, "purchase", Cause.PURCHASE, FINGERPRINTS)
    for first, last in blocks_of(books, books.last("purchase")):
        values = {"first": first, "last": last}
        lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
        positions: defaultdict[int, list[int]] = defaultdict(list)
        for row in raw_rows(books.connection, _LINES_IN_RANGE, **values):
            purchase_id, position = row[:2]
            positions[purchase_id].append(position)
            lines[purchase_id].append(PURCHASE_LINES.read(row))

        for row in raw_rows(books.connection, _PURCHASES_IN_RANGE, **values):
            purchase_lines = tuple(lines[row[0]])
            purchase = PURCHASES.read(row, buyer=None, lines=purchase_lines)

            total_minor = sum(line.total_minor for line in purchase.lines)
            totals = ("total_minor", total_minor, purchase.total_minor)
            broken_codes = (
                broken_code(
                    books,
                    "purchase_lines",
                    f"{purchase.id}/{position}",
                    line.product_id,
                    line.code,
                )
                for position, line in enumerate(purchase.lines)
            )
            moves = [(line.product_id, line.quantity_milli) for line in purchase.lines]
            broken = (
                broken_position("purchase_lines", purchase.id, positions[purchase.id])
                or differs(DOCUMENTS, "purchases", purchase.id, *totals)
                or next(filter(None, broken_codes), None)
                or trace.broken(purchase, moves)
            )
            if broken is not None:
                yield broken
    yield from trace.leftover()
