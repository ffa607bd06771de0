"""Buying from suppliers."""

from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.once import Outcome, once
from trastienda.domain import barcode
from trastienda.domain.audit import Action, digest
from trastienda.domain.errors import Invalid, NotFound, ProductRetired, UnknownProducts
from trastienda.domain.events import ADMINISTRATORS, Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.movements import Cause
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product, Unit
from trastienda.domain.purchases import Purchase, PurchaseLine, PurchaseOrder, content
from trastienda.domain.quantities import check_sellable
from trastienda.domain.sales import MAX_LINES, MAX_TOTAL_MINOR
from trastienda.domain.text import clean
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import products, purchases
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Snapshot, Tx, lookup


def buy(
    tx: Tx, actor: Actor, order: PurchaseOrder, key: IdempotencyKey | None = None
) -> Outcome[Purchase]:
    """Take in what a supplier brought: stock goes up, and each product's cost becomes the last one paid."""
    require(actor, Permission.PURCHASE)
    return once(tx, key, Purchase, lambda: _buy(tx, actor, order))


def _lines(order: PurchaseOrder, found: dict[str, Product]) -> tuple[PurchaseLine, ...]:
    lines = []
    for place, line in enumerate(order.lines):
        product = found[barcode.key(line.code)]
        by_unit = product.unit is Unit.PIECE
        check_sellable(
            line.quantity_milli, by_unit=by_unit, field=f"lines[{place}].quantity"
        )
        if not 0 <= line.cost_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"lines[{place}].cost", "amount_range")
        lines.append(
            PurchaseLine(
                product.id,
                product.code,
                product.name,
                line.quantity_milli,
                line.cost_minor,
            )
        )
    return tuple(lines)


def _check(order: PurchaseOrder, found: dict[str, Product]) -> None:
    if not order.lines:
        raise Invalid("lines", "must_not_be_empty")
    if len(order.lines) > MAX_LINES:
        raise Invalid("lines", "too_many", limit=MAX_LINES)
    codes = list(dict.fromkeys(line.code for line in order.lines))
    if unknown := [code for code in codes if barcode.key(code) not in found]:
        raise UnknownProducts(unknown)
    if retired := [code for code in codes if not found[barcode.key(code)].active]:
        raise ProductRetired(retired)


def _buy(tx: Tx, actor: Actor, order: PurchaseOrder) -> Purchase:
    found = products.by_codes(tx.connection, [line.code for line in order.lines])
    _check(order, found)
    lines = _lines(order, found)
    total_minor = sum(line.total_minor for line in lines)
    if total_minor > MAX_TOTAL_MINOR:
        raise Invalid("lines", "total_too_large")
    purchase = Purchase(
        id=tx.take("purchase"),
        at_ms=tx.now_ms,
        buyer_id=actor.user_id,
        buyer=actor.person,
        supplier=clean(order.supplier, "supplier"),
        document=None
        if order.document is None
        else clean(order.document, "document", empty=True) or None,
        lines=lines,
        total_minor=total_minor,
    )
    purchases.add(tx, purchase)
    detail = {
        "purchase": purchase.id,
        "supplier": purchase.supplier,
        "total": total_minor,
        "sha256": digest(content(purchase)),
    }
    tx.audit(actor, Action.PURCHASE, detail)
    tx.emit(Kind.PURCHASE, ADMINISTRATORS, purchase)
    _stock_up(tx, actor, purchase, {product.id: product for product in found.values()})
    return purchase


def _stock_up(
    tx: Tx, actor: Actor, purchase: Purchase, found: dict[int, Product]
) -> None:
    ledger = Ledger(tx, found)
    for line in purchase.lines:
        ledger.move(
            line.product_id,
            line.quantity_milli,
            Cause.PURCHASE,
            purchase.id,
            actor.user_id,
        )
        product = found[line.product_id]
        found[line.product_id] = replace(
            product, cost_minor=line.cost_minor, version=product.version + 1
        )
    ledger.write()
    for product in found.values():
        products.update(tx, product)
        now = replace(product, stock_milli=ledger.balance(product.id))
        tx.emit(Kind.PRODUCT, audience_of_product(now), now)
    stock.announce(tx, ledger, found)


@lookup
def get(snapshot: Snapshot, actor: Actor, purchase_id: int) -> Purchase:
    """Return one purchase."""
    require(actor, Permission.PURCHASE)
    purchase = purchases.by_id(snapshot.connection, purchase_id)
    if purchase is None:
        raise NotFound
    return purchase


def listed(snapshot: Snapshot, actor: Actor, window: Window) -> Page[Purchase]:
    """Return a page of purchases, newest first."""
    require(actor, Permission.PURCHASE)
    return purchases.listed(snapshot.connection, window)
