"""People on the wire."""

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.people import Person, Role, User, UserChange, UserDraft
from trastienda.wire import bodies
from trastienda.wire.products import ACTIVE, Estado
from trastienda.wire.values import time_out

Tipo = Literal["Administrador", "Cajero", "Cliente"]

ROLES: dict[Tipo, Role] = {
    "Administrador": Role.ADMINISTRATOR,
    "Cajero": Role.CASHIER,
    "Cliente": Role.CUSTOMER,
}
TIPOS: dict[Role, Tipo] = {role: tipo for tipo, role in ROLES.items()}


class Persona(Struct):
    """Alguien, como lo ven los demás."""

    rut: str
    nombre: str


class Usuario(Struct):
    """Alguien con una cuenta."""

    rut: str
    nombre: str
    correo: str | None
    usuario: str
    tipo: Tipo
    estado: Estado
    verificado: bool
    creado: str


class Registro(Struct, kw_only=True, forbid_unknown_fields=True):
    """Alguien por registrar."""

    rut: str
    nombre: str
    usuario: str
    clave: str
    correo: str | None = None
    tipo: Tipo = "Cliente"


class UsuarioCambio(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que cambia de una persona; quien cambia su propia clave da también la actual."""

    nombre: str | UnsetType = UNSET
    correo: str | None | UnsetType = UNSET
    usuario: str | UnsetType = UNSET
    tipo: Tipo | UnsetType = UNSET
    estado: Estado | UnsetType = UNSET
    verificado: bool | UnsetType = UNSET
    clave: str | UnsetType = UNSET
    clave_actual: str | UnsetType = UNSET


class Credenciales(Struct, forbid_unknown_fields=True):
    """Usuario (o RUT) y clave."""

    usuario: str
    clave: str


class Refresco(Struct, forbid_unknown_fields=True):
    """Un token de refresco."""

    token_refresco: str


class Salida(Struct, forbid_unknown_fields=True):
    """Qué sesión se cierra; sin token de refresco, la de quien llama."""

    token_refresco: str | UnsetType = UNSET


class Sesion(Struct):
    """Una sesión abierta; ``expira_en`` en segundos."""

    token: str
    token_refresco: str
    expira_en: int
    usuario: Usuario


_REGISTRATION = msgspec.json.Decoder(Registro)
_CHANGE = msgspec.json.Decoder(UsuarioCambio)
_CREDENTIALS = msgspec.json.Decoder(Credenciales)
_REFRESH = msgspec.json.Decoder(Refresco)
_LOGOUT = msgspec.json.Decoder(Salida)


def person_out(person: Person | None) -> Persona | None:
    """Return a person as others see them."""
    return None if person is None else Persona(person.rut, person.name)


def user_out(user: User, time_zone: ZoneInfo) -> Usuario:
    """Return a user as the wire shows them."""
    return Usuario(
        user.rut,
        user.name,
        user.email,
        user.username,
        TIPOS[user.role],
        "Activo" if user.active else "Inactivo",
        user.verified,
        time_out(user.created_at_ms, time_zone),
    )


def decode_draft(body: bytes) -> UserDraft:
    """Decode a user to be registered; raise UnreadableError or Invalid."""
    registration = bodies.decode(_REGISTRATION, body)
    return UserDraft(
        rut=registration.rut,
        name=registration.nombre,
        username=registration.usuario,
        password=registration.clave,
        email=registration.correo,
        role=ROLES[registration.tipo],
    )


def decode_change(body: bytes) -> UsuarioCambio:
    """Decode a change of a user; raise UnreadableError or Invalid."""
    return bodies.decode(_CHANGE, body)


def change_in(change: UsuarioCambio, password_hash: str | UnsetType) -> UserChange:
    """Return a change of a user, with the hash of the new password in place of the password."""
    return UserChange(
        name=change.nombre,
        email=change.correo,
        username=change.usuario,
        role=UNSET if change.tipo is UNSET else ROLES[change.tipo],
        active=UNSET if change.estado is UNSET else ACTIVE[change.estado],
        verified=change.verificado,
        password_hash=password_hash,
    )


def decode_credentials(body: bytes) -> Credenciales:
    """Decode the credentials of a login; raise UnreadableError or Invalid."""
    return bodies.decode(_CREDENTIALS, body)


def decode_refresh(body: bytes) -> Refresco:
    """Decode a refresh token; raise UnreadableError or Invalid."""
    return bodies.decode(_REFRESH, body)


def decode_logout(body: bytes) -> Salida:
    """Decode what a logout ends. The body may be empty. Raises UnreadableError or Invalid."""
    return bodies.decode(_LOGOUT, body) if body else Salida()


def role(tipo: str) -> Role:
    """Return the role that ``tipo`` names; a KeyError for one that is none."""
    return {str(name): role for name, role in ROLES.items()}[tipo]
