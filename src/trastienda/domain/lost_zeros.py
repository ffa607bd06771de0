"""Codes that lost their leading zeros: a spreadsheet takes ``00123`` for the number 123.

Taken for new ones, such codes would make a second product with its stock once more.
"""

from collections.abc import Mapping

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.products import Product
from trastienda.domain.text import fold

_MOST_DIGITS = 14
"""No barcode has more."""


def padded(code: str) -> list[str]:
    """Return the codes that this one may have been, with more and more zeros in front.

    A barcode whose check digit is right has lost none.
    """
    if not code.isascii() or not code.isdigit() or barcode.is_gtin(code):
        return []
    lengths = range(len(code) + 1, _MOST_DIGITS + 1)
    return [code.zfill(length) for length in lengths]


def product_without_zeros(
    listed: ListedProduct,
    known: Mapping[str, Product],
) -> Product | None:
    """Return the one product of the shop whose code the row has without its zeros.

    ``known`` are the shop's products by :func:`barcode.key`. Raises Invalid if there is
    one and the row names something else, or if there are several.
    """
    products = {}
    for code in padded(listed.code):
        product = known.get(barcode.key(code))
        if product is not None:
            products[product.id] = product
    if not products:
        return None

    first, *others = products.values()
    name = listed.change.name
    if others or (isinstance(name, str) and not _are_alike(name, first.name)):
        raise Invalid("code", "lost_zeros", code=first.code, name=first.name)
    return first


def _are_alike(
    name: str,
    other_name: str,
) -> bool:
    return fold(name).split() == fold(other_name).split()
