"""What the line ports work with."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.chat_entries import Entry
from trastienda.domain.shop import Shop
from trastienda.live.presence import Presence, Seat
from trastienda.live.shop_page import ShopPage
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
        page: ShopPage,
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
        self.handed_over: Callable[[Sequence[int]], None] = lambda ids: None
        """Keeps that these private messages have been handed to whom they were for."""
        self._page = page

    def shop(self) -> Shop:
        """Return the shop's page."""
        return self._page.shop

    def zone(self) -> ZoneInfo:
        """Return the shop's zone."""
        return self._page.zone
