"""Clause 2: returns with their lines. What they may be of their sale is looked at with the sale."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from trastienda.domain.movements import Cause
from trastienda.domain.payments import Method
from trastienda.domain.returns import FINGERPRINTS, Return, ReturnLine
from trastienda.domain.verification import Broken, broken_return
from trastienda.storage import schema
from trastienda.storage.dialects import Connection
from trastienda.storage.returns import RETURN_LINES, RETURNS
from trastienda.storage.rows import UnreadableValueError
from trastienda.storage.verification.documents import (
    Trace,
    broken_code,
    broken_position,
    unreadable,
)
from trastienda.storage.verification.streams import (
    RANGE,
    Books,
    Row,
    blocks_of,
    raw_rows,
)

_RETURNS = schema.returns.c
_RETURN_LINES = schema.return_lines.c
_SELECT_RETURNS = sa.select(schema.returns)
_SELECT_LINES = sa.select(schema.return_lines)
_IN_RANGE = _SELECT_RETURNS.where(_RETURNS.id.between(*RANGE)).order_by(_RETURNS.id)
_LINES_IN_RANGE = _SELECT_LINES.where(_RETURN_LINES.return_id.between(*RANGE)).order_by(
    _RETURN_LINES.return_id, _RETURN_LINES.position
)
_OF_SALES = _SELECT_RETURNS.where(_RETURNS.sale_id.between(*RANGE)).order_by(
    _RETURNS.sale_id, _RETURNS.id
)
_LINES_OF_SALES = (
    _SELECT_LINES.join(schema.returns, _RETURNS.id == _RETURN_LINES.return_id)
    .where(_RETURNS.sale_id.between(*RANGE))
    .order_by(_RETURN_LINES.return_id, _RETURN_LINES.position)
)


def _build(
    rows: Sequence[Row],
    line_rows: Sequence[Row],
) -> Iterator[Return | Broken]:
    """Make returns of rows; one with a value that cannot be read is broken."""
    lines: defaultdict[int, list[ReturnLine]] = defaultdict(list)
    for row in line_rows:
        lines[row[0]].append(RETURN_LINES.read(row))

    for row in rows:
        return_id = row[0]
        try:
            yield RETURNS.read(row, seller=None, lines=tuple(lines[return_id]))
        except UnreadableValueError as error:
            yield unreadable("returns", return_id, error.column)


def of_sales(
    connection: Connection,
    first: int,
    last: int,
) -> dict[int, list[Return]]:
    """Return what came back of the sales numbered ``first`` to ``last``, oldest first.

    Returns that cannot be read are left out: they are found when the returns themselves
    are proven.
    """
    values = {"first": first, "last": last}
    rows = raw_rows(connection, _OF_SALES, **values)
    line_rows: Sequence[Row] = ()
    if rows:
        line_rows = raw_rows(connection, _LINES_OF_SALES, **values)

    by_sale: defaultdict[int, list[Return]] = defaultdict(list)
    for document in _build(rows, line_rows):
        if isinstance(document, Return) and document.sale_id is not None:
            by_sale[document.sale_id].append(document)
    return by_sale


def broken_returns(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the returns by themselves, in the order of their numbers."""
    trace = Trace(books, schema.returns, "return", Cause.RETURN, FINGERPRINTS)
    for first, last in blocks_of(books, books.last("return")):
        values = {"first": first, "last": last}
        rows = raw_rows(books.connection, _IN_RANGE, **values)
        line_rows = raw_rows(books.connection, _LINES_IN_RANGE, **values)

        for document in _build(rows, line_rows):
            if isinstance(document, Broken):
                yield document
                continue
            if document.method is Method.OWED:  # nothing is given back by owing it
                yield unreadable("returns", document.id, "method")
                continue

            broken = None
            if document.sale_id is None:  # else the positions are the sale's
                positions = [line.position for line in document.lines]
                broken = broken_position("return_lines", document.id, positions)
            broken_codes = (
                broken_code(
                    books,
                    "return_lines",
                    f"{document.id}/{line.position}",
                    line.product_id,
                    line.code,
                )
                for line in document.lines
            )
            moves = []
            if document.restock:
                moves = [
                    (line.product_id, line.quantity_milli) for line in document.lines
                ]
            is_imported = document.origin_number is not None
            broken = (
                broken
                or broken_return(document)
                or next(filter(None, broken_codes), None)
                or trace.broken(document, moves, imported=is_imported)
            )
            if broken is not None:
                yield broken
    yield from trace.leftover()
