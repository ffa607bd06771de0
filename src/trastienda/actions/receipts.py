"""Looking at receipts."""

from collections.abc import Sequence

from trastienda.actions import returns, sales
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.sales import Sale
from trastienda.storage import products
from trastienda.storage.transactions import Reading


def get(state: Reading, actor: Actor, sale_id: int) -> Receipt:
    """Return the receipt of one sale; NotFound for one that the actor may not see."""
    return _of(state, [sales.get(state, actor, sale_id)])[0]


def listed(state: Reading, actor: Actor, window: Window) -> Page[Receipt]:
    """Return a page of the receipts of the sales that stand in the actor's list, newest first."""
    page = sales.listed(state, actor, window)
    return Page(_of(state, page.items), page.following)


def _of(state: Reading, sold: Sequence[Sale]) -> list[Receipt]:
    back = returns.of_sales(state, sold)
    return [Receipt(sale, back.get(sale.id, []), state.shop) for sale in sold]


def units(state: Reading, shown: Sequence[Receipt]) -> dict[int, Unit]:
    """Return the units of what was sold, by product: a line does not keep its own, so they are those of today."""
    return products.units_of(
        state.connection, [line.product_id for one in shown for line in one.sale.lines]
    )
