"""Purchases: what a supplier brought, or why it is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.documents import BETO, NOW_MS, goods, weighed

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid, ProductRetired, UnknownProducts
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.orders import MAX_LINES, MAX_TOTAL_MINOR
from trastienda.domain.products import Product
from trastienda.domain.purchases import (
    Purchase,
    PurchaseLine,
    PurchaseNumbers,
    PurchaseOrder,
    PurchaseOrderLine,
    decide,
    is_same_paper,
    with_last_cost,
)
from trastienda.domain.quantities import MAX_QUANTITY_MILLI

NUMBERS = PurchaseNumbers(id=1, at_ms=NOW_MS, buyer_id=2, buyer=BETO)
SUPPLIER = "Lechera del Sur"


def buy(
    products: list[Product], *lines: tuple[str, int, int], **fields: Any
) -> Purchase:
    """Buy ``(code, thousandths, cost)`` of these products."""
    order_lines = [
        PurchaseOrderLine(code, quantity_milli, cost_minor * 1000)
        for code, quantity_milli, cost_minor in lines
    ]
    order = PurchaseOrder(lines=order_lines, **({"supplier": SUPPLIER} | fields))
    by_key = {barcode.key(product.code): product for product in products}
    return decide(order, by_key, NUMBERS)


def complaint_about(*lines: tuple[int, int], **fields: Any) -> Invalid:
    """The complaint about ``(thousandths, cost)`` of a product by unit."""
    product = goods()
    with pytest.raises(Invalid) as refusal:
        buy([product], *[(product.code, *line) for line in lines], **fields)
    return refusal.value


def test_a_purchase_holds_everything_that_was_brought() -> None:
    milk, cheese = goods(name="Leche"), weighed(name="Queso")
    lines = [(milk.code, 12_000, 690), (cheese.code, 2345, 5001)]
    purchase = buy([milk, cheese], *lines, document=" F-1 ")
    assert purchase == Purchase(
        id=1,
        at_ms=NOW_MS,
        buyer_id=2,
        buyer=BETO,
        supplier=SUPPLIER,
        document="F-1",
        lines=(
            PurchaseLine(milk.id, milk.code, "Leche", 12_000, 690),
            PurchaseLine(cheese.id, cheese.code, "Queso", 2345, 5001),
        ),
        total_minor=20_007,
    )
    assert [line.total_minor for line in purchase.lines] == [8280, 11_727]  # 11727.3


def test_lines_of_one_product_stay_apart_at_their_own_costs() -> None:
    product = goods()
    purchase = buy([product], (product.code, 1000, 5), (product.code, 2000, 7))
    lines = [(line.quantity_milli, line.cost_minor) for line in purchase.lines]
    assert (lines, purchase.total_minor) == ([(1000, 5), (2000, 7)], 19)


def test_a_product_is_bought_under_its_own_code_whatever_the_spelling() -> None:
    product = goods(code="042100005264")
    (line,) = buy([product], ("0042100005264", 4000, 1)).lines
    assert line.code == "042100005264"


def test_the_last_cost_becomes_the_products() -> None:
    product = goods(cost_minor=500, version=3)
    purchase = buy([product], (product.code, 1000, 690))
    changed = with_last_cost(product, purchase.lines)
    assert (changed.cost_minor, changed.version) == (690, 4)
    assert (changed.price_minor, changed.stock_milli) == (1000, product.stock_milli)


def test_every_unknown_code_is_named_once() -> None:
    known = goods()
    lines = [("X1", 1000, 1), (known.code, 1000, 1), ("X2", 1000, 1), ("X1", 1000, 1)]
    with pytest.raises(UnknownProducts) as refusal:
        buy([known], *lines)
    assert refusal.value.codes == ["X1", "X2"]


def test_every_retired_product_is_named_once() -> None:
    active, retired = goods(), goods(active=False)
    lines = [(product.code, 1000, 1) for product in (active, retired, retired)]
    with pytest.raises(ProductRetired) as refusal:
        buy([active, retired], *lines)
    assert refusal.value.codes == [retired.code]


@pytest.mark.parametrize(
    ("quantity_milli", "cost_minor", "field"),
    [
        (0, 1, "quantity"),
        (-1000, 1, "quantity"),
        (500, 1, "quantity"),
        (10**13, 1, "quantity"),
        (1000, -1, "cost"),
        (1000, MAX_MONEY_MINOR + 1, "cost"),
    ],
)
def test_each_unfit_value_is_named(
    quantity_milli: int, cost_minor: int, field: str
) -> None:
    complaint = complaint_about((1000, 1), (quantity_milli, cost_minor))
    assert complaint.field == f"lines[1].{field}"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"supplier": ""}, "supplier"),
        ({"supplier": "x" * 201}, "supplier"),
        ({"supplier": "a\x00"}, "supplier"),
        ({"document": "x" * 201}, "document"),
    ],
)
def test_each_unfit_text_is_named(fields: dict[str, str], field: str) -> None:
    assert complaint_about((1000, 1), **fields).field == field


@pytest.mark.parametrize("document", [None, "", "   "])
def test_a_purchase_may_have_no_document(document: str | None) -> None:
    product = goods()
    purchase = buy([product], (product.code, 1000, 1), document=document)
    assert purchase.document is None


def test_what_costs_nothing_and_the_dearest_are_bought() -> None:
    product = goods()
    for cost_minor in (0, MAX_MONEY_MINOR):
        purchase = buy([product], (product.code, 1000, cost_minor))
        assert purchase.total_minor == cost_minor


def test_a_purchase_has_from_one_to_five_hundred_lines() -> None:
    none = complaint_about()
    assert (none.field, none.reason) == ("lines", "must_not_be_empty")
    too_many = complaint_about(*[(1000, 1)] * (MAX_LINES + 1))
    assert (too_many.field, too_many.reason) == ("lines", "too_many")
    product = goods()
    purchase = buy([product], *[(product.code, 1000, 1)] * MAX_LINES)
    assert purchase.total_minor == MAX_LINES


def test_a_total_that_readers_could_not_count_exactly_is_refused() -> None:
    gold = weighed()
    with pytest.raises(Invalid) as refusal:
        buy([gold], (gold.code, MAX_QUANTITY_MILLI, MAX_MONEY_MINOR))
    assert (refusal.value.field, refusal.value.reason) == ("lines", "total_too_large")
    most = buy([gold], (gold.code, 9_007_199, MAX_MONEY_MINOR))
    assert most.total_minor < MAX_TOTAL_MINOR


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(0, 10**7)), min_size=1, max_size=8
    )
)
def test_the_lines_add_up_to_the_total(lines: list[tuple[int, int]]) -> None:
    product = weighed()
    purchase = buy([product], *[(product.code, *line) for line in lines])
    assert sum(line.total_minor for line in purchase.lines) == purchase.total_minor
    for (quantity_milli, cost_minor), line in zip(lines, purchase.lines, strict=True):
        assert abs(2000 * line.total_minor - 2 * quantity_milli * cost_minor) <= 1000


def bought_by(product: Product, *lines: tuple[int, int | None, int | None]) -> Purchase:
    """Buy ``(thousandths, cost in thousandths, total)`` of one product."""
    order_lines = [PurchaseOrderLine(product.code, *line) for line in lines]
    order = PurchaseOrder(supplier=SUPPLIER, lines=order_lines)
    return decide(order, {barcode.key(product.code): product}, NUMBERS)


@pytest.mark.parametrize(
    ("lines", "cost_milli"),
    [
        ([(12_000, 833_000, None), (1000, 0, None)], 768_923),
        ([(1000, 0, None), (12_000, 833_000, None)], 768_923),
        ([(12_000, None, 9990)], 832_500),
        ([(12_000, 832_500, None)], 832_500),
        ([(7000, None, 9990), (1000, None, 0)], 1_248_750),
        ([(3000, 0, None), (1000, None, 0)], 500_250),
    ],
)
def test_the_cost_is_what_all_units_cost_on_the_whole(
    lines: list[tuple[int, int | None, int | None]], cost_milli: int
) -> None:
    product = goods(cost_minor=500, cost_rest_milli=250)
    changed = with_last_cost(product, bought_by(product, *lines).lines)
    assert changed.cost_minor * 1000 + changed.cost_rest_milli == cost_milli
    assert abs(changed.cost_rest_milli) <= 500


@pytest.mark.parametrize(
    ("line", "total_minor"),
    [
        ((12_000, 832_500, None), 9990),
        ((1000, 500, None), 1),
        ((1000, 499, None), 0),
        ((7000, None, 9990), 9990),
        ((10_000_000, None, 12_345), 12_345),
    ],
)
def test_a_line_comes_to_what_the_invoice_says(
    line: tuple[int, int | None, int | None], total_minor: int
) -> None:
    purchase = bought_by(goods(), line)
    assert purchase.lines[0].total_minor == purchase.total_minor == total_minor


@pytest.mark.parametrize(
    ("cost_milli", "total_minor", "field", "reason"),
    [
        (None, None, "cost", "cost_or_total"),
        (1, 1, "total", "cost_or_total"),
        (-1, None, "cost", "amount_range"),
        (None, -1, "total", "amount_range"),
        (None, MAX_MONEY_MINOR + 1, "total", "amount_range"),
    ],
)
def test_a_line_says_one_of_cost_and_total(
    cost_milli: int | None, total_minor: int | None, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        bought_by(goods(), (1000, cost_milli, total_minor))
    assert (refusal.value.field, refusal.value.reason) == (f"lines[0].{field}", reason)


@pytest.mark.parametrize(
    ("supplier", "document", "same"),
    [
        ("Lechera del Sur", "F-1", True),
        ("LECHERÁ  del sur", "f-1", True),
        ("Lechera del Sur", "F - 1", True),
        ("Lechera del Norte", "F-1", False),
        ("Lechera del Sur", "F-10", False),
    ],
)
def test_papers_are_the_same_as_people_write_them(
    supplier: str, document: str, same: bool
) -> None:
    product = goods()
    purchase = buy([product], (product.code, 1000, 1), document="F-1")
    assert is_same_paper(purchase, supplier, document) is same
