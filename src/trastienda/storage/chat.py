"""The talk of the shop: rooms, messages and marks; rows in, rows out."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from trastienda.domain.chat import Message, MessageKind, Room
from trastienda.storage import dialects, schema
from trastienda.storage.transactions import Tx

_R = schema.rooms.c
_M = schema.messages.c
_K = schema.read_marks.c
_TEXTS = "message_texts"
_ROOM_BITS = 32
"""A message's number in the index of texts is its room's, then its own: no room holds as many as that."""

_ROOMS = dialects.Prepared(
    sa.select(_R.id, _R.name, _R.last_seq).where(dialects.among(_R.name, "names"))
)
_ALL_ROOMS = dialects.Prepared(sa.select(_R.id, _R.name, _R.last_seq).order_by(_R.name))
_LAST_ROOM = dialects.Prepared(sa.select(sa.func.coalesce(sa.func.max(_R.id), 0)))
_MESSAGE = sa.select(
    _R.name,
    _M.seq,
    _M.at_ms,
    _M.sender,
    _M.alias,
    _M.text,
    _M.kind,
    _M.client_id,
    _M.edited_at_ms,
    _M.deleted,
).join_from(schema.messages, schema.rooms, _R.id == _M.room_id)
_TOLD_BEFORE = dialects.Prepared(
    _MESSAGE.where(
        dialects.among(_M.client_id, "client_ids"), dialects.among(_M.sender, "senders")
    )
)
_ONE = dialects.Prepared(
    _MESSAGE.where(_M.room_id == sa.bindparam("room_id"), _M.seq == sa.bindparam("seq"))
)
_BEFORE = dialects.Prepared(
    _MESSAGE.where(
        _M.room_id == sa.bindparam("room_id"), _M.seq < sa.bindparam("before")
    )
    .order_by(_M.seq.desc())
    .limit(sa.bindparam("limit"))
)
_AMONG = dialects.Prepared(
    _MESSAGE.where(
        _M.room_id == sa.bindparam("room_id"), dialects.among(_M.seq, "seqs")
    ).order_by(_M.seq.desc())
)
_MARKS = dialects.Prepared(
    sa.select(_K.room_id, _K.seq).where(_K.user_id == sa.bindparam("user_id"))
)
_ADVANCE = "UPDATE rooms SET last_seq = ? WHERE id = ? AND last_seq = ?"
_MARK = (
    "INSERT INTO read_marks (user_id, room_id, seq) VALUES (?, ?, ?) "
    "ON CONFLICT (user_id, room_id) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > read_marks.seq"
)
_KINDS = {kind.value: kind for kind in MessageKind}


class OverlappingError(Exception):
    """Another node spoke in the room meanwhile."""


def _message(row: tuple[Any, ...]) -> Message:
    room, seq, at_ms, sender, alias, text, kind, client_id, edited_at_ms, deleted = row
    return Message(
        room=room,
        seq=seq,
        at_ms=at_ms,
        sender=sender,
        alias=alias,
        text=text,
        kind=_KINDS[kind],
        client_id=client_id,
        edited_at_ms=edited_at_ms,
        deleted=bool(deleted),
    )


def rooms(connection: sa.Connection, names: Iterable[str]) -> dict[str, Room]:
    """Return those of the named rooms that there are."""
    return {
        row[1]: Room(*row) for row in _ROOMS(connection, names=dialects.array(names))
    }


def all_rooms(connection: sa.Connection) -> list[Room]:
    """Return every room, by name."""
    return [Room(*row) for row in _ALL_ROOMS(connection)]


def add_room(tx: Tx, name: str) -> Room:
    """Make a room in which nothing has been said."""
    room = Room(int(_LAST_ROOM(tx.connection)[0][0]) + 1, name, 0)
    tx.insert(schema.rooms, [(room.id, room.name, room.last_seq, tx.now_ms)])
    return room


def told_before(
    connection: sa.Connection, senders: Collection[str], client_ids: Collection[str]
) -> dict[tuple[str, str], Message]:
    """Return the messages of these senders that bear one of these names, each by its sender and that name."""
    rows = _TOLD_BEFORE(
        connection,
        client_ids=dialects.array(client_ids),
        senders=dialects.array(senders),
    )
    found = [_message(row) for row in rows]
    return {(one.sender, one.client_id or ""): one for one in found}


def add(
    tx: Tx, before: Collection[Room], messages: Sequence[tuple[int, Message]]
) -> None:
    """Write messages, each with the number of its room, as sets; ``before`` are their rooms as they were.

    Raises OverlappingError where a room has gone on meanwhile.
    """
    last = {room_id: one.seq for room_id, one in messages}
    tx.insert(
        schema.messages,
        [
            (
                room_id,
                one.seq,
                one.at_ms,
                one.sender,
                one.alias,
                one.text,
                one.kind.value,
                one.client_id,
                one.edited_at_ms,
                one.deleted,
            )
            for room_id, one in messages
        ],
    )
    dialects.index_texts(
        tx.connection,
        _TEXTS,
        [(_number(room_id, one.seq), one.searched) for room_id, one in messages],
    )
    moved = [
        (last[room.id], room.id, room.last_seq) for room in before if room.id in last
    ]
    if dialects.execute_set(tx.connection, _ADVANCE, moved) != len(moved):
        raise OverlappingError


def _number(room_id: int, seq: int) -> int:
    return (room_id << _ROOM_BITS) + seq


def by_seq(connection: sa.Connection, room: Room, seq: int) -> Message | None:
    """Return one message of a room."""
    rows = _ONE(connection, room_id=room.id, seq=seq)
    return _message(rows[0]) if rows else None


def update(tx: Tx, room: Room, before: Message, after: Message) -> None:
    """Write what may change of a message: its text, and whether it is still there."""
    tx.connection.execute(
        sa.update(schema.messages)
        .where(_M.room_id == room.id, _M.seq == after.seq)
        .values(text=after.text, edited_at_ms=after.edited_at_ms, deleted=after.deleted)
    )
    number = _number(room.id, after.seq)
    dialects.unindex_text(tx.connection, _TEXTS, number, before.searched)
    dialects.index_texts(tx.connection, _TEXTS, [(number, after.searched)])


def history(
    connection: sa.Connection, room: Room, before: int, limit: int
) -> list[Message]:
    """Return the last messages of a room before number ``before``, newest first."""
    return [
        _message(row)
        for row in _BEFORE(connection, room_id=room.id, before=before, limit=limit)
    ]


def search(
    connection: sa.Connection,
    rooms: Collection[Room],
    words: Collection[str],
    limit: int,
) -> list[Message]:
    """Return the last messages of each room with words that begin with all of ``words``, newest first in each."""
    if len(rooms) == 1:
        (one,) = rooms
        ends = _number(one.id, 1), _number(one.id + 1, 0) - 1
        found = {one.id: dialects.find_texts(connection, _TEXTS, words, *ends, limit)}
    else:
        found = dict(
            dialects.find_texts_by_group(connection, _TEXTS, words, _ROOM_BITS, limit)
        )
    messages = []
    for room in rooms:
        if numbers := found.get(room.id):
            seqs = dialects.array(number - _number(room.id, 0) for number in numbers)
            messages += [
                _message(row) for row in _AMONG(connection, room_id=room.id, seqs=seqs)
            ]
    return messages


def read_marks(connection: sa.Connection, user_id: int) -> dict[int, int]:
    """Return the number of the last message that somebody has read, by room."""
    return dict(_MARKS(connection, user_id=user_id))


def mark_read(tx: Tx, user_id: int, room: Room, seq: int) -> None:
    """Keep how far somebody has read; a mark never goes back."""
    dialects.execute_set(tx.connection, _MARK, [(user_id, room.id, seq)])
