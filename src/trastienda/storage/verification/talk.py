"""Clause 5: nothing half there in the rooms.

What was said in each is numbered to its last without a gap: from 1, or from the first
that was not forgotten with time.
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
        _ROOMS.forgotten_seq,
        sa.func.count(_MESSAGES.seq),
        sa.func.min(_MESSAGES.seq),
        sa.func.max(_MESSAGES.seq),
    )
    .join_from(
        schema.rooms, schema.messages, _MESSAGES.room_id == _ROOMS.id, isouter=True
    )
    .group_by(_ROOMS.id, _ROOMS.last_seq, _ROOMS.forgotten_seq)
    .order_by(_ROOMS.id)
)


def broken_rooms(books: Books) -> Iterator[Broken]:
    """Yield the first message of each room that is missing or not counted by it."""
    rooms = raw_rows(books.connection, _ROOM_COUNTS)
    for room_id, last_seq, forgotten_seq, count, lowest_seq, highest_seq in rooms:
        first_seq = forgotten_seq + 1
        is_silent = count == 0 and last_seq == forgotten_seq
        is_whole = (count, lowest_seq, highest_seq) == (
            last_seq - forgotten_seq,
            first_seq,
            last_seq,
        )
        if is_whole or is_silent:
            continue

        # The first that is missing, unless one that is not counted comes before it.
        broken_seq = first_seq
        reason = Reason.MISSING
        messages = sa.select(_MESSAGES.seq).where(_MESSAGES.room_id == room_id)
        for (seq,) in each_by_key(books, messages, _MESSAGES.seq):
            if seq > broken_seq and broken_seq <= last_seq:
                break
            if seq != broken_seq or seq > last_seq:
                broken_seq = seq
                reason = Reason.UNCOUNTED
                break
            broken_seq += 1
        yield Broken(WHOLE, "messages", f"{room_id}/{broken_seq}", reason)
