"""Between which moments products are shown as they are now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.products import Discount, Product
from trastienda.domain.shown_prices import shown_alike

MOMENTS = st.integers(0, 12)


@st.composite
def products(draw: st.DrawFn) -> Product:
    edges = draw(st.none() | st.tuples(MOMENTS, MOMENTS))
    discount = None
    if edges is not None:
        discount = Discount(share_bp=1000, from_ms=min(edges), until_ms=max(edges) + 1)
    return Product(id=1, code="1", name="Té", price_minor=1000, discount=discount)


@given(st.lists(products(), max_size=4), MOMENTS, MOMENTS)
def test_prices_are_alike_between_the_moments(
    items: list[Product], now_ms: int, then_ms: int
) -> None:
    since_ms, until_ms = shown_alike(items, now_ms)
    assert since_ms <= now_ms
    assert until_ms is None or now_ms < until_ms
    if since_ms <= then_ms and (until_ms is None or then_ms < until_ms):
        for item in items:
            assert item.final_price(then_ms) == item.final_price(now_ms)


@pytest.mark.parametrize(
    ("now_ms", "span"), [(4, (0, 5)), (5, (5, 9)), (8, (5, 9)), (9, (9, None))]
)
def test_a_discount_begins_and_ends(now_ms: int, span: tuple[int, int | None]) -> None:
    discount = Discount(amount_minor=10, from_ms=5, until_ms=9)
    item = Product(id=1, code="1", name="Té", price_minor=1000, discount=discount)
    assert shown_alike([item], now_ms) == span
