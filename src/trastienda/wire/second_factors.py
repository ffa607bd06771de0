"""Second factors on the wire."""

from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.second_factors import State
from trastienda.wire import bodies
from trastienda.wire.values import time_out


class SegundoFactor(Struct):
    """Si alguien entra con un segundo factor, desde cuándo, y cuántos códigos de recuperación
    le quedan.
    """

    activo: bool
    desde: str | None
    codigos_restantes: int


class SegundoFactorPedido(Struct, forbid_unknown_fields=True):
    """La clave de quien prepara su segundo factor."""

    clave_actual: str


class SegundoFactorNuevo(Struct):
    """Lo que se le da a la aplicación del teléfono, escrito o como código QR.

    No vale todavía: hay que confirmarlo con un código.
    """

    secreto: str
    uri: str


class SegundoFactorConfirmado(Struct, forbid_unknown_fields=True):
    """El código que el teléfono muestra ahora."""

    codigo: str


class CodigosDeRecuperacion(Struct):
    """Los códigos que se guardan en papel por si se pierde el teléfono.

    Cada uno vale una vez, y no se muestran de nuevo.
    """

    codigos: list[str]


class SegundoFactorFin(Struct, forbid_unknown_fields=True):
    """Quien quita el suyo da su clave y un código; un Administrador quita el de otro sin ellos."""

    clave_actual: str | UnsetType = UNSET
    codigo: str | UnsetType = UNSET


_BEGINNING = msgspec.json.Decoder(SegundoFactorPedido)
_CONFIRMATION = msgspec.json.Decoder(SegundoFactorConfirmado)
_END = msgspec.json.Decoder(SegundoFactorFin)


def decode_beginning(body: bytes) -> SegundoFactorPedido:
    """Decode who prepares a second factor; raise UnreadableError or Invalid."""
    return bodies.decode(_BEGINNING, body)


def decode_confirmation(body: bytes) -> SegundoFactorConfirmado:
    """Decode the code that confirms a second factor; raise UnreadableError or Invalid."""
    return bodies.decode(_CONFIRMATION, body)


def decode_end(body: bytes) -> SegundoFactorFin:
    """Decode who takes a second factor off; the body may be empty.

    Raises UnreadableError or Invalid.
    """
    if not body:
        return SegundoFactorFin()
    return bodies.decode(_END, body)


def state_out(
    state: State,
    time_zone: ZoneInfo,
) -> SegundoFactor:
    """Return what somebody's second factor is like."""
    since = None
    if state.since_ms is not None:
        since = time_out(state.since_ms, time_zone)
    return SegundoFactor(
        activo=since is not None,
        desde=since,
        codigos_restantes=state.codes_left,
    )


def secret_out(
    secret: str,
    username: str,
    shop_name: str,
) -> SegundoFactorNuevo:
    """Return a secret as an app takes it: typed, or as the address in a QR code."""
    issuer = quote(shop_name.replace(":", " "), safe="")
    account = quote(username, safe="")
    uri = f"otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}"
    return SegundoFactorNuevo(secret, uri)
