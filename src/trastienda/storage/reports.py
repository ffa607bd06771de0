"""What days came to.

It is summed from the rows, or read where a day that is over has been summed before.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.money import split_vat
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Person
from trastienda.domain.reports import NOBODY, Amounts, Goods, Money, Seller, Sums
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection, written_out
from trastienda.storage.rows import PAYMENTS

_SALES = schema.sales.c
_SALE_LINES = schema.sale_lines.c
_PAYMENTS = schema.payments.c
_RETURNS = schema.returns.c
_RETURN_LINES = schema.return_lines.c
_DAY_SUMMARIES = schema.day_summaries.c
_SINCE: sa.BindParameter[int] = sa.bindparam("since")
_BEFORE: sa.BindParameter[int] = sa.bindparam("before")
_LATER = _PAYMENTS.settlement_no > written_out(0)
"""A settling, not the sale itself."""


def _between(at_ms: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    is_since = at_ms >= _SINCE
    is_before = at_ms < _BEFORE
    return sa.and_(is_since, is_before)


def _sum(value: Any) -> Any:
    """Return the sum, which is zero and not null where there are no rows."""
    total = sa.func.sum(value)
    return sa.func.coalesce(total, 0)


def _cost(line: Any) -> Any:
    # Rounded half up. The cost is taken as one unit less and a rest that is never below
    # zero, in two steps: so every number divided is above zero and fits 64 bits.
    rest_milli = line.quantity_milli * (line.cost_rest_milli + 1000)
    less_a_unit = line.quantity_milli * (line.cost_minor - 1)
    return (less_a_unit + (rest_milli + 500_000) // 1000) // 1000


_SALES_BY_SELLER = dialects.Prepared(
    sa.select(
        _SALES.seller_id,
        sa.func.count(),
        _sum(_SALES.total_minor),
        _sum(_SALES.net_minor),
        _sum(_SALES.vat_minor),
        _sum(_SALES.exempt_minor),
        _sum(_SALES.rounding_minor),
        _sum(_SALES.change_minor),
    )
    .where(_between(_SALES.at_ms))
    .group_by(_SALES.seller_id)
)
_GOODS_SOLD = dialects.Prepared(
    sa.select(
        _SALE_LINES.product_id,
        _SALE_LINES.exempt,
        _SALES.vat_bp,
        _sum(_SALE_LINES.quantity_milli),
        _sum(_SALE_LINES.total_minor),
        _sum(_cost(_SALE_LINES)),
    )
    .join_from(schema.sales, schema.sale_lines, _SALE_LINES.sale_id == _SALES.id)
    .where(_between(_SALES.at_ms))
    .group_by(_SALE_LINES.product_id, _SALE_LINES.exempt, _SALES.vat_bp)
)
_PAID_BY_METHOD = dialects.Prepared(
    sa.select(_PAYMENTS.method, _sum(_PAYMENTS.amount_minor))
    .join_from(
        schema.sales,
        schema.payments,
        sa.and_(_PAYMENTS.sale_id == _SALES.id, _PAYMENTS.settlement_no == 0),
    )
    .where(_between(_SALES.at_ms))
    .group_by(_PAYMENTS.method)
)
_COLLECTED_BY_METHOD = dialects.Prepared(
    sa.select(
        _PAYMENTS.method, _sum(_PAYMENTS.amount_minor), _sum(_PAYMENTS.change_minor)
    )
    .where(_between(_PAYMENTS.at_ms), _LATER)
    .group_by(_PAYMENTS.method)
)
_IS_BY_ONE_METHOD = _RETURNS.refunds == ""
_RETURNS_BY_SELLER = dialects.Prepared(
    sa.select(
        _RETURNS.seller_id,
        _RETURNS.method,
        sa.func.count(),
        _sum(_RETURNS.total_minor),
        _sum(_RETURNS.net_minor),
        _sum(_RETURNS.vat_minor),
        _sum(_RETURNS.exempt_minor),
        _sum(_RETURNS.rounding_minor),
        _sum(_RETURNS.debt_reduced_minor),
        _sum(sa.case((_IS_BY_ONE_METHOD, _RETURNS.refund_minor), else_=0)),
    )
    .where(_between(_RETURNS.at_ms))
    .group_by(_RETURNS.seller_id, _RETURNS.method)
)
_REFUNDS_BY_SEVERAL_METHODS = dialects.Prepared(
    sa.select(_RETURNS.refunds).where(_between(_RETURNS.at_ms), ~_IS_BY_ONE_METHOD)
)
# A return whose sale is not known tells the rate itself.
_VAT_BP = sa.case(
    (_SALES.vat_bp.is_not(None), _SALES.vat_bp),
    (_RETURNS.net_minor == 0, 0),
    else_=(20_000 * _RETURNS.vat_minor + _RETURNS.net_minor)
    // (2 * _RETURNS.net_minor),
)
_GOODS_RETURNED = dialects.Prepared(
    sa.select(
        _RETURN_LINES.product_id,
        _RETURN_LINES.exempt,
        _VAT_BP,
        _sum(_RETURN_LINES.quantity_milli),
        _sum(_RETURN_LINES.total_minor),
        _sum(sa.case((_RETURNS.restock, _cost(_RETURN_LINES)), else_=0)),
    )
    .join_from(
        schema.returns, schema.return_lines, _RETURN_LINES.return_id == _RETURNS.id
    )
    .outerjoin(schema.sales, _SALES.id == _RETURNS.sale_id)
    .where(_between(_RETURNS.at_ms))
    .group_by(_RETURN_LINES.product_id, _RETURN_LINES.exempt, _VAT_BP)
)


def summed(
    connection: Connection,
    from_ms: int,
    until_ms: int,
) -> Sums:
    """Return what everything from ``from_ms`` to before ``until_ms`` comes to.

    It is summed from the rows themselves.
    """
    bounds = {"since": from_ms, "before": until_ms}
    sums = Sums()

    sold_change_minor = 0
    for seller_id, *numbers, change_minor in connection.fetch(
        _SALES_BY_SELLER, **bounds
    ):
        sold = Amounts(*numbers)
        sums.sold.add(sold)
        sums.sellers[seller_id or NOBODY] = Seller(numbers[0], numbers[1])
        sold_change_minor += change_minor
    lines_sold = connection.fetch(_GOODS_SOLD, **bounds)
    sums.sold.cost_minor = _add_goods(sums.goods_sold, lines_sold)

    for method, amount_minor in connection.fetch(_PAID_BY_METHOD, **bounds):
        sums.money[method] = Money(sold_minor=amount_minor)
    if sold_change_minor:
        # Change is only ever given in cash.
        sums.money[Method.CASH.value].sold_minor -= sold_change_minor

    collected = connection.fetch(_COLLECTED_BY_METHOD, **bounds)
    for method, amount_minor, change_minor in collected:
        money = sums.money.setdefault(method, Money())
        money.collected_minor += amount_minor - change_minor

    returned = connection.fetch(_RETURNS_BY_SELLER, **bounds)
    for seller_id, method, *numbers, debt_minor, refund_minor in returned:
        sums.returned.add(Amounts(*numbers))
        seller = sums.sellers.setdefault(seller_id or NOBODY, Seller())
        seller.returned_minor += numbers[1]
        sums.give_back(Payment(Method.OWED, debt_minor))
        sums.give_back(Payment(Method(method), refund_minor))
    for (text,) in connection.fetch(_REFUNDS_BY_SEVERAL_METHODS, **bounds):
        for refund in PAYMENTS.to_value(text):
            sums.give_back(refund)
    lines_returned = connection.fetch(_GOODS_RETURNED, **bounds)
    sums.returned.cost_minor = _add_goods(sums.goods_returned, lines_returned)
    return sums


def _add_goods(
    goods_by_product: dict[int, Goods],
    line_sums: Iterable[tuple[Any, ...]],
) -> int:
    """Add lines summed by product, exemption and rate; return what they had cost."""
    total_cost_minor = 0
    for (
        product_id,
        exempt,
        vat_bp,
        quantity_milli,
        total_minor,
        cost_minor,
    ) in line_sums:
        untaxed_minor = total_minor
        if not exempt:
            untaxed_minor, _ = split_vat(total_minor, vat_bp)

        goods = goods_by_product.setdefault(product_id, Goods())
        goods.add(Goods(quantity_milli, total_minor, untaxed_minor, cost_minor))
        total_cost_minor += cost_minor
    return total_cost_minor


def _first(
    at_ms: sa.ColumnElement[int],
    *conditions: sa.ColumnElement[bool],
) -> dialects.Prepared:
    first_moment = sa.select(sa.func.min(at_ms))
    return dialects.Prepared(first_moment.where(_between(at_ms), *conditions))


_FIRSTS = (
    _first(_SALES.at_ms),
    _first(_RETURNS.at_ms),
    _first(_PAYMENTS.at_ms, _LATER),
)


def next_activity(
    connection: Connection,
    from_ms: int,
    until_ms: int,
) -> int | None:
    """Return the first moment at which anything was sold, returned or collected.

    Only the span from ``from_ms`` to before ``until_ms`` is looked at. None where nothing
    happened in it.
    """
    moments = []
    for query in _FIRSTS:
        ((moment_ms,),) = connection.fetch(query, since=from_ms, before=until_ms)
        if moment_ms is not None:
            moments.append(moment_ms)
    return min(moments, default=None)


class Kept(Struct, frozen=True):
    """A day that was summed when it was over."""

    from_ms: int
    until_ms: int
    content: str

    @property
    def sums(self) -> Sums:
        """What the day came to."""
        return msgspec.json.decode(self.content, type=Sums)


_KEPT_DAYS = (
    sa.select(schema.day_summaries)
    .where(_DAY_SUMMARIES.from_ms >= _SINCE, _DAY_SUMMARIES.until_ms <= _BEFORE)
    .order_by(_DAY_SUMMARIES.from_ms)
)


def kept(
    connection: Connection,
    from_ms: int,
    until_ms: int,
) -> Iterator[Kept]:
    """Yield the days inside that span that have been summed, in their order."""
    bounds = {"since": from_ms, "before": until_ms}
    for day_row in connection.execute(_KEPT_DAYS, bounds):
        yield Kept(*day_row)


def kept_bounds(connection: Connection) -> list[tuple[int, int]]:
    """Return from when until when each summed day went, in their order."""
    days = _DAY_SUMMARIES
    query = sa.select(days.from_ms, days.until_ms).order_by(days.from_ms)
    return [(from_ms, until_ms) for from_ms, until_ms in connection.execute(query)]


def content(sums: Sums) -> str:
    """Return the sums as they are kept."""
    encoded = msgspec.json.encode(sums)
    return encoded.decode()


def product_names(
    connection: Connection,
    product_ids: Iterable[int],
) -> dict[int, tuple[str, str]]:
    """Return the code and the present name of each of these products."""
    products = schema.products.c
    query = sa.select(products.id, products.code, products.name)
    product_rows = _by_id(connection, query, products.id, product_ids)
    return {product_id: (code, name) for product_id, code, name in product_rows}


def people(
    connection: Connection,
    user_ids: Iterable[int],
) -> dict[int, Person]:
    """Return each of these users as others see them."""
    users = schema.users.c
    query = sa.select(users.id, users.rut, users.name)
    user_rows = _by_id(connection, query, users.id, user_ids)
    return {user_id: Person(rut, name) for user_id, rut, name in user_rows}


def _by_id(
    connection: Connection,
    query: sa.Select[Any],
    id_column: sa.ColumnElement[int],
    ids: Iterable[int],
) -> Iterator[Any]:
    for chunk in connection.chunks(sorted(ids)):
        yield from connection.execute(query.where(id_column.in_(chunk)))
