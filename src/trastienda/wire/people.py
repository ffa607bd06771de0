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
    """Lo que cambia de una persona.

    Quien cambia su propia clave o su correo da también la clave actual, y si tiene un segundo
    factor, un código. Con ``debe_cambiar``
    la persona tendrá que cambiar la clave al entrar.
    """

    nombre: str | UnsetType = UNSET
    correo: str | None | UnsetType = UNSET
    usuario: str | UnsetType = UNSET
    tipo: Tipo | UnsetType = UNSET
    estado: Estado | UnsetType = UNSET
    verificado: bool | UnsetType = UNSET
    clave: str | UnsetType = UNSET
    clave_actual: str | UnsetType = UNSET
    codigo: str | UnsetType = UNSET
    debe_cambiar: bool | UnsetType = UNSET


class Credenciales(Struct, forbid_unknown_fields=True):
    """Usuario (o RUT) y clave, y un código de quien tiene un segundo factor."""

    usuario: str
    clave: str
    codigo: str | UnsetType = UNSET


class Refresco(Struct, forbid_unknown_fields=True):
    """Un token de refresco."""

    token_refresco: str


class Salida(Struct, forbid_unknown_fields=True):
    """Qué sesión se cierra; sin token de refresco, la de quien llama."""

    token_refresco: str | UnsetType = UNSET


class Sesion(Struct):
    """Una sesión abierta; ``expira_en`` en segundos.

    Con ``debe_cambiar`` no se puede hacer nada más antes de cambiar la clave.
    """

    token: str
    token_refresco: str
    expira_en: int
    usuario: Usuario
    debe_cambiar: bool = False


_REGISTRATION = msgspec.json.Decoder(Registro)
_CHANGE = msgspec.json.Decoder(UsuarioCambio)
_CREDENTIALS = msgspec.json.Decoder(Credenciales)
_REFRESH = msgspec.json.Decoder(Refresco)
_LOGOUT = msgspec.json.Decoder(Salida)


def person_out(person: Person | None) -> Persona | None:
    """Return a person as others see them."""
    if person is None:
        return None
    return Persona(person.rut, person.name)


def user_out(
    user: User,
    time_zone: ZoneInfo,
) -> Usuario:
    """Return a user as the wire shows them."""
    return Usuario(
        rut=user.rut,
        nombre=user.name,
        correo=user.email,
        usuario=user.username,
        tipo=TIPOS[user.role],
        estado="Activo" if user.active else "Inactivo",
        verificado=user.verified,
        creado=time_out(user.created_at_ms, time_zone),
    )


def decode_draft(body: bytes) -> UserDraft:
    """Decode a user to be registered; raise UnreadableError or Invalid."""
    registro = bodies.decode(_REGISTRATION, body)
    return UserDraft(
        rut=registro.rut,
        name=registro.nombre,
        username=registro.usuario,
        password=registro.clave,
        email=registro.correo,
        role=ROLES[registro.tipo],
    )


def decode_change(
    body: bytes,
) -> tuple[UserChange, str | UnsetType, str | UnsetType]:
    """Decode a change of a user, with the password and the code that prove who asks for it.

    Raises UnreadableError or Invalid.
    """
    cambio = bodies.decode(_CHANGE, body)
    role: Role | UnsetType = UNSET
    if cambio.tipo is not UNSET:
        role = ROLES[cambio.tipo]

    active: bool | UnsetType = UNSET
    if cambio.estado is not UNSET:
        active = ACTIVE[cambio.estado]

    change = UserChange(
        name=cambio.nombre,
        email=cambio.correo,
        username=cambio.usuario,
        role=role,
        active=active,
        verified=cambio.verificado,
        password=cambio.clave,
        must_change_password=cambio.debe_cambiar,
    )
    return change, cambio.clave_actual, cambio.codigo


def decode_credentials(body: bytes) -> Credenciales:
    """Decode the credentials of a login; raise UnreadableError or Invalid."""
    return bodies.decode(_CREDENTIALS, body)


def decode_refresh(body: bytes) -> Refresco:
    """Decode a refresh token; raise UnreadableError or Invalid."""
    return bodies.decode(_REFRESH, body)


def decode_logout(body: bytes) -> Salida:
    """Decode what a logout ends; the body may be empty.

    Raises UnreadableError or Invalid.
    """
    if not body:
        return Salida()
    return bodies.decode(_LOGOUT, body)


def role(tipo: str) -> Role:
    """Return the role that ``tipo`` names; raise KeyError for any other word."""
    roles_by_word = {str(word): role for word, role in ROLES.items()}
    return roles_by_word[tipo]
