"""Clause 2: each settling of a debt has its registro, and each such registro its settling."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import Action
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.verification.documents import unreadable
from trastienda.storage.verification.streams import Books, Row, each_by_key, raw_rows

_AUDIT = schema.audit.c
_PAYMENTS = schema.payments.c
_REGISTROS = sa.select(_AUDIT.id, _AUDIT.at_ms, _AUDIT.user_id, _AUDIT.detail).where(
    _AUDIT.action == Action.PAYMENT.value
)
_SETTLED = (
    sa.select(
        _PAYMENTS.sale_id,
        _PAYMENTS.settlement_no,
        _PAYMENTS.method,
        _PAYMENTS.amount_minor,
        _PAYMENTS.change_minor,
        _PAYMENTS.rounding_minor,
        _PAYMENTS.at_ms,
        _PAYMENTS.user_id,
    )
    .where(
        _PAYMENTS.settlement_no > 0,
        _PAYMENTS.sale_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(_PAYMENTS.sale_id, _PAYMENTS.settlement_no, _PAYMENTS.position)
)
_IS_FIRST = sa.and_(_PAYMENTS.settlement_no > 0, _PAYMENTS.position == 0)
_COUNT = sa.select(sa.func.count()).where(_IS_FIRST)
_FIRSTS = (
    sa.select(_PAYMENTS.sale_id, _PAYMENTS.settlement_no)
    .where(_IS_FIRST)
    .order_by(_PAYMENTS.sale_id, _PAYMENTS.settlement_no)
)


class _Detail(Struct):
    sale: int
    settlement_no: int = msgspec.field(name="call")
    """As it is called in the trail since the first day."""
    payments: list[tuple[str, int]]
    change: int
    rounding: int


def broken_settlings(books: Books) -> Iterator[Broken]:
    """Yield registros of payments that were not made so, and then payments that have none."""
    registros = each_by_key(books, _REGISTROS, _AUDIT.id)
    block_size = books.connection.max_in_list
    count = 0
    while block := list(islice(registros, block_size)):
        count += len(block)
        yield from _broken_registros(books, block)

    settling_count = books.connection.execute(_COUNT).scalar_one()
    if count == settling_count:
        return

    # A settling has no registro, or a registro is a second one. As this is rare, all of
    # them may be held in memory.
    audited = set()
    registros = each_by_key(books, _REGISTROS, _AUDIT.id)
    for audit_id, _, _, detail_text in registros:
        detail = msgspec.json.decode(detail_text, type=_Detail)
        settling = (detail.sale, detail.settlement_no)
        if settling in audited:
            yield Broken(DOCUMENTS, "audit", audit_id, Reason.AUDITED_ALONE)
        audited.add(settling)

    for sale_id, settlement_no in raw_rows(books.connection, _FIRSTS):
        if (sale_id, settlement_no) not in audited:
            place = f"{sale_id}/{settlement_no}/0"
            yield Broken(DOCUMENTS, "payments", place, Reason.NOT_AUDITED)


def _broken_registros(
    books: Books,
    registros: Sequence[Row],
) -> Iterator[Broken]:
    """Compare registros with the payments of their settlings."""
    details = {}
    for audit_id, at_ms, user_id, detail_text in registros:
        try:
            detail = msgspec.json.decode(detail_text, type=_Detail)
        except msgspec.DecodeError:
            yield unreadable("audit", audit_id, "detail")
        else:
            details[audit_id] = (detail, at_ms, user_id)

    sale_ids = sorted({detail.sale for detail, _, _ in details.values()})
    payments = raw_rows(books.connection, _SETTLED, ids=sale_ids)
    settlings = {
        key: list(group)
        for key, group in groupby(payments, key=lambda row: (row[0], row[1]))
    }

    for audit_id, (detail, at_ms, user_id) in details.items():
        payment_rows = settlings.get((detail.sale, detail.settlement_no))
        if payment_rows is None:
            yield Broken(DOCUMENTS, "audit", audit_id, Reason.AUDITED_ALONE)
            continue

        payments_made = [(payment[2], payment[3]) for payment in payment_rows]
        change, rounding, made_ms, made_by = payment_rows[0][4:]
        stored = (payments_made, change, rounding, made_ms, made_by)
        expected = (detail.payments, detail.change, detail.rounding, at_ms, user_id)

        place = f"{detail.sale}/{detail.settlement_no}/0"
        broken = differs(DOCUMENTS, "payments", place, "payments", expected, stored)
        if broken is not None:
            yield broken
