"""Taking in a list of products.

New ones come with their opening stock, known ones change in the fields that the list gives.
"""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, field
from msgspec.structs import replace

from trastienda.actions import stock
from trastienda.actions.products import save_change
from trastienda.domain import barcode
from trastienda.domain.audit import Action
from trastienda.domain.errors import Invalid
from trastienda.domain.events import Kind
from trastienda.domain.imports import ImportedProduct, ImportKind, ImportSource
from trastienda.domain.lost_zeros import padded, product_without_zeros
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.product_lists import (
    ListTerms,
    PlannedProduct,
    is_for_known_products,
    plan,
)
from trastienda.domain.products import Product, registro_of
from trastienda.domain.visibility import audience_of_product
from trastienda.storage import imports, products
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Snapshot, Tx


class ProductsImported(Struct, frozen=True):
    """What a list came to. ``unchanged``: the shop had them just so.

    ``import_id`` is the number of the import; None if nothing was made or changed.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    import_id: int | None = None

    def __add__(self, more: "ProductsImported") -> "ProductsImported":
        return ProductsImported(
            self.created + more.created,
            self.changed + more.changed,
            self.unchanged + more.unchanged,
            more.import_id or self.import_id,
        )


class Difference(Struct):
    """How many products of the shop a list writes otherwise, and the first of them."""

    count: int = 0
    before: str | int = ""
    after: str | int = ""

    def add(self, before: str | int, after: str | int) -> None:
        """Count one more."""
        if not self.count:
            self.before, self.after = before, after
        self.count += 1


class ListCheck(Struct):
    """A list against the shop.

    How it is taken, the rows that cannot be, with why, and what it says of known products
    and is left alone. ``codes`` are those of the shop for rows that lost their zeros, by
    line.
    """

    terms: ListTerms
    refused: list[tuple[ListedProduct, Invalid]] = []
    other_stock: Difference = field(default_factory=Difference)
    other_names: Difference = field(default_factory=Difference)
    lost_zeros: Difference = field(default_factory=Difference)
    codes: dict[int, str] = {}

    def compare(
        self,
        listed: ListedProduct,
        planned: PlannedProduct,
    ) -> None:
        """Count what the row says of a known product and is left alone."""
        stock_milli = listed.change.stock_milli
        if stock_milli is not UNSET and stock_milli != planned.stock_milli:
            self.other_stock.add(planned.stock_milli, stock_milli)
        name = listed.change.name
        own_name = planned.wanted.name
        if name not in {UNSET, own_name} and planned.listed.change.name is UNSET:
            self.other_names.add(own_name, str(name))


def check(
    snapshot: Snapshot,
    actor: Actor,
    rows: Sequence[ListedProduct],
    *,
    replace_stock: str | None = None,
    replace_names: bool = False,
) -> ListCheck:
    """Return how the list is taken, and the rows that the shop cannot take.

    What is right in itself may not suit a product that the shop has.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    codes = [listed.code for listed in rows]
    products_by_key = products.by_codes(snapshot.connection, codes)
    terms = ListTerms(
        replace_stock=replace_stock,
        only_known=not replace_names and is_for_known_products(rows, products_by_key),
    )
    checked = ListCheck(terms)
    keys_of_rows = {barcode.key(code) for code in codes}
    products_with_zeros = _products_with_zeros(snapshot, codes, products_by_key)
    for listed in rows:
        known = barcode.named(products_by_key, listed.code)
        try:
            if known is None:
                known = product_without_zeros(listed, products_with_zeros)
                if known is not None:
                    _check_alone(keys_of_rows, known)
                    checked.lost_zeros.add(listed.code, known.code)
                    checked.codes[listed.line] = known.code
            planned = plan(listed, known, terms, snapshot.now_ms)
            if known is not None:
                stock.check_unit(snapshot, known, planned.wanted)
        except Invalid as invalid:
            checked.refused.append((listed, invalid))
            continue
        if known is not None:
            checked.compare(listed, planned)
    return checked


def _products_with_zeros(
    snapshot: Snapshot,
    codes: Sequence[str],
    known: Mapping[str, Product],
) -> dict[str, Product]:
    """Return the products that unknown codes may be without their zeros, by key."""
    codes_with_zeros = []
    for code in codes:
        if barcode.key(code) not in known:
            codes_with_zeros += padded(code)
    return products.by_codes(snapshot.connection, codes_with_zeros)


def _check_alone(keys_of_rows: set[str], product: Product) -> None:
    """Raise Invalid if another row is that product already; note that this one is."""
    key = barcode.key(product.code)
    if key in keys_of_rows:
        raise Invalid("code", "repeated")
    keys_of_rows.add(key)


def import_products(
    transaction: Tx,
    actor: Actor,
    rows: Sequence[ListedProduct],
    terms: ListTerms,
    source: ImportSource,
) -> ProductsImported:
    """Create the products that are new and change those that are known.

    No code may come twice. Raises Invalid for the first row that :func:`check` would
    name.
    """
    require(actor, Permission.MANAGE_PRODUCTS)
    codes = [listed.code for listed in rows]
    products_by_key = products.by_codes(transaction.connection, codes)
    all_planned = []
    for listed in rows:
        known = barcode.named(products_by_key, listed.code)
        planned = plan(listed, known, terms, transaction.now_ms)
        if known is not None:
            stock.check_unit(transaction, known, planned.wanted)
        all_planned.append(planned)

    created = [planned for planned in all_planned if planned.known is None]
    for planned in created:
        product_id = transaction.take("product")
        planned.wanted = replace(planned.wanted, id=product_id)
    products.add(transaction, [planned.wanted for planned in created])
    for planned in created:
        product = planned.wanted
        transaction.audit(actor, Action.PRODUCT_CREATED, registro_of(product))

    changed = [planned for planned in all_planned if planned.is_change]
    for planned in changed:
        assert planned.known is not None
        planned.wanted = save_change(
            transaction,
            actor,
            planned.known,
            planned.wanted,
            planned.listed.change.fields(),
        )

    taken = [*created, *changed]
    imported = _correct_stock(transaction, actor, taken, terms.replace_stock)
    import_id = _note(transaction, imported, source)
    for planned in taken:
        stocked = replace(planned.wanted, stock_milli=planned.stock_milli)
        audience = audience_of_product(stocked, planned.known)
        transaction.emit(Kind.PRODUCT, audience, stocked)
    return ProductsImported(
        created=len(created),
        changed=len(changed),
        unchanged=len(all_planned) - len(created) - len(changed),
        import_id=import_id,
    )


def _correct_stock(
    transaction: Tx,
    actor: Actor,
    all_planned: Sequence[PlannedProduct],
    reason: str | None,
) -> list[ImportedProduct]:
    """Bring every stock to what is wanted by one movement each, audited and announced.

    Returns what each product was before, and is now.
    """
    imported = []
    by_id = {planned.wanted.id: planned.wanted for planned in all_planned}
    ledger = Ledger(transaction, by_id)
    for planned in all_planned:
        is_opening = planned.known is None
        product_id = planned.wanted.id
        before_movement_id = ledger.last_movement_id(product_id)
        stock.correct(
            transaction,
            actor,
            ledger,
            planned.wanted,
            planned.stock_milli,
            None if is_opening else reason,
        )
        imported.append(
            ImportedProduct(
                product_id,
                planned.known,
                before_movement_id,
                planned.wanted.version,
                ledger.last_movement_id(product_id),
            )
        )
    ledger.write()
    stock.announce(transaction, ledger, by_id)
    return imported


def _note(
    transaction: Tx,
    imported: Sequence[ImportedProduct],
    source: ImportSource,
) -> int | None:
    """Note what was made and changed, so that it can be taken back; return its number."""
    import_id = source.import_id
    if not imported:
        return import_id
    if import_id is None:
        import_id = imports.add(transaction, ImportKind.PRODUCTS, source.file)
    imports.count_rows(transaction, import_id, len(imported))
    imports.add_products(transaction, import_id, imported)
    return import_id
