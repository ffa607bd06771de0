"""Rooms: found, added, listed, archived and opened again."""

from trastienda.domain import chat as rules
from trastienda.domain.audit import Action
from trastienda.domain.chat import STANDING, Member, Room, RoomState
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.moderation import require_moderator
from trastienda.storage import chat
from trastienda.storage.transactions import Snapshot, Tx, lookup

MAX_ROOMS = 500
"""Rooms in use are for people who look through a list of them."""
_SILENT = {room_name: Room(0, room_name, 0) for room_name in STANDING}
"""The rooms that are always there, while nobody has spoken in them yet."""


def _add_room(transaction: Tx, room_name: str) -> Room:
    if rules.check_room(room_name) != room_name:
        raise Invalid("room", "room_shape")
    _check_capacity(transaction)
    return chat.add_room(transaction, room_name)


def _check_capacity(transaction: Tx) -> None:
    rooms = chat.list_rooms(transaction.connection)
    in_use = [room for room in rooms if not room.is_archived]
    if len(in_use) >= MAX_ROOMS:
        raise Invalid("room", "too_many", limit=MAX_ROOMS)


def _find_room(snapshot: Snapshot, room_name: str) -> Room | None:
    rooms = chat.rooms_by_name(snapshot.connection, [room_name])
    return rooms.get(room_name) or _SILENT.get(room_name)


@lookup
def find_room(
    snapshot: Snapshot,
    member: Member,
    room_name: str,
) -> Room | None:
    """Return a room by its name; raise where the member may not enter it."""
    rules.require_room(member, room_name)
    return _find_room(snapshot, room_name)


def ensure_room(
    transaction: Tx,
    member: Member,
    room_name: str,
) -> Room:
    """Return a room that the member may enter; add it where there is none of that name."""
    rules.require_room(member, room_name)
    room = _find_room(transaction, room_name)
    return room or _add_room(transaction, room_name)


def archive(
    transaction: Tx,
    member: Member,
    room_name: str,
) -> None:
    """Have a room only read from now on, and listed apart; an administrator may."""
    rules.check_archivable(room_name)
    _set_archived(transaction, member, room_name, transaction.now_ms)


def reopen(
    transaction: Tx,
    member: Member,
    room_name: str,
) -> None:
    """Have an archived room in use again; an administrator may."""
    _set_archived(transaction, member, room_name, None)


def _set_archived(
    transaction: Tx,
    member: Member,
    room_name: str,
    archived_at_ms: int | None,
) -> None:
    actor = require_moderator(member)
    room = get_room(transaction, member, room_name)
    is_wanted = archived_at_ms is not None
    if room.is_archived is is_wanted:
        return
    if not is_wanted:
        _check_capacity(transaction)

    chat.archive_room(transaction, room, archived_at_ms)
    action = Action.ROOM_ARCHIVED if is_wanted else Action.ROOM_REOPENED
    transaction.audit(actor, action, {"room": room_name})


def get_room(
    snapshot: Snapshot,
    member: Member,
    room_name: str,
) -> Room:
    """Return a room that the member may enter; raise NotFound where there is none."""
    rules.require_room(member, room_name)
    room = _find_room(snapshot, room_name)
    if room is None:
        raise NotFound
    return room


@lookup
def list_rooms(snapshot: Snapshot, member: Member) -> list[RoomState]:
    """Return the rooms that the member may enter.

    Each comes with its number of unread messages, where the member has an account.
    """
    rooms = rooms_for(snapshot, member)
    if member.user_id is None:
        return [RoomState(room.name, room.last_seq, None) for room in rooms]

    marks = chat.read_marks(snapshot.connection, member.user_id)
    states = []
    for room in rooms:
        read_seq = max(marks.get(room.id, 0), room.forgotten_seq)
        unread = room.last_seq - read_seq
        states.append(RoomState(room.name, room.last_seq, unread, room.is_archived))
    return states


def rooms_for(snapshot: Snapshot, member: Member) -> list[Room]:
    """Return the rooms that the member may enter, by name."""
    stored = {room.name: room for room in chat.list_rooms(snapshot.connection)}
    rooms = _SILENT | stored
    return [
        rooms[room_name]
        for room_name in sorted(rooms)
        if rules.may_enter(member, room_name)
    ]
