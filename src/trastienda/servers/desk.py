"""What every server works with, whatever wire it listens to."""

from zoneinfo import ZoneInfo

from trastienda.domain.shop import Shop
from trastienda.live.shop_page import ShopPage
from trastienda.reader import Reader
from trastienda.servers.auth import Auth
from trastienda.storage.transactions import Clock
from trastienda.writer import Writer


class Desk:
    """Reading, writing, who calls, the shop's own page, and the clock."""

    __slots__ = ("_page", "auth", "clock", "reader", "writer")

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        auth: Auth,
        page: ShopPage,
        clock: Clock,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.auth = auth
        self.clock = clock
        self._page = page

    def shop(self) -> Shop:
        """Return the shop's page as it is now."""
        return self._page.shop

    def time_zone(self) -> ZoneInfo:
        """Return the shop's time zone."""
        return self._page.time_zone
