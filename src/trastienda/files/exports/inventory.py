"""``inventario.json``: the products on the shelves as ``{name: {precio, cantidad, …}}``, for people and programs."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Any

import msgspec

from trastienda.domain.products import Product
from trastienda.domain.text import fold
from trastienda.files.exports.rows import Terms
from trastienda.wire.products import product_out
from trastienda.wire.values import quantity_out

_INDENT = 2
_RUN = 1000
"""Products sorted in one go: some milliseconds, in which no other thread can do anything."""


def inventory_out(
    products: Iterable[Product], terms: Terms, *, retired: bool = False
) -> bytes:
    """Return the file of all ``products`` in their order, money in units, as an import takes it back.

    Those that are no longer sold are in it only where ``retired`` are wanted. Of several products with one name the
    first has it as its key; the others have their code behind it, and their ``nombre`` inside.
    """
    wanted = [product for product in products if product.active or retired]
    members = [
        b" " * _INDENT + msgspec.json.encode(key) + b": " + _entry(key, product, terms)
        for key, product in _keyed(wanted)
    ]
    return b"{\n" + b",\n".join(members) + b"\n}\n" if members else b"{}\n"


def by_name(products: Iterable[Product]) -> list[Product]:
    """Return products sorted by name, the oldest of one name first."""
    runs, rest = [], iter(products)
    while run := [
        (fold(one.name), one.name, one.id, one) for one in islice(rest, _RUN)
    ]:
        run.sort()
        runs.append(run)
    return [one for *_, one in merge(*runs)]


def _keyed(products: list[Product]) -> Iterator[tuple[str, Product]]:
    names = {product.name for product in products}
    taken: set[str] = set()
    for product in products:
        key = product.name
        if key in taken:
            key = f"{key} ({product.code})"
            while key in names or key in taken:  # somebody did call a product so
                key += f" ({product.code})"
        taken.add(key)
        yield key, product


def _entry(key: str, product: Product, terms: Terms) -> bytes:
    fields: dict[str, Any] = {
        "precio": _money(product.price_minor, terms),
        "cantidad": quantity_out(product.stock_milli),
        "codigo_barras": product.code,
        "unidad": product.unit.value,
        "categoria": product.category,
        "stock_minimo": quantity_out(product.min_stock_milli),
    }
    # What most products do not have; an import takes it for none where it is not there.
    if key != product.name:
        fields["nombre"] = product.name
    if product.cost_minor:
        fields["costo"] = _money(product.cost_minor, terms)
    if product.in_house:
        fields["interno"] = True
    if not product.active:
        fields["estado"] = "Inactivo"
    if product.exempt:
        fields["exento"] = True
    if product.discount is not None:
        fields["descuento"] = product_out(product, 0, terms.zone, staff=True).descuento
    # Inside a text JSON has no line breaks: those here are the layout's.
    laid_out = msgspec.json.format(msgspec.json.encode(fields), indent=_INDENT)
    return laid_out.replace(b"\n", b"\n" + b" " * _INDENT)


def _money(amount_minor: int, terms: Terms) -> msgspec.Raw:
    return msgspec.Raw(format(terms.money(amount_minor), "f").encode())
