"""Entries of the chat's log, as a line for people and as a JSON object."""

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

_MODERATION = frozenset(
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


def encoder(time_zone: Callable[[], ZoneInfo]) -> Callable[[Entry], tuple[str, str]]:
    """Return a function that makes the two lines of an entry, without their ends.

    ``time_zone`` returns the shop's time zone at that moment.
    """

    # All that happens in a second has one time.
    @lru_cache(maxsize=4)
    def second_out(at_s: int, shop_zone: ZoneInfo) -> str:
        return moment(at_s * 1000, shop_zone).strftime("%Y-%m-%d %H:%M:%S")

    def lines(entry: Entry) -> tuple[str, str]:
        shop_zone = time_zone()
        kind = entry.kind
        message_text = entry.text if isinstance(entry, PublicEntry) else None
        lost_count = entry.count if isinstance(entry, LostEntries) else None

        sentence = _SENTENCES[kind].format(
            address=entry.address or "?",
            alias=entry.alias or "?",
            username=entry.username or "?",
            room=entry.room or "?",
            other=entry.other or "?",
            seq=entry.seq or "?",
            text=message_text or "",
            count=lost_count or 0,
        )
        time = second_out(entry.at_ms // 1000, shop_zone)
        line_for_people = f"{time} {sentence}"

        anotacion = Anotacion(
            marca_temporal=time_out(entry.at_ms, shop_zone),
            evento=_EVENTOS[kind],
            alias=entry.alias,
            usuario=entry.username,
            direccion=entry.address,
            sala=entry.room,
            seq=entry.seq,
            para=entry.other if kind is EntryKind.PRIVATE else None,
            nuevo=entry.other if kind is EntryKind.RENAMED else None,
            objetivo=entry.other if kind in _MODERATION else None,
            texto=message_text,
            cantidad=lost_count,
        )
        json_object = _encode(anotacion).decode()
        return line_for_people, json_object

    return lines
