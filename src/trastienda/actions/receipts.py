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
def get(
    snapshot: Snapshot,
    actor: Actor,
    sale_id: int,
) -> Receipt:
    """Return the receipt of one sale; NotFound for one that the actor may not see."""
    sale = sales.get(snapshot, actor, sale_id)
    (receipt,) = _receipts_of(snapshot, [sale])
    return receipt


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Page[Receipt]:
    """Return a page of the receipts of the sales in the actor's list, newest first."""
    page = sales.listed(snapshot, actor, window)
    receipts = _receipts_of(snapshot, page.items)
    return Page(receipts, page.following, page.total)


def _receipts_of(snapshot: Snapshot, sales_read: Sequence[Sale]) -> list[Receipt]:
    returned = returns.of_sales(snapshot, sales_read)
    return [
        Receipt(sale, returned.get(sale.id, []), snapshot.shop) for sale in sales_read
    ]


@lookup
def get_printable(
    snapshot: Snapshot,
    actor: Actor,
    sale_id: int,
) -> Printable:
    """Return the receipt of one sale to draw it; raises as :func:`get`."""
    receipt = get(snapshot, actor, sale_id)
    return _printable(snapshot, [receipt])


def list_printable(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Printable:
    """Return a page of receipts to draw them; raise Invalid for too many lines."""
    page = listed(snapshot, actor, window)
    return _printable(snapshot, page.items)


@lookup
def new_printable(snapshot: Snapshot, sale: Sale) -> Printable:
    """Return the receipt of a sale just made, of which nothing can have come back."""
    receipt = Receipt(sale, (), snapshot.shop)
    return _printable(snapshot, [receipt])


def _printable(snapshot: Snapshot, receipts: Sequence[Receipt]) -> Printable:
    product_ids = []
    for receipt in receipts:
        product_ids += [sale_line.product_id for sale_line in receipt.sale.lines]
    if len(product_ids) > MAX_PRINTED_LINES:
        raise Invalid("limit", "too_many_lines", limit=MAX_PRINTED_LINES)

    units = products.units_of(snapshot.connection, product_ids)
    return Printable(receipts, units)
