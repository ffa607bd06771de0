"""The shop's own page as it is now, for whoever needs its zone or its money at every turn, in whatever thread."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from trastienda.domain.events import Event
from trastienda.domain.shop import Shop


class ShopPage:
    """The page, kept up to date by its own announcements."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @property
    def zone(self) -> ZoneInfo:
        """The shop's zone."""
        return self.shop.zone

    def hear(self, events: Sequence[Event]) -> None:
        """Take the new page where the shop's has changed."""
        for event in events:
            if isinstance(event.subject, Shop):
                self.shop = event.subject
