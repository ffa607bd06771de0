"""Buying from suppliers."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.once import Outcome, once
from trastienda.domain.audit import Action
from trastienda.domain.errors import AlreadyExists, NotFound
from trastienda.domain.events import ADMINISTRATORS, Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Cause
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.purchases import (
    FINGERPRINTS,
    Purchase,
    PurchaseLine,
    PurchaseNumbers,
    PurchaseOrder,
    decide,
    with_last_cost,
)
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import people, products, purchases
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx, lookup


def buy(
    transaction: Tx,
    actor: Actor,
    order: PurchaseOrder,
    idempotency_key: IdempotencyKey | None = None,
) -> Outcome[Purchase]:
    """Take in what a supplier brought.

    Stock goes up, and each product's cost becomes the last one paid. Raises
    AlreadyExists where the supplier's document was taken in before.
    """
    require(actor, Permission.PURCHASE)

    def perform() -> Purchase:
        codes = [order_line.code for order_line in order.lines]
        products_by_key = products.by_codes(transaction.connection, codes)
        persons = people.persons(transaction.connection, [actor.user_id])
        numbers = PurchaseNumbers(
            id=transaction.peek("purchase"),
            at_ms=transaction.now_ms,
            buyer_id=actor.user_id,
            buyer=persons.get(actor.user_id),
        )
        purchase = decide(order, products_by_key, numbers)
        if purchase.document is not None and purchases.has_paper(
            transaction.connection, purchase.supplier, purchase.document
        ):
            raise AlreadyExists("document")

        transaction.take("purchase")
        purchases.add(transaction, purchase)
        detail: dict[str, object] = {
            "purchase": purchase.id,
            "supplier": purchase.supplier,
            "total": purchase.total_minor,
        }
        detail |= FINGERPRINTS.registro(purchase)
        transaction.audit(actor, Action.PURCHASE, detail)
        transaction.emit(Kind.PURCHASE, ADMINISTRATORS, purchase)

        _stock_up(transaction, actor, purchase, products_by_key.values())
        return purchase

    return once(transaction, idempotency_key, Purchase, perform)


def _stock_up(
    transaction: Tx,
    actor: Actor,
    purchase: Purchase,
    bought: Iterable[Product],
) -> None:
    """Move the stock, and write and announce each product with its new cost."""
    lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
    for purchase_line in purchase.lines:
        lines[purchase_line.product_id].append(purchase_line)
    by_id = {
        product.id: with_last_cost(product, lines[product.id])
        for product in bought
        if product.id in lines
    }

    ledger = Ledger(transaction, by_id)
    for purchase_line in purchase.lines:
        ledger.move(
            purchase_line.product_id,
            purchase_line.quantity_milli,
            Cause.PURCHASE,
            purchase.id,
            actor.user_id,
        )
    ledger.write()

    for product in by_id.values():
        products.update(transaction, product)
        stocked = replace(product, stock_milli=ledger.balance(product.id))
        transaction.emit(Kind.PRODUCT, audience_of_product(stocked), stocked)
    stock.announce(transaction, ledger, by_id)


@lookup
def get(
    snapshot: Snapshot,
    actor: Actor,
    purchase_id: int,
) -> Purchase:
    """Return one purchase."""
    require(actor, Permission.PURCHASE)
    purchase = purchases.by_id(snapshot.connection, purchase_id)
    if purchase is None:
        raise NotFound
    return purchase


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Page[Purchase]:
    """Return a page of purchases, newest first."""
    require(actor, Permission.PURCHASE)
    return purchases.listed(snapshot.connection, window)
