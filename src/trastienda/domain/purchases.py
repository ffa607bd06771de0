"""Purchases: what a supplier brought, and what it cost."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.fingerprints import Fingerprints, Form
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.orders import check_line_count, check_products, check_total
from trastienda.domain.people import Person
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import amount, check_sellable
from trastienda.domain.text import clean
from trastienda.domain.tills import MAIN_TILL, Till


class PurchaseOrderLine(Struct, frozen=True, gc=False):
    """A code, how much of it came, and what a unit cost."""

    code: str
    quantity_milli: int
    cost_minor: int
    """A unit, net of the tax."""


class PurchaseOrder(Struct, frozen=True, kw_only=True):
    """What came, from whom, with which document."""

    supplier: str
    document: str | None = None
    lines: Sequence[PurchaseOrderLine]
    till: Till = MAIN_TILL


class PurchaseLine(Struct, frozen=True, gc=False):
    """A line as bought."""

    product_id: int
    code: str
    name: str
    quantity_milli: int
    cost_minor: int
    """A unit, net of the tax."""

    @property
    def total_minor(self) -> int:
        """What the line came to, rounded half up."""
        return amount(self.quantity_milli, self.cost_minor)


class Purchase(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A purchase. Σ lines = total."""

    id: int
    at_ms: int
    buyer_id: int | None
    """The user who took it in."""
    buyer: Person | None
    supplier: str
    document: str | None
    """The number of the supplier's invoice."""
    lines: tuple[PurchaseLine, ...]
    total_minor: int
    till: Till = MAIN_TILL


_FIRST_FORM = Form(
    fields=("id", "at_ms", "buyer_id", "supplier", "document", "total_minor"),
    line_fields=("product_id", "code", "name", "quantity_milli", "cost_minor"),
)
_WITH_TILL = Form((*_FIRST_FORM.fields, "till"), _FIRST_FORM.line_fields)
FINGERPRINTS: Fingerprints[Purchase] = Fingerprints(
    Purchase, PurchaseLine, _FIRST_FORM, _WITH_TILL
)


class PurchaseNumbers(Struct, frozen=True):
    """What a purchase is known by: its number, its moment, and who took it in."""

    id: int
    at_ms: int
    buyer_id: int | None
    buyer: Person | None


def decide(
    order: PurchaseOrder,
    products: Mapping[str, Product],
    numbers: PurchaseNumbers,
) -> Purchase:
    """Return the purchase that ``order`` makes; ``products`` are those it names, by
    :func:`barcode.key`.

    Raises UnknownProducts, ProductRetired or Invalid.
    """
    check_line_count(order.lines)
    codes = [line.code for line in order.lines]
    check_products(codes, [products.get(barcode.key(code)) for code in codes])

    lines = []
    for position, line in enumerate(order.lines):
        product = products[barcode.key(line.code)]
        quantity_milli = line.quantity_milli
        by_unit = product.unit is Unit.PIECE
        field = f"lines[{position}].quantity"
        check_sellable(quantity_milli, by_unit=by_unit, field=field)
        if not 0 <= line.cost_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"lines[{position}].cost", "amount_range")

        bought = (product.id, product.code, product.name)
        lines.append(PurchaseLine(*bought, quantity_milli, line.cost_minor))

    total_minor = sum(line.total_minor for line in lines)
    check_total(total_minor)

    supplier = clean(order.supplier, "supplier")
    document = order.document
    if document is not None:
        document = clean(document, "document", empty=True) or None
    return Purchase(
        id=numbers.id,
        at_ms=numbers.at_ms,
        buyer_id=numbers.buyer_id,
        buyer=numbers.buyer,
        supplier=supplier,
        document=document,
        lines=tuple(lines),
        total_minor=total_minor,
        till=order.till,
    )


def with_last_cost(
    product: Product,
    line: PurchaseLine,
) -> Product:
    """Return the product after a purchase of it: its cost is the last one paid."""
    return replace(product, cost_minor=line.cost_minor, version=product.version + 1)
