"""Clause 5: nothing half there in the rooms.

What was said in each is numbered from 1 to its last, without a gap.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.verification import WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, each_by_key, raw_rows

_ROOMS = schema.rooms.c
_MESSAGES = schema.messages.c
_ROOM_COUNTS = (
    sa.select(
        _ROOMS.id,
        _ROOMS.last_seq,
        sa.func.count(_MESSAGES.seq),
        sa.func.min(_MESSAGES.seq),
        sa.func.max(_MESSAGES.seq),
    )
    .join_from(
        schema.rooms, schema.messages, _MESSAGES.room_id == _ROOMS.id, isouter=True
    )
    .group_by(_ROOMS.id, _ROOMS.last_seq)
    .order_by(_ROOMS.id)
)


def broken_rooms(books: Books) -> Iterator[Broken]:
    """Yield the first message of each room that is missing or not counted by it."""
    rooms = raw_rows(books.connection, _ROOM_COUNTS)
    for room_id, last_seq, count, lowest_seq, highest_seq in rooms:
        is_silent = count == last_seq == 0
        is_whole = (count, lowest_seq, highest_seq) == (last_seq, 1, last_seq)
        if not is_whole and not is_silent:
            yield _broken_room(books, room_id, last_seq)


def _broken_room(
    books: Books,
    room_id: int,
    last_seq: int,
) -> Broken:
    expected_seq = 1
    query = sa.select(_MESSAGES.seq).where(_MESSAGES.room_id == room_id)

    for (seq,) in each_by_key(books.connection, query, _MESSAGES.seq):
        if seq > expected_seq and expected_seq <= last_seq:
            break
        if seq != expected_seq or seq > last_seq:
            return Broken(WHOLE, "messages", f"{room_id}/{seq}", Reason.UNCOUNTED)
        expected_seq += 1

    return Broken(WHOLE, "messages", f"{room_id}/{expected_seq}", Reason.MISSING)
