"""Quantities: thousandths, what they cost, and which can be sold or be left."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import (
    MAX_QUANTITY_MILLI,
    amount,
    check_sellable,
    check_stockable,
)


@pytest.mark.parametrize(
    ("milli", "price", "cost"),
    [
        (1000, 990, 990),
        (350, 8990, 3147),
        (1, 499, 0),
        (1, 500, 1),
        (0, 5, 0),
        (1235, 1, 1),
    ],
)
def test_an_amount_is_rounded_half_up(milli: int, price: int, cost: int) -> None:
    assert amount(milli, price) == cost


@given(st.integers(0, MAX_QUANTITY_MILLI), st.integers(0, 10**12))
def test_an_amount_is_never_off_by_more_than_half(milli: int, price: int) -> None:
    assert abs(amount(milli, price) - Fraction(milli * price, 1000)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("milli", "by_unit", "reason"),
    [
        (0, False, "must_be_positive"),
        (-1, False, "must_be_positive"),
        (MAX_QUANTITY_MILLI + 1, False, "too_large"),
        (1, True, "whole_units_only"),
        (1500, True, "whole_units_only"),
    ],
)
def test_what_cannot_be_sold_is_refused(milli: int, by_unit: bool, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_sellable(milli, by_unit=by_unit, field="lines[3].quantity")
    assert (refusal.value.field, refusal.value.reason) == ("lines[3].quantity", reason)


@pytest.mark.parametrize(
    ("milli", "by_unit"), [(1, False), (1000, True), (MAX_QUANTITY_MILLI, True)]
)
def test_what_can_be_sold_is_not(milli: int, by_unit: bool) -> None:
    check_sellable(milli, by_unit=by_unit, field="quantity")


def test_nothing_may_be_left_but_not_less() -> None:
    check_stockable(0, by_unit=True, field="stock")
    for milli in (-1, MAX_QUANTITY_MILLI + 1000, 999):
        with pytest.raises(Invalid):
            check_stockable(milli, by_unit=True, field="stock")
