"""What the line ports work with."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from trastienda.domain.chat_entries import Entry
from trastienda.live.presence import Presence, Seat
from trastienda.servers.desk import Desk as SharedDesk


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
        desk: SharedDesk,
        presence: Presence,
        log: Callable[[Entry], None],
        rules: Rules,
    ) -> None:
        self.reader = desk.reader
        self.writer = desk.writer
        self.auth = desk.auth
        self.clock = desk.clock
        self.shop = desk.shop
        self.zone = desk.zone
        self.presence = presence
        self.log = log
        self.rules = rules
        self.programs: dict[int, Seat] = {}
        """The connections that speak JSON, to which everything that they may hear is announced."""
        self.handed_over: Callable[[Sequence[int]], None] = lambda ids: None
        """Keeps that these private messages have been handed to whom they were for."""
