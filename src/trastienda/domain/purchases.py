"""Purchases: what a supplier brought, and what it cost."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.fingerprints import Fingerprints, Form
from trastienda.domain.money import MAX_MONEY_MINOR, divide_half_up, split_cost
from trastienda.domain.orders import check_line_count, check_products, check_total
from trastienda.domain.people import Person
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import MILLI, check_sellable
from trastienda.domain.text import clean, fold
from trastienda.domain.tills import MAIN_TILL, Till


class PurchaseOrderLine(Struct, frozen=True, gc=False):
    """A code, how much of it came, and either what a unit cost or what all of it did."""

    code: str
    quantity_milli: int
    cost_milli: int | None = None
    """A unit, net of the tax, in thousandths of the minor unit."""
    total_minor: int | None = None
    """The whole line, net of the tax, as the supplier's invoice has it."""


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
    """A unit, net of the tax and rounded."""
    cost_rest_milli: int = 0
    """What the cost is above ``cost_minor``, in thousandths of the minor unit."""
    given_total_minor: int | None = None
    """What the invoice says of the line; None where it says the cost of a unit."""

    @property
    def cost_milli(self) -> int:
        """What a unit cost, in thousandths of the minor unit."""
        return self.cost_minor * MILLI + self.cost_rest_milli

    @property
    def exact(self) -> int:
        """What the line came to before rounding, in millionths of the minor unit."""
        if self.given_total_minor is not None:
            return self.given_total_minor * MILLI * MILLI
        return self.quantity_milli * self.cost_milli

    @property
    def total_minor(self) -> int:
        """What the line came to, rounded half up."""
        return divide_half_up(self.exact, MILLI * MILLI)


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
_WITH_FINER_COST = Form(
    _WITH_TILL.fields,
    (*_FIRST_FORM.line_fields, "cost_rest_milli", "given_total_minor"),
)
FINGERPRINTS: Fingerprints[Purchase] = Fingerprints(
    Purchase, PurchaseLine, _FIRST_FORM, _WITH_TILL, _WITH_FINER_COST
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
    """Return the purchase that ``order`` makes; ``products`` are those it names, for
    :func:`barcode.named`.

    Raises UnknownProducts, ProductRetired or Invalid.
    """
    check_line_count(order.lines)
    codes = [line.code for line in order.lines]
    bought = [barcode.named(products, code) for code in codes]
    check_products(codes, bought)

    lines = []
    for position, (line, product) in enumerate(zip(order.lines, bought, strict=True)):
        assert product is not None
        lines.append(_line(line, product, f"lines[{position}]"))

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


def _line(
    line: PurchaseOrderLine,
    product: Product,
    field: str,
) -> PurchaseLine:
    """Return a line as bought; raise Invalid where it cannot be."""
    quantity_milli = line.quantity_milli
    by_unit = product.unit is Unit.PIECE
    check_sellable(quantity_milli, by_unit=by_unit, field=f"{field}.quantity")
    if line.cost_milli is None and line.total_minor is None:
        raise Invalid(f"{field}.cost", "cost_or_total")
    if line.cost_milli is not None and line.total_minor is not None:
        raise Invalid(f"{field}.total", "cost_or_total")

    cost_milli = line.cost_milli
    if line.total_minor is not None:
        if not 0 <= line.total_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"{field}.total", "amount_range")
        exact = line.total_minor * MILLI * MILLI
        cost_milli = divide_half_up(exact, quantity_milli)
    assert cost_milli is not None
    if not 0 <= cost_milli <= MAX_MONEY_MINOR * MILLI:
        name = "cost" if line.total_minor is None else "total"
        raise Invalid(f"{field}.{name}", "amount_range")

    cost_minor, cost_rest_milli = split_cost(cost_milli)
    return PurchaseLine(
        product.id,
        product.code,
        product.name,
        quantity_milli,
        cost_minor,
        cost_rest_milli,
        line.total_minor,
    )


def last_cost(lines: Iterable[PurchaseLine]) -> tuple[int, int] | None:
    """Return what a purchase makes of the cost of a product, of which ``lines`` are all.

    It is what all its units cost on the whole, since a supplier may put some on the invoice
    for nothing, and what it is above that, in thousandths. None for units that are all for
    nothing: they leave the cost.
    """
    exact = quantity_milli = 0
    for line in lines:
        exact += line.exact
        quantity_milli += line.quantity_milli
    return split_cost(divide_half_up(exact, quantity_milli)) if exact else None


def with_last_cost(
    product: Product,
    lines: Iterable[PurchaseLine],
) -> Product:
    """Return the product after a purchase, of which ``lines`` are all of it."""
    cost = last_cost(lines)
    version = product.version + 1
    if cost is None:
        return replace(product, version=version)
    cost_minor, rest_milli = cost
    return replace(
        product,
        cost_minor=cost_minor,
        cost_rest_milli=rest_milli,
        version=version,
    )


def is_same_paper(
    purchase: Purchase,
    supplier: str,
    document: str,
) -> bool:
    """Tell whether a purchase came with this document, as people write suppliers' names:
    neither case, accents nor spaces matter.
    """
    ours = (purchase.supplier, purchase.document or "")
    theirs = (supplier, document)
    return _as_compared(*ours) == _as_compared(*theirs)


def _as_compared(*texts: str) -> list[str]:
    return ["".join(fold(text).split()) for text in texts]
