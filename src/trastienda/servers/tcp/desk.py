"""What the line ports work with."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.chat_entries import Entry
from trastienda.domain.events import Event
from trastienda.domain.shop import Shop
from trastienda.live.presence import Presence, Seat
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.storage.transactions import Clock
from trastienda.writer import Writer


class Rules(Struct, frozen=True, kw_only=True):
    """What the shop's settings say of the line ports.

    ``guests``: strangers are let into the chat. ``staff_only``: buying by line is for staff. ``plain_login``: passwords
    may come unencrypted from another machine. ``rate``: lines a second, 0 for any number.
    """

    guests: bool = True
    staff_only: bool = False
    plain_login: bool = False
    rate: int = 50


class Desk:
    """What the commands work with."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        auth: Auth,
        presence: Presence,
        clock: Clock,
        log: Callable[[Entry], None],
        rules: Rules,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.auth = auth
        self.presence = presence
        self.clock = clock
        self.log = log
        self.rules = rules
        self.programs: dict[int, Seat] = {}
        """The connections that speak JSON, to which everything that they may hear is announced."""
        self._shop: Shop | None = None

    def shop(self) -> Shop:
        """Return the shop's page; remembered until it changes."""
        if self._shop is None:
            self._shop = self.reader.now(lambda state: state.shop)
        return self._shop

    def zone(self) -> ZoneInfo:
        """Return the shop's zone."""
        return self.shop().zone

    def hear(self, events: Sequence[Event]) -> None:
        """Forget the shop's page when it has changed."""
        self._shop = None
