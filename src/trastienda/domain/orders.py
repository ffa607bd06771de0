"""Orders: what every list of codes and quantities has to be, whatever it is for."""

from collections.abc import Sequence

from trastienda.domain.errors import Invalid, ProductRetired, UnknownProducts
from trastienda.domain.products import Product

MAX_LINES = 500
"""Lines in one order: a receipt of more is two metres long, and a commit may have to
wait for a thousand of them."""
MAX_TOTAL_MINOR = 2**53 - 1
"""The largest integer that every JSON reader still counts exactly."""


def check_line_count(lines: Sequence[object]) -> None:
    """Raise Invalid for an order without lines, or with too many."""
    if not lines:
        raise Invalid("lines", "must_not_be_empty")
    if len(lines) > MAX_LINES:
        raise Invalid("lines", "too_many", limit=MAX_LINES)


def check_products(
    codes: Sequence[str],
    products: Sequence[Product | None],
) -> None:
    """Raise UnknownProducts or ProductRetired, naming every code of that kind once.

    ``products`` are those that the codes name, in their order; None for a code without one.
    """
    unknown: list[str] = []
    retired: dict[str, str] = {}
    for code, product in zip(codes, products, strict=True):
        if product is None:
            unknown.append(code)
        elif not product.active:
            retired[code] = product.name

    if unknown:
        raise UnknownProducts(list(dict.fromkeys(unknown)))
    if retired:
        raise ProductRetired(list(retired), list(retired.values()))


def check_total(total_minor: int) -> None:
    """Raise Invalid for a total that not every reader of the answer could count."""
    if total_minor > MAX_TOTAL_MINOR:
        raise Invalid("lines", "total_too_large")
