"""People on the wire."""

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.people import Person, Role, User, UserDraft
from trastienda.wire.products import Estado
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


decode_registration = msgspec.json.Decoder(Registro)
decode_change = msgspec.json.Decoder(UsuarioCambio)
decode_credentials = msgspec.json.Decoder(Credenciales)
decode_refresh = msgspec.json.Decoder(Refresco)
decode_leave = msgspec.json.Decoder(Salida)


def person_out(person: Person | None) -> Persona | None:
    """Return somebody as others see them."""
    return None if person is None else Persona(person.rut, person.name)


def user_out(user: User, zone: ZoneInfo) -> Usuario:
    """Return a user as it is shown."""
    return Usuario(
        user.rut,
        user.name,
        user.email,
        user.username,
        TIPOS[user.role],
        "Activo" if user.active else "Inactivo",
        user.verified,
        time_out(user.created_at_ms, zone),
    )


def draft_in(given: Registro) -> UserDraft:
    """Return who is to be registered."""
    return UserDraft(
        rut=given.rut,
        name=given.nombre,
        username=given.usuario,
        password=given.clave,
        email=given.correo,
        role=ROLES[given.tipo],
    )


def role(tipo: str) -> Role:
    """Return the role that ``tipo`` names; a KeyError for one that is none."""
    return {str(name): role for name, role in ROLES.items()}[tipo]
