"""Clauses 2 and 3: many sales proven at once, by sums and texts that the database makes.

Nothing is named here. Where a block of sales is not sound for certain, it is walked sale by
sale, and what is broken is named there. So a doubt costs time and nothing else, and what is
rare may be doubted: sales imported, or of an earlier form.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa

from trastienda.domain.audit import Action
from trastienda.domain.movements import Cause
from trastienda.domain.payments import Method
from trastienda.domain.quantities import MILLI
from trastienda.domain.sales import FINGERPRINTS, Sale
from trastienda.domain.shop import MAX_VAT_BP
from trastienda.domain.tills import Till
from trastienda.storage import schema
from trastienda.storage.dialects.json_texts import (
    as_bytes,
    flag,
    in_one,
    quoted,
    sum_in,
    written,
)
from trastienda.storage.verification.documents import Trace
from trastienda.storage.verification.streams import RANGE, Books, Detail, raw_rows

_SALES = schema.sales.c
_LINES = schema.sale_lines.c
_PAYMENTS = schema.payments.c
_PRODUCTS = schema.products.c
_MOVEMENTS = schema.movements.c
_AUDIT = schema.audit.c
_RETURNS = schema.returns.c


Text = tuple[str, sa.ColumnElement[Any]]
"""The place of a value in a template, and the value."""


def _as_json(column: sa.Column[Any]) -> Text:
    if isinstance(column.type, sa.Boolean):
        return "%s", flag(column)
    if isinstance(column.type, sa.String) or column.nullable:
        return "%s", quoted(column)
    return "%d", column


def _object(
    table: sa.Table,
    names: Sequence[str],
) -> tuple[str, list[sa.ColumnElement[Any]]]:
    """Return the columns of these names as fields of a JSON object: template and values."""
    texts = [_as_json(table.c[name]) for name in names]
    fields = [
        f'"{name}":{place}' for name, (place, _) in zip(names, texts, strict=True)
    ]
    return ",".join(fields), [value for _, value in texts]


def _line_text() -> sa.ColumnElement[str]:
    """Return a line as the fingerprint has it: without what is at its default."""
    *names, reductions, cost_rest = FINGERPRINTS.newest.line_fields
    template, values = _object(schema.sale_lines, names)
    for name, default in ((reductions, ""), (cost_rest, 0)):
        column = _LINES[name]
        field = written(f',"{name}":%s', column)
        values.append(sa.case((column == default, ""), else_=field))
    return written("{" + template + "%s%s}", *values)


def _divided(
    numerator: sa.ColumnElement[int],
    denominator: sa.ColumnElement[int] | int,
) -> sa.ColumnElement[int]:
    """Return a quotient rounded half up; neither may be below zero."""
    return (2 * numerator + denominator) // (2 * denominator)


def _always(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Return 1 if a condition holds for all rows of a group, else 0."""
    return sa.func.min(sa.case((condition, 1), else_=0))


_has_sums_of_reductions = sa.or_(
    _LINES.reductions == "",
    sum_in(_LINES.reductions, "amount_minor") == _LINES.discount_minor,
)
_list_minor = _divided(_LINES.quantity_milli * _LINES.unit_price_minor, MILLI)
_is_line_sound = sa.and_(
    _LINES.position >= 0,
    _LINES.quantity_milli > 0,
    _LINES.unit_price_minor >= 0,
    _LINES.discount_minor == _list_minor - _LINES.total_minor,
    _LINES.code == _PRODUCTS.code,
    _has_sums_of_reductions,
)
_LINES_OF_SALES = (
    sa.select(
        _LINES.sale_id,
        sa.func.count().label("count"),
        (sa.func.max(_LINES.position) + 1).label("end"),
        sa.func.sum(_LINES.total_minor).label("total_minor"),
        sa.func.sum(_LINES.total_minor * _LINES.exempt).label("exempt_minor"),
        _always(_is_line_sound).label("are_sound"),
        in_one(_line_text()).label("text"),
    )
    .outerjoin_from(
        schema.sale_lines, schema.products, _PRODUCTS.id == _LINES.product_id
    )
    .where(_LINES.sale_id.between(*RANGE))
    .group_by(_LINES.sale_id)
    .subquery("lines")
)

_PAYMENT_TEXT = written(
    '{"method":%s,"amount_minor":%d}', quoted(_PAYMENTS.method), _PAYMENTS.amount_minor
)
_is_payment_sound = sa.and_(
    _PAYMENTS.position >= 0,
    _PAYMENTS.at_ms == _SALES.at_ms,
    _PAYMENTS.user_id.is_not_distinct_from(_SALES.seller_id),
    _PAYMENTS.change_minor == 0,
    _PAYMENTS.rounding_minor == 0,
)
_owed_minor = sa.case(
    (_PAYMENTS.method == Method.OWED.value, _PAYMENTS.amount_minor), else_=0
)
_PAYMENTS_OF_SALES = (
    sa.select(
        _PAYMENTS.sale_id,
        sa.func.count().label("count"),
        (sa.func.max(_PAYMENTS.position) + 1).label("end"),
        sa.func.sum(_PAYMENTS.amount_minor).label("paid_minor"),
        sa.func.sum(_owed_minor).label("owed_minor"),
        _always(_is_payment_sound).label("are_sound"),
        in_one(_PAYMENT_TEXT).label("text"),
    )
    .join_from(schema.payments, schema.sales)
    .where(_PAYMENTS.sale_id.between(*RANGE), _PAYMENTS.settlement_no == 0)
    .group_by(_PAYMENTS.sale_id)
    .subquery("paid")
)

_lines = _LINES_OF_SALES.c
_paid = _PAYMENTS_OF_SALES.c
_taxable_minor = _SALES.total_minor - _SALES.exempt_minor
_net_minor = _divided(_taxable_minor * 10_000, _SALES.vat_bp + 10_000)
_IS_SOUND = sa.and_(
    _SALES.origin_number.is_(None),
    _SALES.folio.is_not(None),
    _lines.are_sound,
    _lines.count == _lines.end,
    _lines.total_minor == _SALES.total_minor,
    _lines.exempt_minor == _SALES.exempt_minor,
    _taxable_minor >= 0,
    _SALES.vat_bp.between(0, MAX_VAT_BP),
    _SALES.net_minor == _net_minor,
    _SALES.vat_minor == _taxable_minor - _net_minor,
    _paid.are_sound,
    _paid.count == _paid.end,
    _paid.paid_minor - _SALES.change_minor
    == _SALES.total_minor + _SALES.rounding_minor,
)


def _content() -> sa.ColumnElement[bytes]:
    """Return the bytes that the fingerprint of a sale is taken of."""
    till, till_values = _object(schema.sales, Till.__struct_fields__)
    places: list[str] = []
    values: list[sa.ColumnElement[Any]] = []
    for name in FINGERPRINTS.newest.fields:
        if name == "payments":
            places.append("[%s]")
            values.append(_paid.text)
        elif name == "till":
            places.append("{" + till + "}")
            values += till_values
        else:
            place, value = _as_json(_SALES[name])
            places.append(place)
            values.append(value)
    template = ",".join(places)
    return as_bytes(written(f"[{template},[%s]]", *values, _lines.text))


_USER_ID = sa.func.coalesce(_SALES.seller_id, _SALES.buyer_id)
_SALES_AT_ONCE = (
    sa.select(
        _SALES.id,
        _SALES.folio,
        _SALES.at_ms,
        _USER_ID,
        _lines.count,
        _paid.owed_minor == _SALES.owed_minor,
        _IS_SOUND,
        _content(),
    )
    .outerjoin_from(schema.sales, _LINES_OF_SALES, _lines.sale_id == _SALES.id)
    .outerjoin(_PAYMENTS_OF_SALES, _paid.sale_id == _SALES.id)
    .where(_SALES.id.between(*RANGE))
    .order_by(_SALES.id)
)

_REGISTROS = (
    sa.select(_AUDIT.id, _AUDIT.at_ms, _AUDIT.user_id, _AUDIT.action, _AUDIT.detail)
    .where(
        _AUDIT.action.in_([Action.SALE.value, Action.SALE_IMPORTED.value]),
        _AUDIT.id > sa.bindparam("after"),
    )
    .order_by(_AUDIT.id)
    .limit(sa.bindparam("count"))
)
_SALE = Action.SALE.value
_DETAIL = msgspec.json.Decoder(Detail)

_MOVE = "%d %d %d"
"""Sale, product and quantity: what the lines of a sale say of its movements."""
_MOVES_OF_LINES = (
    sa.select(
        written(_MOVE, _LINES.sale_id, _LINES.product_id, -_LINES.quantity_milli).label(
            "text"
        )
    )
    .where(_LINES.sale_id.between(*RANGE))
    .order_by(_LINES.sale_id, _LINES.position)
    .subquery("moves_of_lines")
)
_is_like_its_sale = sa.and_(
    _MOVEMENTS.at_ms == _SALES.at_ms,
    _MOVEMENTS.user_id.is_not_distinct_from(_USER_ID),
    _MOVEMENTS.location_id == _SALES.location_id,
    _MOVEMENTS.reason.is_(None),
)
_MOVEMENTS_AFTER = (
    sa.select(
        _MOVEMENTS.id,
        _is_like_its_sale.label("is_sound"),
        written(
            _MOVE,
            _MOVEMENTS.reference_id,
            _MOVEMENTS.product_id,
            _MOVEMENTS.quantity_milli,
        ).label("text"),
    )
    .outerjoin_from(
        schema.movements, schema.sales, _SALES.id == _MOVEMENTS.reference_id
    )
    .where(_MOVEMENTS.cause == Cause.SALE.value, _MOVEMENTS.id > sa.bindparam("after"))
    .order_by(_MOVEMENTS.id)
    .limit(sa.bindparam("count"))
    .subquery("movements_after")
)
_moved = _MOVEMENTS_AFTER.c
_EXPECTED_MOVES = sa.select(in_one(_MOVES_OF_LINES.c.text))
_MOVES = sa.select(
    in_one(_moved.text), _always(_moved.is_sound), sa.func.max(_moved.id)
)

_NEXT_MOVED = (
    sa.select(_MOVEMENTS.reference_id)
    .where(_MOVEMENTS.cause == Cause.SALE.value, _MOVEMENTS.id > sa.bindparam("after"))
    .order_by(_MOVEMENTS.id)
    .limit(1)
)
_CHANGED_LATER = sa.union(
    sa.select(_PAYMENTS.sale_id).where(
        _PAYMENTS.sale_id.between(*RANGE), _PAYMENTS.settlement_no > 0
    ),
    sa.select(_RETURNS.sale_id).where(_RETURNS.sale_id.between(*RANGE)),
)


def prove(
    books: Books,
    trace: Trace[Sale],
    first: int,
    last: int,
    first_folio: int,
) -> list[int] | None:
    """Prove the sales numbered ``first`` to ``last`` as they were sold.

    Return those that were changed later, whose debt and returns must still be looked at;
    or None where one of them is in doubt. Those that are proven are behind ``trace`` then.
    """
    try:
        return _proven(books, trace, first, last, first_folio)
    except (sa.exc.DatabaseError, msgspec.DecodeError):  # sums too large, no JSON
        return None


def _proven(
    books: Books,
    trace: Trace[Sale],
    first: int,
    last: int,
    first_folio: int,
) -> list[int] | None:
    connection = books.connection
    count = last - first + 1
    block = {"first": first, "last": last}
    sales = raw_rows(connection, _SALES_AT_ONCE, **block)
    after = {"after": trace.audit_id, "count": count}
    registros = raw_rows(connection, _REGISTROS, **after)
    if len(sales) != count or len(registros) != count:
        return None

    audit_id = line_count = 0
    digests = []
    later = {sale_id for (sale_id,) in raw_rows(connection, _CHANGED_LATER, **block)}
    decode = _DETAIL.decode
    for number, (sale, registro) in enumerate(zip(sales, registros, strict=True)):
        sale_id, folio, at_ms, user_id, lines, is_as_sold, is_sound, content = sale
        audit_id, audit_ms, audit_user_id, action, detail_text = registro
        detail = decode(detail_text)
        digest = sha256(content).hexdigest()
        expected = (first + number, first_folio + number, at_ms, user_id, _SALE, digest)
        stored = (sale_id, folio, audit_ms, audit_user_id, action, detail.sha256)
        if not is_sound or stored != expected:
            return None
        if detail.sale != sale_id or detail.version != FINGERPRINTS.current:
            return None
        if not is_as_sold:
            later.add(sale_id)
        line_count += lines
        digests.append(digest)

    after = {"after": trace.movement_id, "count": line_count}
    ((expected_moves,),) = raw_rows(connection, _EXPECTED_MOVES, **block)
    ((moves, are_sound, movement_id),) = raw_rows(connection, _MOVES, **after)
    if not are_sound or moves != expected_moves:
        return None
    following = raw_rows(connection, _NEXT_MOVED, after=movement_id)
    if following == [(last,)]:  # a movement too many
        return None

    trace.pass_over(first, digests, audit_id, movement_id)
    return sorted(later)
