"""What codes name: products by their code, or by the in-store label that has it inside."""

from collections.abc import Iterable

from trastienda.domain import barcode
from trastienda.domain.barcode import LabelLayout
from trastienda.domain.products import Pick, Product, milli_of_grams
from trastienda.storage import products
from trastienda.storage.transactions import Snapshot


def picks(snapshot: Snapshot, codes: Iterable[str]) -> dict[str, Pick]:
    """Return what each code names; a code that names nothing is left out. An exact match wins over a label."""
    wanted = set(codes)
    found = products.by_codes(snapshot.connection, wanted)
    named = {
        code: Pick(found[key]) for code in wanted if (key := barcode.key(code)) in found
    }
    if len(named) < len(wanted):
        named |= _labelled(snapshot, wanted - named.keys(), snapshot.shop.labels)
    return named


def _spellings(label_code: str) -> tuple[str, str]:
    """The product of a label has the label's digits as its code, with or without the zeros in front."""
    return label_code, label_code.lstrip("0") or "0"


def _labelled(
    snapshot: Snapshot, codes: set[str], layouts: tuple[LabelLayout, ...]
) -> dict[str, Pick]:
    labels = {
        code: label
        for code in codes
        if (label := barcode.read_label(code, layouts)) is not None
    }
    if not labels:
        return {}
    found = products.by_codes(
        snapshot.connection,
        [one for label in labels.values() for one in _spellings(label.code)],
    )
    named = {}
    for code, label in labels.items():
        product = next(
            (
                found[barcode.key(one)]
                for one in _spellings(label.code)
                if barcode.key(one) in found
            ),
            None,
        )
        if product is not None and (pick := _pick(product, label)) is not None:
            named[code] = pick
    return named


def _pick(product: Product, label: barcode.Label) -> Pick | None:
    if label.grams is None:
        return Pick(product, total_minor=label.price_minor)
    quantity_milli = milli_of_grams(product.unit, label.grams)
    return (
        None if quantity_milli is None else Pick(product, quantity_milli=quantity_milli)
    )
