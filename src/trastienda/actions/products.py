"""Creating, changing, retiring and looking up products."""

from collections.abc import Collection, Iterable

from msgspec import UNSET
from msgspec.structs import replace

from trastienda.actions import shelf, stock
from trastienda.actions.once import Outcome, once
from trastienda.domain import products as rules
from trastienda.domain.audit import Action, changed_fields
from trastienda.domain.errors import (
    AlreadyExists,
    HasHistory,
    Invalid,
    UnknownProducts,
    VersionChanged,
)
from trastienda.domain.events import Code, Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.movements import Movement
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import (
    Category,
    Order,
    Pick,
    Product,
    ProductChange,
    ProductDraft,
)
from trastienda.domain.text import MAX_TEXT, clean
from trastienda.domain.visibility import audience_of_product, may_see_product
from trastienda.storage import product_lists, products
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.ledger import Ledger, has_history, movements_of
from trastienda.storage.transactions import Snapshot, Tx, lookup

DELETED = "producto eliminado"
"""The reason of the movement that takes out what a deleted product opened with."""


def create(
    transaction: Tx,
    actor: Actor,
    draft: ProductDraft,
    idempotency_key: IdempotencyKey | None = None,
) -> Outcome[Product]:
    """Create a product; an opening stock is a movement like any other."""
    require(actor, Permission.MANAGE_PRODUCTS)

    def perform() -> Product:
        product = draft.to_product(transaction.peek("product"))
        if products.by_code(transaction.connection, product.code) is not None:
            raise AlreadyExists("code")

        transaction.take("product")
        products.add(transaction, [product])
        transaction.audit(actor, Action.PRODUCT_CREATED, rules.registro_of(product))

        # Announced before its stock, which nobody could place yet.
        stocked = replace(product, stock_milli=draft.stock_milli)
        transaction.emit(Kind.PRODUCT, audience_of_product(stocked), stocked)
        if draft.stock_milli:
            _move_to(transaction, actor, product, draft.stock_milli, None)
        return stocked

    return once(transaction, idempotency_key, Product, perform)


def _move_to(
    transaction: Tx,
    actor: Actor,
    product: Product,
    stock_milli: int,
    reason: str | None,
) -> None:
    """Bring the stock to an absolute count by one movement, audited and announced.

    Without a reason it is the product's opening stock, else a correction.
    """
    ledger = Ledger(transaction, [product.id])
    stock.correct(transaction, actor, ledger, product, stock_milli, reason)
    ledger.write()
    stock.announce(transaction, ledger, {product.id: product})


def _find(snapshot: Snapshot, code: str) -> Product:
    product = products.by_code(snapshot.connection, code)
    if product is None:
        raise UnknownProducts([code])
    return product


def _check_revision(product: Product, revisions: Collection[str] | None) -> None:
    if revisions is not None and product.revision not in revisions:
        raise VersionChanged


def change(
    transaction: Tx,
    actor: Actor,
    code: str,
    wanted: ProductChange,
    revisions: Collection[str] | None = None,
) -> Product:
    """Change a product; a new stock is an absolute count, corrected by one movement.

    Raises VersionChanged where the product is at none of ``revisions`` any more.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    product = _find(transaction, code)
    _check_revision(product, revisions)

    changed = rules.changed_by(product, wanted, transaction.now_ms)
    stock.check_unit(transaction, product, changed)
    changed = save_change(transaction, actor, product, changed, wanted.fields())

    if wanted.stock_milli is not UNSET:
        # Also checked where the count finds what the books say.
        reason = clean(str(wanted.reason), "reason", limit=MAX_TEXT)
        if wanted.stock_milli != product.stock_milli:
            _move_to(transaction, actor, changed, wanted.stock_milli, reason)

    if changed != product:
        audience = audience_of_product(changed, product)
        transaction.emit(Kind.PRODUCT, audience, changed)
    return changed


def save_change(
    transaction: Tx,
    actor: Actor,
    before: Product,
    after: Product,
    names: Iterable[str],
) -> Product:
    """Write and record the fields of these names that differ; the stock goes by movements.

    Returns the product with its new version, or as ``after`` is where none differs.
    """
    differing = changed_fields(before, after, names)
    if not differing:
        return after
    changed = replace(after, version=before.version + 1)
    products.update(transaction, changed)
    detail = {"product": before.id, "code": before.code, "changes": differing}
    transaction.audit(actor, Action.PRODUCT_CHANGED, detail)
    return changed


def retire(
    transaction: Tx,
    actor: Actor,
    code: str,
    revisions: Collection[str] | None = None,
) -> Product:
    """Take a product off the shelves for good; its history and its code stay."""
    require(actor, Permission.MANAGE_PRODUCTS)
    product = _find(transaction, code)
    _check_revision(product, revisions)
    if not product.active:
        return product

    retired = replace(product, active=False, version=product.version + 1)
    products.update(transaction, retired)
    detail = {"product": product.id, "code": product.code}
    transaction.audit(actor, Action.PRODUCT_RETIRED, detail)
    transaction.emit(Kind.PRODUCT, audience_of_product(retired, product), retired)
    return retired


def delete(
    transaction: Tx,
    actor: Actor,
    code: str,
    revisions: Collection[str] | None = None,
) -> Product:
    """Delete a product that was never sold, bought or counted; its code is free again.

    Raises HasHistory for any other.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    product = _find(transaction, code)
    _check_revision(product, revisions)
    if has_history(transaction.connection, product.id):
        raise HasHistory

    ledger = Ledger(transaction, [product.id])
    delete_for_good(transaction, actor, product, ledger, DELETED)
    ledger.write()
    return replace(product, active=False, stock_milli=0)


def delete_for_good(
    transaction: Tx,
    actor: Actor,
    product: Product,
    ledger: Ledger,
    reason: str,
) -> None:
    """Delete a product, audited and announced; what is left of its opening goes first.

    The row stays for its number and its movements, and nobody sees it any more.
    """
    stock.correct(transaction, actor, ledger, product, 0, reason)
    products.remove(transaction, product.id)
    detail = {"product": product.id, "code": product.code, "name": product.name}
    transaction.audit(actor, Action.PRODUCT_DELETED, detail)
    code = Code(product.code)
    transaction.emit(Kind.PRODUCT_DELETED, audience_of_product(product), code)


@lookup
def look_up(
    snapshot: Snapshot,
    actor: Actor,
    code: str,
) -> Pick:
    """Return the product that a code names, with what its label says.

    A retired one is shown to staff only.
    """
    require(actor, Permission.LOOK)
    product = products.by_key(snapshot.connection, code)
    pick = shelf.picks(snapshot, [code]).get(code) if product is None else Pick(product)
    if pick is None or not may_see_product(actor, active=pick.product.active):
        raise UnknownProducts([code])
    return pick


@lookup
def named(
    snapshot: Snapshot,
    actor: Actor,
    code_or_name: str,
) -> Pick:
    """Return what a code names, or else the one product of exactly this name.

    Raises UnknownProducts, and Invalid where several have the name: then only a code tells which.
    """
    try:
        return look_up(snapshot, actor, code_or_name)
    except UnknownProducts:
        namesakes = products.by_name(snapshot.connection, code_or_name)
    if len(namesakes) > 1:
        raise Invalid("code", "name_of_several")
    if not namesakes:
        raise UnknownProducts([code_or_name])
    return Pick(namesakes[0])


def by_name(
    snapshot: Snapshot,
    actor: Actor,
    words: str,
    limit: int,
) -> list[Product]:
    """Return the products on the shelves whose name or code holds the words, by name."""
    require(actor, Permission.LOOK)
    return product_lists.in_order_of_name(snapshot.connection, words, limit)


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
    *,
    category: str | None = None,
    below_minimum: bool | None = None,
    active: bool | None = None,
    order: Order = Order.NEWEST,
) -> Page[Product]:
    """Return a page of products; retired ones to staff only."""
    require(actor, Permission.LOOK)
    if not may_see_product(actor, active=False):
        if active is False:
            return Page([], None)
        active = True
    return product_lists.listed(
        snapshot.connection,
        window,
        category=category,
        below_minimum=below_minimum,
        active=active,
        order=order,
    )


def categories(
    snapshot: Snapshot,
    actor: Actor,
) -> list[Category]:
    """Return the categories of products that the actor sees, in order."""
    require(actor, Permission.LOOK)
    active = None if may_see_product(actor, active=False) else True
    return product_lists.categories(snapshot.connection, active=active)


def ledger(
    snapshot: Snapshot,
    actor: Actor,
    code: str,
    window: Window,
) -> Page[Movement]:
    """Return a page of a product's stock ledger, newest first."""
    require(actor, Permission.SEE_LEDGER)
    product = _find(snapshot, code)
    return movements_of(snapshot.connection, product.id, window)
