"""Clause 2: each settling of a debt has its audit row, and each such row its settling."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage import dialects, schema
from trastienda.storage.verification.streams import Books, Row, by_key, rows

_A = schema.audit.c
_P = schema.payments.c
_TOLD = sa.select(_A.id, _A.at_ms, _A.user_id, _A.detail).where(
    _A.action == Action.PAYMENT.value
)
_PAYMENTS = (
    sa.select(
        _P.sale_id,
        _P.call,
        _P.method,
        _P.amount_minor,
        _P.change_minor,
        _P.rounding_minor,
        _P.at_ms,
        _P.user_id,
    )
    .where(_P.call > 0, _P.sale_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_P.sale_id, _P.call, _P.position)
)
_COUNT = sa.select(sa.func.count()).where(_P.call > 0, _P.position == 0)
_FIRSTS = (
    sa.select(_P.sale_id, _P.call)
    .where(_P.call > 0, _P.position == 0)
    .order_by(_P.sale_id, _P.call)
)


class _Detail(Struct):
    sale: int
    call: int
    payments: list[tuple[str, int]]
    change: int
    rounding: int


def broken_settlings(books: Books) -> Iterator[Broken]:
    """Yield audit rows of payments that were not made so, and then payments that have none."""
    told = (row for block in by_key(books.connection, _TOLD, _A.id) for row in block)
    count = 0
    while some := list(islice(told, dialects.SQLITE_VARIABLES)):
        count += len(some)
        yield from _broken_some(books, some)
    if count != books.connection.execute(_COUNT).scalar_one():
        yield from _alone(books)


def _broken_some(books: Books, some: Sequence[Row]) -> Iterator[Broken]:
    details = {}
    for row_id, at_ms, user_id, text in some:
        try:
            details[row_id] = (msgspec.json.decode(text, type=_Detail), at_ms, user_id)
        except msgspec.DecodeError:
            yield Broken(
                DOCUMENTS, "audit", row_id, Reason.UNREADABLE, {"field": "detail"}
            )
    made = rows(
        books.connection,
        _PAYMENTS,
        ids=sorted({detail.sale for detail, _, _ in details.values()}),
    )
    calls = {
        call: list(group)
        for call, group in groupby(made, key=lambda row: (row[0], row[1]))
    }
    for row_id, (detail, at_ms, user_id) in details.items():
        payments = calls.get((detail.sale, detail.call))
        if payments is None:
            yield Broken(DOCUMENTS, "audit", row_id, Reason.AUDITED_ALONE)
            continue
        first = payments[0]
        found = ([(row[2], row[3]) for row in payments], *first[4:])
        expected = (detail.payments, detail.change, detail.rounding, at_ms, user_id)
        row = f"{detail.sale}/{detail.call}/0"
        if broken := differs(DOCUMENTS, "payments", row, "payments", expected, found):
            yield broken


def _alone(books: Books) -> Iterator[Broken]:
    """Find the settling without an audit row. Only asked when there is one, so it may hold them all in memory."""
    told = set()
    for block in by_key(books.connection, _TOLD, _A.id):
        for row_id, _, _, text in block:
            detail = msgspec.json.decode(text, type=_Detail)
            if (detail.sale, detail.call) in told:
                yield Broken(DOCUMENTS, "audit", row_id, Reason.AUDITED_ALONE)
            told.add((detail.sale, detail.call))
    for sale_id, call in rows(books.connection, _FIRSTS):
        if (sale_id, call) not in told:
            yield Broken(
                DOCUMENTS, "payments", f"{sale_id}/{call}/0", Reason.NOT_AUDITED
            )
