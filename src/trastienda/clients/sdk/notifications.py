"""Notifications: what one user is told, until they have seen it."""

from trastienda.clients.sdk.calls import Call, Listing, Repeat, listing, read_as
from trastienda.clients.sdk.methods import endpoint, paged
from trastienda.clients.sdk.values import Day
from trastienda.wire.notifications import Notificacion, NotificacionNueva


class NotificationMethods:
    """Methods about notifications."""

    @endpoint
    def notify(
        self,
        rut: str,
        titulo: str,
        texto: str,
    ) -> Call[Notificacion]:
        """Tell one user something. Not repeated once it may have arrived.

        Raises NotFound where nobody has this RUT.
        """
        return Call(
            method="POST",
            path="/notificaciones",
            body=NotificacionNueva(rut, titulo, texto),
            repeat=Repeat.UNSENT,
            read=read_as(Notificacion),
        )

    @paged
    def notifications(
        self,
        *,
        pendientes: bool | None = None,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Notificacion]:
        """Iterate over the own notifications, newest first; ``pendientes``: only those
        that were not seen, or only those that were."""
        return listing(
            Notificacion,
            "/notificaciones",
            page_size,
            pendientes=pendientes,
            desde=desde,
            hasta=hasta,
            q=q,
        )

    @endpoint
    def see_notification(self, id_notificacion: int) -> Call[Notificacion]:
        """Take an own notification as seen; it may come twice. Raises NotFound."""
        return Call(
            method="POST",
            path="/notificaciones/{id_notificacion}/visto",
            names={"id_notificacion": id_notificacion},
            repeat=Repeat.ALWAYS,
            read=read_as(Notificacion),
        )
