"""People and their accounts, and the calls that begin, refresh and end a session."""

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import (
    Call,
    Listing,
    Repeat,
    listing,
    read_as,
    read_with_revision,
)
from trastienda.clients.sdk.methods import endpoint, paged
from trastienda.clients.sdk.values import Day
from trastienda.wire.people import (
    Credenciales,
    Refresco,
    Registro,
    Salida,
    Sesion,
    Tipo,
    Usuario,
    UsuarioCambio,
)
from trastienda.wire.products import Estado

_BY_RUT = "/users/{rut}"


class User(Usuario):
    """A ``Usuario`` with the revision at which it was read, for ``if_match``."""

    revision: str = ""


def log_in(
    usuario: str,
    clave: str,
    codigo: str | None = None,
) -> Call[Sesion]:
    """Begin a session.

    Harmless to repeat, since a session whose tokens were lost just ends unused; but a code
    is good only once.
    """
    body = Credenciales(usuario, clave, UNSET if codigo is None else codigo)
    return Call(
        method="POST",
        path="/login",
        body=body,
        signed=False,
        repeat=Repeat.ALWAYS if codigo is None else Repeat.UNSENT,
        read=read_as(Sesion),
    )


def refresh(refresh_token: str) -> Call[Sesion]:
    """Get new tokens for a session.

    Sent again within half a minute it gets the same ones; later it ends the session.
    """
    return Call(
        method="POST",
        path="/token/refresco",
        body=Refresco(refresh_token),
        signed=False,
        read=read_as(Sesion),
    )


def log_out(refresh_token: str) -> Call[None]:
    """End a session."""
    return Call(
        method="POST",
        path="/logout",
        body=Salida(refresh_token),
        signed=False,
        read=lambda _: None,  # its success is all that matters
    )


class PeopleMethods:
    """Methods about people."""

    @endpoint
    def register(
        self,
        *,
        rut: str,
        nombre: str,
        usuario: str,
        clave: str,
        correo: str | None = None,
        tipo: Tipo = "Cliente",
    ) -> Call[User]:
        """Register a user: a Cliente without being logged in, anybody as an
        Administrador.

        Not repeated once it may have arrived: the second attempt would raise
        AlreadyExists. Raises AlreadyExists, InvalidData, Forbidden.
        """
        draft = Registro(
            rut=rut,
            nombre=nombre,
            usuario=usuario,
            clave=clave,
            correo=correo,
            tipo=tipo,
        )
        return Call(
            method="POST",
            path="/register",
            body=draft,
            repeat=Repeat.UNSENT,
            read=read_with_revision(User),
        )

    @endpoint
    def user(self, rut: str) -> Call[User]:
        """Return a user. Raises NotFound, Forbidden."""
        return Call(
            method="GET",
            path=_BY_RUT,
            names={"rut": rut},
            read=read_with_revision(User),
        )

    @paged
    def users(
        self,
        q: str | None = None,
        *,
        tipo: Tipo | None = None,
        desde: Day | None = None,
        hasta: Day | None = None,
        page_size: int = 100,
    ) -> Listing[Usuario]:
        """Iterate over the users, newest first, by their days of registration."""
        return listing(
            Usuario,
            "/users",
            page_size,
            q=q,
            tipo=tipo,
            desde=desde,
            hasta=hasta,
        )

    @endpoint
    def change_user(
        self,
        rut: str,
        *,
        nombre: str | UnsetType = UNSET,
        correo: str | None | UnsetType = UNSET,
        usuario: str | UnsetType = UNSET,
        tipo: Tipo | UnsetType = UNSET,
        estado: Estado | UnsetType = UNSET,
        verificado: bool | UnsetType = UNSET,
        clave: str | UnsetType = UNSET,
        clave_actual: str | UnsetType = UNSET,
        codigo: str | UnsetType = UNSET,
        debe_cambiar: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> Call[User]:
        """Change the given fields; the others stay.

        One's own ``clave`` and ``correo`` change with ``clave_actual``, and with ``codigo``
        where one has a second factor. A new ``clave``
        ends all sessions of that user: log in again. A change of ``clave``, or one with
        ``if_match``, is not repeated once it may have arrived.
        """
        change = UsuarioCambio(
            nombre=nombre,
            correo=correo,
            usuario=usuario,
            tipo=tipo,
            estado=estado,
            verificado=verificado,
            clave=clave,
            clave_actual=clave_actual,
            codigo=codigo,
            debe_cambiar=debe_cambiar,
        )
        is_repeatable = if_match is None and clave is UNSET and codigo is UNSET
        return Call(
            method="PUT",
            path=_BY_RUT,
            names={"rut": rut},
            body=change,
            if_match=if_match,
            repeat=Repeat.ALWAYS if is_repeatable else Repeat.UNSENT,
            read=read_with_revision(User),
        )

    @endpoint
    def free_rut(self, rut: str) -> Call[User]:
        """Give a RUT free that a stranger registered under, for its holder.

        The account of before is over; it is returned under a mark that is no RUT. Raises
        NotFound, Forbidden, Conflict (``rut_confirmado``). It is not repeated once it may
        have arrived.
        """
        return Call(
            method="POST",
            path=f"{_BY_RUT}/liberacion",
            names={"rut": rut},
            repeat=Repeat.UNSENT,
            read=read_with_revision(User),
        )

    @endpoint
    def deactivate_user(
        self,
        rut: str,
        *,
        if_match: str | None = None,
    ) -> Call[User]:
        """Deactivate a user: their sessions end, their history stays."""
        return Call(
            method="DELETE",
            path=_BY_RUT,
            names={"rut": rut},
            if_match=if_match,
            repeat=Repeat.ALWAYS if if_match is None else Repeat.UNSENT,
            read=read_with_revision(User),
        )
