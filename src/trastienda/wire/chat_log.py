"""Entries of the chat's logs, as a line that a person reads and as one of JSON."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.chat_entries import Entry, EntryKind, LostEntries, PublicEntry
from trastienda.domain.days import moment
from trastienda.wire.values import time_out

_EVENTOS = {
    EntryKind.CONNECTED: "conexion",
    EntryKind.DISCONNECTED: "desconexion",
    EntryKind.MESSAGE: "mensaje",
    EntryKind.PRIVATE: "privado",
    EntryKind.JOINED: "union",
    EntryKind.LEFT: "salida",
    EntryKind.RENAMED: "nombre",
    EntryKind.ROOM: "sala",
    EntryKind.LOGGED_IN: "entrada",
    EntryKind.EDITED: "edicion",
    EntryKind.DELETED: "borrado",
    EntryKind.KICKED: "expulsion",
    EntryKind.MUTED: "silencio",
    EntryKind.BANNED: "bloqueo",
    EntryKind.UNBANNED: "desbloqueo",
    EntryKind.LOST: "perdidas",
}
_SENTENCES = {
    EntryKind.CONNECTED: "{address} se conectó.",
    EntryKind.DISCONNECTED: "{address} se desconectó.",
    EntryKind.MESSAGE: "[{room}] {alias}: {text}",
    EntryKind.PRIVATE: "{alias} habló en privado con {other}.",
    EntryKind.JOINED: "{alias} se ha unido al chat.",
    EntryKind.LEFT: "{alias} ha salido del chat.",
    EntryKind.RENAMED: "{alias} ahora es {other}.",
    EntryKind.ROOM: "{alias} entró en la sala {room}.",
    EntryKind.LOGGED_IN: "{alias} entró con la cuenta {username}.",
    EntryKind.EDITED: "[{room}] {alias} cambió su mensaje {seq}: {text}",
    EntryKind.DELETED: "[{room}] {alias} borró el mensaje {seq}.",
    EntryKind.KICKED: "{alias} expulsó a {other}.",
    EntryKind.MUTED: "{alias} silenció a {other}.",
    EntryKind.BANNED: "{alias} bloqueó a {other}.",
    EntryKind.UNBANNED: "{alias} desbloqueó a {other}.",
    EntryKind.LOST: "Se perdieron anotaciones: {count}.",
}

_AIMED = frozenset(
    (EntryKind.KICKED, EntryKind.MUTED, EntryKind.BANNED, EntryKind.UNBANNED)
)


class Anotacion(Struct, omit_defaults=True):
    """Algo que pasó en el chat; lo que es null no se escribe."""

    marca_temporal: str
    evento: str
    alias: str | None = None
    usuario: str | None = None
    direccion: str | None = None
    sala: str | None = None
    seq: int | None = None
    para: str | None = None
    nuevo: str | None = None
    objetivo: str | None = None
    texto: str | None = None
    cantidad: int | None = None


_encode = msgspec.json.Encoder().encode


def encoder(zone: Callable[[], ZoneInfo]) -> Callable[[Entry], tuple[str, str]]:
    """Return what makes the two lines of an entry, without their ends; ``zone`` is the shop's at that moment."""

    def lines(entry: Entry) -> tuple[str, str]:
        here = zone()
        return f"{_clock(entry.at_ms // 1000, here)} {_sentence(entry)}", _encode(
            _object(entry, here)
        ).decode()

    return lines


@lru_cache(maxsize=4)  # all that happens in a second has one time
def _clock(at_s: int, zone: ZoneInfo) -> str:
    return moment(at_s * 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _sentence(entry: Entry) -> str:
    return _SENTENCES[entry.kind].format(
        address=entry.address or "?",
        alias=entry.alias or "?",
        username=entry.username or "?",
        room=entry.room or "?",
        other=entry.other or "?",
        seq=entry.seq or "?",
        text=entry.text if isinstance(entry, PublicEntry) else "",
        count=entry.count if isinstance(entry, LostEntries) else 0,
    )


def _object(entry: Entry, zone: ZoneInfo) -> Anotacion:
    kind = entry.kind
    return Anotacion(
        marca_temporal=time_out(entry.at_ms, zone),
        evento=_EVENTOS[kind],
        alias=entry.alias,
        usuario=entry.username,
        direccion=entry.address,
        sala=entry.room,
        seq=entry.seq,
        para=entry.other if kind is EntryKind.PRIVATE else None,
        nuevo=entry.other if kind is EntryKind.RENAMED else None,
        objetivo=entry.other if kind in _AIMED else None,
        texto=entry.text if isinstance(entry, PublicEntry) else None,
        cantidad=entry.count if isinstance(entry, LostEntries) else None,
    )
