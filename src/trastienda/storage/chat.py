"""The chat: rooms, messages and read marks; rows in, rows out."""

from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from trastienda.domain.chat import Message, MessageKind, Room
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx

_ROOMS = schema.rooms.c
_MESSAGES = schema.messages.c
_READ_MARKS = schema.read_marks.c
_TEXTS = "message_texts"
_SEQ_BITS = 32
"""A message's number in the index of texts is its room's id, then these bits of its own number:
no room holds as many messages as they count."""

_ROOM_COLUMNS = (
    _ROOMS.id,
    _ROOMS.name,
    _ROOMS.last_seq,
    _ROOMS.forgotten_seq,
    _ROOMS.archived_at_ms,
)
_ROOMS_BY_NAME = dialects.Prepared(
    sa.select(*_ROOM_COLUMNS).where(dialects.among(_ROOMS.name, "names"))
)
_ALL_ROOMS = dialects.Prepared(sa.select(*_ROOM_COLUMNS).order_by(_ROOMS.name))
_LAST_ROOM_ID = dialects.Prepared(
    sa.select(sa.func.coalesce(sa.func.max(_ROOMS.id), 0))
)
_SELECT_MESSAGES = sa.select(
    _ROOMS.name,
    _MESSAGES.seq,
    _MESSAGES.at_ms,
    _MESSAGES.sender,
    _MESSAGES.alias,
    _MESSAGES.text,
    _MESSAGES.kind,
    _MESSAGES.client_id,
    _MESSAGES.edited_at_ms,
    _MESSAGES.deleted,
).join_from(schema.messages, schema.rooms, _ROOMS.id == _MESSAGES.room_id)
_BY_CLIENT_ID = dialects.Prepared(
    _SELECT_MESSAGES.where(
        dialects.among(_MESSAGES.client_id, "client_ids"),
        dialects.among(_MESSAGES.sender, "senders"),
    )
)
_BY_SEQ = dialects.Prepared(
    _SELECT_MESSAGES.where(
        _MESSAGES.room_id == sa.bindparam("room_id"),
        _MESSAGES.seq == sa.bindparam("seq"),
    )
)
_CHANGED = dialects.Prepared(
    _SELECT_MESSAGES.where(
        _MESSAGES.room_id == sa.bindparam("room_id"),
        _MESSAGES.seq.between(sa.bindparam("first"), sa.bindparam("last")),
        _MESSAGES.edited_at_ms.is_not(None),
    )
)
_BEFORE = dialects.Prepared(
    _SELECT_MESSAGES.where(
        _MESSAGES.room_id == sa.bindparam("room_id"),
        _MESSAGES.seq < sa.bindparam("before"),
    )
    .order_by(_MESSAGES.seq.desc())
    .limit(sa.bindparam("limit"))
)
_BY_SEQS = dialects.Prepared(
    _SELECT_MESSAGES.where(
        _MESSAGES.room_id == sa.bindparam("room_id"),
        dialects.among(_MESSAGES.seq, "seqs"),
    ).order_by(_MESSAGES.seq.desc())
)
_READ_MARKS_OF_USER = dialects.Prepared(
    sa.select(_READ_MARKS.room_id, _READ_MARKS.seq).where(
        _READ_MARKS.user_id == sa.bindparam("user_id")
    )
)
_ADVANCE_ROOM = dialects.SetUpdate(
    sa.update(schema.rooms)
    .values(last_seq=sa.bindparam("new_seq"))
    .where(
        _ROOMS.id == sa.bindparam("room_id"), _ROOMS.last_seq == sa.bindparam("old_seq")
    ),
    ("new_seq", "room_id", "old_seq"),
)
_READ_MARK = dialects.Prepared(
    sa.select(_READ_MARKS.seq).where(
        _READ_MARKS.user_id == sa.bindparam("user_id"),
        _READ_MARKS.room_id == sa.bindparam("room_id"),
    )
)
_ADVANCE_READ_MARK = dialects.SetUpdate(
    sa.update(schema.read_marks)
    .values(seq=sa.bindparam("new_seq"))
    .where(
        _READ_MARKS.user_id == sa.bindparam("of_user"),
        _READ_MARKS.room_id == sa.bindparam("in_room"),
    ),
    ("new_seq", "of_user", "in_room"),
)
_KINDS = {kind.value: kind for kind in MessageKind}


def _build(row: tuple[Any, ...]) -> Message:
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


def rooms_by_name(
    connection: Connection,
    names: Iterable[str],
) -> dict[str, Room]:
    """Return those of the named rooms that there are."""
    room_rows = connection.fetch(_ROOMS_BY_NAME, names=dialects.array(names))
    rooms = [Room(*room_row) for room_row in room_rows]
    return {room.name: room for room in rooms}


def list_rooms(connection: Connection) -> list[Room]:
    """Return every room, by name."""
    room_rows = connection.fetch(_ALL_ROOMS)
    return [Room(*room_row) for room_row in room_rows]


def add_room(transaction: Tx, name: str) -> Room:
    """Add a room in which nothing has been said."""
    ((last_id,),) = transaction.connection.fetch(_LAST_ROOM_ID)
    room = Room(int(last_id) + 1, name, 0)
    room_row = (
        room.id,
        room.name,
        room.last_seq,
        transaction.now_ms,
        room.forgotten_seq,
        room.archived_at_ms,
    )
    transaction.insert(schema.rooms, [room_row])
    return room


def archive_room(
    transaction: Tx,
    room: Room,
    archived_at_ms: int | None,
) -> None:
    """Write when a room was archived; None for one that is in use again."""
    transaction.connection.execute(
        sa.update(schema.rooms)
        .where(_ROOMS.id == room.id)
        .values(archived_at_ms=archived_at_ms)
    )


def by_client_id(
    connection: Connection,
    senders: Collection[str],
    client_ids: Collection[str],
) -> dict[tuple[str, str], Message]:
    """Return the messages of these senders with these ids of their own, by sender and id."""
    rows = connection.fetch(
        _BY_CLIENT_ID,
        client_ids=dialects.array(client_ids),
        senders=dialects.array(senders),
    )
    messages = [_build(row) for row in rows]
    return {(message.sender, message.client_id or ""): message for message in messages}


def add(
    transaction: Tx,
    rooms_before: Collection[Room],
    messages: Sequence[tuple[int, Message]],
) -> None:
    """Add messages, each with the id of its room, as sets.

    ``rooms_before`` are their rooms as they were read. Raises Conflict where somebody spoke in
    one of them since.
    """
    message_rows = [
        (
            room_id,
            message.seq,
            message.at_ms,
            message.sender,
            message.alias,
            message.text,
            message.kind.value,
            message.client_id,
            message.edited_at_ms,
            message.deleted,
        )
        for room_id, message in messages
    ]
    transaction.insert(schema.messages, message_rows)

    texts = [
        (_text_number(room_id, message.seq), message.searched)
        for room_id, message in messages
    ]
    transaction.connection.index_texts(_TEXTS, texts)

    last_seqs = {room_id: message.seq for room_id, message in messages}
    advances = [
        (last_seqs[room.id], room.id, room.last_seq)
        for room in rooms_before
        if room.id in last_seqs
    ]
    if transaction.connection.update_set(_ADVANCE_ROOM, advances) != len(advances):
        raise Conflict


def _text_number(
    room_id: int,
    seq: int,
) -> int:
    return (room_id << _SEQ_BITS) + seq


def find(
    connection: Connection,
    room: Room,
    seq: int,
) -> Message | None:
    """Return a message of a room by its number."""
    rows = connection.fetch(_BY_SEQ, room_id=room.id, seq=seq)
    return _build(rows[0]) if rows else None


def changed_between(
    connection: Connection,
    room: Room,
    first_seq: int,
    last_seq: int,
) -> list[Message]:
    """Return those messages of a stretch of a room that were edited or taken back."""
    rows = connection.fetch(_CHANGED, room_id=room.id, first=first_seq, last=last_seq)
    return [_build(row) for row in rows]


def update(
    transaction: Tx,
    room: Room,
    before: Message,
    after: Message,
) -> None:
    """Write what may change of a message: its text, and whether it is deleted."""
    transaction.connection.execute(
        sa.update(schema.messages)
        .where(_MESSAGES.room_id == room.id, _MESSAGES.seq == after.seq)
        .values(
            text=after.text,
            edited_at_ms=after.edited_at_ms,
            deleted=after.deleted,
        )
    )
    number = _text_number(room.id, after.seq)
    transaction.connection.unindex_text(_TEXTS, number, before.searched)
    transaction.connection.index_texts(_TEXTS, [(number, after.searched)])


def forget(
    transaction: Tx,
    before_ms: int,
    limit: int,
) -> int:
    """Delete what was said before that moment, the oldest of each room first.

    Returns how many messages it were, at most ``limit``.
    """
    connection = transaction.connection
    forgotten = 0
    for room in list_rooms(connection):
        oldest = _SELECT_MESSAGES.where(_MESSAGES.room_id == room.id)
        oldest = oldest.order_by(_MESSAGES.seq).limit(limit - forgotten)
        messages = [_build(tuple(row)) for row in connection.execute(oldest)]

        # The clock may have gone back: nothing is deleted behind one that stays.
        outdated = list(takewhile(lambda message: message.at_ms < before_ms, messages))
        if not outdated:
            continue

        for message in outdated:
            number = _text_number(room.id, message.seq)
            connection.unindex_text(_TEXTS, number, message.searched)
        last_seq = outdated[-1].seq
        connection.execute(
            sa.delete(schema.messages).where(
                _MESSAGES.room_id == room.id, _MESSAGES.seq <= last_seq
            )
        )
        connection.execute(
            sa.update(schema.rooms)
            .where(_ROOMS.id == room.id)
            .values(forgotten_seq=last_seq)
        )
        forgotten += len(outdated)
    return forgotten


def list_before(
    connection: Connection,
    room: Room,
    before: int,
    limit: int,
) -> list[Message]:
    """Return the last messages of a room before number ``before``, newest first."""
    rows = connection.fetch(
        _BEFORE,
        room_id=room.id,
        before=before,
        limit=limit,
    )
    return [_build(row) for row in rows]


def search(
    connection: Connection,
    rooms: Collection[Room],
    words: Collection[str],
    limit: int,
) -> list[Message]:
    """Return the last ``limit`` messages of each room in which words begin with all of ``words``.

    They come newest first in each room.
    """
    if len(rooms) == 1:
        (room,) = rooms
        first = _text_number(room.id, 1)
        last = _text_number(room.id + 1, 0) - 1
        numbers = connection.find_texts(_TEXTS, words, first, last, limit)
        numbers_by_room = {room.id: numbers}
    else:
        numbers_by_room = dict(
            connection.find_texts_by_group(_TEXTS, words, _SEQ_BITS, limit)
        )

    messages: list[Message] = []
    for room in rooms:
        text_numbers = numbers_by_room.get(room.id, [])
        if not text_numbers:
            continue

        before_first = _text_number(room.id, 0)
        seqs = dialects.array(number - before_first for number in text_numbers)
        message_rows = connection.fetch(_BY_SEQS, room_id=room.id, seqs=seqs)
        messages += [_build(message_row) for message_row in message_rows]
    return messages


def read_marks(
    connection: Connection,
    user_id: int,
) -> dict[int, int]:
    """Return the number of the last message that a user has read, by the room's id."""
    return dict(connection.fetch(_READ_MARKS_OF_USER, user_id=user_id))


def mark_read(
    transaction: Tx,
    user_id: int,
    room: Room,
    seq: int,
) -> None:
    """Store how far a user has read; a mark never goes back."""
    rows = transaction.connection.fetch(_READ_MARK, user_id=user_id, room_id=room.id)
    if not rows:
        transaction.insert(schema.read_marks, [(user_id, room.id, seq)])
    elif rows[0][0] < seq:
        transaction.connection.update_set(_ADVANCE_READ_MARK, [(seq, user_id, room.id)])
