"""Sales: an order, decided against the shelf, becomes a sale or a refusal."""

import enum
from collections.abc import Mapping, Sequence

from msgspec import Struct

from trastienda.domain.errors import InsufficientStock, Invalid, PriceChanged
from trastienda.domain.fingerprints import Fingerprints, Form
from trastienda.domain.money import CashRounding, divide_half_up, split_vat
from trastienda.domain.orders import check_line_count, check_products, check_total
from trastienda.domain.payments import Method, Payment, Settlement, settle
from trastienda.domain.people import Person
from trastienda.domain.products import Pick, Product, Unit, short_of
from trastienda.domain.quantities import MILLI, amount, check_sellable
from trastienda.domain.tills import MAIN_TILL, Till


class OrderLine(Struct, frozen=True, gc=False):
    """A code and how much of it."""

    code: str
    quantity_milli: int | None = None
    """None where the code is a label: it says the quantity itself, or is bought once."""


class SaleOrder(Struct, frozen=True, kw_only=True):
    """What somebody wants to buy, and how they pay."""

    lines: Sequence[OrderLine]
    payments: Sequence[Payment] | None = None
    """None means cash, exactly what is due."""
    customer_rut: str | None = None
    expected_total_minor: int | None = None
    """What the buyer was shown; with another total there is no sale."""
    on_account: bool = False
    """The whole total stays owed, whatever it comes to; ``payments`` does not count."""
    till: Till = MAIN_TILL


class ReductionCause(enum.StrEnum):
    """Why a line costs something else than its quantity at the list price."""

    PRODUCT = "product"
    """The discount that the product has at that time."""
    LABEL = "label"
    """The label of a scale has a price of its own."""
    IMPORTED = "imported"
    """The line comes from another program, which gave no cause."""


class Reduction(Struct, frozen=True, gc=False):
    """A part of what was taken off a line."""

    cause: ReductionCause
    amount_minor: int
    """Below 0 where the line costs more: a label may ask more than the list price."""
    approved_by_id: int | None = None
    """The user who allowed it; None where nobody has to."""


class SaleLine(Struct, frozen=True, gc=False, omit_defaults=True):
    """A line as sold. Name, prices, cost and tax are those of the moment of the sale."""

    product_id: int
    code: str
    """The product's own code, whatever label or spelling was scanned."""
    name: str
    quantity_milli: int
    unit_price_minor: int
    """The list price, before any reduction."""
    discount_minor: int
    """List price × quantity - total = Σ reductions. Below 0 where labels ask more."""
    total_minor: int
    cost_minor: int
    """The product's cost a unit, net of the tax and rounded."""
    exempt: bool
    """No value-added tax is in the total."""
    reductions: tuple[Reduction, ...] = ()
    """Lines sold before causes were recorded have none, whatever their discount."""
    cost_rest_milli: int = 0
    """What the cost is above ``cost_minor``, in thousandths of the minor unit."""


class Sale(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sale. Σ lines = total = net + vat + exempt; Σ payments - change = total + rounding."""

    id: int
    folio: int | None
    """Its number on the receipt, without gaps; None of an imported sale."""
    at_ms: int
    seller_id: int | None
    """None of an imported sale, and where a customer bought alone."""
    seller: Person | None
    buyer_id: int | None
    """The account that bought alone; None of a sale at the counter. Staff who buy alone
    are seller and buyer in one."""
    customer_rut: str | None
    lines: tuple[SaleLine, ...]
    net_minor: int
    vat_minor: int
    exempt_minor: int
    total_minor: int
    rounding_minor: int
    """What the rounding of cash adds to the total; below 0 where it takes off."""
    payments: tuple[Payment, ...]
    change_minor: int
    owed_minor: int
    """What is still owed. Settlings and returns bring it down."""
    vat_bp: int
    """The rate of the tax at that time: 1900 is 19 %."""
    origin_number: str | None = None
    """The number of an imported sale in the program that it comes from."""
    till: Till = MAIN_TILL


_FIRST_FORM = Form(
    fields=(
        "id",
        "folio",
        "origin_number",
        "at_ms",
        "seller_id",
        "buyer_id",
        "customer_rut",
        "net_minor",
        "vat_minor",
        "exempt_minor",
        "total_minor",
        "rounding_minor",
        "change_minor",
        "vat_bp",
        "payments",
    ),
    line_fields=(
        "product_id",
        "code",
        "name",
        "quantity_milli",
        "unit_price_minor",
        "discount_minor",
        "total_minor",
        "cost_minor",
        "exempt",
    ),
)
_WITH_TILL_AND_REDUCTIONS = Form(
    fields=(*_FIRST_FORM.fields, "till"),
    line_fields=(*_FIRST_FORM.line_fields, "reductions"),
)
_WITH_FINER_COST = Form(
    fields=_WITH_TILL_AND_REDUCTIONS.fields,
    line_fields=(*_WITH_TILL_AND_REDUCTIONS.line_fields, "cost_rest_milli"),
)
FINGERPRINTS: Fingerprints[Sale] = Fingerprints(
    Sale, SaleLine, _FIRST_FORM, _WITH_TILL_AND_REDUCTIONS, _WITH_FINER_COST
)
"""Of a sale as sold. What is owed changes later, and a seller may change their name."""


class Terms(Struct, frozen=True):
    """What the shop's page says about the money of a sale."""

    vat_bp: int
    rounding: CashRounding


class SaleNumbers(Struct, frozen=True):
    """What a sale is known by: its numbers, its moment, and who sold it to whom."""

    id: int
    folio: int
    at_ms: int
    seller_id: int | None
    seller: Person | None
    buyer_id: int | None = None


class Shelf(Struct):
    """What a run of orders may be decided against."""

    picks: Mapping[str, Pick]
    """What each code names."""
    left_milli: dict[int, int]
    """What is left of each product. It goes down as orders are decided in turn, so that
    the second sees what the first has left."""
    final_prices: dict[int, int]
    """What a unit of each product costs now, its discount taken off."""

    def take(self, sale: Sale) -> None:
        """Take what was sold off the shelf."""
        for line in sale.lines:
            self.left_milli[line.product_id] -= line.quantity_milli


class _Wanted(Struct):
    """All lines of the order for one product, summed."""

    product: Product
    quantity_milli: int = 0
    unlabelled_milli: int = 0
    """The part of the quantity that costs what the shelf says."""
    labelled_minor: int = 0
    """What the rest costs by the prices on its labels."""

    def add(
        self,
        quantity_milli: int,
        field: str,
    ) -> None:
        """Add a quantity at the price of the shelf."""
        by_unit = self.product.unit is Unit.PIECE
        check_sellable(quantity_milli, by_unit=by_unit, field=field)
        self.quantity_milli += quantity_milli
        self.unlabelled_milli += quantity_milli

    def add_price_labels(
        self,
        count: int,
        price_minor: int,
        final_minor: int,
    ) -> None:
        """Add labels with their price on them; the price says how much of the product it is."""
        labelled_minor = price_minor * count
        self.labelled_minor += labelled_minor
        if self.product.unit is Unit.PIECE or final_minor == 0:
            self.quantity_milli += MILLI * count
        else:
            quantity_milli = divide_half_up(labelled_minor * MILLI, final_minor)
            self.quantity_milli += max(1, quantity_milli)


def _label_count(
    quantity_milli: int | None,
    field: str,
) -> int:
    """Return how many labels a line means: the quantity beside a label counts labels."""
    if quantity_milli is None:
        return 1
    check_sellable(quantity_milli, by_unit=True, field=field)
    return quantity_milli // MILLI


def _merge(
    shelf: Shelf,
    lines: Sequence[OrderLine],
) -> list[_Wanted]:
    """Sum the lines of each product, in order of first appearance.

    Raises the refusal of an order that names what cannot be sold at all.
    """
    check_line_count(lines)
    codes = [line.code for line in lines]
    picks = [shelf.picks.get(code) for code in codes]
    check_products(codes, [None if pick is None else pick.product for pick in picks])

    merged: dict[int, _Wanted] = {}
    for position, line in enumerate(lines):
        pick = shelf.picks[line.code]
        product = pick.product
        wanted = merged.get(product.id)
        if wanted is None:
            wanted = merged[product.id] = _Wanted(product)

        field = f"lines[{position}].quantity"
        if pick.total_minor is not None:
            count = _label_count(line.quantity_milli, field)
            final_minor = shelf.final_prices[product.id]
            wanted.add_price_labels(count, pick.total_minor, final_minor)
        elif pick.quantity_milli is not None:
            count = _label_count(line.quantity_milli, field)
            wanted.add(pick.quantity_milli * count, field)
        elif line.quantity_milli is not None:
            wanted.add(line.quantity_milli, field)
        else:
            raise Invalid(field, "required")
    return list(merged.values())


def _price(
    wanted: _Wanted,
    final_minor: int,
) -> SaleLine:
    product = wanted.product
    list_minor = total_minor = amount(wanted.quantity_milli, product.price_minor)
    has_labels = wanted.unlabelled_milli != wanted.quantity_milli
    if has_labels or final_minor != product.price_minor:
        unlabelled_minor = amount(wanted.unlabelled_milli, final_minor)
        total_minor = unlabelled_minor + wanted.labelled_minor

    discount_minor = list_minor - total_minor
    reductions: tuple[Reduction, ...] = ()
    if discount_minor:
        reductions = _reductions(wanted, final_minor, discount_minor)
    return SaleLine(
        product.id,
        product.code,
        product.name,
        wanted.quantity_milli,
        product.price_minor,
        discount_minor,
        total_minor,
        product.cost_minor,
        product.exempt,
        reductions,
        product.cost_rest_milli,
    )


def _reductions(
    wanted: _Wanted,
    final_minor: int,
    discount_minor: int,
) -> tuple[Reduction, ...]:
    """Divide a discount by cause: the product's own on what has no label, the labels'
    for the rest.
    """
    if wanted.unlabelled_milli == wanted.quantity_milli:
        return (Reduction(ReductionCause.PRODUCT, discount_minor),)

    list_minor = amount(wanted.unlabelled_milli, wanted.product.price_minor)
    product_minor = list_minor - amount(wanted.unlabelled_milli, final_minor)
    causes = (
        Reduction(ReductionCause.PRODUCT, product_minor),
        Reduction(ReductionCause.LABEL, discount_minor - product_minor),
    )
    return tuple(reduction for reduction in causes if reduction.amount_minor)


def decide(
    shelf: Shelf,
    order: SaleOrder,
    terms: Terms,
    numbers: SaleNumbers,
) -> Sale:
    """Return the sale that ``order`` makes of what is on the shelf; the shelf stays as
    it is.

    Raises UnknownProducts, ProductRetired, Invalid, InsufficientStock, PriceChanged or
    InsufficientPayment.
    """
    wanted = _merge(shelf, order.lines)
    _check_stock(shelf, wanted)

    final_prices = shelf.final_prices
    lines = tuple([_price(item, final_prices[item.product.id]) for item in wanted])
    total_minor = exempt_minor = 0
    for line in lines:
        total_minor += line.total_minor
        if line.exempt:
            exempt_minor += line.total_minor
    check_total(total_minor)
    expected_minor = order.expected_total_minor
    if expected_minor is not None and expected_minor != total_minor:
        raise PriceChanged(total_minor)

    if order.on_account:
        debt = Payment(Method.OWED, total_minor)
        settlement = Settlement((debt,), owed_minor=total_minor)
    else:
        settlement = settle(total_minor, order.payments, terms.rounding)
    if settlement.owed_minor and order.customer_rut is None:
        raise Invalid("customer", "debt_needs_customer")

    net_minor, vat_minor = split_vat(total_minor - exempt_minor, terms.vat_bp)
    return Sale(
        id=numbers.id,
        folio=numbers.folio,
        at_ms=numbers.at_ms,
        seller_id=numbers.seller_id,
        seller=numbers.seller,
        buyer_id=numbers.buyer_id,
        customer_rut=order.customer_rut,
        lines=lines,
        net_minor=net_minor,
        vat_minor=vat_minor,
        exempt_minor=exempt_minor,
        total_minor=total_minor,
        rounding_minor=settlement.rounding_minor,
        payments=settlement.payments,
        change_minor=settlement.change_minor,
        owed_minor=settlement.owed_minor,
        vat_bp=terms.vat_bp,
        till=order.till,
    )


def _check_stock(
    shelf: Shelf,
    wanted: Sequence[_Wanted],
) -> None:
    """Raise InsufficientStock, naming every product of which too little is left."""
    shortages = []
    for item in wanted:
        left_milli = shelf.left_milli[item.product.id]
        if item.quantity_milli > left_milli:
            shortages.append(short_of(item.product, item.quantity_milli, left_milli))
    if shortages:
        raise InsufficientStock(shortages)
