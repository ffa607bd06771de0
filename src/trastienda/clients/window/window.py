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
    Guest,
    Identity,
    LineEvent,
    Lost,
    Outside,
    RefusedError,
)
from trastienda.clients.window.chat_page import ChatPage
from trastienda.clients.window.entry_page import EntryPage
from trastienda.clients.window.key_bindings import HELP, KeyBindings
from trastienda.clients.window.loop_thread import LoopThread
from trastienda.clients.window.order_page import OrderPage
from trastienda.clients.window.rail import Rail
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.remembered import Remembered
from trastienda.clients.window.shelf_page import ShelfPage
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.toast import Toasts
from trastienda.domain.errors import SecondFactorRequired
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.refusals import TABLE as REFUSALS

NEEDS_CODE = REFUSALS[SecondFactorRequired].code
REFRESH_MS = 4000
"""How often it is asked what waits in other rooms, of which a line is not told."""
OFFLINE_MS = 1500
"""Before a break is spoken of: most are over by then."""
LEAST = (720, 460)
OFFLINE = "Sin conexión. Sigue escribiendo: se enviará al volver."
GAP = "Falta una parte de lo que se dijo mientras no había conexión."
NOBODY_ANSWERS = (
    "Nadie contesta en {}, puerto {}. ¿Está abierta la tienda (trastienda serve)?"
)
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
        self._loop = loop
        self._remembered = remembered
        self._address = address
        self._closed = closed
        self._line: ShopLine | None = None
        self._identity: Identity | None = None
        self._pages: dict[str, ChatPage | ShelfPage | OrderPage] = {}
        self._page = ""
        self._unread = 0
        self._shop_name = ""
        self._breaking = ""
        """The timer after which a break is spoken of."""
        self._toasts = Toasts(self, theme)
        self._strip = ttk.Label(self, style="Canvas.TLabel", anchor="center")
        self._rail = Rail(
            self,
            theme,
            choose=self.open_page,
            change_look=self._change_look,
            leave=self._leave,
        )
        self._body = ttk.Frame(self)
        self._entry: EntryPage | None = None
        self.title("Trastienda")
        self.geometry(remembered.size)
        self.minsize(*LEAST)
        self.protocol("WM_DELETE_WINDOW", self.close)
        self._keys = KeyBindings(self, self._key_actions(open_another))
        self.bind("<FocusIn>", lambda _: self._note_watched(is_watched=True), add=True)
        self.bind(
            "<FocusOut>", lambda _: self._note_watched(is_watched=False), add=True
        )
        theme.on_change(self, self._dress)
        self._show_entry()
        self._refresh_later()

    def _dress(self) -> None:
        palette = self._theme.palette
        self.configure(background=palette.canvas)
        self._strip.configure(
            background=palette.surface_3,
            foreground=palette.ink,
            padding=self._theme.px(6),
        )

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

    # Coming in

    def _show_entry(self, sentence: str = "") -> None:
        """Ask who comes in."""
        remembered = self._remembered
        self._rail.pack_forget()
        self._strip.pack_forget()
        self._body.pack_forget()
        if self._entry is None:
            self._entry = EntryPage(
                self,
                self._theme,
                enter=self._enter,
                host=self._address.host,
                port=self._address.port,
                username=remembered.username,
                alias=remembered.alias,
            )
        self._entry.pack(fill="both", expand=True)
        self._entry.focus_first()
        if sentence:
            self._entry.refuse(sentence)
        self._keys.cover(self)

    def _enter(
        self,
        host: str,
        port: int,
        identity: Identity,
    ) -> None:
        """Connect, if there is no line yet, and come in."""
        self._identity = identity
        if self._line is not None and (host, port) == (
            self._address.host,
            self._address.port,
        ):
            self._come_in()
            return
        self._drop_line()
        self._address = Address(host, port, self._address.tls)
        self._line = ShopLine(self._loop, self._address, self._hear)
        self._line.connect(lambda _: self._come_in(), self._not_connected)

    def _not_connected(self, error: Exception) -> None:
        self._drop_line()
        if self._entry is not None:
            self._entry.refuse(
                NOBODY_ANSWERS.format(self._address.host, self._address.port)
            )

    def _come_in(self) -> None:
        identity, line = self._identity, self._line
        if identity is not None and line is not None:
            line.begin(
                lambda client: client.come_in(identity), lambda _: None, self._not_in
            )

    def _not_in(self, error: Exception) -> None:
        if self._entry is None:
            return
        needs_code = isinstance(error, RefusedError) and error.code == NEEDS_CODE
        is_first = isinstance(self._identity, Account) and self._identity.code is None
        if needs_code and is_first:
            self._entry.ask_code()
        else:
            self._entry.refuse(sentence_of(error))

    def _drop_line(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    # What happens

    def _hear(self, event: LineEvent) -> None:
        if isinstance(event, Announced):
            self._hear_announced(event)
        elif isinstance(event, Arrived):
            self._arrive(event)
        elif isinstance(event, Lost):
            self._rail.show_state(is_online=False)
            if not self._breaking:
                self._breaking = self.after(OFFLINE_MS, self._speak_of_break)
        elif isinstance(event, Gap):
            if not self.is_asked:
                self._toasts.show(GAP)
        elif isinstance(event, Outside):
            self._show_entry(clean(event.sentence))
        elif event.code != "cerrada":
            self._drop_line()
            self._forget_pages()
            self._show_entry(clean(event.sentence))

    @property
    def is_asked(self) -> bool:
        """Whether it is being asked who comes in."""
        return self._entry is not None

    def _hear_announced(self, announced: Announced) -> None:
        for page in self._pages.values():
            if isinstance(page, ChatPage | ShelfPage):
                page.hear(announced)

    def _arrive(self, arrived: Arrived) -> None:
        line = self._line
        if line is None:
            return
        self._rail.show_state(is_online=True)
        if self._breaking:
            self.after_cancel(self._breaking)
            self._breaking = ""
        self._strip.pack_forget()
        if arrived.alias is None:  # the line stands again, and nobody had come in by it
            return
        if self.is_asked:
            self._show_pages(line)
        for page in self._pages.values():
            if isinstance(page, ChatPage):
                page.arrive(arrived)
            elif isinstance(page, ShelfPage):
                page.arrive(may_trade=isinstance(self._identity, Account))
        self._rail.show_person(arrived.alias)

    def _show_pages(self, line: ShopLine) -> None:
        """Show what one has come for."""
        remembered, identity = self._remembered, self._identity
        remembered.host, remembered.port = self._address.host, self._address.port
        if isinstance(identity, Account):
            remembered.username, remembered.alias = identity.username, ""
        elif isinstance(identity, Guest):
            remembered.alias = identity.alias
        if self._entry is not None:
            self._entry.destroy()
            self._entry = None
        self._rail.pack(side="left", fill="y")
        self._body.pack(side="left", fill="both", expand=True)
        if not self._pages:
            self._pages["chat"] = ChatPage(
                self._body,
                self._theme,
                line,
                inform=self._toasts.show,
                call=self._call,
                unread_changed=self._show_unread,
            )
            self._pages["shelf"] = ShelfPage(
                self._body, self._theme, line, inform=self._toasts.show
            )
            self._pages["order"] = OrderPage(
                self._body, self._theme, line, inform=self._toasts.show
            )
        line.begin(lambda client: client.ask("tienda"), self._name_shop, lambda _: None)
        self._keys.cover(self)
        self.open_page("chat")

    def _name_shop(self, shop: dict[str, object]) -> None:
        self._shop_name = clean(str(shop.get("nombre", "")))
        chat = self._pages.get("chat")
        if isinstance(chat, ChatPage):
            chat.take_zone(str(shop.get("zona_horaria", "")))
        self._show_title()

    def _speak_of_break(self) -> None:
        if not self.is_asked:
            self._strip.configure(text=OFFLINE)
            self._strip.pack(side="top", fill="x", before=self._rail)

    # What is looked at

    def open_page(self, name: str) -> None:
        """Turn to a page, if whoever sits here has it."""
        page = self._pages.get(name)
        if page is None or (name == "order" and not self._moderates):
            return
        for other in self._pages.values():
            other.pack_forget()
        self._page = name
        page.pack(fill="both", expand=True)
        page.focus_first()
        self._rail.show_page(name)

    @property
    def _moderates(self) -> bool:
        chat = self._pages.get("chat")
        return isinstance(chat, ChatPage) and chat.chat.moderates

    def _in_chat(self, do: Callable[[ChatPage], object]) -> None:
        chat = self._pages.get("chat")
        if isinstance(chat, ChatPage) and self._page == "chat":
            do(chat)

    def _search(self) -> None:
        page = self._pages.get(self._page)
        if isinstance(page, ChatPage | ShelfPage):
            page.open_search()

    def _refresh_later(self) -> None:
        """Look again and again at what nobody announces."""
        chat = self._pages.get("chat")
        if isinstance(chat, ChatPage) and not self.is_asked:
            chat.chat.refresh()
            self._rail.show_pages(moderates=chat.chat.moderates)
            page = self._pages.get(self._page)
            if isinstance(page, OrderPage):
                page.refresh()
        self.after(REFRESH_MS, self._refresh_later)

    def _note_watched(self, *, is_watched: bool) -> None:
        chat = self._pages.get("chat")
        if isinstance(chat, ChatPage):
            chat.chat.is_watched = is_watched
            if is_watched:
                chat.chat.note_seen()

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

    def _leave(self) -> None:
        """Let somebody else come in."""
        self._drop_line()
        self._forget_pages()
        self._show_entry()

    def _forget_pages(self) -> None:
        for page in self._pages.values():
            page.destroy()
        self._pages.clear()
        self._page = ""
        self._show_unread(0)

    def close(self) -> None:
        """Close the window, and its line."""
        self._remembered.size = self.geometry().partition("+")[0]
        self._drop_line()
        self.destroy()
        self._closed()
