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

_S, _SL, _P = schema.sales.c, schema.sale_lines.c, schema.payments.c
_R, _RL = schema.returns.c, schema.return_lines.c
_D = schema.day_summaries.c
_SINCE: sa.BindParameter[int] = sa.bindparam("since")
_BEFORE: sa.BindParameter[int] = sa.bindparam("before")
_LATER = _P.settlement_no > written_out(0)
"""A settling, not the sale itself."""


def _between(at_ms: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.and_(at_ms >= _SINCE, at_ms < _BEFORE)


def _sum(value: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(value), 0)


def _cost(line: Any) -> Any:
    return (
        line.quantity_milli * line.cost_minor + 500
    ) // 1000  # half up; neither is ever below zero


_SALES = dialects.Prepared(
    sa.select(
        _S.seller_id,
        sa.func.count(),
        _sum(_S.total_minor),
        _sum(_S.net_minor),
        _sum(_S.vat_minor),
        _sum(_S.exempt_minor),
        _sum(_S.rounding_minor),
        _sum(_S.change_minor),
    )
    .where(_between(_S.at_ms))
    .group_by(_S.seller_id)
)
_LINES = dialects.Prepared(
    sa.select(
        _SL.product_id,
        _SL.exempt,
        _S.vat_bp,
        _sum(_SL.quantity_milli),
        _sum(_SL.total_minor),
        _sum(_cost(_SL)),
    )
    .join_from(schema.sales, schema.sale_lines, _SL.sale_id == _S.id)
    .where(_between(_S.at_ms))
    .group_by(_SL.product_id, _SL.exempt, _S.vat_bp)
)
_PAID = dialects.Prepared(
    sa.select(_P.method, _sum(_P.amount_minor))
    .join_from(
        schema.sales,
        schema.payments,
        sa.and_(_P.sale_id == _S.id, _P.settlement_no == 0),
    )
    .where(_between(_S.at_ms))
    .group_by(_P.method)
)
_COLLECTED = dialects.Prepared(
    sa.select(_P.method, _sum(_P.amount_minor), _sum(_P.change_minor))
    .where(_between(_P.at_ms), _LATER)
    .group_by(_P.method)
)
_RETURNS = dialects.Prepared(
    sa.select(
        _R.seller_id,
        _R.method,
        sa.func.count(),
        _sum(_R.total_minor),
        _sum(_R.net_minor),
        _sum(_R.vat_minor),
        _sum(_R.exempt_minor),
        _sum(_R.rounding_minor),
        _sum(_R.refund_minor),
    )
    .where(_between(_R.at_ms))
    .group_by(_R.seller_id, _R.method)
)
_VAT_BP = sa.func.coalesce(  # a return whose sale is not known tells the rate itself
    _S.vat_bp,
    (20_000 * _R.vat_minor + _R.net_minor) // sa.func.nullif(2 * _R.net_minor, 0),
    0,
)
_RETURN_LINES = dialects.Prepared(
    sa.select(
        _RL.product_id,
        _RL.exempt,
        _VAT_BP,
        _sum(_RL.quantity_milli),
        _sum(_RL.total_minor),
        _sum(sa.case((_R.restock, _cost(_RL)), else_=0)),
    )
    .join_from(schema.returns, schema.return_lines, _RL.return_id == _R.id)
    .outerjoin(schema.sales, _S.id == _R.sale_id)
    .where(_between(_R.at_ms))
    .group_by(_RL.product_id, _RL.exempt, _VAT_BP)
)


def summed(connection: Connection, from_ms: int, until_ms: int) -> Sums:
    """Return what everything from ``from_ms`` to before ``until_ms`` comes to, from the rows themselves."""
    bounds = {"since": from_ms, "before": until_ms}
    sums = Sums()
    change_minor = 0
    for seller_id, *numbers, change in connection.fetch(_SALES, **bounds):
        sums.sold.add(Amounts(*numbers))
        sums.sellers[seller_id or NOBODY] = Seller(numbers[0], numbers[1])
        change_minor += change
    sums.sold.cost_minor = _add_goods(
        sums.goods_sold, connection.fetch(_LINES, **bounds)
    )
    for method, amount_minor in connection.fetch(_PAID, **bounds):
        sums.money[method] = Money(sold_minor=amount_minor)
    if change_minor:
        sums.money[Method.CASH.value].sold_minor -= change_minor
    for method, amount_minor, change in connection.fetch(_COLLECTED, **bounds):
        sums.money.setdefault(method, Money()).collected_minor += amount_minor - change
    for seller_id, method, *numbers, refund_minor in connection.fetch(
        _RETURNS, **bounds
    ):
        sums.returned.add(Amounts(*numbers))
        sums.sellers.setdefault(
            seller_id or NOBODY, Seller()
        ).returned_minor += numbers[1]
        if refund_minor:
            sums.money.setdefault(method, Money()).refunded_minor += refund_minor
    sums.returned.cost_minor = _add_goods(
        sums.goods_returned, connection.fetch(_RETURN_LINES, **bounds)
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


_FIRSTS = (_first(_S.at_ms), _first(_R.at_ms), _first(_P.at_ms, _LATER))


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
    .where(_D.from_ms >= _SINCE, _D.until_ms <= _BEFORE)
    .order_by(_D.from_ms)
)


def kept(connection: Connection, from_ms: int, until_ms: int) -> Iterator[Kept]:
    """Yield the days inside that span that have been summed, in their order."""
    for row in connection.execute(_KEPT, {"since": from_ms, "before": until_ms}):
        yield Kept(*row)


def kept_bounds(connection: Connection) -> list[tuple[int, int]]:
    """Return from when until when each day that has been summed went, in their order."""
    rows = connection.execute(sa.select(_D.from_ms, _D.until_ms).order_by(_D.from_ms))
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
