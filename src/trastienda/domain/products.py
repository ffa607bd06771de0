"""Products: what is sold, at which price today."""

import enum
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from trastienda.domain.barcode import Measure, check_code, own_code
from trastienda.domain.errors import Invalid, Shortage
from trastienda.domain.money import MAX_MONEY_MINOR, divide_half_up
from trastienda.domain.quantities import MILLI, check_stockable
from trastienda.domain.text import clean


class Unit(enum.StrEnum):
    """What a quantity of one means. Only PIECE cannot be divided."""

    PIECE = "un"
    KILOGRAM = "kg"
    GRAM = "g"
    LITRE = "l"
    MILLILITRE = "ml"
    METRE = "m"


FIRST_VERSION = 1
_MILLI_A_GRAM = {Unit.KILOGRAM: 1, Unit.GRAM: MILLI}


def milli_of_grams(
    unit: Unit,
    grams: int,
) -> int | None:
    """Return a label's weight as a quantity of ``unit``, or None where the product is
    not sold by weight.
    """
    factor = _MILLI_A_GRAM.get(unit)
    return None if factor is None else grams * factor


_MEASURES = {
    Unit.PIECE: (Measure.PIECES, 1),
    Unit.KILOGRAM: (Measure.KILOGRAMS, 1),
    Unit.GRAM: (Measure.KILOGRAMS, MILLI),
    Unit.LITRE: (Measure.LITRES, 1),
    Unit.MILLILITRE: (Measure.LITRES, MILLI),
    Unit.METRE: (Measure.METRES, 1),
}


def milli_of_measures(
    unit: Unit,
    measures: Mapping[Measure, int],
) -> int | None:
    """Return what a symbol says is in the pack as a quantity of ``unit``.

    None where it says nothing of that kind.
    """
    measure, factor = _MEASURES[unit]
    return measures.get(measure, 0) * factor or None


class Discount(Struct, frozen=True, kw_only=True):
    """Off the price while ``from_ms <= now < until_ms``: a share in basis points or an
    amount, one of the two.
    """

    share_bp: int | None = None
    amount_minor: int | None = None
    from_ms: int
    until_ms: int

    def __post_init__(self) -> None:
        if (self.share_bp is None) == (self.amount_minor is None):
            raise Invalid("discount", "discount_one_of")
        if self.share_bp is not None and not 0 < self.share_bp <= 10_000:
            raise Invalid("discount.percentage", "percentage_range")
        if (
            self.amount_minor is not None
            and not 0 < self.amount_minor <= MAX_MONEY_MINOR
        ):
            raise Invalid("discount.amount", "must_be_positive")
        if self.until_ms <= self.from_ms:
            raise Invalid("discount.until", "until_before_from")

    def fits(self, price_minor: int) -> bool:
        """Tell whether no more than the price comes off it."""
        return self.amount_minor is None or self.amount_minor <= price_minor

    def off(self, price_minor: int) -> int:
        """Return the price less this discount, rounded half up and at least 0."""
        if self.share_bp is not None:
            return divide_half_up(price_minor * (10_000 - self.share_bp), 10_000)
        return max(0, price_minor - (self.amount_minor or 0))


def revision_of(
    version: int,
    stock_milli: int,
) -> str:
    """Return what differs whenever a product or its stock has changed."""
    return f"{version}-{stock_milli}"


class Product(Struct, frozen=True, kw_only=True):
    """What is sold. ``cost_minor`` is the last purchase's, net of the tax and rounded;
    ``stock_milli`` is what is left.
    """

    id: int
    code: str
    in_house: bool = False
    name: str
    price_minor: int
    cost_minor: int = 0
    cost_rest_milli: int = 0
    """What the cost is above ``cost_minor``, in thousandths of the minor unit: below 0
    where it was rounded up. Margins count with it."""
    stock_milli: int = 0
    min_stock_milli: int = 0
    category: str | None = None
    unit: Unit = Unit.PIECE
    exempt: bool = False
    active: bool = True
    discount: Discount | None = None
    version: int = FIRST_VERSION
    told_until_ms: int | None = None
    """The end of the discount that everybody was told is over."""

    @property
    def revision(self) -> str:
        """What differs whenever the product or its stock has changed."""
        return revision_of(self.version, self.stock_milli)

    def shown_at(self, now_ms: int) -> "Product":
        """Return the product as it is shown: without a discount that was told to be over.

        The discount stays in the shop: where the clock was ahead it comes back by itself.
        """
        discount = self.discount
        if discount is None or now_ms < discount.until_ms:
            return self
        if discount.until_ms != self.told_until_ms:
            return self
        return replace(self, discount=None)

    def final_price(self, now_ms: int) -> int:
        """Return the price at the moment ``now_ms``: an expired discount never applies."""
        discount = self.discount
        if discount is None or not discount.from_ms <= now_ms < discount.until_ms:
            return self.price_minor
        return discount.off(self.price_minor)


def registro_of(product: Product) -> dict[str, object]:
    """Return what the registro of a new product keeps: all that may be changed of it."""
    return {
        "product": product.id,
        "code": product.code,
        **{name: getattr(product, name) for name in _CHANGEABLE},
    }


_CHANGEABLE = (
    "name",
    "price_minor",
    "cost_minor",
    "min_stock_milli",
    "category",
    "unit",
    "exempt",
    "active",
    "in_house",
    "discount",
)


class Pick(Struct, frozen=True, gc=False):
    """What a code on the order names: a product, and what its label says, if it is one."""

    product: Product
    quantity_milli: int | None = None
    """The weight on the label, or how much the GS1 symbol says is in the pack."""
    total_minor: int | None = None
    """The price on the label."""


class Category(Struct, frozen=True):
    """A category in its commonest spelling, and how many products are in it."""

    name: str
    products: int


class Order(enum.Enum):
    """What a list of products begins with."""

    NEWEST = enum.auto()
    OLDEST = enum.auto()
    NAME = enum.auto()
    CHEAPEST = enum.auto()
    DEAREST = enum.auto()
    LEAST_STOCK = enum.auto()
    MOST_STOCK = enum.auto()


class ProductDraft(Struct, frozen=True, kw_only=True):
    """A product to be created; ``stock_milli`` is its opening stock."""

    code: str
    name: str
    price_minor: int
    in_house: bool = False
    cost_minor: int = 0
    stock_milli: int = 0
    min_stock_milli: int = 0
    category: str | None = None
    unit: Unit = Unit.PIECE
    exempt: bool = False
    active: bool = True
    discount: Discount | None = None

    @property
    def revision(self) -> str:
        """The revision of the product that was just made."""
        return revision_of(FIRST_VERSION, self.stock_milli)

    def to_product(self, product_id: int) -> Product:
        """Return the product with nothing in stock yet, every value checked; raise
        Invalid for the first unfit.

        Of what a scanner sends for a GS1 symbol it keeps the item's number alone.
        """
        code = own_code(self.code)
        check_code(code, in_house=self.in_house)
        check_stockable(
            self.stock_milli, by_unit=self.unit is Unit.PIECE, field="stock"
        )
        product = Product(
            id=product_id,
            code=code,
            in_house=self.in_house,
            name=self.name,
            price_minor=self.price_minor,
            cost_minor=self.cost_minor,
            min_stock_milli=self.min_stock_milli,
            category=self.category,
            unit=self.unit,
            exempt=self.exempt,
            active=self.active,
            discount=self.discount,
        )
        if self.discount is not None and not self.discount.fits(self.price_minor):
            raise Invalid("discount.amount", "more_than_price")
        return checked(product)


class ProductChange(Struct, frozen=True, kw_only=True):
    """What is to change of a product; what is UNSET stays. ``stock_milli`` is a count
    and needs its ``reason``.
    """

    in_house: bool | UnsetType = UNSET
    name: str | UnsetType = UNSET
    price_minor: int | UnsetType = UNSET
    cost_minor: int | UnsetType = UNSET
    stock_milli: int | UnsetType = UNSET
    min_stock_milli: int | UnsetType = UNSET
    category: str | None | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    exempt: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    discount: Discount | None | UnsetType = UNSET
    reason: str | UnsetType = UNSET

    def fields(self) -> dict[str, object]:
        """Return what was given of the product itself, without stock and reason."""
        changes: dict[str, object] = {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not UNSET and name not in {"stock_milli", "reason"}:
                changes[name] = value
        return changes


def _money(
    value_minor: int,
    field: str,
) -> None:
    if value_minor < 0:
        raise Invalid(field, "must_not_be_negative")
    if value_minor > MAX_MONEY_MINOR:
        raise Invalid(field, "too_large")


def checked(product: Product) -> Product:
    """Return the product with its texts tidied; raise Invalid for the first value that
    is not fit.
    """
    check_code(product.code, in_house=product.in_house)
    _money(product.price_minor, "price")
    _money(product.cost_minor, "cost")
    by_unit = product.unit is Unit.PIECE
    check_stockable(product.min_stock_milli, by_unit=by_unit, field="min_stock")
    if by_unit and product.stock_milli % MILLI:
        raise Invalid("unit", "parts_left")
    category = product.category
    if category is not None:
        category = clean(category, "category", empty=True) or None
    return replace(product, name=clean(product.name, "name"), category=category)


def with_values(
    product: Product,
    values: Mapping[str, Any],
) -> Product:
    """Return the product with other values.

    A new cost is exact; one that is what is shown leaves the finer one as it is.
    """
    if values.get("cost_minor", product.cost_minor) != product.cost_minor:
        values = {**values, "cost_rest_milli": 0}
    return replace(product, **values)


def changed_by(
    product: Product,
    change: ProductChange,
    now_ms: int,
) -> Product:
    """Return the product with the change made and every value checked.

    Raises Invalid for the first unfit value. A new stock is a count: it needs a reason,
    and has to suit the unit that the product gets by the same change.
    """
    values = change.fields()
    if change.discount is not UNSET:
        values["told_until_ms"] = None
    if change.stock_milli is not UNSET:
        if change.reason is UNSET:
            raise Invalid("reason", "required")
        new_unit = values.get("unit", product.unit)
        check_stockable(
            change.stock_milli,
            by_unit=new_unit is Unit.PIECE,
            field="stock",
        )
        values["stock_milli"] = change.stock_milli
    return revised(product, values, now_ms)


def revised(
    product: Product,
    values: Mapping[str, Any],
    now_ms: int,
) -> Product:
    """Return the product with other values, every one checked.

    Raises Invalid where price or discount become such that more than the price would
    come off. A discount that was there before and is over does not bar a lower price.
    """
    wanted = checked(with_values(product, values))
    discount = wanted.discount
    if discount is None or discount.fits(wanted.price_minor):
        return wanted

    was_there = discount == product.discount
    is_unused = discount.until_ms <= now_ms
    is_new_price = wanted.price_minor < product.price_minor
    if not was_there or (is_new_price and not is_unused):
        raise Invalid("discount.amount", "more_than_price")
    return wanted


def becomes_counted(before: Product, after: Product) -> bool:
    """Tell whether a change has a product sold by unit that was measured before."""
    return after.unit is Unit.PIECE and before.unit is not Unit.PIECE


def falls_below_minimum(product: Product, stock_milli: int, change_milli: int) -> bool:
    """Tell whether this change has just brought the stock below the product's minimum.

    ``stock_milli`` is what is left after the change. A stock that was below already is no
    news, and nobody orders a retired product.
    """
    before_milli = stock_milli - change_milli
    is_fallen = stock_milli < product.min_stock_milli <= before_milli
    return is_fallen and product.active


def short_of(
    product: Product,
    asked_milli: int,
    left_milli: int,
) -> Shortage:
    """Return that less of a product is left than was asked for."""
    return Shortage(product.code, product.name, product.unit, asked_milli, left_milli)
