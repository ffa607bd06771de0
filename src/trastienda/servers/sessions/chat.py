"""Messages in rooms: said, edited, deleted, read again, and searched."""

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from trastienda.actions import chat
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import check_room
from trastienda.domain.chat_entries import EntryKind
from trastienda.servers.sessions import private_messages
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.shapes import (
    Borrado,
    Busqueda,
    Correccion,
    Historial,
    MarcaDeLectura,
    MensajePrivado,
    NuevoMensaje,
)


class Pending(Struct):
    """A command under way: what it waits for, and how its answer is made of that."""

    future: "asyncio.Future[Any]"
    answer: Callable[[Any], Answer]


def _room_of(
    session: Session,
    name: str | None,
) -> str:
    """Return the room that a command names, or else the session's own."""
    if name is None:
        return session.room
    return check_room(name)


def begin_message(
    session: Session,
    arguments: NuevoMensaje,
) -> Pending | None:
    """Begin to say something in a room.

    None for a private message, which is waited for.
    """
    if arguments.para is not None:
        return None

    room = _room_of(session, arguments.sala)
    text = clean(arguments.texto)
    session.meter.check()

    speaking = Speaking(
        member=session.require_member(),
        room=room,
        text=text,
        client_id=arguments.id_cliente,
        source=session.number,
    )
    future = session.in_flight.enqueue(speaking)
    return Pending(future, lambda message: Answer(answers.said(message)))


async def say(
    session: Session,
    arguments: NuevoMensaje,
) -> Answer:
    """Say something in a room, or to one person, and wait until it is stored."""
    pending = begin_message(session, arguments)
    if pending is not None:
        message = await pending.future
        return pending.answer(message)

    private_message = MensajePrivado(
        para=arguments.para or "",
        texto=arguments.texto,
        id_cliente=arguments.id_cliente,
    )
    return await private_messages.whisper(session, private_message)


async def history(
    session: Session,
    arguments: Historial,
) -> Answer:
    """Show the last messages of a room."""
    await session.in_flight.wait()
    room = _room_of(session, arguments.sala)
    member = session.require_member()
    reading = await session.desk.reader.read(
        chat.history,
        member,
        room,
        arguments.antes,
        arguments.limite,
    )
    messages, has_more = reading.value

    shop = session.desk.shop()
    data = answers.room_page(room, messages, shop.time_zone, more=has_more)
    text = sentences.history(messages, shop)
    return Answer(data, text)


async def search(
    session: Session,
    arguments: Busqueda,
) -> Answer:
    """Search what was said."""
    room = None
    if arguments.sala is not None:
        room = check_room(arguments.sala)
    member = session.require_member()
    searched = clean(arguments.q)
    reading = await session.desk.reader.read(chat.search, member, searched, room)

    messages = reading.value
    shop = session.desk.shop()
    data = answers.messages(messages, shop.time_zone)
    text = sentences.search_results(messages, shop)
    return Answer(data, text)


async def edit(
    session: Session,
    arguments: Correccion,
) -> Answer:
    """Change one's own message."""
    await session.in_flight.wait()
    session.meter.check()
    room = _room_of(session, arguments.sala)
    text = clean(arguments.texto)
    member = session.require_member()

    message = await session.desk.writer.run(
        chat.edit,
        member,
        room,
        arguments.seq,
        text,
    )
    session.log_message(message)
    data = answers.seq(message.seq)
    return Answer(data)


async def delete(
    session: Session,
    arguments: Borrado,
) -> Answer:
    """Delete one's own message; an administrator deletes anybody's."""
    await session.in_flight.wait()
    room = _room_of(session, arguments.sala)
    member = session.require_member()

    message = await session.desk.writer.run(
        chat.delete,
        member,
        room,
        arguments.seq,
    )
    session.log(EntryKind.DELETED, room=message.room, seq=message.seq)
    data = answers.seq(message.seq)
    return Answer(data)


async def mark_read(
    session: Session,
    arguments: MarcaDeLectura,
) -> Answer:
    """Store how far one has read."""
    room = _room_of(session, arguments.sala)
    member = session.require_member()
    read_seq = await session.desk.writer.run(
        chat.mark_read,
        member,
        room,
        arguments.seq,
    )
    data = answers.seq(read_seq)
    return Answer(data)
