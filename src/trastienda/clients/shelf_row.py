"""A product as a row of words: its code, its name, what it costs and what is left."""

from msgspec import Struct

from trastienda.domain.products import Unit
from trastienda.domain.shop import Shop
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.products import Producto
from trastienda.wire.values import quantity_in
from trastienda.wire.written import money, quantity


class ShelfRow(Struct, frozen=True):
    """What is written of a product, safe to show."""

    code: str
    name: str
    price: str
    left: str


def shelf_row(
    product: Producto,
    shop: Shop,
) -> ShelfRow:
    """Return a product in words, its price as the shop writes it."""
    left_milli = quantity_in(product.stock, "stock")
    return ShelfRow(
        clean(product.codigo_barras),
        clean(product.nombre),
        money(product.precio_final, shop),
        quantity(left_milli, Unit(product.unidad)),
    )
