"""Returns with their lines: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.payments import Method
from trastienda.domain.people import Person
from trastienda.domain.returns import Return, Returned, ReturnLine
from trastienda.domain.visibility import SaleScope
from trastienda.storage import dialects, lists, sales, schema
from trastienda.storage.transactions import Tx

_R = schema.returns.c
_L = schema.return_lines.c
_SELECT = sa.select(
    _R.at_ms,
    _R.id,
    _R.sale_id,
    _R.origin_number,
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
    _R.restock,
    schema.users.c.rut.label("seller_rut"),
    schema.users.c.name.label("seller_name"),
).outerjoin_from(schema.returns, schema.users, schema.users.c.id == _R.seller_id)
_LINES = (
    sa.select(schema.return_lines)
    .where(_L.return_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_L.return_id, _L.position)
)
_METHODS = {method.value: method for method in Method}
LOOKED_AT_ONCE = 200
"""Purchases in one look for what a buyer has left: a millisecond, and most find what they want among the first."""
MAX_LOOKED_AT = 5000
"""Purchases of one buyer that are looked through: some milliseconds, for which every other writer waits."""
_S = schema.sales.c
_PRODUCT: sa.BindParameter[int] = sa.bindparam("product_id")
_BOUGHT = (
    sa.select(sa.func.coalesce(sa.func.sum(schema.sale_lines.c.quantity_milli), 0))
    .where(
        schema.sale_lines.c.sale_id == _S.id, schema.sale_lines.c.product_id == _PRODUCT
    )
    .scalar_subquery()
)
_BACK = (
    sa.select(sa.func.coalesce(sa.func.sum(_L.quantity_milli), 0))
    .join_from(schema.returns, schema.return_lines, _L.return_id == _R.id)
    .where(_R.sale_id == _S.id, _L.product_id == _PRODUCT)
    .scalar_subquery()
)
_LEFT = dialects.Prepared(
    sa.select(_S.at_ms, _S.id, _BOUGHT - _BACK)
    .where(
        _S.buyer_id == sa.bindparam("buyer_id"),
        sa.tuple_(_S.at_ms, _S.id)
        < sa.tuple_(sa.bindparam("at_ms"), sa.bindparam("sale_id")),
    )
    .order_by(_S.at_ms.desc(), _S.id.desc())
    .limit(LOOKED_AT_ONCE)
)


def add(tx: Tx, returns: Sequence[Return]) -> None:
    """Write returns with their lines, as two sets."""
    tx.insert(
        schema.returns,
        [
            (
                one.id,
                one.sale_id,
                one.origin_number,
                one.at_ms,
                one.seller_id,
                one.reason,
                one.net_minor,
                one.vat_minor,
                one.exempt_minor,
                one.total_minor,
                one.rounding_minor,
                one.method.value,
                one.refund_minor,
                one.debt_reduced_minor,
                one.restock,
            )
            for one in returns
        ],
    )
    tx.insert(
        schema.return_lines,
        [
            (
                one.id,
                line.position,
                line.product_id,
                line.code,
                line.name,
                line.quantity_milli,
                line.total_minor,
                line.cost_minor,
                line.exempt,
            )
            for one in returns
            for line in one.lines
        ],
    )


def of_sales(
    connection: sa.Connection, sale_ids: Iterable[int]
) -> dict[int, list[Return]]:
    """Return what came back of each of these sales, oldest first."""
    ids = list(sale_ids)
    found: defaultdict[int, list[Return]] = defaultdict(list)
    for start in range(0, len(ids), dialects.SQLITE_VARIABLES):
        chunk = ids[start : start + dialects.SQLITE_VARIABLES]
        rows = connection.execute(
            _SELECT.where(_R.sale_id.in_(chunk)).order_by(_R.id)
        ).all()
        for one in _build(connection, rows):
            if one.sale_id is not None:
                found[one.sale_id].append(one)
    return found


def left_with(
    connection: sa.Connection, buyer_id: int | None, product_id: int
) -> Iterator[tuple[int, int]]:
    """Yield what a buyer has of a product from each purchase made alone: the sale's id and thousandths, newest first.

    Only the newest MAX_LOOKED_AT purchases are looked through, LOOKED_AT_ONCE at a time and no more than are asked for.
    """
    at_ms = sale_id = 2**63 - 1
    for _ in range(0, MAX_LOOKED_AT, LOOKED_AT_ONCE):
        rows = _LEFT(
            connection,
            buyer_id=buyer_id,
            product_id=product_id,
            at_ms=at_ms,
            sale_id=sale_id,
        )
        yield from ((row[1], row[2]) for row in rows if row[2])
        if len(rows) < LOOKED_AT_ONCE:
            return
        at_ms, sale_id = rows[-1][:2]


def summed(returns: Iterable[Return]) -> Returned:
    """Return what these returns gave, summed."""
    quantity_milli: defaultdict[int, int] = defaultdict(int)
    total_minor = exempt_minor = net_minor = given_minor = refund_minor = 0
    for one in returns:
        for line in one.lines:
            quantity_milli[line.position] += line.quantity_milli
        total_minor += one.total_minor
        exempt_minor += one.exempt_minor
        net_minor += one.net_minor
        given_minor += one.refund_minor + one.debt_reduced_minor
        refund_minor += one.refund_minor
    return Returned(
        dict(quantity_milli),
        total_minor,
        exempt_minor,
        net_minor,
        given_minor,
        refund_minor,
    )


def listed(connection: sa.Connection, window: Window, scope: SaleScope) -> Page[Return]:
    """Return a page of the returns of the sales of ``scope``, newest first.

    Where the scope is everything, returns whose sale is not known are there, too.
    """
    query = lists.within(_SELECT, _R.at_ms, window)
    if not scope.everything:
        sale = sa.select(schema.sales.c.id).where(schema.sales.c.id == _R.sale_id)
        query = query.where(sales.in_scope(sale, scope).exists())
    if window.search:
        text = window.search.strip()
        line = sa.select(_L.return_id).where(
            _L.return_id == _R.id,
            sa.or_(_L.code == text, _L.name.icontains(text, autoescape=True)),
        )
        query = query.where(
            sa.or_(
                line.exists(),
                _R.origin_number == text,
                _R.reason.icontains(text, autoescape=True),
            )
        )
    return lists.page(
        connection,
        query,
        [_R.at_ms, _R.id],
        window,
        lambda rows: _build(connection, rows),
    )


def each(connection: sa.Connection, window: Window) -> Iterator[Return]:
    """Yield the returns of a window, oldest first."""
    query = lists.within(_SELECT, _R.at_ms, window)
    return lists.each(
        connection, query, [_R.at_ms, _R.id], lambda rows: _build(connection, rows)
    )


def _build(connection: sa.Connection, rows: lists.Rows) -> list[Return]:
    lines: defaultdict[int, list[ReturnLine]] = defaultdict(list)
    ids = [row.id for row in rows]
    for start in range(0, len(ids), dialects.SQLITE_VARIABLES):
        for row in connection.execute(
            _LINES, {"ids": ids[start : start + dialects.SQLITE_VARIABLES]}
        ):
            lines[row[0]].append(ReturnLine(*row[1:]))
    return [_return(row, tuple(lines[row.id])) for row in rows]


def _return(row: lists.Row, lines: tuple[ReturnLine, ...]) -> Return:
    return Return(
        id=row.id,
        sale_id=row.sale_id,
        at_ms=row.at_ms,
        seller_id=row.seller_id,
        seller=None
        if row.seller_rut is None
        else Person(row.seller_rut, row.seller_name),
        reason=row.reason,
        lines=lines,
        net_minor=row.net_minor,
        vat_minor=row.vat_minor,
        exempt_minor=row.exempt_minor,
        total_minor=row.total_minor,
        rounding_minor=row.rounding_minor,
        method=_METHODS[row.method],
        refund_minor=row.refund_minor,
        debt_reduced_minor=row.debt_reduced_minor,
        restock=bool(row.restock),
        origin_number=row.origin_number,
    )
