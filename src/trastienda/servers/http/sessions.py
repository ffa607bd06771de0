"""``/sesiones``: where one is logged in, and an end to it."""

from typing import Annotated

from msgspec import Struct, field

from trastienda.actions import sessions
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import rut
from trastienda.servers.http.paths import SessionPath
from trastienda.wire import sessions as wire


class SessionsQuery(Struct, frozen=True, kw_only=True):
    """Whose sessions are meant."""

    whose: Annotated[str | None, rut("De esta persona, si llama un Administrador")] = (
        field(default=None, name="rut")
    )


async def listed(exchange: Exchange) -> Answer:
    """Return the open sessions of somebody."""
    desk, identity = exchange.desk, exchange.identity
    assert identity is not None
    reading = await desk.reader.read(
        sessions.listed,
        identity.actor,
        exchange.query(SessionsQuery).whose,
    )
    shape = wire.sessions_out(reading.value, identity.session_id, desk.time_zone())
    return snapshot_answer(shape, reading.n)


async def end(exchange: Exchange) -> Answer:
    """End a session."""
    session_id = exchange.path(SessionPath).session_id
    await exchange.desk.writer.run(sessions.end_one, exchange.actor, session_id)
    return Answer(204)


async def end_others(exchange: Exchange) -> Answer:
    """End all sessions but the current one."""
    identity = exchange.identity
    assert identity is not None
    await exchange.desk.writer.run(
        sessions.end_others,
        identity.actor,
        exchange.query(SessionsQuery).whose,
        identity.session_id,
    )
    return Answer(204)


ROUTES = (
    Route(
        method="GET",
        path="/sesiones",
        handler=listed,
        summary="Las sesiones abiertas de quien llama",
        permission=Permission.KEEP_ACCOUNT,
        answer=wire.SesionesAbiertas,
        query=SessionsQuery,
        snapshot=True,
        refusals=(404,),
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path="/sesiones/{id_sesion}",
        path_parameters=SessionPath,
        handler=end,
        summary="Cierra una sesión al instante",
        permission=Permission.KEEP_ACCOUNT,
        status=204,
        refusals=(404,),
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path="/sesiones",
        handler=end_others,
        summary="Cierra las demás sesiones de quien llama, o todas las de otra persona",
        permission=Permission.KEEP_ACCOUNT,
        status=204,
        query=SessionsQuery,
        refusals=(404,),
        tag="Personas",
    ),
)
