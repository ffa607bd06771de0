"""What every change of stock tells: the new balances, and the product behind each."""

from collections.abc import Mapping

from trastienda.domain.events import EVERYBODY, STAFF_ONLY, Kind, StockLevel
from trastienda.domain.products import Product
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Tx


def announce(tx: Tx, ledger: Ledger, products: Mapping[int, Product]) -> None:
    """Announce the balance of each product that the ledger moved, once."""
    for product_id in ledger.touched:
        product = products[product_id]
        audience = EVERYBODY if product.active else STAFF_ONLY
        tx.emit(Kind.STOCK, audience, StockLevel(product.code, ledger.balance(product_id)))
