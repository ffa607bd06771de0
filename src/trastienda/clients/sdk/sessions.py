"""The open sessions of a user: where they are logged in, and an end to it."""

from trastienda.clients.sdk.calls import Answer, Call, read_as
from trastienda.clients.sdk.methods import endpoint
from trastienda.wire.sessions import SesionAbierta, SesionesAbiertas


def _read_rows(answer: Answer) -> list[SesionAbierta]:
    return read_as(SesionesAbiertas)(answer).datos


class SessionMethods:
    """Methods about sessions."""

    @endpoint
    def sessions(
        self,
        *,
        rut: str | None = None,
    ) -> Call[list[SesionAbierta]]:
        """Return the own open sessions, the last used first; an Administrador anybody's."""
        return Call(
            method="GET",
            path="/sesiones",
            query=_of(rut),
            read=_read_rows,
        )

    @endpoint
    def end_session(self, id_sesion: str) -> Call[None]:
        """End a session at once. Raises NotFound for one that has ended."""
        return Call(
            method="DELETE",
            path="/sesiones/{id_sesion}",
            names={"id_sesion": id_sesion},
            read=lambda _: None,
        )

    @endpoint
    def end_sessions(
        self,
        *,
        rut: str | None = None,
    ) -> Call[None]:
        """End the own other sessions; an Administrador all of somebody else's."""
        return Call(
            method="DELETE",
            path="/sesiones",
            query=_of(rut),
            read=lambda _: None,
        )


def _of(rut: str | None) -> dict[str, str | int]:
    return {} if rut is None else {"rut": rut}
