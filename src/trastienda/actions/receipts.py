"""Looking at receipts."""

from collections.abc import Sequence

from msgspec import Struct

from trastienda.actions import returns, sales
from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Page, Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Unit
from trastienda.domain.receipts import Receipt
from trastienda.domain.sales import Sale
from trastienda.storage import products
from trastienda.storage.transactions import Snapshot, lookup

MAX_PRINTED_LINES = 5000
"""Lines of sales in one printable answer. A PDF of so many takes two seconds."""


class Printable(Struct):
    """Receipts with what else their drawing takes."""

    receipts: Sequence[Receipt]
    units: dict[int, Unit]
    """By product. A line does not keep its own unit, so they are those of today."""


@lookup
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


@lookup
def get_printable(snapshot: Snapshot, actor: Actor, sale_id: int) -> Printable:
    """Return the receipt of one sale to draw it; raises as :func:`get`."""
    return _printable(snapshot, [get(snapshot, actor, sale_id)])


def list_printable(snapshot: Snapshot, actor: Actor, window: Window) -> Printable:
    """Return a page of receipts to draw them; raise Invalid for too many lines."""
    return _printable(snapshot, listed(snapshot, actor, window).items)


@lookup
def new_printable(snapshot: Snapshot, sale: Sale) -> Printable:
    """Return the receipt of a sale just made, of which nothing can have come back."""
    return _printable(snapshot, [Receipt(sale, (), snapshot.shop)])


def _printable(snapshot: Snapshot, receipts: Sequence[Receipt]) -> Printable:
    lines = [line for receipt in receipts for line in receipt.sale.lines]
    if len(lines) > MAX_PRINTED_LINES:
        raise Invalid("limit", "too_many_lines", limit=MAX_PRINTED_LINES)
    product_ids = [line.product_id for line in lines]
    return Printable(receipts, products.units_of(snapshot.connection, product_ids))
