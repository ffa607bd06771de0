"""What is said: in a room and in private, before and now."""

import asyncio

from msgspec import Struct

from trastienda.actions import chat, private_messages
from trastienda.actions.private_messages import Addressee
from trastienda.domain.chat import SHOWN_ON_ENTERING, Message, check_room
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotFound
from trastienda.servers.tcp.conversation import Answer, Conversation
from trastienda.wire.chat import message_out, page_out, past_line, sent_line
from trastienda.wire.lines.cleaning import clean


class Speaking(Struct, forbid_unknown_fields=True):
    """Un mensaje, a una sala (sin ella, a la propia) o a alguien."""

    texto: str
    sala: str | None = None
    para: str | None = None
    id_cliente: str | None = None


class Whispering(Struct, forbid_unknown_fields=True):
    """Un mensaje a una sola persona."""

    para: str
    texto: str
    id_cliente: str | None = None


class Looking(Struct, forbid_unknown_fields=True):
    """Cuántos mensajes, de qué sala, anteriores a cuál."""

    limite: int = SHOWN_ON_ENTERING
    sala: str | None = None
    antes: int | None = None


class Searching(Struct, forbid_unknown_fields=True):
    """Qué se busca, y en qué sala (sin ella, en todas)."""

    q: str
    sala: str | None = None


class Editing(Struct, forbid_unknown_fields=True):
    """El mensaje propio y su nuevo texto."""

    seq: int
    texto: str
    sala: str | None = None


class Deleting(Struct, forbid_unknown_fields=True):
    """El mensaje propio que se retira."""

    seq: int
    sala: str | None = None


class ReadMark(Struct, forbid_unknown_fields=True):
    """Hasta qué mensaje se leyó; sin él, todo."""

    seq: int | None = None
    sala: str | None = None


def _room(talk: Conversation, name: str | None) -> str:
    return talk.place if name is None else check_room(name)


def speak(talk: Conversation, given: Speaking) -> "asyncio.Future[Message]":
    """Say something in a room; whoever called is told when it is stored."""
    return talk.speak(_room(talk, given.sala), clean(given.texto), given.id_cliente)


async def say(talk: Conversation, given: Speaking) -> Answer:
    """Say something in a room, or to one person."""
    if given.para is not None:
        return await whisper(
            talk, Whispering(given.para, given.texto, given.id_cliente)
        )
    message = await speak(talk, given)
    return Answer({"seq": message.seq, "sala": message.room})


async def whisper(talk: Conversation, given: Whispering) -> Answer:
    """Say something to one person alone."""
    talk.meter.check()
    member = talk.known
    to = _addressee(talk, given.para)
    one = await talk.desk.writer.run(
        private_messages.whisper,
        member,
        to,
        clean(given.texto),
        given.id_cliente,
        talk.number,
    )
    talk.note(EntryKind.PRIVATE, other=one.recipient_alias)
    text = sent_line(one)
    return Answer(
        {"para": to.alias, "entregado": to.present},
        text if to.present else f"{text} (cuando vuelva)",
    )


def _addressee(talk: Conversation, alias: str) -> Addressee:
    """Return whom an alias means: whoever is here under it, or an account that is away; raise NotFound for nobody."""
    found = talk.desk.presence.find(alias)
    if found is None:
        raise NotFound
    return Addressee(found.key, found.alias, present=found.member is not None)


async def history(talk: Conversation, given: Looking) -> Answer:
    """Show the last messages of a room."""
    await talk.settle()
    room = _room(talk, given.sala)
    shown, more = await talk.desk.reader.run(
        chat.history, talk.known, room, given.antes, given.limite
    )
    zone = talk.desk.zone()
    data = page_out(room, shown, zone, more=more)
    return Answer(
        data, "\n".join(past_line(one, zone) for one in shown) or "Aún no hay mensajes."
    )


async def search(talk: Conversation, given: Searching) -> Answer:
    """Search what was said."""
    room = None if given.sala is None else check_room(given.sala)
    found = await talk.desk.reader.run(chat.search, talk.known, clean(given.q), room)
    zone = talk.desk.zone()
    lines = [f"#{one.room} {past_line(one, zone)}" for one in found]
    return Answer(
        {"mensajes": [message_out(one, zone) for one in found]},
        "\n".join(lines) or "Nada encontrado.",
    )


async def edit(talk: Conversation, given: Editing) -> Answer:
    """Change one's own message."""
    await talk.settle()
    talk.meter.check()
    room, text = _room(talk, given.sala), clean(given.texto)
    message = await talk.desk.writer.run(chat.edit, talk.known, room, given.seq, text)
    talk.note_text(message)
    return Answer({"seq": message.seq})


async def delete(talk: Conversation, given: Deleting) -> Answer:
    """Take one's own message back."""
    await talk.settle()
    message = await talk.desk.writer.run(
        chat.delete, talk.known, _room(talk, given.sala), given.seq
    )
    talk.note(EntryKind.DELETED, room=message.room, seq=message.seq)
    return Answer({"seq": message.seq})


async def read(talk: Conversation, given: ReadMark) -> Answer:
    """Keep how far one has read."""
    seq = await talk.desk.writer.run(
        chat.mark_read, talk.known, _room(talk, given.sala), given.seq
    )
    return Answer({"seq": seq})
