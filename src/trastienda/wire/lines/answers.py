"""The answers of the commands to programs: what stands beside ``id`` and ``ok``."""

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from trastienda.domain.chat import Member, Message, PrivateMessage, RoomState
from trastienda.domain.lists import Page
from trastienda.domain.moderation import Sanction
from trastienda.domain.people import Actor
from trastienda.domain.products import Product
from trastienda.domain.returns import Return
from trastienda.domain.shop import Shop
from trastienda.wire.chat import message_out, page_out, private_out, room_out
from trastienda.wire.lines.sentences import SANCTIONS
from trastienda.wire.people import TIPOS
from trastienda.wire.products import product_out
from trastienda.wire.returns import return_out
from trastienda.wire.values import quantity_out

Answer = dict[str, Any]


def commands(command_rows: Iterable[tuple[str, str, str]]) -> Answer:
    """Return the commands, each as its word, its usage and what it does."""
    comandos = [
        {"accion": word, "uso": usage, "ayuda": help_text}
        for word, usage, help_text in command_rows
    ]
    return {"comandos": comandos}


def shop(page: Shop) -> Answer:
    """Return what strangers may know of the shop, who see its prices."""
    return {
        "nombre": page.name,
        "pais": page.country,
        "moneda": page.currency,
        "zona_horaria": page.timezone,
    }


def words(text: str) -> Answer:
    """Return what people are answered."""
    return {"texto": text}


# Products


def products(
    listed_products: Iterable[Product],
    now_ms: int,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> Answer:
    """Return products; what they cost is for ``staff``."""
    datos = [
        product_out(product, now_ms, time_zone, staff=staff)
        for product in listed_products
    ]
    return {"datos": datos}


def product_page(
    page: Page[Product],
    now_ms: int,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> Answer:
    """Return a page of products, with the cursor of the next one."""
    answer = products(page.items, now_ms, time_zone, staff=staff)
    answer["siguiente"] = page.following
    return answer


def stock(listed_products: Iterable[Product]) -> Answer:
    """Return what is left of products."""
    datos = [
        {
            "codigo_barras": product.code,
            "nombre": product.name,
            "stock": quantity_out(product.stock_milli),
            "unidad": product.unit,
        }
        for product in listed_products
    ]
    return {"datos": datos}


def returns(
    documents: Iterable[Return],
    time_zone: ZoneInfo,
) -> Answer:
    """Return the returns that a command has made."""
    devoluciones = [return_out(document, time_zone) for document in documents]
    return {"devoluciones": devoluciones}


def render_returns(
    documents: Iterable[Return],
    time_zone: ZoneInfo,
    _now_ms: int,
) -> bytes:
    """Return the same as it is kept under a key."""
    answer = returns(documents, time_zone)
    return msgspec.json.encode(answer)


# The chat


def alias(name: str) -> Answer:
    """Return the alias that a command was about."""
    return {"alias": name}


def account(actor: Actor | None) -> Answer:
    """Return who somebody is with an account."""
    if actor is None:
        return {}
    return {"nombre": actor.name, "tipo": TIPOS[actor.role]}


def welcome(
    member: Member,
    page: Answer,
    waiting: Iterable[PrivateMessage],
    time_zone: ZoneInfo,
) -> Answer:
    """Return what somebody gets who comes in.

    It is their alias, a page of the room, and the private messages that waited.
    """
    privados = [private_out(message, time_zone) for message in waiting]
    return {"alias": member.alias, **page, "privados": privados}


def room_page(
    room_name: str,
    messages: Sequence[Message],
    time_zone: ZoneInfo,
    *,
    more: bool,
) -> Answer:
    """Return a page of a room's messages; ``more``: there are others before it."""
    return page_out(room_name, messages, time_zone, more=more)


def people(aliases: list[str]) -> Answer:
    """Return who is connected."""
    return {"usuarios": aliases}


def connections(places: Iterable[tuple[Member, str | None]]) -> Answer:
    """Return each connection of the chat: whose it is, in which room, and from where."""
    conexiones = [
        {"alias": member.alias, "sala": room, "direccion": member.address}
        for member, room in places
    ]
    return {"conexiones": conexiones}


def rooms(
    states: Sequence[RoomState],
    *,
    staff: bool,
) -> Answer:
    """Return rooms; those that are archived stand apart, and are for ``staff``."""
    in_use = [room_out(state) for state in states if not state.is_archived]
    archived = [room_out(state) for state in states if state.is_archived]

    answer: Answer = {"salas": in_use}
    if staff:
        answer["archivadas"] = archived
    return answer


def room(room_name: str) -> Answer:
    """Return the room that a command was about."""
    return {"sala": room_name}


def said(message: Message) -> Answer:
    """Return where a message stands that was just said."""
    return {"sala": message.room, "seq": message.seq}


def seq(number: int) -> Answer:
    """Return the number of a message."""
    return {"seq": number}


def sent(
    recipient_alias: str,
    *,
    delivered: bool,
) -> Answer:
    """Return whom a private message is for, and whether they are there."""
    return {"para": recipient_alias, "entregado": delivered}


def messages(
    results: Iterable[Message],
    time_zone: ZoneInfo,
) -> Answer:
    """Return messages that a search has found."""
    mensajes = [message_out(message, time_zone) for message in results]
    return {"mensajes": mensajes}


def muted(
    name: str,
    minutes: int,
) -> Answer:
    """Return who is muted for how long."""
    return {"alias": name, "minutos": minutes}


def sanctions(
    in_force: Iterable[Sanction],
    now_ms: int,
) -> Answer:
    """Return who is muted or banned, and for how many seconds more."""
    sanciones = [
        {
            "alias": sanction.label,
            "estado": SANCTIONS[sanction.kind],
            "segundos": sanction.seconds_left(now_ms),
        }
        for sanction in in_force
    ]
    return {"sanciones": sanciones}
