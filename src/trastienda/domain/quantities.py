"""Quantities: integers in thousandths of the product's unit."""

from trastienda.domain.errors import Invalid
from trastienda.domain.money import divide_half_up

MILLI = 1000
MAX_QUANTITY_MILLI = 10**9 * MILLI
"""The largest quantity taken: a thousand million units. Times the largest price it
still fits 64 bits after the check on the total.
"""


def amount(
    quantity_milli: int,
    price_minor: int,
) -> int:
    """Return what ``quantity_milli`` of something costs at ``price_minor`` a unit,
    rounded half up.
    """
    return divide_half_up(quantity_milli * price_minor, MILLI)


def check_sellable(
    quantity_milli: int,
    *,
    by_unit: bool,
    field: str,
) -> None:
    """Raise Invalid unless the quantity is above zero, not absurd, and whole where the
    product is sold by unit.
    """
    if quantity_milli <= 0:
        raise Invalid(field, "must_be_positive")
    check_stockable(quantity_milli, by_unit=by_unit, field=field)


def check_stockable(
    quantity_milli: int,
    *,
    by_unit: bool,
    field: str,
) -> None:
    """Raise Invalid unless the quantity can be one that is left: zero or more, and
    whole where sold by unit.
    """
    if quantity_milli < 0:
        raise Invalid(field, "must_not_be_negative")
    if quantity_milli > MAX_QUANTITY_MILLI:
        raise Invalid(field, "too_large")
    if by_unit and quantity_milli % MILLI:
        raise Invalid(field, "whole_units_only")
