"""Reductions: why a line costs something else than its quantity at the list price."""

from tests.domain.documents import NOW_MS, decide, goods, order, shelf_of, weighed

from trastienda.domain.products import Discount, Pick
from trastienda.domain.sales import ReductionCause, SaleLine

PRODUCT, LABEL = ReductionCause.PRODUCT, ReductionCause.LABEL
HALF = Discount(share_bp=5000, from_ms=NOW_MS, until_ms=NOW_MS + 1)


def causes(line: SaleLine) -> dict[ReductionCause, int]:
    """What each cause took off; together they are the discount."""
    amounts = {item.cause: item.amount_minor for item in line.reductions}
    assert sum(amounts.values()) == line.discount_minor
    return amounts


def test_a_line_at_the_list_price_has_none() -> None:
    bread = goods(1000)
    (line,) = decide(shelf_of(bread), order((bread.code, 2000))).lines
    assert line.reductions == ()


def test_a_discount_of_the_product_is_one() -> None:
    bread = goods(1000, discount=HALF)
    (line,) = decide(shelf_of(bread), order((bread.code, 3000))).lines
    assert causes(line) == {PRODUCT: 1500}


def test_a_label_that_asks_more_than_the_list_price_is_one_below_zero() -> None:
    bread = goods(1000)
    shelf = shelf_of(bread, labels={"label": Pick(bread, total_minor=1200)})
    (line,) = decide(shelf, order(("label", None))).lines
    assert causes(line) == {LABEL: -200}


def test_a_label_that_says_it_is_free_is_the_cause() -> None:
    bread = goods(1000)
    shelf = shelf_of(bread, labels={"label": Pick(bread, total_minor=0)})
    (line,) = decide(shelf, order(("label", None))).lines
    assert causes(line) == {LABEL: 1000}


def test_labels_and_a_discount_on_one_line_are_two() -> None:
    bread = goods(1000, discount=HALF)
    shelf = shelf_of(bread, labels={"label": Pick(bread, total_minor=800)})
    (line,) = decide(shelf, order(("label", None), (bread.code, 2000))).lines
    assert causes(line) == {PRODUCT: 1000, LABEL: 200}


def test_a_label_with_a_weight_leaves_the_price_to_the_shelf() -> None:
    cheese = weighed(8990, discount=HALF)
    shelf = shelf_of(cheese, labels={"label": Pick(cheese, quantity_milli=350)})
    (line,) = decide(shelf, order(("label", None))).lines
    assert causes(line).keys() == {PRODUCT}
