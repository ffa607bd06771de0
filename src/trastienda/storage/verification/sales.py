"""Clauses 2 and 3: sales with their lines, payments, settlings and returns, and their folios."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain import sales as deciding
from trastienda.domain.movements import Cause
from trastienda.domain.payments import Method, Payment
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale, SaleLine
from trastienda.domain.verification import (
    DOCUMENTS,
    NUMBERS,
    Broken,
    Reason,
    Settling,
    broken_debt,
    broken_returns,
    broken_sale,
    differs,
)
from trastienda.storage import schema
from trastienda.storage.verification import returns
from trastienda.storage.verification.documents import (
    Trace,
    broken_code,
    broken_position,
)
from trastienda.storage.verification.streams import RANGE, Books, Row, blocks_of, rows

_S = schema.sales.c
_L = schema.sale_lines.c
_P = schema.payments.c
_SALES = (
    sa.select(
        _S.id,
        _S.folio,
        _S.origin_number,
        _S.at_ms,
        _S.location_id,
        _S.seller_id,
        _S.buyer_id,
        _S.customer_rut,
        _S.net_minor,
        _S.vat_minor,
        _S.exempt_minor,
        _S.total_minor,
        _S.rounding_minor,
        _S.change_minor,
        _S.vat_bp,
        _S.owed_minor,
    )
    .where(_S.id.between(*RANGE))
    .order_by(_S.id)
)
_LINES = (
    sa.select(
        _L.sale_id,
        _L.position,
        _L.product_id,
        _L.code,
        _L.name,
        _L.quantity_milli,
        _L.unit_price_minor,
        _L.discount_minor,
        _L.total_minor,
        _L.cost_minor,
        sa.type_coerce(_L.exempt, sa.Integer),
    )
    .where(_L.sale_id.between(*RANGE))
    .order_by(_L.sale_id, _L.position)
)
_PAYMENTS = (
    sa.select(
        _P.sale_id,
        _P.call,
        _P.position,
        _P.method,
        _P.amount_minor,
        _P.change_minor,
        _P.rounding_minor,
        _P.at_ms,
        _P.user_id,
    )
    .where(_P.sale_id.between(*RANGE))
    .order_by(_P.sale_id, _P.call, _P.position)
)
_METHODS = {method.value: method for method in Method}


class Record(Struct, gc=False):
    """A sale with all that is kept of it: as sold (but what is owed is as of now), and what came after."""

    sale: Sale
    location_id: int
    line_positions: list[int]
    payments: list[Row]
    settlings: list[Settling]
    returns: Sequence[Return]


def load(connection: sa.Connection, first: int, last: int) -> Iterator[Record | Broken]:
    """Yield the sales numbered ``first`` to ``last``, or what of them cannot even be read."""
    values = {"first": first, "last": last}
    positions: defaultdict[int, list[int]] = defaultdict(list)
    lines: defaultdict[int, list[SaleLine]] = defaultdict(list)
    for row in rows(connection, _LINES, **values):
        sale_id = row[0]
        positions[sale_id].append(row[1])
        lines[sale_id].append(
            SaleLine(
                row[2],
                row[3],
                row[4],
                row[5],
                row[6],
                row[7],
                row[8],
                row[9],
                bool(row[10]),
            )
        )
    paid: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows(connection, _PAYMENTS, **values):
        paid[row[0]].append(row)
    back = returns.of_sales(connection, first, last)
    for row in rows(connection, _SALES, **values):
        sale_id = row[0]
        if strange := [one for one in paid[sale_id] if one[3] not in _METHODS]:
            yield Broken(
                DOCUMENTS,
                "payments",
                _payment_id(strange[0]),
                Reason.UNREADABLE,
                {"field": "method"},
            )
            continue
        sold = [one for one in paid[sale_id] if one[1] == 0]
        settlings = [] if len(sold) == len(paid[sale_id]) else _settlings(paid[sale_id])
        sale = _as_sold(row, tuple(lines[sale_id]), sold)
        yield Record(
            sale,
            row[4],
            positions[sale_id],
            paid[sale_id],
            settlings,
            back.get(sale_id, ()),
        )


def _payment_id(row: Row) -> str:
    return f"{row[0]}/{row[1]}/{row[2]}"


def _as_sold(row: Row, lines: tuple[SaleLine, ...], sold: list[Row]) -> Sale:
    return Sale(
        id=row[0],
        folio=row[1],
        origin_number=row[2],
        at_ms=row[3],
        seller_id=row[5],
        seller=None,
        buyer_id=row[6],
        customer_rut=row[7],
        lines=lines,
        net_minor=row[8],
        vat_minor=row[9],
        exempt_minor=row[10],
        total_minor=row[11],
        rounding_minor=row[12],
        payments=tuple([Payment(_METHODS[one[3]], one[4]) for one in sold]),
        change_minor=row[13],
        vat_bp=row[14],
        owed_minor=row[15],
    )


def _settlings(paid: list[Row]) -> list[Settling]:
    """Make settlings of payments; their change and rounding stand on the first row of each."""
    found = []
    for call, group in groupby(paid, key=lambda row: row[1]):
        if call:
            part = list(group)
            payments = tuple(Payment(_METHODS[row[3]], row[4]) for row in part)
            found.append(
                Settling(call, payments, part[0][5], part[0][6], part[0][7], part[0][8])
            )
    return found


def broken_sales(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the sales, in the order of their numbers."""
    trace = Trace(books, schema.sales, "sale", Cause.SALE)
    folio = 0
    for first, last in blocks_of(books.last("sale")):
        for record in load(books.connection, first, last):
            if isinstance(record, Broken):
                yield record
                continue
            sale = record.sale
            if sale.folio is not None:
                folio += 1
                if sale.folio != folio:
                    yield Broken(
                        NUMBERS,
                        "sales",
                        sale.id,
                        Reason.FOLIO,
                        {"expected": folio, "found": sale.folio},
                    )
            if broken := _broken(books, trace, record):
                yield broken
    if folio != books.last("folio"):
        yield Broken(
            NUMBERS,
            "head",
            1,
            Reason.FOLIO,
            {"expected": folio, "found": books.last("folio")},
        )
    yield from trace.leftover()


def _broken(books: Books, trace: Trace, record: Record) -> Broken | None:
    sale = record.sale
    broken = (
        broken_position("sale_lines", sale.id, record.line_positions)
        or broken_sale(sale)
        or _broken_payments(record)
        or broken_debt(sale, record.settlings, record.returns)
    )
    if broken is None and record.returns:
        broken = broken_returns(sale, record.settlings, record.returns)
    if broken is None:
        codes = books.codes
        for position, line in enumerate(sale.lines):
            if codes.get(line.product_id) != line.code:
                return broken_code(
                    books,
                    "sale_lines",
                    f"{sale.id}/{position}",
                    line.product_id,
                    line.code,
                )
        moves = [(line.product_id, -line.quantity_milli) for line in sale.lines]
        imported = sale.origin_number is not None
        content = deciding.content(sale)
        broken = trace.broken(
            sale.id, content, sale.at_ms, imported, moves, record.location_id
        )
    return broken


def _broken_payments(record: Record) -> Broken | None:
    """Return the payment that does not stand in its place, or does not share the moment and the hand of its call."""
    expected: tuple[Any, ...] = (0, 0)
    sale = record.sale
    moment = (sale.at_ms, sale.seller_id)
    for row in record.payments:
        if (row[1], row[2]) != expected:
            if row[2] != 0:
                return Broken(
                    DOCUMENTS,
                    "payments",
                    f"{sale.id}/{expected[0]}/{expected[1]}",
                    Reason.MISSING,
                )
            moment = (
                row[7],
                row[8],
            )  # a new call: its own number is looked at with the debt
        if (row[7], row[8]) != moment:
            return differs(
                DOCUMENTS,
                "payments",
                _payment_id(row),
                "at_ms",
                moment,
                (row[7], row[8]),
            )
        if (row[5] or row[6]) and (row[1] == 0 or row[2] != 0):
            return differs(
                DOCUMENTS,
                "payments",
                _payment_id(row),
                "change_minor",
                (0, 0),
                (row[5], row[6]),
            )
        expected = (row[1], row[2] + 1)
    return None
