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
from trastienda.clients.window.pages import Pages
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
        self.pages: Pages | None = None
        """What one has come for; None until one is in."""
        self._page = ""
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
            leave=self._leave,
        )
        self._body = ttk.Frame(self)
        self.entry: EntryPage | None = None
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
        self.strip.configure(
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

    def _show_entry(self, sentence: str = "") -> EntryPage:
        """Ask who comes in, on a page that is returned."""
        remembered = self._remembered
        self._rail.pack_forget()
        self.strip.pack_forget()
        self._body.pack_forget()
        if self.entry is None:
            self.entry = EntryPage(
                self,
                self._theme,
                enter=self._enter,
                host=self._address.host,
                port=self._address.port,
                username=remembered.username,
                alias=remembered.alias,
            )
        self.entry.pack(fill="both", expand=True)
        self.entry.focus_first()
        if sentence:
            self.entry.explain(sentence)
        self._keys.cover(self)
        return self.entry

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
        if self.entry is not None:
            self.entry.explain(
                NOBODY_ANSWERS.format(self._address.host, self._address.port)
            )

    def _come_in(self) -> None:
        identity, line = self._identity, self._line
        if identity is not None and line is not None:
            line.begin(
                lambda client: client.come_in(identity), lambda _: None, self._not_in
            )

    def _not_in(self, error: Exception) -> None:
        if self.entry is None:
            return
        needs_code = isinstance(error, RefusedError) and error.code == NEEDS_CODE
        is_first = isinstance(self._identity, Account) and self._identity.code is None
        if needs_code and is_first:
            self.entry.ask_code()
        else:
            self.entry.explain(sentence_of(error))

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
            entry = self._show_entry(clean(event.sentence))
            if event.code == NEEDS_CODE and isinstance(self._identity, Account):
                entry.ask_code_again(self._identity)
        elif event.code != "cerrada":
            self._drop_line()
            self._forget_pages()
            self._show_entry(clean(event.sentence))

    @property
    def is_asked(self) -> bool:
        """Whether it is being asked who comes in."""
        return self.entry is not None

    def _hear_announced(self, announced: Announced) -> None:
        if self.pages is not None:
            self.pages.chat.hear(announced)
            self.pages.shelf.hear(announced)

    def _arrive(self, arrived: Arrived) -> None:
        line = self._line
        if line is None:
            return
        self._rail.show_state(is_online=True)
        if self._breaking:
            self.after_cancel(self._breaking)
            self._breaking = ""
        self.strip.pack_forget()
        if arrived.alias is None:  # the line stands again, and nobody had come in by it
            return
        pages = self.pages or self._make_pages(line)
        if self.is_asked:
            self._show_pages(line)
        pages.chat.arrive(arrived)
        pages.shelf.arrive(may_trade=isinstance(self._identity, Account))
        self._rail.show_person(arrived.alias)

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
        remembered, identity = self._remembered, self._identity
        remembered.host, remembered.port = self._address.host, self._address.port
        if isinstance(identity, Account):
            remembered.username, remembered.alias = identity.username, ""
        elif isinstance(identity, Guest):
            remembered.alias = identity.alias
        if self.entry is not None:
            self.entry.destroy()
            self.entry = None
        self._rail.pack(side="left", fill="y")
        self._body.pack(side="left", fill="both", expand=True)
        line.begin(lambda client: client.ask("tienda"), self._name_shop, lambda _: None)
        self._keys.cover(self)
        self.open_page("chat")

    def _name_shop(self, shop: dict[str, object]) -> None:
        self._shop_name = clean(str(shop.get("nombre", "")))
        if self.pages is not None:
            self.pages.chat.take_zone(str(shop.get("zona_horaria", "")))
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
        if self.pages is None or self.is_asked:
            return
        self.pages.chat.model.refresh()
        if self._page == "order":
            self.pages.order.refresh()

    def _note_watched(self, *, is_watched: bool) -> None:
        if self.pages is None:
            return
        chat = self.pages.chat.model
        chat.is_watched = is_watched
        if is_watched:
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

    def _leave(self) -> None:
        """Let somebody else come in."""
        self._drop_line()
        self._forget_pages()
        self._show_entry()

    def _forget_pages(self) -> None:
        if self.pages is not None:
            for name in PAGES:
                self.pages.find(name).destroy()
            self.pages = None
        self._page = ""
        self._show_unread(0)

    def close(self) -> None:
        """Close the window, and its line."""
        self._remembered.size = self.geometry().partition("+")[0]
        self._drop_line()
        self.destroy()
        self._closed()
