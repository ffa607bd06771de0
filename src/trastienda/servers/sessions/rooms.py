"""Rooms, and who is in them."""

from collections.abc import Sequence

from msgspec import Struct

from trastienda.actions import chat, chat_rooms, private_messages
from trastienda.domain.chat import Member, Message, PrivateMessage, Room, check_room
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotAuthenticated
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.storage.transactions import Snapshot, lookup
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.shapes import Nada, NombreDeSala


class Entered(Struct, frozen=True):
    """What somebody finds who enters a room.

    Its last messages, and the private ones that waited.
    """

    room: Room
    messages: Sequence[Message]
    has_more: bool
    """Whether there are messages before these."""
    waiting: Sequence[PrivateMessage] = ()


async def list_people(
    session: Session,
    arguments: Nada,
) -> Answer:
    """List who is connected; an Administrador learns from where, too."""
    asking = session.require_member()
    seats = session.hub.seats
    aliases = [member.alias for member in seats.members()]
    data = answers.people(aliases)
    if asking.keeps_order:
        data |= answers.connections(seats.of_everybody())
    text = sentences.people(aliases)
    return Answer(data, text)


async def list_rooms(
    session: Session,
    arguments: Nada,
) -> Answer:
    """List the rooms that one may enter."""
    await mark_room_read(session)
    member = session.require_member()
    reading = await session.desk.reader.read(chat_rooms.list_rooms, member)

    data = answers.rooms(reading.value, staff=member.is_staff)
    text = sentences.rooms(reading.value)
    return Answer(data, text)


async def enter(
    session: Session,
    arguments: NombreDeSala,
) -> Answer:
    """Enter a room, which is added if there is none of that name."""
    room = check_room(arguments.sala)
    entered = await enter_room(session, room)
    session.log(EntryKind.ROOM)

    shop = session.desk.shop()
    data = answers.room_page(
        room,
        entered.messages,
        shop.time_zone,
        more=entered.has_more,
    )
    member = session.require_member()
    text = sentences.entered(member, entered.room, entered.messages, shop)
    return Answer(data, text)


async def archive(
    session: Session,
    arguments: NombreDeSala,
) -> Answer:
    """Have a room only read from now on."""
    room_name = check_room(arguments.sala)
    member = session.require_member()
    await session.desk.writer.run(chat_rooms.archive, member, room_name)
    return Answer(answers.room(room_name), sentences.archived(room_name))


async def reopen(
    session: Session,
    arguments: NombreDeSala,
) -> Answer:
    """Have an archived room in use again."""
    room_name = check_room(arguments.sala)
    member = session.require_member()
    await session.desk.writer.run(chat_rooms.reopen, member, room_name)
    return Answer(answers.room(room_name), sentences.reopened(room_name))


async def enter_room(
    session: Session,
    room: str,
    *,
    takes_waiting: bool = False,
) -> Entered:
    """Take a session into a room; return what it finds there.

    ``takes_waiting``: it gets the private messages that wait for its member as well.
    Whatever is not in the answer is delivered to the session afterwards.
    """
    await session.in_flight.wait()
    hub = session.hub
    member = session.require_member()
    reading = await hub.desk.reader.read(chat_rooms.find_room, member, room)
    if reading.value is None:
        await hub.desk.writer.run(chat_rooms.ensure_room, member, room)
    await mark_room_read(session)

    entered = await hub.read_current(_read_room, member, room, takes_waiting)
    if session.member is None:  # the session ended meanwhile
        raise NotAuthenticated

    seat = session.seat
    seat.shown_seq = entered.room.last_seq
    if entered.waiting:
        seat.shown_private_id = entered.waiting[-1].id
        hub.delivered.add([message.id for message in entered.waiting])
    if seat.hears_all_rooms:
        seat.deaf_to.discard(room)
        hub.seats.join(seat, room)
    else:
        hub.seats.enter(seat, room)
    return entered


@lookup
def _read_room(
    snapshot: Snapshot,
    member: Member,
    room_name: str,
    takes_waiting: bool,
) -> Entered:
    room = chat_rooms.get_room(snapshot, member, room_name)
    messages, has_more = chat.history(snapshot, member, room_name)
    waiting: Sequence[PrivateMessage] = ()
    if takes_waiting and member.user_id is not None:
        waiting = private_messages.list_waiting(snapshot, member)
    return Entered(room, messages, has_more, waiting)


async def mark_room_read(session: Session) -> None:
    """Mark the room as read for somebody with an account.

    A program says by itself what has been read.
    """
    if session.is_program or session.mode is not Mode.CHAT:
        return

    member, room = session.member, session.seat.room
    if member is None or member.user_id is None or room is None:
        return

    await session.desk.writer.run(chat.mark_read, member, room)
