"""The seat of a line connection: deliveries and answers go into its outbox."""

from collections.abc import Callable

from trastienda.domain.closings import ClosingReason
from trastienda.live.deliveries import AnyDelivery, Encode
from trastienda.live.seats import Seat
from trastienda.servers.outbox import Outbox
from trastienda.servers.tcp import encoders
from trastienda.wire.lines import encoding


class LineSeat(Seat):
    """A seat whose client reads lines: words for people, JSON for programs."""

    __slots__ = ("_close", "_encode", "outbox")

    def __init__(
        self,
        outbox: Outbox,
        close: Callable[[ClosingReason], None],
    ) -> None:
        super().__init__()
        self.outbox = outbox
        self._close = close
        self._encode: Encode | None = encoders.for_person
        """None for a program, whose form depends on who sits here."""

    def replay(self, delivery: AnyDelivery) -> None:
        """Send something in the form that the client reads."""
        encode = self._encode or self._program_encoder()
        encoded = delivery.encoded(encode)
        if encoded:
            self.outbox.put(encoded)

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent."""
        await self.outbox.drain()

    def _program_encoder(self) -> Encode:
        if self.is_of_staff:
            return encoders.for_staff_program
        return encoders.for_program

    def close(self, reason: ClosingReason) -> None:
        """Tell why, and close the connection."""
        self._close(reason)

    def say(self, text: str) -> None:
        """Send lines for people."""
        encoded = encoding.people(text)
        self.outbox.put(encoded)

    def speak_json(self) -> None:
        """Take the client for a program from now on, which reads JSON."""
        self._encode = None
