"""Purchases on the wire."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.purchases import Purchase, PurchaseOrder, PurchaseOrderLine
from trastienda.wire import bodies
from trastienda.wire.people import Persona, person_out
from trastienda.wire.values import (
    Quantity,
    cost_in,
    quantity_in,
    quantity_out,
    time_out,
)


class LineaDeCompra(Struct, forbid_unknown_fields=True):
    """Tanto de este código, neto de IVA: a este ``costo`` por unidad, o por este ``total``."""

    codigo_barras: str
    cantidad: Quantity
    costo: Quantity | None = None
    total: int | None = None


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
    costo: Quantity
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


def order_in(compra: CompraPedida) -> PurchaseOrder:
    """Return what was brought."""
    lines = []
    for index, linea in enumerate(compra.detalle):
        quantity_milli = quantity_in(linea.cantidad, f"lines[{index}].quantity")
        cost_milli = None
        if linea.costo is not None:
            cost_milli = cost_in(linea.costo, f"lines[{index}].cost")
        line = PurchaseOrderLine(
            linea.codigo_barras, quantity_milli, cost_milli, linea.total
        )
        lines.append(line)

    return PurchaseOrder(
        supplier=compra.proveedor,
        document=compra.documento,
        lines=lines,
    )


def decode_order(body: bytes) -> PurchaseOrder:
    """Decode the order of a purchase; raise UnreadableError or Invalid."""
    compra = bodies.decode(_ORDER, body)
    return order_in(compra)


def purchase_out(
    purchase: Purchase,
    time_zone: ZoneInfo,
) -> Compra:
    """Return a purchase as it is shown."""
    detalle = [
        LineaComprada(
            codigo_barras=line.code,
            nombre=line.name,
            cantidad=quantity_out(line.quantity_milli),
            costo=quantity_out(line.cost_milli),
            total=line.total_minor,
        )
        for line in purchase.lines
    ]
    return Compra(
        id_compra=purchase.id,
        fecha=time_out(purchase.at_ms, time_zone),
        comprador=person_out(purchase.buyer),
        proveedor=purchase.supplier,
        documento=purchase.document,
        detalle=detalle,
        total=purchase.total_minor,
    )


def render_purchase(
    purchase: Purchase,
    time_zone: ZoneInfo,
    _now_ms: int,
) -> bytes:
    """Return the answer to a purchase."""
    shape = purchase_out(purchase, time_zone)
    return msgspec.json.encode(shape)
