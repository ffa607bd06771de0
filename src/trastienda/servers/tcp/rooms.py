"""Rooms and who is in them."""

from msgspec import Struct

from trastienda.actions import chat
from trastienda.domain.chat import check_room
from trastienda.domain.chat_entries import EntryKind
from trastienda.servers.tcp.conversation import Answer, Conversation
from trastienda.wire.chat import page_out, past_line, room_line, room_out


class Nothing(Struct, forbid_unknown_fields=True):
    """Sin argumentos."""


class Entering(Struct, forbid_unknown_fields=True):
    """La sala a la que se entra."""

    sala: str


async def people_here(talk: Conversation, given: Nothing) -> Answer:
    """Tell who is connected."""
    _ = talk.known
    aliases = [member.alias for member in talk.desk.presence.members()]
    return Answer(
        {"usuarios": aliases},
        f"Usuarios conectados ({len(aliases)}): {', '.join(aliases)}",
    )


async def enter(talk: Conversation, given: Entering) -> Answer:
    """Go into a room, which is made if need be."""
    room = check_room(given.sala)
    shown, more = await talk.enter(room)
    talk.note(EntryKind.ROOM)
    zone = talk.desk.zone()
    data = page_out(room, shown, zone, more=more)
    return Answer(
        data,
        "\n".join([f"Estás en #{room}.", *(past_line(one, zone) for one in shown)]),
    )


async def rooms(talk: Conversation, given: Nothing) -> Answer:
    """List the rooms that one may enter."""
    await talk.leave_read()  # where one is, all is read
    found = talk.desk.reader.now(chat.list_rooms, talk.known)
    return Answer(
        {"salas": [room_out(room) for room in found]}, "\n".join(map(room_line, found))
    )
