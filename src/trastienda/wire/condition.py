"""How the machine and the copies of a shop do, on the wire."""

from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.condition import Condition
from trastienda.wire.values import time_out


class Condicion(Struct):
    """Cómo están el disco y las copias. ``copia_pendiente`` dice por qué no se hizo la
    copia programada; null si no falta ninguna."""

    base_de_datos: str
    disco_libre_bytes: int
    disco_escaso: bool
    ultima_copia: str | None
    copia_pendiente: str | None


def condition_out(
    condition: Condition,
    time_zone: ZoneInfo,
) -> Condicion:
    """Return the condition in words of the wire."""
    last_copy_ms = condition.last_copy_ms
    return Condicion(
        base_de_datos=condition.database,
        disco_libre_bytes=condition.disk_free_bytes,
        disco_escaso=condition.disk_is_low,
        ultima_copia=None
        if last_copy_ms is None
        else time_out(last_copy_ms, time_zone),
        copia_pendiente=condition.copy_fault,
    )
