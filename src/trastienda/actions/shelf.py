"""What codes name: products by their code, or by the in-store label that has it inside."""

from collections.abc import Iterable

from trastienda.domain import barcode
from trastienda.domain.products import Pick, milli_of_grams, milli_of_measures
from trastienda.storage import products
from trastienda.storage.transactions import Snapshot


def picks(snapshot: Snapshot, codes: Iterable[str]) -> dict[str, Pick]:
    """Return what each code names; a code that names nothing is left out.

    A product's own code wins over a label.
    """
    wanted = set(codes)
    products_by_key = products.by_codes(snapshot.connection, wanted)
    named = {}
    for code in wanted:
        product = barcode.named(products_by_key, code)
        if product is None:
            continue
        quantity_milli = None
        if len(code) > barcode.LONGEST_GTIN and code != product.code:
            measures = barcode.read_measures(code)
            quantity_milli = milli_of_measures(product.unit, measures)
        named[code] = Pick(product, quantity_milli)

    if len(named) < len(wanted):
        named |= _read_labels(snapshot, wanted - named.keys())
    return named


def _spellings(label_code: str) -> tuple[str, str]:
    """Return the codes that the product of a label may have.

    They are the label's digits, with or without the zeros in front.
    """
    return label_code, label_code.lstrip("0") or "0"


def _read_labels(snapshot: Snapshot, codes: set[str]) -> dict[str, Pick]:
    """Return what the codes that are in-store labels name, with what each label says."""
    labels = {}
    for code in codes:
        label = barcode.read_label(code, snapshot.shop.labels)
        if label is not None:
            labels[code] = label
    if not labels:
        return {}

    product_codes: list[str] = []
    for label in labels.values():
        product_codes += _spellings(label.code)
    products_by_key = products.by_codes(snapshot.connection, product_codes)

    named = {}
    for code, label in labels.items():
        exact, without_zeros = (
            barcode.named(products_by_key, product_code)
            for product_code in _spellings(label.code)
        )
        product = exact or without_zeros
        if product is None:
            continue

        if label.grams is None:
            named[code] = Pick(product, total_minor=label.price_minor)
            continue
        quantity_milli = milli_of_grams(product.unit, label.grams)
        # A label with a weight says nothing of a product that is not sold by weight.
        if quantity_milli is not None:
            named[code] = Pick(product, quantity_milli=quantity_milli)
    return named
