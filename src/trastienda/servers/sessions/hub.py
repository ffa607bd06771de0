"""What all sessions of this process share."""

import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct

from trastienda.domain.chat_entries import Entry
from trastienda.domain.self_service import Buyers
from trastienda.live.bus import Bus
from trastienda.live.names import Names
from trastienda.live.pairings import Pairings
from trastienda.live.seats import Seat, Seats
from trastienda.servers.desk import Desk
from trastienda.servers.sessions.background import Background
from trastienda.servers.sessions.backlog import Backlog
from trastienda.servers.sessions.delivered_messages import DeliveredMessages
from trastienda.servers.sessions.flood import Flood
from trastienda.servers.throttle import Throttle
from trastienda.storage.transactions import Snapshot

WRONG_CODES_PER_USER = (20, 3.0)
"""Wrong codes of pairings that a user may try at once, and the seconds until one more.

By the user, not by the network: a whole shop is one address. There are nearly 900 million
codes, good for two minutes, and whoever wants more accounts to guess with is slowed, too.
"""

P = ParamSpec("P")
R = TypeVar("R")


class Rules(Struct, frozen=True, kw_only=True):
    """What the shop's settings say of its sessions.

    ``guests``: people without an account may come into the chat. ``guests_read_past``: they
    see what was said before they came. ``buyers``: who may buy and give back.
    ``plain_login``: passwords may come unencrypted from another machine. ``rate``: lines
    a second, 0 for any number.
    """

    guests: bool = True
    guests_read_past: bool = True
    buyers: Buyers = Buyers.CONFIRMED
    plain_login: bool = False
    rate: int = 50


class Hub:
    """The desk, who is here under which name, and who hears what."""

    def __init__(
        self,
        desk: Desk,
        bus: Bus,
        names: Names,
        log: Callable[[Entry], None],
        rules: Rules,
    ) -> None:
        self.desk = desk
        self.names = names
        self.seats = Seats()
        self.log = log
        """Writes an entry to the chat's log."""
        self.rules = rules
        self.flood = Flood(rules.rate)
        self.background = Background()
        self.delivered = DeliveredMessages(desk.writer, self.background)
        self.backlog = Backlog(desk)
        self.pairings = Pairings(time.monotonic)
        self.wrong_codes = Throttle(*WRONG_CODES_PER_USER)
        self.subscribers: dict[int, Seat] = {}
        """The seats to which everything that they may hear is announced."""
        self._bus = bus

    async def read_current(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read a snapshot that holds all that was published until this returns.

        Whoever acts on it before waiting again misses nothing: what it does not hold is
        still to be heard.
        """
        while True:
            reading = await self.desk.reader.read(action, *args, **kwargs)
            if self.is_current(reading.n):
                return reading.value

    def is_current(self, n: int) -> bool:
        """Tell whether nothing has been published after number ``n``."""
        return n >= self._bus.n

    @property
    def last_n(self) -> int:
        """The number of the last event that was published."""
        return self._bus.n
