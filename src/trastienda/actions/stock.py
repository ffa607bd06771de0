"""Counting stock anew, and what every change of it tells: the new balances, and the
product behind each."""

from collections.abc import Mapping

from msgspec.structs import replace

from trastienda.actions.alerts import post_alerts
from trastienda.actions.notifications import notify_of_low_stock
from trastienda.domain.audit import Action
from trastienda.domain.chat import MessageKind
from trastienda.domain.errors import Invalid
from trastienda.domain.events import STAFF_ONLY, Kind, LowStock
from trastienda.domain.movements import Cause, StockLevel
from trastienda.domain.people import Actor
from trastienda.domain.products import Product, becomes_counted, falls_below_minimum
from trastienda.domain.visibility import audience_of_product
from trastienda.storage.ledger import Ledger, sold_in_parts
from trastienda.storage.transactions import Snapshot, Tx


def correct(
    transaction: Tx,
    actor: Actor,
    ledger: Ledger,
    product: Product,
    stock_milli: int,
    reason: str | None,
) -> None:
    """Bring the stock to an absolute count by one movement, audited.

    Without a reason it is the product's opening stock, else a correction.
    """
    before_milli = ledger.balance(product.id)
    if stock_milli == before_milli:
        return
    ledger.move(
        product.id,
        stock_milli - before_milli,
        Cause.OPENING if reason is None else Cause.CORRECTION,
        None,
        actor.user_id,
        reason,
    )
    detail: dict[str, object] = {
        "product": product.id,
        "code": product.code,
        "before": before_milli,
        "after": stock_milli,
    }
    if reason is None:
        detail["opening"] = True
    else:
        detail["reason"] = reason
    transaction.audit(actor, Action.STOCK_CORRECTED, detail)


def announce(
    transaction: Tx,
    ledger: Ledger,
    products: Mapping[int, Product],
) -> None:
    """Announce the balance of each product that the ledger moved.

    Staff are told which of them fell below their minimum.
    """
    low_products = []
    for product_id in ledger.touched:
        product = products[product_id]
        stock_milli = ledger.balance(product_id)
        level = StockLevel(product.code, stock_milli)
        transaction.emit(Kind.STOCK, audience_of_product(product), level)

        if falls_below_minimum(product, stock_milli, ledger.change(product_id)):
            low_stock = LowStock(product.code, stock_milli, product.min_stock_milli)
            transaction.emit(Kind.LOW_STOCK, STAFF_ONLY, low_stock)
            low_products.append(replace(product, stock_milli=stock_milli))

    notify_of_low_stock(transaction, low_products)
    post_alerts(transaction, MessageKind.LOW_STOCK, low_products)


def check_unit(
    snapshot: Snapshot,
    before: Product,
    after: Product,
) -> None:
    """Raise Invalid where a product would be sold by unit of which parts were sold.

    They could neither come back nor be counted any more.
    """
    if not becomes_counted(before, after):
        return
    if sold_in_parts(snapshot.connection, before.id):
        raise Invalid("unit", "parts_sold")
