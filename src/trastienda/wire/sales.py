"""Sales on the wire."""

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.payments import Method, Payment
from trastienda.domain.quantities import MILLI
from trastienda.domain.rut import normalise
from trastienda.domain.sales import OrderLine, Sale, SaleOrder
from trastienda.wire import bodies
from trastienda.wire.people import Persona, person_out
from trastienda.wire.values import Quantity, quantity_in, quantity_out, time_out

Medio = Literal["efectivo", "debito", "credito", "transferencia", "otro", "pendiente"]

METHODS: dict[Medio, Method] = {
    "efectivo": Method.CASH,
    "debito": Method.DEBIT,
    "credito": Method.CREDIT,
    "transferencia": Method.TRANSFER,
    "otro": Method.OTHER,
    "pendiente": Method.OWED,
}
MEDIOS: dict[Method, Medio] = {method: medio for medio, method in METHODS.items()}
METHOD_NAMES = {
    Method.CASH: "Efectivo",
    Method.DEBIT: "Tarjeta de débito",
    Method.CREDIT: "Tarjeta de crédito",
    Method.TRANSFER: "Transferencia",
    Method.OTHER: "Otro medio",
    Method.OWED: "Quedó pendiente",
}
"""As people read them."""


class LineaPedida(Struct, forbid_unknown_fields=True, gc=False):
    """Tanto de lo que nombra este código; sin cantidad si es una etiqueta con peso o precio."""

    codigo_barras: str
    cantidad: Quantity | None = None


class Pago(Struct, forbid_unknown_fields=True, gc=False):
    """Tanto, por este medio."""

    medio: Medio
    monto: int


class Pedido(Struct, forbid_unknown_fields=True):
    """Lo que se vende y cómo se paga; sin pagos es efectivo, justo lo que se debe."""

    detalle: list[LineaPedida]
    pagos: list[Pago] | None = None
    cliente: str | None = None
    total_esperado: int | None = None


class Pagos(Struct, forbid_unknown_fields=True):
    """Con qué se salda lo pendiente."""

    pagos: list[Pago]


class LineaVendida(Struct, gc=False):
    """Una línea como se vendió; ``precio_unitario`` es el de lista."""

    codigo_barras: str
    nombre: str
    cantidad: Quantity
    precio_unitario: int
    descuento: int
    total: int


class Venta(Struct, kw_only=True):
    """Una venta. ``pendiente`` es lo que aún se debe de ella."""

    id_venta: int
    folio: int | None
    fecha: str
    vendedor: Persona | None
    cliente: str | None
    detalle: list[LineaVendida]
    neto: int
    iva: int
    exento: int
    total: int
    ajuste_redondeo: int
    pagos: list[Pago]
    vuelto: int
    pendiente: int
    numero_origen: str | UnsetType = UNSET


_ORDER = msgspec.json.Decoder(Pedido)
_PAYMENTS = msgspec.json.Decoder(Pagos)


def lines_in(lineas: Sequence[LineaPedida]) -> list[OrderLine]:
    """Return the lines asked for."""
    order_lines = []
    for index, linea in enumerate(lineas):
        cantidad = linea.cantidad
        # Nearly all are whole: these spare themselves the call and the field's name.
        if type(cantidad) is int:
            order_line = OrderLine(linea.codigo_barras, cantidad * MILLI)
        elif cantidad is None:
            order_line = OrderLine(linea.codigo_barras)
        else:
            quantity_milli = quantity_in(cantidad, f"lines[{index}].quantity")
            order_line = OrderLine(linea.codigo_barras, quantity_milli)
        order_lines.append(order_line)

    return order_lines


def payments_in(pagos: Sequence[Pago]) -> list[Payment]:
    """Return payments as the shop keeps them."""
    return [Payment(METHODS[pago.medio], pago.monto) for pago in pagos]


def payments_out(payments: Sequence[Payment]) -> list[Pago]:
    """Return payments as they are shown."""
    return [Pago(MEDIOS[payment.method], payment.amount_minor) for payment in payments]


def order_in(pedido: Pedido) -> SaleOrder:
    """Return what is to be sold."""
    lines = lines_in(pedido.detalle)

    payments = None
    if pedido.pagos is not None:
        payments = payments_in(pedido.pagos)

    customer_rut = None
    if pedido.cliente is not None:
        customer_rut = normalise(pedido.cliente, "customer")

    return SaleOrder(
        lines=lines,
        payments=payments,
        customer_rut=customer_rut,
        expected_total_minor=pedido.total_esperado,
    )


def decode_order(body: bytes) -> SaleOrder:
    """Decode the order of a sale; raise UnreadableError or Invalid."""
    pedido = bodies.decode(_ORDER, body)
    return order_in(pedido)


def decode_payments(body: bytes) -> list[Payment]:
    """Decode payments of what is owed; raise UnreadableError or Invalid."""
    shape = bodies.decode(_PAYMENTS, body)
    return payments_in(shape.pagos)


def sale_out(
    sale: Sale,
    time_zone: ZoneInfo,
) -> Venta:
    """Return a sale as it is shown."""
    detalle = [
        LineaVendida(
            line.code,
            line.name,
            quantity_out(line.quantity_milli),
            line.unit_price_minor,
            line.discount_minor,
            line.total_minor,
        )
        for line in sale.lines
    ]
    origin_number = sale.origin_number

    return Venta(
        id_venta=sale.id,
        folio=sale.folio,
        fecha=time_out(sale.at_ms, time_zone),
        vendedor=person_out(sale.seller),
        cliente=sale.customer_rut,
        detalle=detalle,
        neto=sale.net_minor,
        iva=sale.vat_minor,
        exento=sale.exempt_minor,
        total=sale.total_minor,
        ajuste_redondeo=sale.rounding_minor,
        pagos=payments_out(sale.payments),
        vuelto=sale.change_minor,
        pendiente=sale.owed_minor,
        numero_origen=UNSET if origin_number is None else origin_number,
    )


def render_sale(
    sale: Sale,
    time_zone: ZoneInfo,
    _now_ms: int,
) -> bytes:
    """Return the answer to a call that made or settled a sale."""
    shape = sale_out(sale, time_zone)
    return msgspec.json.encode(shape)
