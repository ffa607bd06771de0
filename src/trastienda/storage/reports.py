"""What days came to: summed from the rows, or read where a day that is over has been summed before."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.money import split_vat
from trastienda.domain.payments import Method
from trastienda.domain.people import Person
from trastienda.domain.reports import NOBODY, Amounts, Goods, Money, Seller, Sums
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection, written_out

_SALES, _SALE_LINES, _PAYMENTS = schema.sales.c, schema.sale_lines.c, schema.payments.c
_RETURNS, _RETURN_LINES = schema.returns.c, schema.return_lines.c
_DAY_SUMMARIES = schema.day_summaries.c
_SINCE: sa.BindParameter[int] = sa.bindparam("since")
_BEFORE: sa.BindParameter[int] = sa.bindparam("before")
_LATER = _PAYMENTS.settlement_no > written_out(0)
"""A settling, not the sale itself."""


def _between(at_ms: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.and_(at_ms >= _SINCE, at_ms < _BEFORE)


def _sum(value: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(value), 0)


def _cost(line: Any) -> Any:
    return (
        line.quantity_milli * line.cost_minor + 500
    ) // 1000  # half up; neither is ever below zero


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
        _sum(_RETURNS.refund_minor),
    )
    .where(_between(_RETURNS.at_ms))
    .group_by(_RETURNS.seller_id, _RETURNS.method)
)
_VAT_BP = sa.func.coalesce(  # a return whose sale is not known tells the rate itself
    _SALES.vat_bp,
    (20_000 * _RETURNS.vat_minor + _RETURNS.net_minor)
    // sa.func.nullif(2 * _RETURNS.net_minor, 0),
    0,
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


def summed(connection: Connection, from_ms: int, until_ms: int) -> Sums:
    """Return what everything from ``from_ms`` to before ``until_ms`` comes to, from the rows themselves."""
    bounds = {"since": from_ms, "before": until_ms}
    sums = Sums()
    change_minor = 0
    for seller_id, *numbers, change in connection.fetch(_SALES_BY_SELLER, **bounds):
        sums.sold.add(Amounts(*numbers))
        sums.sellers[seller_id or NOBODY] = Seller(numbers[0], numbers[1])
        change_minor += change
    sums.sold.cost_minor = _add_goods(
        sums.goods_sold, connection.fetch(_GOODS_SOLD, **bounds)
    )
    for method, amount_minor in connection.fetch(_PAID_BY_METHOD, **bounds):
        sums.money[method] = Money(sold_minor=amount_minor)
    if change_minor:
        sums.money[Method.CASH.value].sold_minor -= change_minor
    for method, amount_minor, change in connection.fetch(
        _COLLECTED_BY_METHOD, **bounds
    ):
        sums.money.setdefault(method, Money()).collected_minor += amount_minor - change
    for seller_id, method, *numbers, refund_minor in connection.fetch(
        _RETURNS_BY_SELLER, **bounds
    ):
        sums.returned.add(Amounts(*numbers))
        sums.sellers.setdefault(
            seller_id or NOBODY, Seller()
        ).returned_minor += numbers[1]
        if refund_minor:
            sums.money.setdefault(method, Money()).refunded_minor += refund_minor
    sums.returned.cost_minor = _add_goods(
        sums.goods_returned, connection.fetch(_GOODS_RETURNED, **bounds)
    )
    return sums


def _add_goods(into: dict[int, Goods], rows: Iterable[tuple[Any, ...]]) -> int:
    """Add lines summed by product, exemption and rate; return what they had cost."""
    cost_minor = 0
    for (
        product_id,
        exempt,
        vat_bp,
        quantity_milli,
        total_minor,
        line_cost_minor,
    ) in rows:
        untaxed_minor = total_minor if exempt else split_vat(total_minor, vat_bp)[0]
        into.setdefault(product_id, Goods()).add(
            Goods(quantity_milli, total_minor, untaxed_minor, line_cost_minor)
        )
        cost_minor += line_cost_minor
    return cost_minor


def _first(
    at_ms: sa.ColumnElement[int], *more: sa.ColumnElement[bool]
) -> dialects.Prepared:
    return dialects.Prepared(
        sa.select(sa.func.min(at_ms)).where(_between(at_ms), *more)
    )


_FIRSTS = (
    _first(_SALES.at_ms),
    _first(_RETURNS.at_ms),
    _first(_PAYMENTS.at_ms, _LATER),
)


def next_activity(connection: Connection, from_ms: int, until_ms: int) -> int | None:
    """Return the first moment of that span at which anything was sold, returned or collected, if there is one."""
    moments = [
        connection.fetch(query, since=from_ms, before=until_ms)[0][0]
        for query in _FIRSTS
    ]
    return min((one for one in moments if one is not None), default=None)


class Kept(Struct, frozen=True):
    """A day that was summed when it was over."""

    from_ms: int
    until_ms: int
    content: str

    @property
    def sums(self) -> Sums:
        """What the day came to."""
        return msgspec.json.decode(self.content, type=Sums)


_KEPT = (
    sa.select(schema.day_summaries)
    .where(_DAY_SUMMARIES.from_ms >= _SINCE, _DAY_SUMMARIES.until_ms <= _BEFORE)
    .order_by(_DAY_SUMMARIES.from_ms)
)


def kept(connection: Connection, from_ms: int, until_ms: int) -> Iterator[Kept]:
    """Yield the days inside that span that have been summed, in their order."""
    for row in connection.execute(_KEPT, {"since": from_ms, "before": until_ms}):
        yield Kept(*row)


def kept_bounds(connection: Connection) -> list[tuple[int, int]]:
    """Return from when until when each day that has been summed went, in their order."""
    rows = connection.execute(
        sa.select(_DAY_SUMMARIES.from_ms, _DAY_SUMMARIES.until_ms).order_by(
            _DAY_SUMMARIES.from_ms
        )
    )
    return [(from_ms, until_ms) for from_ms, until_ms in rows]


def content(sums: Sums) -> str:
    """Return the sums as they are kept."""
    return msgspec.json.encode(sums).decode()


def product_names(
    connection: Connection, ids: Iterable[int]
) -> dict[int, tuple[str, str]]:
    """Return the code and the present name of each of these products."""
    p = schema.products.c
    return {
        row[0]: (row[1], row[2])
        for row in _by_id(connection, sa.select(p.id, p.code, p.name), p.id, ids)
    }


def people(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Return each of these users as others see them."""
    u = schema.users.c
    return {
        row[0]: Person(row[1], row[2])
        for row in _by_id(connection, sa.select(u.id, u.rut, u.name), u.id, ids)
    }


def _by_id(
    connection: Connection,
    query: sa.Select[Any],
    column: sa.ColumnElement[int],
    ids: Iterable[int],
) -> Iterator[Any]:
    wanted = sorted(ids)
    for chunk in connection.chunks(wanted):
        yield from connection.execute(query.where(column.in_(chunk)))
