"""Looking at receipts."""

from collections.abc import Sequence

from trastienda.actions import returns, sales
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.sales import Sale
from trastienda.storage import products
from trastienda.storage.transactions import Snapshot


def get(snapshot: Snapshot, actor: Actor, sale_id: int) -> Receipt:
    """Return the receipt of one sale; NotFound for one that the actor may not see."""
    return _of(snapshot, [sales.get(snapshot, actor, sale_id)])[0]


def listed(snapshot: Snapshot, actor: Actor, window: Window) -> Page[Receipt]:
    """Return a page of the receipts of the sales that stand in the actor's list, newest first."""
    page = sales.listed(snapshot, actor, window)
    return Page(_of(snapshot, page.items), page.following)


def _of(snapshot: Snapshot, sold: Sequence[Sale]) -> list[Receipt]:
    back = returns.of_sales(snapshot, sold)
    return [Receipt(sale, back.get(sale.id, []), snapshot.shop) for sale in sold]


def units(snapshot: Snapshot, shown: Sequence[Receipt]) -> dict[int, Unit]:
    """Return the units of what was sold, by product: a line does not keep its own, so they are those of today."""
    return products.units_of(
        snapshot.connection,
        [line.product_id for one in shown for line in one.sale.lines],
    )
