"""Catching up: a seat is told what it missed, and then goes on live with no hole between.

Nothing is put by meanwhile. What is committed while the seat reads the journal is in the
journal, too: it is read there, and skipped where it is announced.
"""

from trastienda.domain.events import Event
from trastienda.live.seats import Seat
from trastienda.servers.sessions.hearing import may_be_told
from trastienda.servers.sessions.hub import Hub
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.live_shapes import Desde


async def catch_up(
    hub: Hub,
    seat: Seat,
    since_n: int,
) -> int | None:
    """Tell a seat all that it may hear of what was announced after ``since_n``, in order.

    Return the number up to which it has been told, from which on it is live; None where
    not all is known any more. It is live then, too, and needs a fresh snapshot.
    """

    def is_for_them(event: Event) -> bool:
        if not may_be_told(seat, event):
            return False
        seat.note_replayed(event)
        return True

    seat.is_catching_up = True
    try:
        position = since_n
        while seat.is_listening:
            stretch = await hub.backlog.read(position)
            if stretch is None:
                return None

            position = stretch.last_n
            part = stretch.delivery.only(is_for_them)
            if part is not None:
                seat.replay(part)
            if stretch.is_last and hub.is_current(position):
                break
            await seat.drain()

        seat.replayed_n = max(seat.replayed_n, position)
        return position
    finally:
        seat.is_catching_up = False


async def resume(
    session: Session,
    arguments: Desde,
) -> Answer:
    """Announce to a client all that it missed, and go on live."""
    n = await catch_up(session.hub, session.seat, arguments.desde)
    if n is None:
        return Answer({"hueco": True, "n": session.hub.last_n})
    return Answer({"n": n})
