"""The seat of a listener: announcements go out to it as events, and nothing comes back."""

import asyncio
from typing import Any

from trastienda.domain.closings import ClosingReason
from trastienda.live.deliveries import AnyDelivery
from trastienda.live.seats import Seat
from trastienda.servers.events import encoders
from trastienda.servers.outbox import Outbox
from trastienda.wire import announcements
from trastienda.wire.closings import TABLE as CLOSINGS


class ListenerSeat(Seat):
    """A seat whose client hears events.

    It begins by catching up, so that what is announced before it is told apart from what
    it missed comes in its order.
    """

    __slots__ = ("is_over", "outbox")

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self.hears_all_rooms = True
        self.is_catching_up = True
        self.outbox = outbox
        self.is_over = asyncio.Event()
        """Set once it is closed."""

    def replay(self, delivery: AnyDelivery) -> None:
        """Send what comes from the journal, or is live."""
        if self.is_listening:
            encode = encoders.for_staff if self.is_of_staff else encoders.for_customer
            self.outbox.put(delivery.encoded(encode))

    def push(
        self,
        name: str,
        body: Any,
        n: int | None = None,
    ) -> None:
        """Send an event to this client alone."""
        self.outbox.put(encoders.event(name, body, n))

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent."""
        await self.outbox.drain()

    def close(self, reason: ClosingReason) -> None:
        """Tell why, and tell nothing more."""
        if self.is_listening:
            self.is_listening = False
            closing = announcements.closing_out(CLOSINGS[reason].code)
            self.push(announcements.CLOSING, closing)
            self.is_over.set()
