"""``/notificaciones``: what one is told, until one has seen it."""

from typing import Annotated

from msgspec import Struct, field

from trastienda.actions import notifications
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, json_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import flag
from trastienda.servers.http.paths import NotificationPath
from trastienda.wire import notifications as wire


class NotificationsQuery(Struct, frozen=True, kw_only=True):
    """Which notifications are listed."""

    waiting: Annotated[
        bool | None,
        flag("Solo las notificaciones sin ver, o solo las vistas"),
    ] = field(default=None, name="pendientes")


async def notify(exchange: Exchange) -> Answer:
    """Tell one user something."""
    desk = exchange.desk
    new = await exchange.read(wire.decode_new)
    notification = await desk.writer.run(
        notifications.notify,
        exchange.actor,
        new.rut,
        new.titulo,
        new.texto,
    )
    shape = wire.notification_out(notification, desk.time_zone())
    return json_answer(shape, 201)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of one's own notifications."""
    desk = exchange.desk
    reading = await desk.reader.read(
        notifications.listed,
        exchange.actor,
        exchange.window(),
        waiting=exchange.query(NotificationsQuery).waiting,
    )
    time_zone = desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda notification: wire.notification_out(notification, time_zone),
    )


async def see(exchange: Exchange) -> Answer:
    """Take one's own notification as seen."""
    desk = exchange.desk
    notification = await desk.writer.run(
        notifications.see,
        exchange.actor,
        exchange.path(NotificationPath).notification_id,
    )
    return json_answer(wire.notification_out(notification, desk.time_zone()))


ROUTES = (
    Route(
        method="POST",
        path="/notificaciones",
        handler=notify,
        summary="Avisa algo a una persona, y se guarda hasta que lo vea",
        permission=Permission.NOTIFY,
        body=wire.NotificacionNueva,
        example={
            "rut": "1-9",
            "titulo": "Llegó el pan",
            "texto": "Está en la bodega: hay que ponerle precio.",
        },
        answer=wire.Notificacion,
        status=201,
        refusals=(404,),
        tag="Notificaciones",
    ),
    Route(
        method="GET",
        path="/notificaciones",
        handler=listed,
        summary="Las notificaciones de quien llama",
        permission=Permission.KEEP_ACCOUNT,
        answer=wire.Notificacion,
        listed=True,
        query=NotificationsQuery,
        snapshot=True,
        tag="Notificaciones",
    ),
    Route(
        method="POST",
        path="/notificaciones/{id_notificacion}/visto",
        path_parameters=NotificationPath,
        handler=see,
        summary="Da por vista una notificación de quien llama",
        permission=Permission.KEEP_ACCOUNT,
        answer=wire.Notificacion,
        refusals=(404,),
        tag="Notificaciones",
    ),
)
