"""Taking back what was sold."""

from collections.abc import Sequence

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.once import Outcome, once
from trastienda.domain import returns as deciding
from trastienda.domain.audit import Action, digest
from trastienda.domain.errors import NotFound
from trastienda.domain.events import Kind, audience_of_sale
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.returns import Return, ReturnNumbers, ReturnOrder
from trastienda.domain.sales import Sale
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.storage import products, returns, sales
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Reading, Tx


def take_back(
    tx: Tx, actor: Actor, sale_id: int, order: ReturnOrder, key: IdempotencyKey | None = None
) -> Outcome[Return]:
    """Take back part of a sale or all that is left of it; debt goes down first, the rest is paid back."""
    require(actor, Permission.SELL)
    return once(tx, key, Return, lambda: _take_back(tx, actor, sale_id, order))


def _take_back(tx: Tx, actor: Actor, sale_id: int, order: ReturnOrder) -> Return:
    order = replace(order, reason=clean(order.reason, "reason", limit=MAX_TEXT))
    sale = sales.by_id(tx.connection, sale_id)
    if sale is None:
        raise NotFound
    returned = returns.summed(returns.of_sales(tx.connection, [sale_id]).get(sale_id, []))
    units = products.units_of(tx.connection, [line.product_id for line in sale.lines])
    numbers = ReturnNumbers(tx.peek("return"), tx.now_ms, actor.user_id, actor.person)
    one = deciding.decide(sale, order, returned, units, tx.shop.rounding, numbers)
    tx.take("return")
    returns.add(tx, [one])
    if one.restock:
        _restock(tx, actor, one)
    audience = audience_of_sale(sale)
    if one.debt_reduced_minor:
        sales.set_owed(tx, sale_id, sale.owed_minor - one.debt_reduced_minor)
        now = sales.by_id(tx.connection, sale_id)
        if now is not None:
            tx.emit(Kind.SALE, audience, now)
    detail = {"return": one.id, "sale": sale_id, "total": one.total_minor, "sha256": digest(deciding.content(one))}
    tx.audit(actor, Action.RETURN, detail)
    tx.emit(Kind.RETURN, audience, one)
    return one


def _restock(tx: Tx, actor: Actor, one: Return) -> None:
    found = products.by_codes(tx.connection, [line.code for line in one.lines])
    ledger = Ledger(tx, [line.product_id for line in one.lines])
    for line in one.lines:
        ledger.move(line.product_id, line.quantity_milli, Cause.RETURN, one.id, actor.user_id)
    ledger.write()
    stock.announce(tx, ledger, {product.id: product for product in found.values()})


def listed(state: Reading, actor: Actor, window: Window) -> Page[Return]:
    """Return a page of the returns of the sales that the actor may list, newest first."""
    require(actor, Permission.LOOK)
    return returns.listed(state.connection, window, actor)


def of_sales(state: Reading, sales_read: Sequence[Sale]) -> dict[int, list[Return]]:
    """Return what came back of sales that the caller has been shown, oldest first, by sale."""
    return returns.of_sales(state.connection, [sale.id for sale in sales_read])
