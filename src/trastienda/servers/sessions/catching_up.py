"""Catching up: a seat is told what it missed, and then goes on live with no hole between.

Nothing is put by meanwhile. What is committed while the seat reads the journal is in the
journal, too: it is read there, and skipped where it is announced.
"""

from collections.abc import Awaitable, Callable

from trastienda.actions import announcements
from trastienda.live.deliveries import Delivery
from trastienda.live.seats import Seat
from trastienda.servers.sessions.hearing import may_be_told
from trastienda.servers.sessions.hub import Hub

BATCH = 100
"""Announcements read at once: some two milliseconds of the event loop."""


async def catch_up(
    hub: Hub,
    seat: Seat,
    since_n: int,
    drain: Callable[[], Awaitable[None]],
) -> int | None:
    """Tell a seat all that it may hear of what was announced after ``since_n``, in order.

    ``drain`` waits until the client has read most of what it was sent. Return the number
    up to which it has been told, from which on it is live; None where not all is known
    any more. It is live then, too, and needs a fresh snapshot.
    """
    seat.is_catching_up = True
    try:
        position = since_n
        while seat.is_listening:
            reading = await hub.desk.reader.read(announcements.since, position, BATCH)
            events = reading.value
            if events is None:
                return None

            wanted = [event for event in events if may_be_told(seat, event)]
            if wanted:
                seat.replay(Delivery(wanted, hub.desk.time_zone()))
            if len(events) < BATCH:
                position = reading.n
                if hub.is_current(position):
                    break
            else:
                position = events[-1].n
            await drain()

        seat.replayed_n = max(seat.replayed_n, position)
        return position
    finally:
        seat.is_catching_up = False
