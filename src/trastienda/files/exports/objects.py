"""What is exported, as the objects that HTTP answers with."""

from zoneinfo import ZoneInfo

from trastienda.domain.audit import AuditRow
from trastienda.domain.movements import Movement
from trastienda.domain.people import Person
from trastienda.domain.returns import Return
from trastienda.wire.audit import RegistroEscrito, row_out
from trastienda.wire.products import Movimiento, movement_out
from trastienda.wire.returns import Devolucion, return_out


class MovimientoDeProducto(Movimiento, kw_only=True):
    """Un movimiento, y de qué producto."""

    codigo_barras: str
    nombre: str


def returned_out(returned: tuple[Return, str | None], zone: ZoneInfo) -> Devolucion:
    """Return a return as it is shown."""
    return return_out(returned[0], zone)


def moved_out(moved: tuple[Movement, str, str], zone: ZoneInfo) -> MovimientoDeProducto:
    """Return a movement as it is shown, with its product's code and name."""
    movement, code, name = moved
    shown = movement_out(movement, zone)
    fields = {field: getattr(shown, field) for field in shown.__struct_fields__}
    return MovimientoDeProducto(**fields, codigo_barras=code, nombre=name)


def registro_out(
    row: tuple[AuditRow, Person | None], zone: ZoneInfo
) -> RegistroEscrito:
    """Return a row of the audit trail as it is shown."""
    return row_out(*row, zone)
