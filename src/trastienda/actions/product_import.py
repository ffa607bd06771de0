"""Taking in a list of products: new ones with their opening stock, known ones in the fields that the list gives."""

from collections.abc import Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.domain import barcode
from trastienda.domain import products as rules
from trastienda.domain.audit import Action
from trastienda.domain.errors import Invalid
from trastienda.domain.events import Kind
from trastienda.domain.movements import Cause
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import check_stockable
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import products
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx


class ProductsImported(Struct, frozen=True):
    """What a list came to. ``unchanged``: the shop had them just so."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, more: "ProductsImported") -> "ProductsImported":
        return ProductsImported(
            self.created + more.created,
            self.changed + more.changed,
            self.unchanged + more.unchanged,
        )


class _Planned(Struct):
    """A row against the shop: the product as it is to be, and the stock that it is to have."""

    row: ListedProduct
    known: Product | None
    wanted: Product
    stock_milli: int


def check(
    snapshot: Snapshot,
    actor: Actor,
    rows: Sequence[ListedProduct],
    *,
    replace_stock: str | None = None,
) -> list[tuple[ListedProduct, Invalid]]:
    """Return the rows that the shop cannot take, with why: what is right in itself may not suit a product it has."""
    require(actor, Permission.MANAGE_PRODUCTS)
    found = products.by_codes(snapshot.connection, [row.code for row in rows])
    refused = []
    for row in rows:
        try:
            _plan(row, found.get(barcode.key(row.code)), replace_stock)
        except Invalid as invalid:
            refused.append((row, invalid))
    return refused


def import_products(
    transaction: Tx,
    actor: Actor,
    rows: Sequence[ListedProduct],
    *,
    replace_stock: str | None = None,
) -> ProductsImported:
    """Create the products that are new and change those that are known; no code may come twice.

    The stock of known products stays, unless ``replace_stock`` gives the reason of its correction. Raises Invalid for
    the first row that :func:`check` would name.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    found = products.by_codes(transaction.connection, [row.code for row in rows])
    planned = [
        _plan(row, found.get(barcode.key(row.code)), replace_stock) for row in rows
    ]
    fresh = [one for one in planned if one.known is None]
    for one in fresh:
        one.wanted = replace(one.wanted, id=transaction.take("product"))
    products.add(transaction, [one.wanted for one in fresh])
    for one in fresh:
        _audit_new(transaction, actor, one.wanted)
    changed = [one for one in planned if one.known is not None and _differs(one)]
    for one in changed:
        _change(transaction, actor, one)
    _correct_stock(transaction, actor, [*fresh, *changed], replace_stock)
    for one in (*fresh, *changed):
        product = replace(one.wanted, stock_milli=one.stock_milli)
        transaction.emit(Kind.PRODUCT, audience_of_product(product), product)
    return ProductsImported(
        len(fresh), len(changed), len(planned) - len(fresh) - len(changed)
    )


def _plan(
    row: ListedProduct, known: Product | None, replace_stock: str | None
) -> _Planned:
    if known is None:
        draft = row.to_draft()
        return _Planned(row, None, draft.to_product(0), draft.stock_milli)
    wanted = rules.checked(replace(known, **row.given.fields()))
    stock_milli = known.stock_milli
    if replace_stock is not None and row.given.stock_milli is not UNSET:
        stock_milli = row.given.stock_milli
        check_stockable(stock_milli, by_unit=wanted.unit is Unit.PIECE, field="stock")
    return _Planned(row, known, wanted, stock_milli)


def _differs(one: _Planned) -> bool:
    return one.wanted != one.known or one.stock_milli != one.wanted.stock_milli


def _audit_new(transaction: Tx, actor: Actor, product: Product) -> None:
    transaction.audit(
        actor,
        Action.PRODUCT_CREATED,
        {"product": product.id, "code": product.code, "name": product.name},
    )


def _change(transaction: Tx, actor: Actor, one: _Planned) -> None:
    known = one.known
    assert known is not None
    names = one.row.given.fields()
    differing = {
        name: getattr(one.wanted, name)
        for name in names
        if getattr(one.wanted, name) != getattr(known, name)
    }
    if not differing:
        return
    one.wanted = replace(one.wanted, version=known.version + 1)
    products.update(transaction, one.wanted)
    transaction.audit(
        actor,
        Action.PRODUCT_CHANGED,
        {"product": known.id, "code": known.code, "changes": differing},
    )


def _correct_stock(
    transaction: Tx, actor: Actor, planned: Sequence[_Planned], reason: str | None
) -> None:
    """Bring every stock to what is wanted by one movement each, audited and announced."""
    ledger = Ledger(transaction, [one.wanted.id for one in planned])
    for one in planned:
        product = one.wanted
        before_milli = ledger.balance(product.id)
        if one.stock_milli == before_milli:
            continue
        detail: dict[str, object] = {
            "product": product.id,
            "code": product.code,
            "before": before_milli,
            "after": one.stock_milli,
        }
        opening = one.known is None
        cause = Cause.OPENING if opening else Cause.CORRECTION
        told = None if opening else reason
        ledger.move(
            product.id, one.stock_milli - before_milli, cause, None, actor.user_id, told
        )
        transaction.audit(
            actor,
            Action.STOCK_CORRECTED,
            detail | ({"opening": True} if opening else {"reason": told}),
        )
    ledger.write()
    stock.announce(transaction, ledger, {one.wanted.id: one.wanted for one in planned})
