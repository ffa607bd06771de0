"""Sales with their lines and payments: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from trastienda.domain.lists import Page, Window
from trastienda.domain.payments import Method, Payment, Settlement
from trastienda.domain.people import Actor, Person
from trastienda.domain.sales import Sale, SaleLine, payments_as_of_now
from trastienda.domain.visibility import SaleScope
from trastienda.storage import dialects, lists, schema
from trastienda.storage.products import HERE
from trastienda.storage.transactions import Tx

_S = schema.sales.c
_L = schema.sale_lines.c
_P = schema.payments.c
_SELECT = sa.select(
    _S.at_ms,
    _S.id,
    _S.folio,
    _S.origin_number,
    _S.seller_id,
    _S.buyer_id,
    _S.customer_rut,
    _S.net_minor,
    _S.vat_minor,
    _S.exempt_minor,
    _S.total_minor,
    _S.rounding_minor,
    _S.change_minor,
    _S.vat_bp,
    _S.owed_minor,
    schema.users.c.rut.label("seller_rut"),
    schema.users.c.name.label("seller_name"),
).outerjoin_from(schema.sales, schema.users, schema.users.c.id == _S.seller_id)
_LINES = (
    sa.select(schema.sale_lines)
    .where(_L.sale_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_L.sale_id, _L.position)
)
_PAYMENTS = (
    sa.select(schema.payments)
    .where(_P.sale_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_P.sale_id, _P.call, _P.position)
)
_METHODS = {method.value: method for method in Method}


def add(tx: Tx, sales: Sequence[Sale]) -> None:
    """Write sales with their lines and payments, as three sets."""
    tx.insert(
        schema.sales,
        [
            (
                sale.id,
                sale.folio,
                sale.origin_number,
                sale.at_ms,
                HERE,
                sale.seller_id,
                sale.buyer_id,
                sale.customer_rut,
                sale.net_minor,
                sale.vat_minor,
                sale.exempt_minor,
                sale.total_minor,
                sale.rounding_minor,
                sale.change_minor,
                sale.vat_bp,
                sale.owed_minor,
            )
            for sale in sales
        ],
    )
    tx.insert(
        schema.sale_lines,
        [
            (
                sale.id,
                position,
                line.product_id,
                line.code,
                line.name,
                line.quantity_milli,
                line.unit_price_minor,
                line.discount_minor,
                line.total_minor,
                line.cost_minor,
                line.exempt,
            )
            for sale in sales
            for position, line in enumerate(sale.lines)
        ],
    )
    tx.insert(
        schema.payments,
        [
            (
                sale.id,
                0,
                position,
                payment.method.value,
                payment.amount_minor,
                0,
                0,
                sale.at_ms,
                sale.seller_id,
            )
            for sale in sales
            for position, payment in enumerate(sale.payments)
        ],
    )


def settle(tx: Tx, sale: Sale, settlement: Settlement, actor: Actor) -> int:
    """Write payments against a sale's debt and bring what is owed down; return the number of this settling."""
    connection = tx.connection
    last = connection.execute(
        sa.select(sa.func.max(_P.call)).where(_P.sale_id == sale.id)
    ).scalar_one()
    call = int(last or 0) + 1
    tx.insert(
        schema.payments,
        [
            (
                sale.id,
                call,
                position,
                payment.method.value,
                payment.amount_minor,
                settlement.change_minor if position == 0 else 0,
                settlement.rounding_minor if position == 0 else 0,
                tx.now_ms,
                actor.user_id,
            )
            for position, payment in enumerate(settlement.payments)
        ],
    )
    set_owed(tx, sale.id, settlement.owed_minor)
    return call


def set_owed(tx: Tx, sale_id: int, owed_minor: int) -> None:
    """Write what is still owed of a sale."""
    tx.connection.execute(
        sa.update(schema.sales).where(_S.id == sale_id).values(owed_minor=owed_minor)
    )


def by_id(connection: sa.Connection, sale_id: int) -> Sale | None:
    """Return one sale as it stands now."""
    rows = connection.execute(_SELECT.where(_S.id == sale_id)).all()
    return _build(connection, rows)[0] if rows else None


def by_ids(connection: sa.Connection, sale_ids: Sequence[int]) -> dict[int, Sale]:
    """Return sales as they stand now, by id; one that is not there is left out."""
    found: dict[int, Sale] = {}
    for start in range(0, len(sale_ids), dialects.SQLITE_VARIABLES):
        rows = connection.execute(
            _SELECT.where(
                _S.id.in_(sale_ids[start : start + dialects.SQLITE_VARIABLES])
            )
        ).all()
        found |= {sale.id: sale for sale in _build(connection, rows)}
    return found


def listed(
    connection: sa.Connection,
    window: Window,
    scope: SaleScope,
    *,
    owed: bool | None = None,
    customer_rut: str | None = None,
) -> Page[Sale]:
    """Return a page of the sales of ``scope``, newest first."""
    query = lists.within(_SELECT, _S.at_ms, window)
    query = in_scope(query, scope)
    if owed is not None:  # spelled out, so that the partial index serves
        query = query.where(
            sa.text("sales.owed_minor > 0" if owed else "sales.owed_minor = 0")
        )
    if customer_rut is not None:
        query = query.where(_S.customer_rut == customer_rut)
    if window.search:
        query = query.where(_matches(connection, window.search))
    return lists.page(
        connection,
        query,
        [_S.at_ms, _S.id],
        window,
        lambda rows: _build(connection, rows),
    )


def _matches(connection: sa.Connection, search: str) -> sa.ColumnElement[bool]:
    """A number of a receipt, a customer's RUT, or a product by code or part of its name."""
    text = search.strip()
    line = (
        sa.select(sa.literal(1))
        .where(
            _L.sale_id == _S.id,
            sa.or_(_L.code == text, _L.name.icontains(text, autoescape=True)),
        )
        .exists()
    )
    found = [
        line,
        _S.origin_number == text,
        _S.customer_rut == text.replace(".", "").upper(),
    ]
    if text.isascii() and text.isdigit() and len(text) < 19:
        found += [_S.folio == int(text), _S.id == int(text)]
    return sa.or_(*found)


def in_scope(query: sa.Select[Any], scope: SaleScope) -> sa.Select[Any]:
    """Keep the sales of ``scope``."""
    if scope.everything:
        return query

    marks = (
        (_S.seller_id, scope.seller_id),
        (_S.buyer_id, scope.buyer_id),
        (_S.customer_rut, scope.customer_rut),
    )
    borne = [column == value for column, value in marks if value is not None]
    return query.where(sa.or_(sa.false(), *borne))


def _build(connection: sa.Connection, rows: lists.Rows) -> list[Sale]:
    """Make sales of rows, reading the lines and payments of all of them in two queries."""
    ids = [row.id for row in rows]
    lines: defaultdict[int, list[SaleLine]] = defaultdict(list)
    paid: defaultdict[int, list[lists.Row]] = defaultdict(list)
    for start in range(0, len(ids), dialects.SQLITE_VARIABLES):
        chunk = {"ids": ids[start : start + dialects.SQLITE_VARIABLES]}
        for row in connection.execute(_LINES, chunk):
            lines[row[0]].append(SaleLine(*row[2:]))
        for row in connection.execute(_PAYMENTS, chunk):
            paid[row.sale_id].append(row)
    return [_sale(row, tuple(lines[row.id]), paid[row.id]) for row in rows]


def _sale(row: lists.Row, lines: tuple[SaleLine, ...], paid: list[lists.Row]) -> Sale:
    sold = [
        Payment(_METHODS[one.method], one.amount_minor) for one in paid if one.call == 0
    ]
    later = [one for one in paid if one.call > 0]
    change_minor = row.change_minor + sum(one.change_minor for one in later)
    rounding_minor = sum(one.rounding_minor for one in later)
    covered_minor = sum(
        one.amount_minor - one.change_minor - one.rounding_minor for one in later
    )
    return Sale(
        id=row.id,
        folio=row.folio,
        at_ms=row.at_ms,
        seller_id=row.seller_id,
        seller=None
        if row.seller_rut is None
        else Person(row.seller_rut, row.seller_name),
        buyer_id=row.buyer_id,
        customer_rut=row.customer_rut,
        lines=lines,
        net_minor=row.net_minor,
        vat_minor=row.vat_minor,
        exempt_minor=row.exempt_minor,
        total_minor=row.total_minor,
        rounding_minor=row.rounding_minor + rounding_minor,
        payments=payments_as_of_now(
            sold,
            [Payment(_METHODS[one.method], one.amount_minor) for one in later],
            covered_minor,
        ),
        change_minor=change_minor,
        owed_minor=row.owed_minor,
        vat_bp=row.vat_bp,
        origin_number=row.origin_number,
    )


def each(connection: sa.Connection, window: Window) -> Iterator[Sale]:
    """Yield the sales of a window as they stand now, oldest first."""
    query = lists.within(_SELECT, _S.at_ms, window)
    return lists.each(
        connection, query, [_S.at_ms, _S.id], lambda rows: _build(connection, rows)
    )


def any_exists(connection: sa.Connection) -> bool:
    """Tell whether anything was ever sold."""
    return connection.execute(sa.select(_S.id).limit(1)).first() is not None
