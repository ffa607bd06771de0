"""Returns on the wire."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.errors import Invalid
from trastienda.domain.returns import Return, ReturnOrder
from trastienda.wire import bodies
from trastienda.wire.people import Persona, person_out
from trastienda.wire.sales import (
    MEDIOS,
    METHODS,
    LineaPedida,
    Medio,
    Pago,
    lines_in,
    payments_in,
    payments_out,
)
from trastienda.wire.values import Quantity, quantity_out, time_out


class DevolucionPedida(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que vuelve; sin detalle, todo lo que queda. ``reponer`` false: llegó dañado.

    El dinero se entrega por un ``medio`` o por los de ``pagos``; sin nada, en efectivo.
    """

    motivo: str
    detalle: list[LineaPedida] | None = None
    medio: Medio | None = None
    pagos: list[Pago] | None = None
    reponer: bool = True


class LineaDevuelta(Struct, gc=False):
    """Tanto de una línea de la venta, y qué parte de su total es."""

    codigo_barras: str
    nombre: str
    cantidad: Quantity
    total: int


class Devolucion(Struct, kw_only=True):
    """Una devolución; ``pagos`` dice cuánta deuda se rebajó y cuánto dinero se entregó.

    ``medio`` es null cuando el dinero se entregó por varios.
    """

    id_devolucion: int
    id_venta: int | None
    fecha: str
    vendedor: Persona | None
    motivo: str
    detalle: list[LineaDevuelta]
    neto: int
    iva: int
    exento: int
    total: int
    ajuste_redondeo: int
    medio: Medio | None
    pagos: list[Pago]
    reponer: bool
    numero_origen: str | UnsetType = UNSET


_ORDER = msgspec.json.Decoder(DevolucionPedida)


def order_in(devolucion: DevolucionPedida) -> ReturnOrder:
    """Return what is to come back; without lines, all that is left of the sale."""
    lines = None
    if devolucion.detalle is not None:
        lines = lines_in(devolucion.detalle)

    refunds = None
    if devolucion.pagos is not None:
        if devolucion.medio is not None:
            raise Invalid("method", "method_or_payments")
        refunds = payments_in(devolucion.pagos)

    return ReturnOrder(
        lines=lines,
        reason=devolucion.motivo,
        method=METHODS[devolucion.medio or "efectivo"],
        refunds=refunds,
        restock=devolucion.reponer,
    )


def decode_order(body: bytes) -> ReturnOrder:
    """Decode the order of a return; raise UnreadableError or Invalid."""
    devolucion = bodies.decode(_ORDER, body)
    return order_in(devolucion)


def return_out(
    return_document: Return,
    time_zone: ZoneInfo,
) -> Devolucion:
    """Return a return as it is shown."""
    detalle = [
        LineaDevuelta(
            codigo_barras=line.code,
            nombre=line.name,
            cantidad=quantity_out(line.quantity_milli),
            total=line.total_minor,
        )
        for line in return_document.lines
    ]
    origin_number = return_document.origin_number

    return Devolucion(
        id_devolucion=return_document.id,
        id_venta=return_document.sale_id,
        fecha=time_out(return_document.at_ms, time_zone),
        vendedor=person_out(return_document.seller),
        motivo=return_document.reason,
        detalle=detalle,
        neto=return_document.net_minor,
        iva=return_document.vat_minor,
        exento=return_document.exempt_minor,
        total=return_document.total_minor,
        ajuste_redondeo=return_document.rounding_minor,
        medio=None if return_document.refunds else MEDIOS[return_document.method],
        pagos=payments_out(return_document.payments),
        reponer=return_document.restock,
        numero_origen=UNSET if origin_number is None else origin_number,
    )


def render_return(
    return_document: Return,
    time_zone: ZoneInfo,
    _now_ms: int,
) -> bytes:
    """Return the answer to a call that took something back."""
    shape = return_out(return_document, time_zone)
    return msgspec.json.encode(shape)
