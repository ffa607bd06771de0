"""The seat of a Socket.IO client: announcements go out to it as events."""

from collections.abc import Callable
from typing import Any

from trastienda.domain.chat import PrivateMessage
from trastienda.domain.closings import ClosingReason
from trastienda.domain.events import Event
from trastienda.domain.notifications import Notification
from trastienda.live.deliveries import AnyDelivery
from trastienda.live.seats import Seat
from trastienda.servers.socketio.encoders import (
    frame_for_customer,
    frame_for_staff,
    packet,
    packet_for_customer,
    packet_for_staff,
)
from trastienda.servers.socketio.outgoing import Outgoing


class SocketSeat(Seat):
    """A seat whose client speaks Socket.IO.

    It begins by catching up: a client that says first of all what it heard last hears the
    rest in order, whatever is announced meanwhile.
    """

    __slots__ = ("_close", "_replayed", "outgoing")

    def __init__(
        self,
        outgoing: Outgoing,
        close: Callable[[ClosingReason], None],
    ) -> None:
        super().__init__()
        self.hears_all_rooms = True
        self.is_catching_up = True
        self.outgoing = outgoing
        self._close = close
        self._replayed: set[tuple[type, int]] = set()
        """What was said to its member alone and was read to it from the journal."""

    def note_replayed(self, event: Event) -> None:
        """Note what is for its member alone: it may have waited for them as well."""
        subject = event.subject
        if isinstance(subject, PrivateMessage | Notification):
            self._replayed.add((type(subject), subject.id))

    def was_replayed(self, subject: PrivateMessage | Notification) -> bool:
        """Tell whether this was read to it from the journal."""
        return (type(subject), subject.id) in self._replayed

    def replay(self, delivery: AnyDelivery) -> None:
        """Send what comes from the journal, or is live."""
        is_of_staff = self.is_of_staff
        outbox = self.outgoing.outbox or self.outgoing.reached()
        if outbox is not None:
            form = frame_for_staff if is_of_staff else frame_for_customer
            outbox.put(delivery.encoded(form))
            return

        form = packet_for_staff if is_of_staff else packet_for_customer
        for part in delivery.parts(form):
            self.outgoing.send(part)

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent."""
        await self.outgoing.drain()

    def push(
        self,
        name: str,
        body: Any,
    ) -> None:
        """Send an event of the moment to this client alone."""
        self.outgoing.send(packet(name, body))

    def close(self, reason: ClosingReason) -> None:
        """Tell why, and close the connection."""
        self._close(reason)
