"""Products: their prices of the moment, their discounts, and what no product can be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trastienda.domain.errors import Invalid
from trastienda.domain.products import (
    Discount,
    Product,
    ProductChange,
    ProductDraft,
    Unit,
    changed_by,
    checked,
    falls_below_minimum,
    milli_of_grams,
)

PRODUCT = Product(id=1, code="A", name="Cosa", price_minor=1000)
DRAFT = ProductDraft(code="A", name="Cosa", price_minor=1000)


def off(share_bp: int | None = None, amount_minor: int | None = None) -> Discount:
    return Discount(
        share_bp=share_bp, amount_minor=amount_minor, from_ms=100, until_ms=200
    )


@pytest.mark.parametrize(
    ("now", "price"),
    [(99, 1000), (100, 900), (150, 900), (199, 900), (200, 1000), (10**15, 1000)],
)
def test_a_discount_holds_from_its_first_moment_until_just_before_its_last(
    now: int, price: int
) -> None:
    assert replace(PRODUCT, discount=off(1000)).final_price(now) == price


@pytest.mark.parametrize(
    ("price", "discount", "final"),
    [
        (1093, off(1250), 956),
        (1, off(5000), 1),
        (3, off(5000), 2),
        (999, off(1), 999),
        (1000, off(10_000), 0),
        (1000, off(None, 1), 999),
        (1000, off(None, 1000), 0),
        (1000, off(None, 1001), 0),
        (0, off(None, 5), 0),
    ],
)
def test_it_is_taken_off_rounded_half_up_and_never_below_zero(
    price: int, discount: Discount, final: int
) -> None:
    assert (
        replace(PRODUCT, price_minor=price, discount=discount).final_price(150) == final
    )


@given(st.integers(0, 10**12), st.integers(1, 10_000))
def test_a_share_leaves_something_between_nothing_and_the_price(
    price: int, bp: int
) -> None:
    assert 0 <= off(bp).off(price) <= price


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({}, "discount"),
        ({"share_bp": 1, "amount_minor": 1}, "discount"),
        ({"share_bp": 0}, "discount.percentage"),
        ({"share_bp": 10_001}, "discount.percentage"),
        ({"amount_minor": 0}, "discount.amount"),
        ({"amount_minor": 10**12 + 1}, "discount.amount"),
        ({"amount_minor": 1, "until_ms": 100}, "discount.until"),
    ],
)
def test_what_makes_no_discount_is_refused(given_: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Discount(**({"from_ms": 100, "until_ms": 200} | given_))
    assert refusal.value.field == field


def test_more_off_than_the_price_is_no_discount() -> None:
    for amount_minor in (1, 1000):
        wanted = replace(DRAFT, discount=off(None, amount_minor))
        assert wanted.to_product(1).discount == off(None, amount_minor)
    assert replace(DRAFT, price_minor=0, discount=off(10_000)).to_product(1).discount

    with pytest.raises(Invalid) as refusal:
        replace(DRAFT, discount=off(None, 1001)).to_product(1)
    assert (refusal.value.field, refusal.value.reason) == (
        "discount.amount",
        "more_than_price",
    )


@pytest.mark.parametrize(
    "change",
    [
        ProductChange(discount=off(None, 1001)),
        ProductChange(price_minor=399),
        ProductChange(price_minor=2000, discount=off(None, 2001)),
    ],
)
def test_neither_price_nor_discount_may_change_so_that_more_comes_off(
    change: ProductChange,
) -> None:
    discounted = replace(PRODUCT, discount=off(None, 400))
    with pytest.raises(Invalid) as refusal:
        changed_by(discounted, change, now_ms=150)
    assert refusal.value.field == "discount.amount"


def test_a_discount_that_is_over_or_was_there_before_bars_no_change() -> None:
    discounted = replace(PRODUCT, discount=off(None, 400))
    cheaper = changed_by(discounted, ProductChange(price_minor=399), now_ms=200)
    assert (cheaper.price_minor, cheaper.discount) == (399, off(None, 400))

    taken_before = replace(PRODUCT, price_minor=100, discount=off(None, 150))
    renamed = changed_by(taken_before, ProductChange(name="Otra"), now_ms=150)
    assert renamed.name == "Otra"
    for change in (
        ProductChange(price_minor=150),
        ProductChange(discount=None),
        ProductChange(price_minor=90, discount=off(None, 90)),
    ):
        assert changed_by(taken_before, change, now_ms=150) != taken_before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "7802800013211"}, "code"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x1b"}, "name"),
        ({"price_minor": -1}, "price"),
        ({"price_minor": 10**12 + 1}, "price"),
        ({"cost_minor": -1}, "cost"),
        ({"stock_milli": -1}, "stock"),
        ({"stock_milli": 1}, "stock"),
        ({"stock_milli": 10**12 + 1000}, "stock"),
        ({"min_stock_milli": 500}, "min_stock"),
        ({"category": "a\x00"}, "category"),
    ],
)
def test_each_unfit_value_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(DRAFT, **change).to_product(1)
    assert refusal.value.field == field


def test_a_new_product_has_nothing_in_stock_yet_and_a_tidy_name() -> None:
    product = replace(
        DRAFT, name="  Cafe\u0301 ", category=" ", stock_milli=5000
    ).to_product(7)
    assert (product.id, product.name, product.category, product.stock_milli) == (
        7,
        "Café",
        None,
        0,
    )


def test_what_is_left_in_parts_cannot_be_sold_by_unit() -> None:
    with pytest.raises(Invalid) as refusal:
        checked(replace(PRODUCT, stock_milli=500))
    assert refusal.value.field == "unit"
    assert (
        checked(replace(PRODUCT, stock_milli=500, unit=Unit.LITRE)).stock_milli == 500
    )


def test_grams_are_a_quantity_of_what_is_sold_by_weight_only() -> None:
    assert {unit: milli_of_grams(unit, 350) for unit in Unit} == {
        Unit.PIECE: None,
        Unit.KILOGRAM: 350,
        Unit.GRAM: 350_000,
        Unit.LITRE: None,
        Unit.MILLILITRE: None,
        Unit.METRE: None,
    }


def test_a_revision_differs_when_the_product_or_its_stock_has_changed() -> None:
    revisions = {
        one.revision
        for one in (
            PRODUCT,
            replace(PRODUCT, version=2),
            replace(PRODUCT, stock_milli=1000),
        )
    }
    assert len(revisions) == 3


def test_a_change_replaces_what_it_names_and_nothing_else() -> None:
    change = ProductChange(name=" Otra ", price_minor=900, reason="no count")
    assert changed_by(PRODUCT, change, now_ms=0) == replace(
        PRODUCT, name="Otra", price_minor=900
    )
    assert changed_by(PRODUCT, ProductChange(), now_ms=0) == PRODUCT


def test_a_counted_stock_needs_a_reason() -> None:
    with pytest.raises(Invalid) as refusal:
        changed_by(PRODUCT, ProductChange(stock_milli=2000), now_ms=0)
    assert (refusal.value.field, refusal.value.reason) == ("reason", "required")
    counted = changed_by(
        PRODUCT, ProductChange(stock_milli=2000, reason="inventario"), now_ms=0
    )
    assert counted.stock_milli == 2000


@pytest.mark.parametrize(
    ("unit_now", "unit_wanted", "is_refused"),
    [
        (Unit.PIECE, Unit.KILOGRAM, False),
        (Unit.KILOGRAM, Unit.PIECE, True),
        (Unit.PIECE, Unit.PIECE, True),
    ],
)
def test_a_counted_stock_has_to_suit_the_unit_that_the_product_gets(
    unit_now: Unit, unit_wanted: Unit, is_refused: bool
) -> None:
    product = replace(PRODUCT, unit=unit_now)
    change = ProductChange(unit=unit_wanted, stock_milli=1500, reason="inventario")
    if not is_refused:
        assert changed_by(product, change, now_ms=0).stock_milli == 1500
        return
    with pytest.raises(Invalid) as refusal:
        changed_by(product, change, now_ms=0)
    assert refusal.value.field == "stock"


@pytest.mark.parametrize(
    ("stock_milli", "change_milli", "falls"),
    [
        (4000, -1000, True),
        (4000, -6000, True),
        (5000, -1000, False),
        (3000, -1000, False),
        (4000, 1000, False),
    ],
)
def test_a_stock_falls_below_its_minimum_once(
    stock_milli: int, change_milli: int, falls: bool
) -> None:
    product = replace(PRODUCT, min_stock_milli=5000)
    assert falls_below_minimum(product, stock_milli, change_milli) is falls


def test_a_retired_product_is_not_missed() -> None:
    retired = replace(PRODUCT, min_stock_milli=5000, active=False)
    assert not falls_below_minimum(retired, 4000, -1000)
