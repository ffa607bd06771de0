"""One window on the shop: coming in, then its pages, and whether the line stands."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from trastienda.clients.lines import (
    Account,
    Address,
    Announced,
    Arrived,
    Gap,
    LineEvent,
    Lost,
    Outside,
)
from trastienda.clients.window.chat_page import ChatPage
from trastienda.clients.window.entry_page import EntryPage
from trastienda.clients.window.key_bindings import HELP, KeyBindings
from trastienda.clients.window.loop_thread import LoopThread
from trastienda.clients.window.order_page import OrderPage
from trastienda.clients.window.pages import Pages
from trastienda.clients.window.popover import Confirmation
from trastienda.clients.window.rail import Rail
from trastienda.clients.window.reception import Reception
from trastienda.clients.window.remembered import Remembered
from trastienda.clients.window.shelf_page import ShelfPage
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.toast import Toasts
from trastienda.wire.lines.cleaning import clean

REFRESH_MS = 4000
"""How often it is asked what waits in other rooms, of which a line is not told."""
OFFLINE_MS = 1500
"""Before a break is spoken of: most are over by then."""
LEAST = (720, 460)
OFFLINE = "Sin conexión. Sigue escribiendo: se enviará al volver."
UNSENT_ONE = "Un mensaje todavía no se ha enviado. Si sales, se pierde."
UNSENT = "{} mensajes todavía no se han enviado. Si sales, se pierden."
GAP = "Falta una parte de lo que se dijo mientras no había conexión."
PAGES = ("chat", "shelf", "order")


class ShopWindow(tk.Toplevel):
    """A window of its own, with its own line to the shop and whoever came in by it."""

    def __init__(
        self,
        root: tk.Tk,
        theme: Theme,
        loop: LoopThread,
        remembered: Remembered,
        *,
        address: Address,
        open_another: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        super().__init__(root)
        self._theme = theme
        self._remembered = remembered
        self._closed = closed
        self.reception = Reception(
            self,
            theme,
            loop,
            remembered,
            address,
            hear=self._hear,
            forget=self._forget_pages,
        )
        self.pages: Pages | None = None
        """What one has come for; None until one is in."""
        self._page = ""
        self._is_online = False
        self._has_keyboard = True
        self._unread = 0
        self._shop_name = ""
        self._breaking = ""
        """The timer after which a break is spoken of."""
        self._toasts = Toasts(self, theme)
        self.strip = ttk.Label(self, style="Canvas.TLabel", anchor="center")
        self._rail = Rail(
            self,
            theme,
            choose=self.open_page,
            change_look=self._change_look,
            leave=lambda: self._if_nothing_is_lost(self._leave),
        )
        self._body = ttk.Frame(self)
        self.title("Trastienda")
        self.geometry(remembered.size)
        self.protocol("WM_DELETE_WINDOW", self.close)
        self._keys = KeyBindings(self, self._key_actions(open_another))
        self.bind("<FocusIn>", lambda _: self._note_keyboard(is_here=True), add=True)
        self.bind("<FocusOut>", lambda _: self._note_keyboard(is_here=False), add=True)
        theme.on_change(self, self._dress)
        self._ask()
        self._refresh_later()

    def _dress(self) -> None:
        palette = self._theme.palette
        self.configure(background=palette.canvas)
        self.strip.configure(
            background=palette.surface_3,
            foreground=palette.ink,
            padding=self._theme.px(6),
        )
        self._be_large_enough()

    def _be_large_enough(self) -> None:
        """Be no smaller than what a page takes at this size of letters."""
        screen = (self.winfo_screenwidth(), self.winfo_screenheight())
        least = [
            min(self._theme.px(pixels), most)
            for pixels, most in zip(LEAST, screen, strict=True)
        ]
        self.minsize(*least)
        width, height = self.winfo_width(), self.winfo_height()
        if self.winfo_viewable() and (width < least[0] or height < least[1]):
            self.geometry(f"{max(width, least[0])}x{max(height, least[1])}")

    def _key_actions(
        self,
        open_another: Callable[[], None],
    ) -> dict[str, Callable[[], object]]:
        theme = self._theme
        larger, smaller = partial(theme.step_zoom, 1), partial(theme.step_zoom, -1)
        pages = {
            f"<Control-Key-{number}>": partial(self.open_page, page)
            for number, page in enumerate(PAGES, start=1)
        }
        return {
            **pages,
            "<Control-n>": open_another,
            "<Control-q>": self.close,
            "<Control-d>": self._change_look,
            "<Control-plus>": larger,
            "<Control-equal>": larger,
            "<Control-KP_Add>": larger,
            "<Control-minus>": smaller,
            "<Control-KP_Subtract>": smaller,
            "<Control-Key-0>": partial(theme.step_zoom, 0),
            "<Control-f>": self._search,
            "<Control-e>": partial(self._in_chat, ChatPage.open_emoji),
            "<Control-w>": partial(self._in_chat, ChatPage.close_current),
            "<Control-Tab>": partial(self._in_chat, lambda chat: chat.step(1)),
            "<Alt-Down>": partial(self._in_chat, lambda chat: chat.step(1)),
            "<Alt-Up>": partial(self._in_chat, lambda chat: chat.step(-1)),
            "<F6>": partial(self._in_chat, ChatPage.focus_next),
            "<F1>": partial(self._toasts.show, HELP),
        }

    def _ask(self, sentence: str = "") -> None:
        """Ask who comes in; a sentence says why again."""
        self._clear()
        self.reception.ask(sentence)
        self._keys.cover(self)

    def _clear(self) -> None:
        for part in (self._rail, self.strip, self._body):
            part.pack_forget()

    @property
    def entry(self) -> EntryPage | None:
        """Where it is asked who comes in; None while somebody is in."""
        return self.reception.page

    # What happens

    def _hear(self, event: LineEvent) -> None:
        if isinstance(event, Announced):
            self._hear_announced(event)
        elif isinstance(event, Arrived):
            self._arrive(event)
        elif isinstance(event, Lost):
            self.reception.note_lost()
            self._note_line(is_online=False)
            if not self._breaking:
                self._breaking = self.after(OFFLINE_MS, self._speak_of_break)
        elif isinstance(event, Gap):
            if not self.is_asked:
                self._toasts.show(GAP)
        elif isinstance(event, Outside):
            self._clear()
            self.reception.ask_again(clean(event.sentence), event.code)
            self._keys.cover(self)
        elif event.code != "cerrada":
            self.reception.hang_up()
            self._forget_pages()
            self._ask(clean(event.sentence))

    @property
    def is_asked(self) -> bool:
        """Whether it is being asked who comes in."""
        return self.entry is not None

    def _hear_announced(self, announced: Announced) -> None:
        if self.pages is not None:
            self.pages.chat.hear(announced)
            self.pages.shelf.hear(announced)

    def _arrive(self, arrived: Arrived) -> None:
        line = self.reception.line
        if line is None:
            return
        self._note_line(is_online=True)
        if self._breaking:
            self.after_cancel(self._breaking)
            self._breaking = ""
        self.strip.pack_forget()
        if arrived.alias is None:  # the line stands again, and nobody had come in by it
            return
        pages = self.pages or self._make_pages(line)
        if self.is_asked:
            self.reception.note_arrived()
            self._show_pages(line)
        pages.chat.arrive(arrived)
        has_account = isinstance(self.reception.identity, Account)
        pages.shelf.arrive(may_trade=has_account)
        self._rail.show_person(arrived.alias)

    def _note_line(self, *, is_online: bool) -> None:
        self._is_online = is_online
        self._rail.show_state(is_online=is_online)
        if self.pages is not None:
            self.pages.shelf.is_online = is_online

    def _make_pages(self, line: ShopLine) -> Pages:
        body, theme, inform = self._body, self._theme, self._toasts.show
        chat = ChatPage(
            body,
            theme,
            line,
            inform=inform,
            call=self._call,
            unread_changed=self._show_unread,
        )
        shelf = ShelfPage(body, theme, line, inform=inform)
        order = OrderPage(body, theme, line, inform=inform)
        self.pages = Pages(chat, shelf, order)
        return self.pages

    def _show_pages(self, line: ShopLine) -> None:
        """Show what one has come for."""
        self._rail.pack(side="left", fill="y")
        self._body.pack(side="left", fill="both", expand=True)
        line.begin(lambda client: client.ask("tienda"), self._name_shop, lambda _: None)
        self._keys.cover(self)
        self.open_page("chat")

    def _name_shop(self, shop: dict[str, object]) -> None:
        self._shop_name = clean(str(shop.get("nombre", "")))
        if self.pages is not None:
            self.pages.chat.model.take_zone(str(shop.get("zona_horaria", "")))
        self._show_title()

    def _speak_of_break(self) -> None:
        if not self.is_asked:
            self.strip.configure(text=OFFLINE)
            self.strip.pack(side="top", fill="x", before=self._rail)

    # What is looked at

    def open_page(self, name: str) -> None:
        """Turn to a page, if whoever sits here has it."""
        if self.pages is None or (name == "order" and not self._moderates):
            return
        for other in PAGES:
            self.pages.find(other).pack_forget()
        self._page = name
        page = self.pages.find(name)
        page.pack(fill="both", expand=True)
        page.focus_first()
        self._rail.show_page(name)
        self._note_watched()

    @property
    def _moderates(self) -> bool:
        return self.pages is not None and self.pages.chat.model.moderates

    def _in_chat(self, do: Callable[[ChatPage], object]) -> None:
        if self.pages is not None and self._page == "chat":
            do(self.pages.chat)

    def _search(self) -> None:
        if self.pages is not None and self._page != "order":
            page = self.pages.shelf if self._page == "shelf" else self.pages.chat
            page.open_search()

    def _refresh_later(self) -> None:
        """Look again and again at what nobody announces."""
        self.after(REFRESH_MS, self._refresh_later)
        if self.pages is None or self.is_asked or not self._is_online:
            return
        self.pages.chat.model.refresh()
        if self._page == "order":
            self.pages.order.refresh()

    def _note_keyboard(self, *, is_here: bool) -> None:
        self._has_keyboard = is_here
        self._note_watched()

    def _note_watched(self) -> None:
        """Take note of whether somebody sees what is said."""
        if self.pages is None:
            return
        chat = self.pages.chat.model
        chat.is_watched = self._has_keyboard and self._page == "chat"
        if chat.is_watched:
            chat.note_seen()

    def _show_unread(self, count: int) -> None:
        self._unread = count
        self._rail.show_unread(count)
        self._rail.show_pages(moderates=self._moderates)
        self._show_title()

    def _show_title(self) -> None:
        waiting = f"({self._unread}) " if self._unread else ""
        name = f"{self._shop_name} · " if self._shop_name else ""
        self.title(f"{waiting}{name}Trastienda")

    def _call(self, text: str) -> None:
        """Call whoever sits here, who looks elsewhere."""
        self.bell()
        self._toasts.show(text)

    def _change_look(self) -> None:
        self._theme.change(is_dark=not self._theme.is_dark)

    # Leaving

    def _if_nothing_is_lost(self, leave: Callable[[], None]) -> None:
        """Leave, unless something would never be sent: then they are asked."""
        count = 0 if self.pages is None else self.pages.chat.model.talks.count_unsent()
        if not count:
            leave()
            return
        words = UNSENT_ONE if count == 1 else UNSENT.format(count)
        Confirmation(self._rail.out, self._theme, words, "Salir igual", leave)

    def _leave(self) -> None:
        """Let somebody else come in."""
        self.reception.hang_up()
        self._forget_pages()
        self._ask()

    def _forget_pages(self) -> None:
        if self.pages is not None:
            for name in PAGES:
                self.pages.find(name).destroy()
            self.pages = None
        self._page = ""
        self._show_unread(0)

    def close(self) -> None:
        """Close the window, unless something would be lost that they want to keep."""
        self._if_nothing_is_lost(self.end)

    def end(self) -> None:
        """Close the window, and its line."""
        self._remembered.size = self.geometry().partition("+")[0]
        self.reception.hang_up()
        self.destroy()
        self._closed()
