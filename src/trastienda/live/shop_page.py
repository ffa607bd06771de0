"""The shop's page in memory, for code that needs its time zone all the time."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from trastienda.domain.events import Event
from trastienda.domain.shop import Shop


class ShopPage:
    """The page, kept up to date by its own events. It may be read in any thread."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @property
    def time_zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return self.shop.time_zone

    def hear(self, events: Sequence[Event]) -> None:
        """Take the new page when it has changed."""
        for event in events:
            if isinstance(event.subject, Shop):
                self.shop = event.subject
