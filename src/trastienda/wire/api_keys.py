"""API keys on the wire."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from trastienda.domain.api_keys import ApiKey, ApiKeyDraft
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Person
from trastienda.wire import bodies
from trastienda.wire.people import ROLES, TIPOS, Persona, Tipo
from trastienda.wire.values import time_in, time_out


class LlaveNueva(Struct, kw_only=True, forbid_unknown_fields=True):
    """Una llave por crear: para qué programa, con qué tipo a lo sumo, desde dónde y hasta cuándo.

    Sin ``direcciones`` sirve desde cualquier parte; sin ``hasta``, hasta que se retire.
    ``clave_actual`` es la de quien la crea; con segundo factor pide también un ``codigo``.
    """

    clave_actual: str
    nombre: str
    tipo: Tipo
    codigo: str | UnsetType = UNSET
    direcciones: list[str] | UnsetType = UNSET
    hasta: str | None = None


class Llave(Struct, kw_only=True):
    """Una llave. ``usada`` es exacta a la hora; sin ``direcciones`` sirve desde cualquier parte."""

    id_llave: str
    nombre: str
    tipo: Tipo
    direcciones: list[str]
    hasta: str | None
    creada: str
    usada: str | None
    creador: Persona


class LlaveCreada(Llave, kw_only=True):
    """Una llave recién creada, con ``llave``, que no se muestra nunca más."""

    llave: str


class Llaves(Struct):
    """Las llaves de la tienda; la más nueva va primero."""

    datos: list[Llave]
    siguiente: None = None


_DRAFT = msgspec.json.Decoder(LlaveNueva)


def decode_draft(body: bytes) -> tuple[ApiKeyDraft, str, str | UnsetType]:
    """Decode a key to be made, with the password and the code of who makes it.

    Raises UnreadableError or Invalid.
    """
    llave = bodies.decode(_DRAFT, body)
    networks: tuple[str, ...] = ()
    if llave.direcciones is not UNSET:
        if not llave.direcciones:  # by mistake it would be from anywhere
            raise Invalid("networks", "must_not_be_empty")
        networks = tuple(llave.direcciones)

    draft = ApiKeyDraft(
        name=llave.nombre,
        role=ROLES[llave.tipo],
        networks=networks,
        until_ms=None if llave.hasta is None else time_in(llave.hasta, "until"),
    )
    return draft, llave.clave_actual, llave.codigo


def key_out(
    key: ApiKey,
    maker: Person,
    time_zone: ZoneInfo,
) -> Llave:
    """Return a key as it is listed."""
    hasta = None if key.until_ms is None else time_out(key.until_ms, time_zone)
    usada = None if key.used_at_ms is None else time_out(key.used_at_ms, time_zone)
    return Llave(
        id_llave=key.id,
        nombre=key.name,
        tipo=TIPOS[key.role],
        direcciones=list(key.networks),
        hasta=hasta,
        creada=time_out(key.created_at_ms, time_zone),
        usada=usada,
        creador=Persona(maker.rut, maker.name),
    )


def made_out(
    key: ApiKey,
    maker: Person,
    secret: str,
    time_zone: ZoneInfo,
) -> LlaveCreada:
    """Return a key that has just been made, with its secret."""
    llave = key_out(key, maker, time_zone)
    return LlaveCreada(**asdict(llave), llave=secret)
