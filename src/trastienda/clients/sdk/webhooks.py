"""Webhooks: other systems' addresses, to which the shop sends what it announces."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import Answer, Call, Repeat, read_as
from trastienda.clients.sdk.methods import endpoint
from trastienda.wire.webhooks import (
    Aviso,
    AvisoCambio,
    AvisoNuevo,
    Avisos,
    PruebaDeAviso,
)


def _read_rows(answer: Answer) -> list[Aviso]:
    return read_as(Avisos)(answer).datos


class WebhookMethods:
    """Methods about webhooks."""

    @endpoint
    def make_webhook(
        self,
        url: str,
        clave_actual: str,
        *,
        codigo: str | UnsetType = UNSET,
        eventos: Iterable[str] | None = None,
        activo: bool = True,
    ) -> Call[Aviso]:
        """Have announcements from now on be sent to ``url``.

        ``eventos`` are the names of announcements; None is all but ``mensaje``. Its
        ``secreto``, with which what is sent is signed, is never told again. ``clave_actual``
        is the caller's password; whoever has a second factor adds a ``codigo`` of it. Not
        repeated once it may have arrived. Raises AlreadyExists, Conflict
        (``demasiados_avisos``), InvalidData.
        """
        draft = AvisoNuevo(
            url=url,
            clave_actual=clave_actual,
            codigo=codigo,
            eventos=None if eventos is None else list(eventos),
            activo=activo,
        )
        return Call(
            method="POST",
            path="/avisos",
            body=draft,
            repeat=Repeat.UNSENT,
            read=read_as(Aviso),
        )

    @endpoint
    def webhooks(self) -> Call[list[Aviso]]:
        """Return the webhooks of the shop, newest first."""
        return Call(method="GET", path="/avisos", read=_read_rows)

    @endpoint
    def webhook(self, id_aviso: str) -> Call[Aviso]:
        """Return a webhook: how far it has got, and what it last answered. Raises NotFound."""
        return Call(
            method="GET",
            path="/avisos/{id_aviso}",
            names={"id_aviso": id_aviso},
            read=read_as(Aviso),
        )

    @endpoint
    def change_webhook(
        self,
        id_aviso: str,
        clave_actual: str,
        *,
        codigo: str | UnsetType = UNSET,
        url: str | UnsetType = UNSET,
        eventos: Iterable[str] | None | UnsetType = UNSET,
        activo: bool | UnsetType = UNSET,
        secreto_nuevo: bool = False,
    ) -> Call[Aviso]:
        """Change what is given of a webhook; the rest stays.

        With ``secreto_nuevo`` it gets another ``secreto``, which is told this once; the one
        before signs, too, for a day. Not repeated once it may have arrived. Raises NotFound,
        AlreadyExists, InvalidData.
        """
        names = eventos if eventos is UNSET or eventos is None else list(eventos)
        change = AvisoCambio(
            clave_actual=clave_actual,
            codigo=codigo,
            url=url,
            eventos=names,
            activo=activo,
            secreto_nuevo=secreto_nuevo,
        )
        return Call(
            method="PUT",
            path="/avisos/{id_aviso}",
            names={"id_aviso": id_aviso},
            body=change,
            repeat=Repeat.UNSENT,
            read=read_as(Aviso),
        )

    @endpoint
    def remove_webhook(self, id_aviso: str) -> Call[None]:
        """Send nothing there any more. Raises NotFound for one that is not there."""
        return Call(
            method="DELETE",
            path="/avisos/{id_aviso}",
            names={"id_aviso": id_aviso},
            read=lambda _: None,
        )

    @endpoint
    def test_webhook(self, id_aviso: str) -> Call[PruebaDeAviso]:
        """Send something there now, and return what it answered. Raises NotFound.

        Where it was taken, what waits is sent at once.
        """
        return Call(
            method="POST",
            path="/avisos/{id_aviso}/prueba",
            names={"id_aviso": id_aviso},
            read=read_as(PruebaDeAviso),
        )
