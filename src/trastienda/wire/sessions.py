"""Open sessions on the wire."""

from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.sessions import Session
from trastienda.wire.values import time_out


class SesionAbierta(Struct):
    """Una sesión abierta: cuándo se usó por última vez, desde qué dirección y con qué programa."""

    id: str
    creada: str
    usada: str
    desde: str
    programa: str
    actual: bool


class SesionesAbiertas(Struct):
    """Las sesiones abiertas de alguien; la usada más recientemente va primero."""

    datos: list[SesionAbierta]
    siguiente: None = None


def sessions_out(
    sessions: list[Session],
    current_id: str,
    time_zone: ZoneInfo,
) -> SesionesAbiertas:
    """Return the open sessions of somebody."""
    rows = [
        SesionAbierta(
            id=session.id,
            creada=time_out(session.created_at_ms, time_zone),
            usada=time_out(session.used_at_ms, time_zone),
            desde=session.address,
            programa=session.program,
            actual=session.id == current_id,
        )
        for session in sessions
    ]
    return SesionesAbiertas(rows)
