"""What every change of stock tells: the new balances, and the product behind each."""

from collections.abc import Mapping

from msgspec.structs import replace

from trastienda.actions.chat import post_alerts
from trastienda.domain.chat import MessageKind
from trastienda.domain.events import STAFF_ONLY, Kind, LowStock, StockLevel
from trastienda.domain.products import Product
from trastienda.domain.visibility import audience_of_product
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Tx


def announce(transaction: Tx, ledger: Ledger, products: Mapping[int, Product]) -> None:
    """Announce the balance of each product that the ledger moved, and to staff which fell below its minimum."""
    fallen = []
    for product_id in ledger.touched:
        product = products[product_id]
        stock_milli, min_milli = ledger.balance(product_id), product.min_stock_milli
        level = StockLevel(product.code, stock_milli)
        transaction.emit(Kind.STOCK, audience_of_product(product), level)
        if (
            stock_milli < min_milli <= stock_milli - ledger.change(product_id)
            and product.active
        ):
            transaction.emit(
                Kind.LOW_STOCK,
                STAFF_ONLY,
                LowStock(product.code, stock_milli, min_milli),
            )
            fallen.append(replace(product, stock_milli=stock_milli))
    post_alerts(transaction, MessageKind.LOW_STOCK, fallen)
