"""Who comes in by a window: they are asked, connected and let in, or told why not."""

import tkinter as tk
from collections.abc import Callable

from trastienda.clients.lines import (
    Account,
    Address,
    Guest,
    Identity,
    LineEvent,
    RefusedError,
)
from trastienda.clients.window.entry_page import EntryPage
from trastienda.clients.window.loop_thread import LoopThread
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.remembered import Remembered
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.theme import Theme
from trastienda.domain.errors import SecondFactorRequired
from trastienda.wire.refusals import TABLE as REFUSALS

NEEDS_CODE = REFUSALS[SecondFactorRequired].code
ANSWER_MS = 10_000
"""How long a shop has to let somebody in, or not."""
NOBODY_ANSWERS = (
    "Nadie contesta en {}, puerto {}. ¿Está abierta la tienda (trastienda serve)?"
)
NO_SHOP = "En {}, puerto {}, no contesta ninguna tienda. Revisa el equipo y el puerto."


class Reception:
    """The line of a window, and the page where it is asked who comes in by it."""

    def __init__(
        self,
        window: tk.Toplevel,
        theme: Theme,
        loop: LoopThread,
        remembered: Remembered,
        address: Address,
        *,
        hear: Callable[[LineEvent], None],
        forget: Callable[[], None],
    ) -> None:
        self._window = window
        self._theme = theme
        self._loop = loop
        self._remembered = remembered
        self._address = address
        self._hear = hear
        self._forget = forget
        self.line: ShopLine | None = None
        self.identity: Identity | None = None
        self.page: EntryPage | None = None
        """Where they are asked; None while somebody is in."""
        self._sitting = ""
        """Whose pages the window has."""
        self._giving_up = ""
        """The timer after which it is not waited for an answer any more."""

    def ask(self, sentence: str = "") -> EntryPage:
        """Ask who comes in, on a page that is returned; a sentence says why again."""
        if self.page is None:
            self.page = EntryPage(
                self._window,
                self._theme,
                enter=self._enter,
                host=self._address.host,
                port=self._address.port,
                username=self._remembered.username,
                alias=self._remembered.alias,
            )
        self.page.pack(fill="both", expand=True)
        self.page.focus_first()
        if sentence:
            self.page.explain(sentence)
        return self.page

    def ask_again(
        self,
        sentence: str,
        code: str,
    ) -> EntryPage:
        """Ask one who was in, and was let in no longer when the line came back."""
        page = self.ask(sentence)
        if code == NEEDS_CODE and isinstance(self.identity, Account):
            page.ask_code_again(self.identity)
        return page

    def note_arrived(self) -> None:
        """Take note that they are in: it is remembered where, and who."""
        self.stop_waiting()
        if self.page is not None:
            self.page.destroy()
            self.page = None
        self._remembered.host = self._address.host
        self._remembered.port = self._address.port
        if isinstance(self.identity, Account):
            self._remembered.username, self._remembered.alias = (
                self.identity.username,
                "",
            )
        elif isinstance(self.identity, Guest):
            self._remembered.alias = self.identity.alias
        if self.identity is not None:
            self._sitting = _who(self.identity)

    def note_lost(self) -> None:
        """Take note that the line broke: whoever was to be let in need not wait."""
        if self._giving_up:
            self._give_up()

    def hang_up(self) -> None:
        """Close the line, if there is one."""
        self.stop_waiting()
        if self.line is not None:
            self.line.close()
            self.line = None

    def stop_waiting(self) -> None:
        """Take note that the shop has answered."""
        if self._giving_up:
            self._window.after_cancel(self._giving_up)
            self._giving_up = ""

    def _enter(
        self,
        host: str,
        port: int,
        identity: Identity,
    ) -> None:
        """Connect, if there is no line yet, and come in."""
        here = (self._address.host, self._address.port)
        has_line = self.line is not None and (host, port) == here
        if not (has_line and _who(identity) == self._sitting):
            self._forget()  # the pages hold what somebody else was told
        self.identity = identity
        self.stop_waiting()
        self._giving_up = self._window.after(ANSWER_MS, self._give_up)
        if has_line:
            self._come_in()
            return
        if self.line is not None:
            self.line.close()
        self._address = Address(host, port, self._address.tls)
        self.line = ShopLine(self._loop, self._address, self._hear)
        self.line.connect(lambda _: self._come_in(), self._not_connected)

    def _come_in(self) -> None:
        identity, line = self.identity, self.line
        if identity is not None and line is not None:
            line.begin(
                lambda client: client.come_in(identity), lambda _: None, self._not_in
            )

    def _not_connected(self, error: Exception) -> None:
        self._give_up(NOBODY_ANSWERS)

    def _not_in(self, error: Exception) -> None:
        self.stop_waiting()
        if not isinstance(error, RefusedError):
            self._give_up()
        elif self.page is not None:
            has_code = isinstance(self.identity, Account) and self.identity.code
            if error.code == NEEDS_CODE and not has_code:
                self.page.ask_code()
            else:
                self.page.explain(sentence_of(error))

    def _give_up(self, sentence: str = NO_SHOP) -> None:
        """Wait no longer for one who does not answer, or speaks as no shop does."""
        self.hang_up()
        if self.page is not None:
            words = sentence.format(self._address.host, self._address.port)
            self.page.explain(words, field="shop")


def _who(identity: Identity) -> str:
    """Return what tells one who comes in from another."""
    if isinstance(identity, Guest):
        return f"guest {identity.alias}"
    return f"account {identity.username.casefold()}"
