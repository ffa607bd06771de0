"""Notifications: an Administrador tells one user something, and that user has seen it."""

from trastienda.actions import notifications
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.live_shapes import Visto
from trastienda.wire.notifications import NotificacionNueva, notification_out


async def notify(
    session: Session,
    arguments: NotificacionNueva,
) -> Answer:
    """Tell one user something."""
    session.meter.check()
    notification = await session.desk.writer.run(
        notifications.notify,
        session.require_actor(),
        arguments.rut,
        arguments.titulo,
        arguments.texto,
    )
    return Answer({"id": notification.id})


async def see(
    session: Session,
    arguments: Visto,
) -> Answer:
    """Take one's own notification as seen."""
    notification = await session.desk.writer.run(
        notifications.see,
        session.require_actor(),
        arguments.id,
    )
    shape = notification_out(notification, session.desk.time_zone())
    return Answer({"id": shape.id, "visto": shape.visto})
