"""Messages and notices of the chat, for programs and for people."""

from collections.abc import Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.chat import (
    Change,
    Message,
    MessageKind,
    Notice,
    PrivateMessage,
    RoomState,
)
from trastienda.domain.products import Unit
from trastienda.wire.values import time_out
from trastienda.wire.written import moment_of_day, quantity

MESSAGE = "mensaje"
"""How the announcement of one is called."""
HOUSE = "Trastienda"
"""The author of what the shop itself says."""


class Mensaje(Struct, kw_only=True):
    """Un mensaje de una sala, o privado.

    Un privado tiene ``id_mensaje`` y ``para``, y no ``sala`` ni ``seq``.
    """

    id_mensaje: int | UnsetType = UNSET
    sala: str | UnsetType = UNSET
    para: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET
    de: str
    texto: str
    fecha: str
    editado: bool = False
    borrado: bool = False


class Sala(Struct):
    """Una sala; ``sin_leer`` solo la tiene quien entra con cuenta."""

    sala: str
    ultimo: int
    sin_leer: int | UnsetType = UNSET


class Presencia(Struct, kw_only=True):
    """Alguien que llega a una sala, sale de ella o cambia de alias."""

    sala: str
    alias: str
    estado: Literal["entra", "sale", "nombre"]
    nuevo: str | UnsetType = UNSET


_STATES: dict[Change, Literal["entra", "sale", "nombre"]] = {
    Change.JOINED: "entra",
    Change.LEFT: "sale",
    Change.RENAMED: "nombre",
}


def text_of(message: Message) -> str:
    """Return what a message says, in words."""
    if message.deleted:
        return ""
    if message.kind is MessageKind.SPOKEN:
        return message.text
    if message.kind is MessageKind.COPY_FAILED:
        return f"No se hizo la copia programada: {message.text}."
    if message.kind is MessageKind.WEBHOOK_OFF:
        return f"Ya no se envían avisos a {message.text}: revísalo en /avisos."

    alert = message.alert
    product = f"{alert.name} ({alert.code})"
    if message.kind is MessageKind.LOW_STOCK:
        unit = Unit(alert.unit)
        left = quantity(alert.stock_milli, unit)
        minimum = quantity(alert.min_stock_milli, unit)
        return f"Queda poco de {product}: {left}; el mínimo es {minimum}."
    return f"Venció el descuento de {product}."


def author(message: Message) -> str:
    """Return who said it."""
    return message.alias or HOUSE


def message_out(
    message: Message,
    time_zone: ZoneInfo,
) -> Mensaje:
    """Return a message as programs get it."""
    is_edited = message.edited_at_ms is not None and not message.deleted
    return Mensaje(
        sala=message.room,
        seq=message.seq,
        de=author(message),
        texto=text_of(message),
        fecha=time_out(message.at_ms, time_zone),
        editado=is_edited,
        borrado=message.deleted,
    )


def page_out(
    room: str,
    messages: Sequence[Message],
    time_zone: ZoneInfo,
    *,
    more: bool,
) -> dict[str, Any]:
    """Return a page of a room's messages; ``more``: there are others before it."""
    mensajes = [message_out(message, time_zone) for message in messages]
    return {"sala": room, "mensajes": mensajes, "hay_mas": more}


def private_out(
    message: PrivateMessage,
    time_zone: ZoneInfo,
) -> Mensaje:
    """Return a private message as programs get it."""
    return Mensaje(
        id_mensaje=message.id,
        para=message.recipient_alias,
        de=message.alias,
        texto=message.text,
        fecha=time_out(message.at_ms, time_zone),
    )


def room_out(room: RoomState) -> Sala:
    """Return a room as programs get it."""
    unread = UNSET if room.unread is None else room.unread
    return Sala(room.name, room.last_seq, unread)


def notice_out(notice: Notice) -> Presencia:
    """Return a notice as programs get it."""
    new_alias = notice.new_alias
    return Presencia(
        sala=notice.room,
        alias=notice.alias,
        estado=_STATES[notice.change],
        nuevo=UNSET if new_alias is None else new_alias,
    )


def spoken_line(message: Message) -> str:
    """Return a message as its room sees it when it is said, edited or deleted."""
    author_name = author(message)
    if message.deleted:
        return f"Se borró el mensaje {message.seq} de {author_name}."

    message_text = text_of(message)
    if message.edited_at_ms is not None:
        return f"{author_name} corrigió su mensaje {message.seq}: {message_text}"
    return f"{author_name}: {message_text}"


def past_line(
    message: Message,
    time_zone: ZoneInfo,
) -> str:
    """Return a message as people see it in a history, with its number and its time."""
    moment = moment_of_day(message.at_ms, time_zone)
    heading = f"[{message.seq} {moment}]"
    author_name = author(message)
    if message.deleted:
        return f"{heading} (mensaje borrado de {author_name})"

    line = f"{heading} {author_name}: {text_of(message)}"
    if message.edited_at_ms:
        line += " (corregido)"
    return line


def private_line(message: PrivateMessage) -> str:
    """Return a private message as its addressee sees it."""
    return f"{message.alias} (en privado): {message.text}"


def sent_line(message: PrivateMessage) -> str:
    """Return a private message as its sender sees it, on all their connections."""
    return f"A {message.recipient_alias} (en privado): {message.text}"


def waited_line(
    message: PrivateMessage,
    time_zone: ZoneInfo,
) -> str:
    """Return a private message that waited, as its addressee sees it."""
    moment = moment_of_day(message.at_ms, time_zone)
    return f"{message.alias} (en privado, {moment}): {message.text}"


def notice_line(notice: Notice) -> str:
    """Return a notice as people see it."""
    return presence_line(notice_out(notice))


def presence_line(presence: Presencia) -> str:
    """Return the same of what programs get."""
    alias = presence.alias
    if presence.estado == "entra":
        return f"{alias} se ha unido al chat."
    if presence.estado == "sale":
        return f"{alias} ha salido del chat."
    return f"{alias} ahora es {presence.nuevo}."


def room_line(room: RoomState) -> str:
    """Return a room as people see it in a list."""
    if not room.unread:
        return f"#{room.name}"
    return f"#{room.name} ({room.unread} sin leer)"
