"""Webhooks on the wire: how they are made and shown."""

import base64
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.errors import Invalid
from trastienda.domain.events import Kind
from trastienda.domain.people import Person
from trastienda.domain.webhooks import (
    SECRET_PREFIX,
    Attempt,
    Fault,
    Webhook,
    WebhookChange,
    WebhookDraft,
)
from trastienda.wire import bodies
from trastienda.wire.event_names import MOTIVOS, NAMES
from trastienda.wire.people import Persona
from trastienda.wire.values import time_out


class AvisoNuevo(Struct, kw_only=True, forbid_unknown_fields=True):
    """Una dirección a la que avisar. Sin ``eventos`` son todos los anuncios menos ``mensaje``.

    ``clave_actual`` es la de quien la agrega; con segundo factor pide también un ``codigo``.
    """

    url: str
    clave_actual: str
    codigo: str | UnsetType = UNSET
    eventos: list[str] | None = None
    activo: bool = True


class AvisoCambio(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que cambia de un aviso. Con ``secreto_nuevo`` se hace otro secreto; el anterior firma
    también durante un día."""

    clave_actual: str
    codigo: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    eventos: list[str] | None | UnsetType = UNSET
    activo: bool | UnsetType = UNSET
    secreto_nuevo: bool = False


class UltimoIntento(Struct, kw_only=True):
    """El último envío: de qué anuncio, y qué se contestó. ``estado`` es null si nada llegó."""

    n: int
    fecha: str
    intento: int
    estado: int | None
    respuesta: str


class Aviso(Struct, kw_only=True):
    """Una dirección a la que se avisa, y hasta dónde va.

    ``secreto`` está solo al hacerlo y al cambiarlo; no se muestra nunca más.
    """

    id_aviso: str
    url: str
    eventos: list[str] | None
    activo: bool
    motivo: str | None
    creado: str
    creador: Persona
    entregado: int
    pendiente_desde: str | None
    proximo_intento: str | None
    ultimo: UltimoIntento | None
    secreto: str | UnsetType = UNSET


class Avisos(Struct):
    """Las direcciones a las que se avisa; la más nueva va primero."""

    datos: list[Aviso]
    siguiente: None = None


class PruebaDeAviso(Struct):
    """Lo que contestó la dirección. ``estado`` es null si no llegó ninguna respuesta."""

    entregado: bool
    estado: int | None
    respuesta: str


FAULTS = {
    Fault.NO_ADDRESS: "no existe ese nombre",
    Fault.PRIVATE: "la dirección no está abierta a internet",
    Fault.UNREACHABLE: "no se pudo conectar",
    Fault.CERTIFICATE: "su certificado no es válido",
    Fault.TOO_SLOW: "tardó demasiado",
    Fault.SEALED: "su secreto se hizo con otra llave de la tienda; haz uno nuevo",
    Fault.NO_HTTP: "lo que llegó no es una respuesta",
}
"""Why there was no answer."""

_DRAFT = msgspec.json.Decoder(AvisoNuevo)
_CHANGE = msgspec.json.Decoder(AvisoCambio)
_KINDS: dict[str, tuple[Kind, ...]] = {
    name: tuple(kind for kind in NAMES if NAMES[kind] == name)
    for name in sorted(set(NAMES.values()))
}

Proof = tuple[str, str | UnsetType]
"""The password and the code of whoever calls."""


def decode_draft(body: bytes) -> tuple[WebhookDraft, Proof]:
    """Decode an address to be added; raise UnreadableError or Invalid."""
    aviso = bodies.decode(_DRAFT, body)
    draft = WebhookDraft(
        url=aviso.url,
        kinds=_kinds_in(aviso.eventos),
        active=aviso.activo,
    )
    return draft, (aviso.clave_actual, aviso.codigo)


def decode_change(body: bytes) -> tuple[WebhookChange, bool, Proof]:
    """Decode what is to become of an address, and whether it gets another secret.

    Raises UnreadableError or Invalid.
    """
    cambio = bodies.decode(_CHANGE, body)
    kinds = UNSET if cambio.eventos is UNSET else _kinds_in(cambio.eventos)
    changes = WebhookChange(url=cambio.url, kinds=kinds, active=cambio.activo)
    return changes, cambio.secreto_nuevo, (cambio.clave_actual, cambio.codigo)


def _kinds_in(names: Sequence[str] | None) -> tuple[Kind, ...] | None:
    if names is None:
        return None
    if not names:
        raise Invalid("events", "must_not_be_empty")
    for position, name in enumerate(names):
        if name not in _KINDS:
            options = ", ".join(_KINDS)
            raise Invalid(f"events[{position}]", "not_an_option", options=options)
    return tuple(kind for name in dict.fromkeys(names) for kind in _KINDS[name])


def webhook_out(
    webhook: Webhook,
    maker: Person,
    time_zone: ZoneInfo,
    secret: str | UnsetType = UNSET,
) -> Aviso:
    """Return a webhook as it is shown, with its secret where it is new."""

    def time(at_ms: int | None) -> str | None:
        return None if at_ms is None else time_out(at_ms, time_zone)

    kinds, progress = webhook.kinds, webhook.progress
    names = None
    if kinds is not None:
        names = list(dict.fromkeys(NAMES[kind] for kind in kinds))
    attempt = progress.last
    return Aviso(
        id_aviso=webhook.id,
        url=webhook.url,
        eventos=names,
        activo=webhook.off is None,
        motivo=None if webhook.off is None else MOTIVOS[webhook.off],
        creado=time_out(webhook.created_at_ms, time_zone),
        creador=Persona(maker.rut, maker.name),
        entregado=progress.n,
        pendiente_desde=time(progress.pending_since_ms),
        proximo_intento=time(progress.next_try_ms),
        ultimo=None if attempt is None else _attempt_out(attempt, time_zone),
        secreto=secret,
    )


def _attempt_out(
    attempt: Attempt,
    time_zone: ZoneInfo,
) -> UltimoIntento:
    return UltimoIntento(
        n=attempt.n,
        fecha=time_out(attempt.at_ms, time_zone),
        intento=attempt.number,
        estado=attempt.status,
        respuesta=answer_out(attempt.status, attempt.answer),
    )


def answer_out(
    status: int | None,
    answer: str,
) -> str:
    """Return what was answered, or in words why nothing was."""
    return FAULTS[Fault(answer)] if status is None else answer


def secret_out(secret: bytes) -> str:
    """Return a secret as its receiver keeps it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()
