"""``inventario.json``: the products on the shelves as ``{name: {precio, cantidad,
…}}``.

People and programs read it.
"""

from collections.abc import Iterable
from heapq import merge
from itertools import islice
from typing import Any

import msgspec

from trastienda.domain.products import Product
from trastienda.domain.text import fold
from trastienda.files.exports.rows import ShopLocale
from trastienda.wire.products import product_out
from trastienda.wire.values import quantity_out

_INDENT = 2
_RUN_PRODUCTS = 1000
"""Products sorted in one go; it takes some milliseconds in which no other thread
runs."""


def inventory_out(
    products: Iterable[Product],
    locale: ShopLocale,
    *,
    retired: bool = False,
) -> bytes:
    """Return the file of all ``products`` in their order, money in units, as an import
    reads it.

    Products that are no longer sold are in it only with ``retired``. Of several
    products with one name the first has it as its key; the others have their code
    behind it, and their ``nombre`` inside.
    """
    wanted = [product for product in products if product.active or retired]
    if not wanted:
        return b"{}\n"

    names = {product.name for product in wanted}
    taken: set[str] = set()
    members = []
    for product in wanted:
        key = product.name
        if key in taken:
            key = f"{key} ({product.code})"
            while key in names or key in taken:  # a product may have that for a name
                key += f" ({product.code})"
        taken.add(key)

        fields: dict[str, Any] = {
            "precio": _money(product.price_minor, locale),
            "cantidad": quantity_out(product.stock_milli),
            "codigo_barras": product.code,
            "unidad": product.unit.value,
            "categoria": product.category,
            "stock_minimo": quantity_out(product.min_stock_milli),
        }
        # Most products have nothing of the rest, so it is written only where there is
        # something.
        if key != product.name:
            fields["nombre"] = product.name
        if product.cost_minor:
            fields["costo"] = _money(product.cost_minor, locale)
        if product.in_house:
            fields["interno"] = True
        if not product.active:
            fields["estado"] = "Inactivo"
        if product.exempt:
            fields["exento"] = True
        if product.discount is not None:
            shape = product_out(product, 0, locale.time_zone, staff=True)
            fields["descuento"] = shape.descuento

        laid_out = msgspec.json.format(msgspec.json.encode(fields), indent=_INDENT)
        # JSON has no line breaks inside texts, so all of these are layout.
        entry = laid_out.replace(b"\n", b"\n" + b" " * _INDENT)
        encoded_key = msgspec.json.encode(key)
        members.append(b" " * _INDENT + encoded_key + b": " + entry)
    return b"{\n" + b",\n".join(members) + b"\n}\n"


def sort_by_name(products: Iterable[Product]) -> list[Product]:
    """Return products sorted by name, the oldest of one name first."""
    runs = []
    rest = iter(products)
    while batch := list(islice(rest, _RUN_PRODUCTS)):
        run = [
            (fold(product.name), product.name, product.id, product) for product in batch
        ]
        run.sort()
        runs.append(run)
    return [product for _, _, _, product in merge(*runs)]


def _money(
    amount_minor: int,
    locale: ShopLocale,
) -> msgspec.Raw:
    return msgspec.Raw(format(locale.money(amount_minor), "f").encode())
