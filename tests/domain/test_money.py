"""Money: rounding, the split of the tax, and what is paid in cash."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.errors import Invalid
from trastienda.domain.money import (
    EXACT,
    MAX_MONEY_MINOR,
    CashRounding,
    cash_rounding_of,
    currency_exponent,
    divide_half_up,
    split_vat,
)

AMOUNTS = st.integers(0, 2**53)
PESOS = cash_rounding_of("CL", "CLP")


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (0, 7, 0),
        (1, 2, 1),
        (3, 2, 2),
        (5, 2, 3),
        (1, 3, 0),
        (2, 3, 1),
        (-1, 2, 0),
        (-3, 2, -1),
        (-2, 3, -1),
        (7, 7, 1),
    ],
)
def test_halves_go_up(numerator: int, denominator: int, expected: int) -> None:
    assert divide_half_up(numerator, denominator) == expected


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**12))
def test_a_quotient_is_the_nearest_integer_and_of_two_the_higher(
    numerator: int, denominator: int
) -> None:
    off = divide_half_up(numerator, denominator) - Fraction(numerator, denominator)
    assert -Fraction(1, 2) < off <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("total", "bp", "net"),
    [
        (1190, 1900, 1000),
        (1191, 1900, 1001),
        (1, 1900, 1),
        (2, 1900, 2),
        (3, 1900, 3),
        (10, 1900, 8),
        (100, 1900, 84),
        (119, 1900, 100),
        (0, 1900, 0),
        (100, 0, 100),
        (200, 10_000, 100),
    ],
)
def test_the_net_is_what_the_tax_was_put_upon(total: int, bp: int, net: int) -> None:
    assert split_vat(total, bp) == (net, total - net)


@given(AMOUNTS, st.integers(0, 10_000))
def test_net_and_tax_make_up_the_total(total: int, bp: int) -> None:
    net, vat = split_vat(total, bp)
    assert net + vat == total
    assert 0 <= vat <= total
    assert abs(net * (10_000 + bp) - total * 10_000) * 2 <= 10_000 + bp


@pytest.mark.parametrize(
    ("amount", "due"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 0),
        (6, 10),
        (9, 10),
        (10, 10),
        (11, 10),
        (15, 10),
        (16, 20),
        (1001, 1000),
        (1005, 1000),
        (1006, 1010),
        (1009, 1010),
        (1994, 1990),
    ],
)
def test_in_chile_one_to_five_go_down_and_six_to_nine_up(amount: int, due: int) -> None:
    assert PESOS(amount) == due


@pytest.mark.parametrize(
    ("country", "currency", "amount", "due"),
    [
        ("CH", "CHF", 1002, 1000),
        ("CH", "CHF", 1003, 1005),
        ("SE", "SEK", 1049, 1000),
        ("SE", "SEK", 1050, 1100),
        ("GB", "GBP", 1003, 1003),
        ("CL", "USD", 1003, 1003),
        ("US", "CLP", 1003, 1003),
    ],
)
def test_elsewhere_cash_is_rounded_as_the_law_says_or_not_at_all(
    country: str, currency: str, amount: int, due: int
) -> None:
    assert cash_rounding_of(country, currency)(amount) == due


@given(AMOUNTS, st.integers(1, 1000), st.booleans())
def test_what_is_due_is_the_nearest_multiple(
    amount: int, step: int, half_down: bool
) -> None:
    due = CashRounding(step, half_down)(amount)
    assert due % step == 0
    assert 2 * abs(due - amount) <= step
    if 2 * (amount % step) == step:
        assert (due < amount) == half_down


@given(AMOUNTS)
def test_exactly_means_exactly(amount: int) -> None:
    assert EXACT(amount) == amount


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("CLP", 0), ("JPY", 0), ("USD", 2), ("GBP", 2), ("KWD", 3)],
)
def test_a_currency_has_its_decimals(currency: str, decimals: int) -> None:
    assert currency_exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["", "clp", "XXX", "CL", "CLPS", "$"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(Invalid):
        currency_exponent(currency)


def test_a_thousand_of_the_largest_amounts_are_still_counted_exactly_by_any_reader() -> (
    None
):
    assert 1000 * MAX_MONEY_MINOR < 2**53
