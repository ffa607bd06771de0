"""The pages of a window, for one who is in."""

from msgspec import Struct

from trastienda.clients.window.chat_page import ChatPage
from trastienda.clients.window.order_page import OrderPage
from trastienda.clients.window.shelf_page import ShelfPage


class Pages(Struct, eq=False):
    """The pages of a window, each with its name as its field."""

    chat: ChatPage
    shelf: ShelfPage
    order: OrderPage

    def find(self, name: str) -> ChatPage | ShelfPage | OrderPage:
        """Return a page by its name."""
        page: ChatPage | ShelfPage | OrderPage = getattr(self, name)
        return page
