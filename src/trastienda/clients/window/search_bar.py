"""A field over the talk to search what was said, with what matches below it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from datetime import datetime
from tkinter import ttk

from trastienda.clients.window.segments import day
from trastienda.clients.window.talks import Message
from trastienda.clients.window.theme import Theme

NOTHING = "Nadie ha dicho eso. Prueba con menos letras."
Matches = Sequence[tuple[str, Message]]
"""Messages, each with its room."""


class SearchBar(ttk.Frame):
    """Asks for words, and shows the messages that hold them; Esc closes it."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        search: Callable[[str, Callable[[Matches], None]], None],
        choose: Callable[[str, int], None],
    ) -> None:
        super().__init__(parent, style="Surface2.TFrame")
        self._theme = theme
        self._search = search
        self._choose = choose
        self.entry = ttk.Entry(self)
        self._cross = ttk.Button(self, style="Quiet.TButton", command=self.close)
        self._results = ttk.Treeview(self, show="", columns=("room", "author", "text"))
        self._hint = ttk.Label(self, style="Surface2Note.TLabel")
        self.columnconfigure(0, weight=1)
        self.entry.grid(row=0, column=0, sticky="ew")
        self._cross.grid(row=0, column=1)
        self.entry.bind("<Return>", lambda _: self._ask())
        self.entry.bind("<Down>", lambda _: self._results.focus_set())
        for widget in (self.entry, self._results):
            widget.bind("<Escape>", lambda _: self.close())
        for event in ("<Return>", "<Double-1>"):
            self._results.bind(event, lambda _: self._take())
        theme.on_change(self, self._dress)

    def _dress(self) -> None:
        theme = self._theme
        self.configure(padding=(theme.px(16), theme.px(10)))
        self._cross.configure(image=theme.icon("close", "ink_2"), padding=theme.px(4))
        for column, width in (("room", 210), ("author", 120), ("text", 400)):
            self._results.column(
                column, width=theme.px(width), stretch=column == "text"
            )

    def open(self, before: tk.Misc) -> None:
        """Show the field above what is searched."""
        self.pack(fill="x", before=before)
        self._hint.configure(text="Escribe lo que se dijo y aprieta Enter.")
        self._results.grid_forget()
        self._hint.grid(row=1, column=0, sticky="w")
        self.entry.focus_set()
        self.entry.selection_range(0, "end")

    def close(self) -> None:
        """Take the field away."""
        self.pack_forget()

    @property
    def texts(self) -> list[str]:
        """What was found, newest first."""
        rows = self._results.get_children()
        return [str(self._results.set(row, "text")) for row in rows]

    def _ask(self) -> None:
        words = self.entry.get().strip()
        if words:
            self._search(words, self._show)

    def _show(self, matches: Matches) -> None:
        self._results.delete(*self._results.get_children())
        today = datetime.now().astimezone().date()
        for room, message in matches:
            when = f"#{room} · {day(message.at.date(), today)} {message.at:%H:%M}"
            values = (when, message.author, message.text)
            self._results.insert("", "end", f"{room} {message.seq}", values=values)
        if not matches:
            self._results.grid_forget()
            self._hint.configure(text=NOTHING)
            self._hint.grid(row=1, column=0, sticky="w")
            return
        self._hint.grid_forget()
        self._results.configure(height=min(len(matches), 8))
        self._results.grid(
            row=1, column=0, columnspan=2, sticky="ew", pady=self._theme.px(8)
        )
        first = self._results.get_children()[0]
        self._results.focus(first)
        self._results.selection_set(first)

    def _take(self) -> None:
        row = self._results.focus()
        if row:
            room, _, seq = row.rpartition(" ")
            self.close()
            self._choose(room, int(seq))
