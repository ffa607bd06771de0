"""Returns with their lines: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.returns import Return, ReturnLine
from trastienda.domain.tills import Till
from trastienda.domain.visibility import SaleScope
from trastienda.storage import dialects, lists, product_lists, sales, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.rows import (
    METHOD,
    PAYMENTS,
    Columns,
    DocumentColumns,
    person_of,
    with_person,
)
from trastienda.storage.transactions import Tx

RETURNS: DocumentColumns[Return] = DocumentColumns(
    schema.returns,
    Return,
    parts={"till": Till},
    paths={"method": "method.value"},
    conversions={"method": METHOD, "refunds": PAYMENTS},
)
RETURN_LINES: Columns[ReturnLine] = Columns(schema.return_lines, ReturnLine, keys=1)

_RETURNS = schema.returns.c
_RETURN_LINES = schema.return_lines.c
_SELECT = with_person(schema.returns, _RETURNS.seller_id)
_LINES_OF_RETURNS = (
    sa.select(schema.return_lines)
    .where(_RETURN_LINES.return_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_RETURN_LINES.return_id, _RETURN_LINES.position)
)
LOOKED_AT_ONCE = 200
"""Purchases in one look for what a buyer has left.

It takes a millisecond, and most find what they want among the first.
"""
MAX_LOOKED_AT = 5000
"""Purchases of one buyer that are looked through.

It takes some milliseconds, for which every other writer waits.
"""

_SALES = schema.sales.c
_PRODUCT_ID: sa.BindParameter[int] = sa.bindparam("product_id")
_BOUGHT = (
    sa.select(sa.func.coalesce(sa.func.sum(schema.sale_lines.c.quantity_milli), 0))
    .where(
        schema.sale_lines.c.sale_id == _SALES.id,
        schema.sale_lines.c.product_id == _PRODUCT_ID,
    )
    .scalar_subquery()
)
_GIVEN_BACK = (
    sa.select(sa.func.coalesce(sa.func.sum(_RETURN_LINES.quantity_milli), 0))
    .join_from(
        schema.returns, schema.return_lines, _RETURN_LINES.return_id == _RETURNS.id
    )
    .where(_RETURNS.sale_id == _SALES.id, _RETURN_LINES.product_id == _PRODUCT_ID)
    .scalar_subquery()
)
_LEFT_WITH_BUYER = dialects.Prepared(
    sa.select(_SALES.at_ms, _SALES.id, _BOUGHT - _GIVEN_BACK)
    .where(
        _SALES.buyer_id == sa.bindparam("buyer_id"),
        _SALES.owed_minor >= sa.bindparam("least_owed_minor"),
        sa.tuple_(_SALES.at_ms, _SALES.id)
        < sa.tuple_(sa.bindparam("at_ms"), sa.bindparam("sale_id")),
    )
    .order_by(_SALES.at_ms.desc(), _SALES.id.desc())
    .limit(LOOKED_AT_ONCE)
)


def add(transaction: Tx, returns: Sequence[Return]) -> None:
    """Write returns with their lines, as two sets."""
    return_rows = [RETURNS.row(document) for document in returns]
    transaction.insert(schema.returns, return_rows)

    line_rows = [
        RETURN_LINES.row(line, document.id)
        for document in returns
        for line in document.lines
    ]
    transaction.insert(schema.return_lines, line_rows)


def of_sales(
    connection: Connection,
    sale_ids: Iterable[int],
) -> dict[int, list[Return]]:
    """Return what came back of each of these sales, oldest first."""
    by_sale: defaultdict[int, list[Return]] = defaultdict(list)
    for chunk in connection.chunks(list(sale_ids)):
        query = _SELECT.where(_RETURNS.sale_id.in_(chunk)).order_by(_RETURNS.id)
        return_rows = connection.execute(query).all()
        returns = _build(connection, return_rows)
        for return_row, document in zip(return_rows, returns, strict=True):
            by_sale[return_row.sale_id].append(document)
    return by_sale


def left_with(
    connection: Connection,
    buyer_id: int | None,
    product_id: int,
    *,
    owed: bool = False,
) -> Iterator[tuple[int, int]]:
    """Yield what a buyer has of a product from each purchase made alone, newest first;
    with ``owed`` only from those on which money is owed.

    It comes as the sale's id and thousandths. Only the newest MAX_LOOKED_AT purchases are
    looked through, LOOKED_AT_ONCE at a time and no more than are asked for.
    """
    at_ms = sale_id = 2**63 - 1
    for _ in range(0, MAX_LOOKED_AT, LOOKED_AT_ONCE):
        purchases = connection.fetch(
            _LEFT_WITH_BUYER,
            buyer_id=buyer_id,
            product_id=product_id,
            least_owed_minor=int(owed),
            at_ms=at_ms,
            sale_id=sale_id,
        )
        for _, purchase_id, left_milli in purchases:
            if left_milli:
                yield purchase_id, left_milli
        if len(purchases) < LOOKED_AT_ONCE:
            return
        at_ms, sale_id, _ = purchases[-1]


def listed(
    connection: Connection,
    window: Window,
    scope: SaleScope,
) -> Page[Return]:
    """Return a page of the returns of the sales of ``scope``, newest first.

    Where the scope is everything, returns whose sale is not known are there, too.
    """
    query = lists.within(_SELECT, _RETURNS.at_ms, window)
    if not scope.everything:
        in_scope = sa.or_(*sales.marks_of(scope))
        sale = sa.select(_SALES.id).where(_SALES.id == _RETURNS.sale_id, in_scope)
        query = query.where(sale.exists())

    if window.search:
        wanted = window.search.strip()
        of_product = sa.or_(
            _RETURN_LINES.code == wanted,
            _RETURN_LINES.name.icontains(wanted, autoescape=True),
            _RETURN_LINES.product_id.in_(product_lists.ids_named(wanted)),
        )
        line = sa.select(_RETURN_LINES.return_id).where(
            _RETURN_LINES.return_id == _RETURNS.id, of_product
        )
        matches = sa.or_(
            line.exists(),
            _RETURNS.origin_number == wanted,
            _RETURNS.reason.icontains(wanted, autoescape=True),
        )
        query = query.where(matches)

    def build(return_rows: lists.Rows) -> list[Return]:
        return _build(connection, return_rows)

    return lists.page(connection, query, [_RETURNS.at_ms, _RETURNS.id], window, build)


def each(connection: Connection, window: Window) -> Iterator[Return]:
    """Yield the returns of a window, oldest first."""

    def build(return_rows: lists.Rows) -> list[Return]:
        return _build(connection, return_rows)

    query = lists.within(_SELECT, _RETURNS.at_ms, window)
    return lists.each(connection, query, [_RETURNS.at_ms, _RETURNS.id], build)


def _build(
    connection: Connection,
    rows: lists.Rows,
) -> list[Return]:
    """Make returns of rows, reading the lines of all of them in one query."""
    lines: defaultdict[int, list[ReturnLine]] = defaultdict(list)
    ids = [row.id for row in rows]
    for chunk in connection.chunks(ids):
        ids_of_chunk = {"ids": chunk}
        for row in connection.execute(_LINES_OF_RETURNS, ids_of_chunk):
            lines[row.return_id].append(RETURN_LINES.read(row))

    returns = []
    for row in rows:
        parts = {"seller": person_of(row), "lines": tuple(lines[row.id])}
        returns.append(RETURNS.read(row, **parts))
    return returns
