"""What is exported, as the objects of HTTP answers."""

from zoneinfo import ZoneInfo

from trastienda.domain.audit import AuditRow
from trastienda.domain.movements import Movement
from trastienda.domain.people import Person
from trastienda.domain.returns import ReturnOfSale
from trastienda.wire.audit import RegistroEscrito, row_out
from trastienda.wire.products import Movimiento, movement_out
from trastienda.wire.returns import Devolucion, return_out


class MovimientoDeProducto(Movimiento, kw_only=True):
    """Un movimiento, y de qué producto."""

    codigo_barras: str
    nombre: str


def return_of_sale_out(
    returned: ReturnOfSale,
    time_zone: ZoneInfo,
) -> Devolucion:
    """Return a return in its wire shape, without the number of its sale."""
    return return_out(returned.document, time_zone)


def named_movement_out(
    named_movement: tuple[Movement, str, str],
    time_zone: ZoneInfo,
) -> MovimientoDeProducto:
    """Return a movement in its wire shape, with its product's code and name."""
    movement, code, name = named_movement
    movimiento = movement_out(movement, time_zone)
    fields = {
        field: getattr(movimiento, field) for field in movimiento.__struct_fields__
    }
    return MovimientoDeProducto(
        **fields,
        codigo_barras=code,
        nombre=name,
    )


def registro_out(
    signed_row: tuple[AuditRow, Person | None],
    time_zone: ZoneInfo,
) -> RegistroEscrito:
    """Return a row of the audit trail, with the person who acted, in its wire shape."""
    audit_row, person = signed_row
    return row_out(audit_row, person, time_zone)
