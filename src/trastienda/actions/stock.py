"""What every change of stock tells: the new balances, and the product behind each."""

from collections.abc import Mapping

from msgspec.structs import replace

from trastienda.actions.alerts import post_alerts
from trastienda.domain.chat import MessageKind
from trastienda.domain.events import STAFF_ONLY, Kind, LowStock, StockLevel
from trastienda.domain.products import Product, falls_below_minimum
from trastienda.domain.visibility import audience_of_product
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Tx


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

    post_alerts(transaction, MessageKind.LOW_STOCK, low_products)
