"""Clauses 2 and 3: sales with their lines, payments, settlings and returns, and their folios."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.movements import Cause
from trastienda.domain.returns import Return
from trastienda.domain.sales import FINGERPRINTS, Sale
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
from trastienda.storage.dialects import Connection
from trastienda.storage.rows import Columns, UnreadableValueError
from trastienda.storage.sales import PAYMENTS, SALE_LINES, SALES, PaymentRow
from trastienda.storage.verification import returns, sales_at_once
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

_SALES = schema.sales.c
_SALE_LINES = schema.sale_lines.c
_PAYMENTS = schema.payments.c
_SALES_IN_RANGE = (
    sa.select(schema.sales).where(_SALES.id.between(*RANGE)).order_by(_SALES.id)
)
_LINES_IN_RANGE = (
    sa.select(schema.sale_lines)
    .where(_SALE_LINES.sale_id.between(*RANGE))
    .order_by(_SALE_LINES.sale_id, _SALE_LINES.position)
)
_PAYMENTS_IN_RANGE = (
    sa.select(schema.payments)
    .where(_PAYMENTS.sale_id.between(*RANGE))
    .order_by(_PAYMENTS.sale_id, _PAYMENTS.settlement_no, _PAYMENTS.position)
)


RowStruct = TypeVar("RowStruct", bound=Struct)


class Record(Struct, gc=False):
    """A sale with all that is kept of it."""

    sale: Sale
    """As sold; but what is owed is as of now."""
    line_positions: list[int]
    payments: list[PaymentRow]
    """Those made with the sale and all later ones."""
    settlings: list[Settling]
    returns: Sequence[Return]

    def broken_payment(self) -> Broken | None:
        """Return the payment that stands in the wrong place.

        Payments of a settling follow each other, and share its moment and its user.
        """
        sale = self.sale
        expected = (0, 0)
        moment: tuple[int, int | None] = (sale.at_ms, sale.seller_id)
        for paid in self.payments:
            settlement_no, position = paid.settlement_no, paid.position
            row = f"{sale.id}/{settlement_no}/{position}"
            if (settlement_no, position) != expected:
                if position != 0:
                    missing = f"{sale.id}/{expected[0]}/{expected[1]}"
                    return Broken(DOCUMENTS, "payments", missing, Reason.MISSING)
                # a new settling: whether its number follows is looked at with the debt
                moment = (paid.at_ms, paid.user_id)

            paid_at = (paid.at_ms, paid.user_id)
            if paid_at != moment:
                return differs(DOCUMENTS, "payments", row, "at_ms", moment, paid_at)

            change = (paid.change_minor, paid.rounding_minor)
            is_first_of_settling = settlement_no > 0 and position == 0
            if any(change) and not is_first_of_settling:
                return differs(
                    DOCUMENTS, "payments", row, "change_minor", (0, 0), change
                )
            expected = (settlement_no, position + 1)
        return None


def load(
    connection: Connection,
    first: int,
    last: int,
) -> Iterator[Record | Broken]:
    """Yield the sales numbered ``first`` to ``last``.

    One that cannot even be read is broken.
    """
    values = {"first": first, "last": last}
    lines = _by_sale(raw_rows(connection, _LINES_IN_RANGE, **values))
    payments = _by_sale(raw_rows(connection, _PAYMENTS_IN_RANGE, **values))
    returns_by_sale = returns.of_sales(connection, first, last)
    for sale_row in raw_rows(connection, _SALES_IN_RANGE, **values):
        sale_id = sale_row[0]
        try:
            sale_lines = _read(SALE_LINES, lines[sale_id], 2)
            paid = _read(PAYMENTS, payments[sale_id], 3)
        except _UnreadableError as error:
            yield error.broken
            continue

        sold = [payment.payment for payment in paid if payment.settlement_no == 0]
        sale = SALES.read(
            sale_row,
            seller=None,
            lines=tuple(sale_lines),
            payments=tuple(sold),
        )
        line_positions = [line_row[1] for line_row in lines[sale_id]]
        has_settlings = len(sold) < len(paid)
        yield Record(
            sale=sale,
            line_positions=line_positions,
            payments=paid,
            settlings=_settlings(paid) if has_settlings else [],
            returns=returns_by_sale.get(sale_id, ()),
        )


def _by_sale(rows: Sequence[Row]) -> defaultdict[int, list[Row]]:
    """Group rows by the sale's number, their first column."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


class _UnreadableError(Exception):
    def __init__(self, broken: Broken) -> None:
        self.broken = broken


def _read(
    columns: Columns[RowStruct],
    rows: Sequence[Row],
    key_length: int,
) -> list[RowStruct]:
    """Return the structs of rows; raise _UnreadableError for the first that has none."""
    structs = []
    for row in rows:
        try:
            structs.append(columns.read(row))
        except UnreadableValueError as error:
            place = "/".join(map(str, row[:key_length]))
            broken = unreadable(columns.table.name, place, error.column)
            raise _UnreadableError(broken) from error
    return structs


def _settlings(payments: list[PaymentRow]) -> list[Settling]:
    """Make settlings of payments; the change and rounding of each stand on its first row."""
    settlings = []
    later = [paid for paid in payments if paid.settlement_no]
    for settlement_no, group in groupby(later, attrgetter("settlement_no")):
        rows = list(group)
        first = rows[0]
        settling = Settling(
            settlement_no=settlement_no,
            payments=tuple(row.payment for row in rows),
            change_minor=first.change_minor,
            rounding_minor=first.rounding_minor,
            at_ms=first.at_ms,
            user_id=first.user_id,
        )
        settlings.append(settling)
    return settlings


def broken_sales(books: Books) -> Iterator[Broken]:
    """Yield what is broken of the sales, in the order of their numbers."""
    trace = Trace(books, schema.sales, "sale", Cause.SALE, FINGERPRINTS)
    folio = 0
    for first, last in blocks_of(books, books.last("sale")):
        changed_later = sales_at_once.prove(books, trace, first, last, folio + 1)
        if changed_later is not None:
            folio += last - first + 1
            for sale_id in changed_later:
                for record in load(books.connection, sale_id, sale_id):
                    broken = _broken_by_itself(record)
                    if broken is not None:
                        yield broken
            continue

        for record in load(books.connection, first, last):
            if isinstance(record, Broken):
                yield record
                continue

            sale = record.sale
            if sale.folio is not None:
                folio += 1
                if sale.folio != folio:
                    yield _broken_folio("sales", sale.id, folio, sale.folio)

            broken = _broken_by_itself(record)
            if broken is not None:
                yield broken
                continue

            for position, line in enumerate(sale.lines):
                if books.codes.get(line.product_id) != line.code:
                    place = ("sale_lines", f"{sale.id}/{position}")
                    broken = broken_code(books, *place, line.product_id, line.code)
                    break
            if broken is None:
                moves = [(line.product_id, -line.quantity_milli) for line in sale.lines]
                is_imported = sale.origin_number is not None
                broken = trace.broken(sale, moves, imported=is_imported)
            if broken is not None:
                yield broken
    if folio != books.last("folio"):
        yield _broken_folio("head", 1, folio, books.last("folio"))
    yield from trace.leftover()


def _broken_by_itself(record: Record | Broken) -> Broken | None:
    """Return what is wrong with a sale, its payments and its returns, beside its registro."""
    if isinstance(record, Broken):
        return record

    sale = record.sale
    broken = (
        broken_position("sale_lines", sale.id, record.line_positions)
        or broken_sale(sale)
        or record.broken_payment()
        or broken_debt(sale, record.settlings, record.returns)
    )
    if broken is None and record.returns:
        return broken_returns(sale, record.settlings, record.returns)
    return broken


def _broken_folio(
    table: str,
    row: int,
    expected: int,
    stored: int,
) -> Broken:
    data = {"expected": expected, "found": stored}
    return Broken(NUMBERS, table, row, Reason.FOLIO, data)
