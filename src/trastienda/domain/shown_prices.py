"""Prices as they are shown, which change with time alone."""

from collections.abc import Iterable

from trastienda.domain.products import Product


def shown_alike(
    products: Iterable[Product],
    now_ms: int,
) -> tuple[int, int | None]:
    """Return between which moments around ``now_ms`` products are shown as they are now.

    Their discounts begin and end; None is for ever.
    """
    edges = [
        edge_ms
        for product in products
        if product.discount is not None
        for edge_ms in (product.discount.from_ms, product.discount.until_ms)
    ]
    since_ms = max((edge_ms for edge_ms in edges if edge_ms <= now_ms), default=0)
    until_ms = min((edge_ms for edge_ms in edges if edge_ms > now_ms), default=None)
    return since_ms, until_ms
