"""Returns on the wire."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

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
    payments_out,
)
from trastienda.wire.values import Quantity, quantity_out, time_out


class DevolucionPedida(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que vuelve; sin detalle, todo lo que queda. ``reponer`` false: llegó dañado."""

    motivo: str
    detalle: list[LineaPedida] | None = None
    medio: Medio = "efectivo"
    reponer: bool = True


class LineaDevuelta(Struct, gc=False):
    """Tanto de una línea de la venta, y qué parte de su total es."""

    codigo_barras: str
    nombre: str
    cantidad: Quantity
    total: int


class Devolucion(Struct, kw_only=True):
    """Una devolución; ``pagos`` dice cuánta deuda se rebajó y cuánto dinero se entregó."""

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
    medio: Medio
    pagos: list[Pago]
    reponer: bool
    numero_origen: str | UnsetType = UNSET


_ORDER = msgspec.json.Decoder(DevolucionPedida)


def order_in(given: DevolucionPedida) -> ReturnOrder:
    """Return what is to come back."""
    return ReturnOrder(
        lines=None if given.detalle is None else lines_in(given.detalle),
        reason=given.motivo,
        method=METHODS[given.medio],
        restock=given.reponer,
    )


def decode_order(body: bytes) -> ReturnOrder:
    """Decode the order of a return; raise UnreadableError or Invalid."""
    return order_in(bodies.decode(_ORDER, body))


def return_out(one: Return, time_zone: ZoneInfo) -> Devolucion:
    """Return a return as it is shown."""
    return Devolucion(
        id_devolucion=one.id,
        id_venta=one.sale_id,
        fecha=time_out(one.at_ms, time_zone),
        vendedor=person_out(one.seller),
        motivo=one.reason,
        detalle=[
            LineaDevuelta(
                line.code,
                line.name,
                quantity_out(line.quantity_milli),
                line.total_minor,
            )
            for line in one.lines
        ],
        neto=one.net_minor,
        iva=one.vat_minor,
        exento=one.exempt_minor,
        total=one.total_minor,
        ajuste_redondeo=one.rounding_minor,
        medio=MEDIOS[one.method],
        pagos=payments_out(one.payments),
        reponer=one.restock,
        numero_origen=UNSET if one.origin_number is None else one.origin_number,
    )
