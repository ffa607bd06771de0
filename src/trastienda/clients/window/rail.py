"""The rail at the left: the pages, who one is, and whether the line stands."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from trastienda.clients.window.drawing import rounded
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.tooltip import Tooltip

WIDTH = 100
MOST = 99
"""Unread messages that are counted."""
ITEMS = (
    ("chat", "chat", "Chat"),
    ("shelf", "shelf", "Inventario"),
    ("order", "shield", "Orden"),
)


class Rail(ttk.Frame):
    """A column of what may be turned to, icon and word together."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        choose: Callable[[str], None],
        change_look: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__(parent, style="Canvas.TFrame")
        self._theme = theme
        self._page = ""
        self._unread = 0
        self._is_online = True
        self._items = {
            name: ttk.Button(
                self, text=words, compound="top", command=partial(choose, name)
            )
            for name, _, words in ITEMS
        }
        self._count = ttk.Label(self, takefocus=False)
        self._look = ttk.Button(self, style="RowQuiet.TButton", command=change_look)
        self._person = ttk.Label(self, style="Canvas.TLabel", anchor="center")
        self._state = ttk.Label(self, compound="left", anchor="center")
        self.out = ttk.Button(
            self, text="Salir", style="RowQuiet.TButton", compound="left", command=leave
        )
        Tooltip(self._look, theme, "Claro u oscuro (Ctrl D)")
        self._edge = ttk.Frame(self, style="Line.TFrame", width=1)
        self._edge.pack(side="right", fill="y")
        for name in ("chat", "shelf"):
            self._items[name].pack(fill="x")
        for widget in (self.out, self._look, self._state, self._person):
            widget.pack(side="bottom", fill="x")
        self.pack_propagate(False)
        theme.on_change(self, self._dress)

    def _dress(self) -> None:
        theme = self._theme
        self.configure(width=theme.px(WIDTH), padding=(theme.px(6), theme.px(10)))
        for name, icon, _ in ITEMS:
            is_here = name == self._page
            self._items[name].configure(
                style="RowNormal.TButton" if is_here else "RowQuiet.TButton",
                image=theme.icon(icon, "accent_ink" if is_here else "ink_2"),
                padding=(0, theme.px(6)),
            )
        self._look.configure(
            image=theme.icon("sun" if theme.is_dark else "moon", "ink_2", 18)
        )
        self.out.configure(image=theme.icon("door", "ink_2", 16))
        self._show_count()
        self._person.configure(font=theme.font("strong"))
        size = theme.px(9)
        colour = theme.palette.accent if self._is_online else theme.palette.ink_3
        dot = theme.picture(
            f"online-{self._is_online}", size, [(rounded(size, size, size / 2), colour)]
        )
        self._state.configure(
            style="CanvasFaint.TLabel",
            image=dot,
            text=" En línea" if self._is_online else " Sin conexión",
            font=theme.font("small"),
        )

    def _show_count(self) -> None:
        theme = self._theme
        words = str(min(self._unread, MOST))
        is_here = self._page == "chat"
        self._count.configure(
            image=theme.pill(words, 18, 5),
            text=words,
            compound="center",
            font=theme.font("label"),
            foreground=theme.palette.on_accent,
            background=theme.colour("surface" if is_here else "canvas"),
        )
        if self._unread:
            self._count.place(
                in_=self._items["chat"], relx=0.5, x=theme.px(8), y=theme.px(5)
            )
        else:
            self._count.place_forget()

    def show_page(self, name: str) -> None:
        """Show which page is looked at."""
        self._page = name
        self._dress()

    def show_pages(self, *, moderates: bool) -> None:
        """Show the pages that there are for whoever sits here."""
        if moderates and not self._items["order"].winfo_manager():
            self._items["order"].pack(fill="x", after=self._items["shelf"])
        elif not moderates:
            self._items["order"].pack_forget()

    def show_unread(self, count: int) -> None:
        """Show how much waits to be read in the chat."""
        if count != self._unread:
            self._unread = count
            self._dress()

    def show_state(self, *, is_online: bool) -> None:
        """Show whether the line stands."""
        if is_online != self._is_online:
            self._is_online = is_online
            self._dress()

    def show_person(self, alias: str) -> None:
        """Show who one is."""
        self._person.configure(text=alias)
