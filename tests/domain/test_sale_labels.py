"""Sales of codes from a scale, with a weight or a price inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.documents import (
    NOW_MS,
    TERMS,
    decide,
    goods,
    order,
    shelf_of,
    weighed,
)

from trastienda.domain.errors import Invalid
from trastienda.domain.products import Discount, Pick


def test_a_weight_label_is_its_weight() -> None:
    cheese = weighed(8990)
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, quantity_milli=350)})
    (line,) = decide(shelf, order(("L", None))).lines
    assert line.code == cheese.code
    assert (line.quantity_milli, line.total_minor) == (350, 3147)


def test_labels_and_lines_of_their_product_are_summed() -> None:
    ham = weighed(1000)
    labels = {"A": Pick(ham, quantity_milli=350), "B": Pick(ham, quantity_milli=50)}
    shelf = shelf_of(ham, labels=labels)
    (line,) = decide(shelf, order(("A", None), (ham.code, 100), ("B", 2000))).lines
    assert (line.quantity_milli, line.total_minor) == (550, 550)


def test_a_price_label_is_its_price_and_the_weight_that_it_buys() -> None:
    cheese = weighed(8990)
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, total_minor=3000)})
    (line,) = decide(shelf, order(("L", None))).lines
    assert (line.quantity_milli, line.total_minor) == (334, 3000)  # 333.7
    assert line.discount_minor == 3  # 334 g are 3002.66 by the kilogram


def test_a_price_label_costs_what_it_says_however_often() -> None:
    cheese = weighed(8990)
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, total_minor=3000)})
    lines = decide(shelf, order(("L", 2000), (cheese.code, 100))).lines
    assert [(line.quantity_milli, line.total_minor) for line in lines] == [(767, 6899)]


def test_a_price_label_on_a_piece_is_one_piece_at_that_price() -> None:
    cake = goods(5000)
    shelf = shelf_of(cake, labels={"L": Pick(cake, total_minor=6500)})
    (line,) = decide(shelf, order(("L", 2000))).lines
    assert (line.quantity_milli, line.total_minor) == (2000, 13_000)
    assert line.discount_minor == -3000  # dearer than the price of the day


def test_a_price_label_on_a_weight_that_costs_nothing_is_one_of_it() -> None:
    gift = weighed(0)
    shelf = shelf_of(gift, labels={"L": Pick(gift, total_minor=500)})
    (line,) = decide(shelf, order(("L", None))).lines
    assert (line.quantity_milli, line.total_minor) == (1000, 500)


def test_a_price_label_of_next_to_nothing_is_still_something() -> None:
    saffron = weighed(9_000_000)
    shelf = shelf_of(saffron, labels={"L": Pick(saffron, total_minor=1)})
    (line,) = decide(shelf, order(("L", None))).lines
    assert (line.quantity_milli, line.total_minor) == (1, 1)


@pytest.mark.parametrize("quantity_milli", [0, -1000, 500, 1500])
@pytest.mark.parametrize(
    "says", [{"quantity_milli": 350}, {"total_minor": 3000}], ids=str
)
def test_labels_are_counted_in_whole_numbers_above_zero(
    says: dict[str, int], quantity_milli: int
) -> None:
    cheese = weighed()
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, **says)})
    with pytest.raises(Invalid) as refusal:
        decide(shelf, order((cheese.code, 100), ("L", quantity_milli)))
    assert refusal.value.field == "lines[1].quantity"


def test_a_discount_makes_a_price_label_worth_more_of_the_product() -> None:
    discount = Discount(share_bp=5000, from_ms=NOW_MS, until_ms=NOW_MS + 1)
    cheese = weighed(1000, discount=discount)
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, total_minor=1000)})
    (line,) = decide(shelf, order(("L", None))).lines
    assert (line.quantity_milli, line.total_minor) == (2000, 1000)
    assert line.discount_minor == 1000


@given(st.integers(1, 10**6), st.integers(1, 10**7), st.integers(1, 9))
def test_a_price_label_costs_what_it_says(
    labelled_minor: int, price_minor: int, count: int
) -> None:
    cheese = weighed(price_minor, stock_milli=10**18)
    shelf = shelf_of(cheese, labels={"L": Pick(cheese, total_minor=labelled_minor)})
    sale = decide(shelf, order(("L", count * 1000)), TERMS)
    assert sale.total_minor == count * labelled_minor
    assert sale.lines[0].quantity_milli >= 1
