"""Clause 2: returns with their lines. What they may be of their sale is looked at with the sale."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from trastienda.domain import returns as deciding
from trastienda.domain.movements import Cause
from trastienda.domain.payments import Method
from trastienda.domain.returns import Return, ReturnLine
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, broken_return
from trastienda.storage import schema
from trastienda.storage.verification.documents import (
    Trace,
    broken_code,
    broken_position,
)
from trastienda.storage.verification.streams import RANGE, Books, Row, blocks_of, rows

_R = schema.returns.c
_L = schema.return_lines.c
_RETURNS = sa.select(
    _R.id,
    _R.sale_id,
    _R.origin_number,
    _R.at_ms,
    _R.seller_id,
    _R.reason,
    _R.net_minor,
    _R.vat_minor,
    _R.exempt_minor,
    _R.total_minor,
    _R.rounding_minor,
    _R.method,
    _R.refund_minor,
    _R.debt_reduced_minor,
    sa.type_coerce(_R.restock, sa.Integer),
)
_LINES = sa.select(
    _L.return_id,
    _L.position,
    _L.product_id,
    _L.code,
    _L.name,
    _L.quantity_milli,
    _L.total_minor,
    _L.cost_minor,
    sa.type_coerce(_L.exempt, sa.Integer),
)
_BY_ID = _RETURNS.where(_R.id.between(*RANGE)).order_by(_R.id)
_LINES_BY_ID = _LINES.where(_L.return_id.between(*RANGE)).order_by(
    _L.return_id, _L.position
)
_BY_SALE = _RETURNS.where(_R.sale_id.between(*RANGE)).order_by(_R.sale_id, _R.id)
_LINES_BY_SALE = (
    _LINES.join(schema.returns, _R.id == _L.return_id)
    .where(_R.sale_id.between(*RANGE))
    .order_by(_L.return_id, _L.position)
)
_METHODS = {method.value: method for method in Method}


def _made(found: Sequence[Row], line_rows: Sequence[Row]) -> Iterator[Return]:
    """Make returns of rows; a method that is none becomes money owed, which no return is paid back by."""
    lines: defaultdict[int, list[ReturnLine]] = defaultdict(list)
    for row in line_rows:
        lines[row[0]].append(
            ReturnLine(
                row[1], row[2], row[3], row[4], row[5], row[6], row[7], bool(row[8])
            )
        )
    for row in found:
        yield Return(
            id=row[0],
            sale_id=row[1],
            origin_number=row[2],
            at_ms=row[3],
            seller_id=row[4],
            seller=None,
            reason=row[5],
            lines=tuple(lines[row[0]]),
            net_minor=row[6],
            vat_minor=row[7],
            exempt_minor=row[8],
            total_minor=row[9],
            rounding_minor=row[10],
            method=_METHODS.get(row[11], Method.OWED),
            refund_minor=row[12],
            debt_reduced_minor=row[13],
            restock=bool(row[14]),
        )


def of_sales(
    connection: sa.Connection, first: int, last: int
) -> dict[int, list[Return]]:
    """Return what came back of the sales numbered ``first`` to ``last``, oldest first."""
    values = {"first": first, "last": last}
    found = rows(connection, _BY_SALE, **values)
    back: defaultdict[int, list[Return]] = defaultdict(list)
    for one in _made(
        found, rows(connection, _LINES_BY_SALE, **values) if found else ()
    ):
        if one.sale_id is not None:
            back[one.sale_id].append(one)
    return back


def broken_returns(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the returns by themselves, in the order of their numbers."""
    trace = Trace(books, schema.returns, "return", Cause.RETURN)
    for first, last in blocks_of(books.last("return")):
        values = {"first": first, "last": last}
        found = rows(books.connection, _BY_ID, **values)
        for one in _made(found, rows(books.connection, _LINES_BY_ID, **values)):
            if broken := _broken(books, trace, one):
                yield broken
    yield from trace.leftover()


def _broken(books: Books, trace: Trace, one: Return) -> Broken | None:
    if one.method is Method.OWED:
        return Broken(
            DOCUMENTS, "returns", one.id, Reason.UNREADABLE, {"field": "method"}
        )
    if one.sale_id is None:  # else the positions are those of the sale's lines
        positions = [line.position for line in one.lines]
        if broken := broken_position("return_lines", one.id, positions):
            return broken
    if broken := broken_return(one):
        return broken
    for line in one.lines:
        if broken := broken_code(
            books,
            "return_lines",
            f"{one.id}/{line.position}",
            line.product_id,
            line.code,
        ):
            return broken
    moves = (
        [(line.product_id, line.quantity_milli) for line in one.lines]
        if one.restock
        else []
    )
    return trace.broken(
        one.id, deciding.content(one), one.at_ms, one.origin_number is not None, moves
    )
