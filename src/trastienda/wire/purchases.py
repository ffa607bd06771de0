"""Purchases on the wire."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.purchases import Purchase, PurchaseOrder, PurchaseOrderLine
from trastienda.wire import bodies
from trastienda.wire.people import Persona, person_out
from trastienda.wire.values import Quantity, quantity_in, quantity_out, time_out


class LineaDeCompra(Struct, forbid_unknown_fields=True):
    """Tanto de este código, a este costo por unidad, neto de IVA."""

    codigo_barras: str
    cantidad: Quantity
    costo: int


class CompraPedida(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que trajo un proveedor."""

    proveedor: str
    documento: str | None = None
    detalle: list[LineaDeCompra]


class LineaComprada(Struct):
    """Una línea como se compró."""

    codigo_barras: str
    nombre: str
    cantidad: Quantity
    costo: int
    total: int


class Compra(Struct):
    """Una compra."""

    id_compra: int
    fecha: str
    comprador: Persona | None
    proveedor: str
    documento: str | None
    detalle: list[LineaComprada]
    total: int


_ORDER = msgspec.json.Decoder(CompraPedida)


def order_in(given: CompraPedida) -> PurchaseOrder:
    """Return what was brought."""
    return PurchaseOrder(
        supplier=given.proveedor,
        document=given.documento,
        lines=[
            PurchaseOrderLine(
                line.codigo_barras,
                quantity_in(line.cantidad, f"lines[{place}].quantity"),
                line.costo,
            )
            for place, line in enumerate(given.detalle)
        ],
    )


def decode_order(body: bytes) -> PurchaseOrder:
    """Decode the order of a purchase; raise UnreadableError or Invalid."""
    return order_in(bodies.decode(_ORDER, body))


def purchase_out(purchase: Purchase, time_zone: ZoneInfo) -> Compra:
    """Return a purchase as it is shown."""
    return Compra(
        purchase.id,
        time_out(purchase.at_ms, time_zone),
        person_out(purchase.buyer),
        purchase.supplier,
        purchase.document,
        [
            LineaComprada(
                line.code,
                line.name,
                quantity_out(line.quantity_milli),
                line.cost_minor,
                line.total_minor,
            )
            for line in purchase.lines
        ],
        purchase.total_minor,
    )
