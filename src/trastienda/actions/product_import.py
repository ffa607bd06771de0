"""Taking in a list of products.

New ones come with their opening stock, known ones change in the fields that the list gives.
"""

from collections.abc import Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.domain import barcode
from trastienda.domain import products as rules
from trastienda.domain.audit import Action, changed_fields
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
    """A row against the shop: the product as it is to be, and the stock it is to have."""

    listed: ListedProduct
    known: Product | None
    wanted: Product
    stock_milli: int

    @property
    def is_change(self) -> bool:
        """Whether the shop has the product, and otherwise than the row says."""
        if self.known is None:
            return False
        return self.wanted != self.known or self.stock_milli != self.known.stock_milli


def check(
    snapshot: Snapshot,
    actor: Actor,
    rows: Sequence[ListedProduct],
    *,
    replace_stock: str | None = None,
) -> list[tuple[ListedProduct, Invalid]]:
    """Return the rows that the shop cannot take, with why.

    What is right in itself may not suit a product that the shop has.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    codes = [listed.code for listed in rows]
    products_by_key = products.by_codes(snapshot.connection, codes)
    refused = []
    for listed in rows:
        known = products_by_key.get(barcode.key(listed.code))
        try:
            _plan(listed, known, replace_stock)
        except Invalid as invalid:
            refused.append((listed, invalid))
    return refused


def import_products(
    transaction: Tx,
    actor: Actor,
    rows: Sequence[ListedProduct],
    *,
    replace_stock: str | None = None,
) -> ProductsImported:
    """Create the products that are new and change those that are known.

    No code may come twice. The stock of known products stays, unless ``replace_stock``
    gives the reason of its correction. Raises Invalid for the first row that
    :func:`check` would name.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    codes = [listed.code for listed in rows]
    products_by_key = products.by_codes(transaction.connection, codes)
    all_planned = []
    for listed in rows:
        known = products_by_key.get(barcode.key(listed.code))
        all_planned.append(_plan(listed, known, replace_stock))

    created = [planned for planned in all_planned if planned.known is None]
    for planned in created:
        product_id = transaction.take("product")
        planned.wanted = replace(planned.wanted, id=product_id)
    products.add(transaction, [planned.wanted for planned in created])
    for planned in created:
        product = planned.wanted
        detail = {"product": product.id, "code": product.code, "name": product.name}
        transaction.audit(actor, Action.PRODUCT_CREATED, detail)

    changed = [planned for planned in all_planned if planned.is_change]
    for planned in changed:
        _change(transaction, actor, planned)

    _correct_stock(transaction, actor, [*created, *changed], replace_stock)
    for planned in (*created, *changed):
        stocked = replace(planned.wanted, stock_milli=planned.stock_milli)
        transaction.emit(Kind.PRODUCT, audience_of_product(stocked), stocked)
    return ProductsImported(
        created=len(created),
        changed=len(changed),
        unchanged=len(all_planned) - len(created) - len(changed),
    )


def _plan(
    listed: ListedProduct,
    known: Product | None,
    replace_stock: str | None,
) -> _Planned:
    if known is None:
        draft = listed.to_draft()
        return _Planned(
            listed=listed,
            known=None,
            wanted=draft.to_product(0),
            stock_milli=draft.stock_milli,
        )

    wanted = rules.checked(replace(known, **listed.given.fields()))
    stock_milli = known.stock_milli
    if replace_stock is not None and listed.given.stock_milli is not UNSET:
        stock_milli = listed.given.stock_milli
        check_stockable(stock_milli, by_unit=wanted.unit is Unit.PIECE, field="stock")
    return _Planned(listed, known, wanted, stock_milli)


def _change(transaction: Tx, actor: Actor, planned: _Planned) -> None:
    """Write and record what the list changes of a known product, but its stock."""
    known = planned.known
    assert known is not None
    names = planned.listed.given.fields()
    differing = changed_fields(known, planned.wanted, names)
    if not differing:
        return

    planned.wanted = replace(planned.wanted, version=known.version + 1)
    products.update(transaction, planned.wanted)
    detail = {"product": known.id, "code": known.code, "changes": differing}
    transaction.audit(actor, Action.PRODUCT_CHANGED, detail)


def _correct_stock(
    transaction: Tx,
    actor: Actor,
    all_planned: Sequence[_Planned],
    reason: str | None,
) -> None:
    """Bring every stock to what is wanted by one movement each, audited and announced."""
    by_id = {planned.wanted.id: planned.wanted for planned in all_planned}
    ledger = Ledger(transaction, by_id)
    for planned in all_planned:
        product = planned.wanted
        before_milli = ledger.balance(product.id)
        if planned.stock_milli == before_milli:
            continue

        is_opening = planned.known is None
        ledger.move(
            product.id,
            planned.stock_milli - before_milli,
            Cause.OPENING if is_opening else Cause.CORRECTION,
            None,
            actor.user_id,
            None if is_opening else reason,
        )

        detail: dict[str, object] = {
            "product": product.id,
            "code": product.code,
            "before": before_milli,
            "after": planned.stock_milli,
        }
        if is_opening:
            detail["opening"] = True
        else:
            detail["reason"] = reason
        transaction.audit(actor, Action.STOCK_CORRECTED, detail)
    ledger.write()
    stock.announce(transaction, ledger, by_id)
