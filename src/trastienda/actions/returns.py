"""Taking back what was sold."""

from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.notifications import notify_administrators
from trastienda.actions.once import Outcome, once
from trastienda.domain.audit import Action
from trastienda.domain.errors import ExcessiveReturn, NotFound, PaidFor, UnknownProducts
from trastienda.domain.events import Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.notifications import LargeReturn
from trastienda.domain.people import Actor, Permission, Person, require
from trastienda.domain.products import Product, Unit, short_of
from trastienda.domain.quantities import check_sellable
from trastienda.domain.returns import (
    FINGERPRINTS,
    Return,
    ReturnNumbers,
    ReturnOrder,
    decide,
    sum_up,
)
from trastienda.domain.sales import OrderLine, Sale
from trastienda.domain.self_service import quantity_on_debt
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.domain.visibility import audience_of_sale, listed_sales
from trastienda.storage import people, products, returns, sales
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx

MAX_PIECES = 500
"""Purchases that one give-back may reach into.

Each becomes a return, and 500 are written in a tenth of a second.
"""


def take_back(
    transaction: Tx,
    actor: Actor,
    sale_id: int,
    order: ReturnOrder,
    idempotency_key: IdempotencyKey | None = None,
) -> Outcome[Return]:
    """Take back part of a sale or all that is left of it.

    Debt goes down first, the rest is paid back.
    """
    require(actor, Permission.SELL)

    def perform() -> Return:
        reason = clean(order.reason, "reason", limit=MAX_TEXT)
        sale = sales.by_id(transaction.connection, sale_id)
        if sale is None:
            raise NotFound

        product_ids = [sale_line.product_id for sale_line in sale.lines]
        units = products.units_of(transaction.connection, product_ids)
        orders = [(sale, replace(order, reason=reason))]
        (item,) = _write(transaction, actor, orders, units)
        return item

    return once(transaction, idempotency_key, Return, perform)


def give_back(
    transaction: Tx,
    actor: Actor,
    code: str,
    quantity_milli: int,
    reason: str,
    idempotency_key: IdempotencyKey | None = None,
) -> Outcome[tuple[Return, ...]]:
    """Take back what the actor, of any role, bought alone.

    Each purchase that it takes gets a return, newest first. Staff, who paid in cash, are
    paid back in cash; of a customer it takes what is still owed, and the debt goes down.
    All of it comes back or nothing. ``code`` is a product's own; a retired product comes
    back, too.

    Raises UnknownProducts, Invalid, or ExcessiveReturn where less is left with the actor:
    of their newest ``returns.MAX_LOOKED_AT`` purchases, and of MAX_PIECES that have some
    left. It is PaidFor where a customer has as much, but has paid for it.
    """
    require(actor, Permission.BUY)

    def perform() -> tuple[Return, ...]:
        tidy_reason = clean(reason, "reason", limit=MAX_TEXT)
        product = products.by_code(transaction.connection, code)
        if product is None:
            raise UnknownProducts([code])
        by_unit = product.unit is Unit.PIECE
        check_sellable(quantity_milli, by_unit=by_unit, field="quantity")

        pieces = _divide(transaction, actor, product, quantity_milli)
        purchases = sales.by_ids(transaction.connection, list(pieces))
        orders = []
        for sale_id, piece_milli in pieces.items():
            order_line = OrderLine(product.code, piece_milli)
            order = ReturnOrder(lines=[order_line], reason=tidy_reason)
            orders.append((purchases[sale_id], order))
        return _write(transaction, actor, orders, {product.id: product.unit})

    return once(transaction, idempotency_key, tuple[Return, ...], perform)


def _divide(
    transaction: Tx,
    actor: Actor,
    product: Product,
    quantity_milli: int,
) -> dict[int, int]:
    """Return how much comes back of which sale, newest first."""
    connection = transaction.connection
    by_customer = not actor.is_staff
    pieces: dict[int, int] = {}
    rest_milli = quantity_milli
    purchases = returns.left_with(
        connection,
        actor.user_id,
        product.id,
        owed=by_customer,
    )
    for sale_id, left_milli in islice(purchases, MAX_PIECES):
        piece_milli = min(rest_milli, left_milli)
        if by_customer:
            sale = sales.by_ids(connection, [sale_id])[sale_id]
            earlier = returns.of_sales(connection, [sale_id]).get(sale_id, [])
            piece_milli = quantity_on_debt(sale, earlier, product, piece_milli)
        if piece_milli:
            pieces[sale_id] = piece_milli
            rest_milli -= piece_milli
        if not rest_milli:
            return pieces

    returnable_milli = quantity_milli - rest_milli
    excesses = [short_of(product, quantity_milli, returnable_milli)]
    purchases = returns.left_with(connection, actor.user_id, product.id)
    if by_customer and sum(left for _, left in purchases) >= quantity_milli:
        raise PaidFor(excesses)
    raise ExcessiveReturn(excesses)


def _notify_if_large(
    transaction: Tx,
    person: Person | None,
    item: Return,
) -> None:
    large_minor = transaction.shop.large_return_minor
    if large_minor and item.total_minor >= large_minor:
        facts = LargeReturn(
            item.id,
            item.sale_id,
            item.total_minor,
            transaction.shop.currency,
            "" if person is None else person.name,
        )
        notify_administrators(transaction, facts)


def _write(
    transaction: Tx,
    actor: Actor,
    orders: Sequence[tuple[Sale, ReturnOrder]],
    units: Mapping[int, Unit],
) -> tuple[Return, ...]:
    """Decide and write a return of each of these sales, no sale twice."""
    # Who gives back alone is no seller.
    seller_id = actor.user_id if actor.is_staff else None
    person = people.persons(transaction.connection, [actor.user_id]).get(actor.user_id)
    seller = person if actor.is_staff else None
    sale_ids = [sale.id for sale, _ in orders]
    earlier = returns.of_sales(transaction.connection, sale_ids)

    decided: list[Return] = []
    for sale, order in orders:
        numbers = ReturnNumbers(
            transaction.peek("return"),
            transaction.now_ms,
            seller_id,
            seller,
        )
        returned = sum_up(earlier.get(sale.id, []))
        rounding = transaction.shop.rounding
        decided.append(decide(sale, order, returned, units, rounding, numbers))
        transaction.take("return")
    returns.add(transaction, decided)

    _restock(transaction, actor, decided)
    for (sale, _), item in zip(orders, decided, strict=True):
        owed_minor = sale.owed_minor - item.debt_reduced_minor
        after = replace(sale, owed_minor=owed_minor)
        if item.debt_reduced_minor:
            sales.set_owed(transaction, sale.id, owed_minor)
            transaction.emit(Kind.SALE, audience_of_sale(sale), after)

        detail: dict[str, object] = {
            "return": item.id,
            "sale": sale.id,
            "total": item.total_minor,
        }
        detail |= FINGERPRINTS.registro(item)
        transaction.audit(actor, Action.RETURN, detail)
        transaction.emit(Kind.RETURN, audience_of_sale(after), item)
        _notify_if_large(transaction, person, item)
    return tuple(decided)


def _restock(
    transaction: Tx,
    actor: Actor,
    decided: Sequence[Return],
) -> None:
    """Put on the shelf what is not damaged."""
    moves = []
    for item in decided:
        if item.restock:
            moves += [(item, return_line) for return_line in item.lines]
    if not moves:
        return

    ledger = Ledger(transaction, {return_line.product_id for _, return_line in moves})
    for item, return_line in moves:
        ledger.move(
            return_line.product_id,
            return_line.quantity_milli,
            Cause.RETURN,
            item.id,
            actor.user_id,
        )
    ledger.write()

    codes = {return_line.code for _, return_line in moves}
    restocked = products.by_codes(transaction.connection, codes).values()
    by_id = {product.id: product for product in restocked}
    stock.announce(transaction, ledger, by_id)


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Page[Return]:
    """Return a page of the returns of the sales that the actor may list, newest first."""
    require(actor, Permission.LOOK)
    return returns.listed(snapshot.connection, window, listed_sales(actor))


def of_sales(
    snapshot: Snapshot,
    sales_read: Sequence[Sale],
) -> dict[int, list[Return]]:
    """Return what came back of sales that the caller has been shown.

    By sale, the oldest return first.
    """
    sale_ids = [sale.id for sale in sales_read]
    return returns.of_sales(snapshot.connection, sale_ids)
