"""Clause 5: nothing half there in the rooms. What was said in each is numbered from 1 to its last, without a gap."""

from collections.abc import Iterator

import sqlalchemy as sa

from trastienda.domain.verification import WHOLE, Broken, Reason
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, by_key, raw_rows

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
    """Yield the first message of each room that is missing, or is one that the room does not count."""
    for room_id, last, count, lowest, highest in raw_rows(
        books.connection, _ROOM_COUNTS
    ):
        if (count, lowest, highest) != (last, 1, last) and not count == last == 0:
            yield _broken_room(books, room_id, last)


def _broken_room(
    books: Books,
    room_id: int,
    last: int,
) -> Broken:
    expected = 1
    for block in by_key(
        books.connection,
        sa.select(_MESSAGES.seq).where(_MESSAGES.room_id == room_id),
        _MESSAGES.seq,
    ):
        for (seq,) in block:
            if seq != expected or seq > last:
                missing = seq > expected and expected <= last
                reason = Reason.MISSING if missing else Reason.UNCOUNTED
                return Broken(
                    WHOLE,
                    "messages",
                    f"{room_id}/{expected if missing else seq}",
                    reason,
                )
            expected += 1
    return Broken(WHOLE, "messages", f"{room_id}/{expected}", Reason.MISSING)
