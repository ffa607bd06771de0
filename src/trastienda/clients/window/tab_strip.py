"""Tabs over a talk: the room, and the people that one talks with in private."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk

from trastienda.clients.window.theme import Theme

Tab = tuple[str, str, int]
"""Its key, its label, and how much waits to be read in it."""


class TabStrip(ttk.Frame):
    """A row of tabs; all but the first can be closed."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        choose: Callable[[str], None],
        close: Callable[[str], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choose = choose
        self._close = close
        self._tabs: Sequence[Tab] = ()
        self._current = ""
        theme.on_change(self, self._draw)

    def show(
        self,
        tabs: Sequence[Tab],
        current: str,
    ) -> None:
        """Show tabs, of which one is looked at."""
        if (tabs, current) != (self._tabs, self._current):
            self._tabs, self._current = tabs, current
            self._draw()

    def _draw(self) -> None:
        for child in self.winfo_children():
            child.destroy()
        theme = self._theme
        for place, (key, label, unread) in enumerate(self._tabs):
            words = f"{label} ({unread})" if unread else label
            style = "Normal.TButton" if key == self._current else "Quiet.TButton"
            tab = ttk.Button(self, text=words, style=style, takefocus=False)
            tab.configure(
                command=partial(self._choose, key),
                padding=(theme.px(10), theme.px(5)),
            )
            tab.pack(
                side="left",
                padx=(theme.px(12) if not place else 0, 0),
                pady=theme.px(3),
            )
            if place:
                cross = ttk.Button(self, style="Quiet.TButton", takefocus=False)
                cross.configure(
                    image=theme.icon("close", "ink_3", 14),
                    command=partial(self._close, key),
                    padding=theme.px(1),
                )
                cross.pack(side="left")
                tab.bind("<Button-2>", partial(self._close_pressed, key))

    def _close_pressed(
        self,
        key: str,
        event: "tk.Event[tk.Misc]",
    ) -> None:
        self._close(key)
