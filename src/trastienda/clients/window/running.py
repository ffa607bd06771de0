"""The desktop program from its start to its end: its windows, and the thread beside them."""

import signal
import tkinter as tk
from pathlib import Path

from trastienda.clients.lines import Address
from trastienda.clients.window import remembered
from trastienda.clients.window.key_bindings import let_all_be_chosen
from trastienda.clients.window.loop_thread import LoopThread
from trastienda.clients.window.styles import Styles
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.window import ShopWindow

POLL_MS, BUDGET_S = 15, 0.01
"""How often Tk's thread looks for what has come, and for how long: between the two it draws."""
NAME = "Trastienda"


class NoScreenError(Exception):
    """There is no screen to open a window on."""


class Program:
    """All windows of one program."""

    def __init__(
        self,
        address: Address,
        memory: Path,
        *,
        username: str = "",
        alias: str = "",
        screen: str | None = None,
    ) -> None:
        try:
            self.root = tk.Tk(screenName=screen, className=NAME)
        except tk.TclError as error:
            raise NoScreenError(str(error)) from error
        self.root.withdraw()
        self._address = address
        self._memory = memory
        self._remembered = remembered.read(memory)
        if username or alias:
            self._remembered.username, self._remembered.alias = username, alias
        self.theme = Theme(
            self.root, is_dark=self._remembered.is_dark, zoom=self._remembered.zoom
        )
        Styles(self.root, self.theme)
        let_all_be_chosen(self.root)
        self._loop = LoopThread()
        self.windows: list[ShopWindow] = []
        self.open_window()
        self._look()

    def open_window(self) -> None:
        """Open one more window, for whoever comes in by it."""
        window = ShopWindow(
            self.root,
            self.theme,
            self._loop,
            self._remembered,
            address=self._address,
            open_another=self.open_window,
            closed=lambda: self._note_closed(window),
        )
        self.windows.append(window)

    def _note_closed(self, window: ShopWindow) -> None:
        self.windows.remove(window)
        if not self.windows:
            self.root.quit()

    def _look(self) -> None:
        """Do what the shop's thread has for Tk's, again and again."""
        self.root.after(POLL_MS, self._look)
        self._loop.run_due(BUDGET_S)

    def end(self) -> None:
        """Close what is open, and remember how it looked."""
        for window in list(self.windows):
            window.end()
        self._remembered.is_dark = self.theme.is_dark
        self._remembered.zoom = self.theme.zoom
        remembered.write(self._memory, self._remembered)
        self._loop.stop()
        self.root.destroy()


def run(
    address: Address,
    memory: Path,
    *,
    username: str = "",
    alias: str = "",
) -> None:
    """Open a window, and return when the last one is closed; raise NoScreenError."""
    program = Program(address, memory, username=username, alias=alias)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: program.root.quit())
    program.root.mainloop()
    program.end()
