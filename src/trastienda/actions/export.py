"""Reading all that a shop has, as a stream, for a file that leaves the house."""

from collections.abc import Iterator
from itertools import islice

from trastienda.domain.audit import AuditRow
from trastienda.domain.lists import Window
from trastienda.domain.movements import Movement
from trastienda.domain.past_sales import number_of
from trastienda.domain.people import Actor, Permission, Person, require
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return, ReturnOfSale
from trastienda.domain.sales import Sale
from trastienda.storage import audit as audit_rows
from trastienda.storage import export, ledger
from trastienda.storage import products as product_rows
from trastienda.storage import purchases as purchase_rows
from trastienda.storage import returns as return_rows
from trastienda.storage import sales as sale_rows
from trastienda.storage.transactions import Snapshot

RETURNS_A_QUERY = 500
"""Returns whose sales are looked up at once."""


def count(
    snapshot: Snapshot,
    actor: Actor,
    subject: str,
    window: Window,
) -> int:
    """Return how many there are of what one of the functions below will yield.

    ``subject`` is its name.
    """
    require(actor, Permission.MANAGE_SHOP)
    return export.count(snapshot.connection, subject, window)


def products(snapshot: Snapshot, actor: Actor) -> Iterator[Product]:
    """Yield all products as they are shown now, retired ones, too."""
    require(actor, Permission.MANAGE_PRODUCTS)
    all_products = product_rows.each(snapshot.connection)
    return (product.shown_at(snapshot.now_ms) for product in all_products)


def sales(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[Sale]:
    """Yield sales as they stand now, oldest first."""
    require(actor, Permission.MANAGE_SHOP)
    return sale_rows.each(snapshot.connection, window)


def sales_as_sold(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[Sale]:
    """Yield sales as they were on their day, oldest first.

    What was collected of their debts later belongs to the day on which it was collected.
    """
    require(actor, Permission.MANAGE_SHOP)
    return sale_rows.each(snapshot.connection, window, as_sold=True)


def returns(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[ReturnOfSale]:
    """Yield returns, oldest first, each with what is told of its sale."""
    require(actor, Permission.MANAGE_SHOP)
    rest = return_rows.each(snapshot.connection, window)
    while chunk := list(islice(rest, RETURNS_A_QUERY)):
        sale_ids = [item.sale_id for item in chunk if item.sale_id is not None]
        notes = export.sale_notes(snapshot.connection, sale_ids)
        for item in chunk:
            yield _of_sale(item, notes.get(item.sale_id or 0))


def _of_sale(
    document: Return,
    note: export.SaleNote | None,
) -> ReturnOfSale:
    if note is None:
        return ReturnOfSale(document)

    number = number_of(note.folio, note.origin_number, is_return=False)
    return ReturnOfSale(document, number, note.customer_rut)


def purchases(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[Purchase]:
    """Yield purchases, oldest first."""
    require(actor, Permission.PURCHASE)
    return purchase_rows.each(snapshot.connection, window)


def movements(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[tuple[Movement, str, str]]:
    """Yield the movements of all products as they were made.

    Each comes with its product's code and name.
    """
    require(actor, Permission.SEE_LEDGER)
    return ledger.each_movement(snapshot.connection, window)


def audit(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
) -> Iterator[tuple[AuditRow, Person | None]]:
    """Yield the audit trail in its order."""
    require(actor, Permission.AUDIT)
    return audit_rows.each(snapshot.connection, window)
