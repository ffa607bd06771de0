"""What floats over a window for a moment: a card that Esc or a click elsewhere takes away."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.window.theme import Theme


class Popover(ttk.Frame):
    """A card over a window, beside what opened it. One at a time is open in a window."""

    def __init__(
        self,
        beside: tk.Misc,
        theme: Theme,
    ) -> None:
        window = beside.winfo_toplevel()
        super().__init__(window, style="Card.TFrame", padding=theme.px(12))
        self.theme = theme
        self._beside = beside
        self._before = window.focus_get()
        self._click = window.bind("<Button-1>", self._clicked, add=True)
        self._window = window
        self.bind("<Destroy>", self._gone)

    def open(self) -> None:
        """Show the card above or below what opened it, wherever it fits."""
        self.update_idletasks()
        width, height = self.winfo_reqwidth(), self.winfo_reqheight()
        gap = self.theme.px(6)
        left = self._beside.winfo_rootx() - self._window.winfo_rootx()
        top = self._beside.winfo_rooty() - self._window.winfo_rooty()
        x = min(left, self._window.winfo_width() - width - gap)
        y = top - height - gap
        if y < 0:
            y = top + self._beside.winfo_height() + gap
        self.place(x=max(x, gap), y=y)
        self.lift()
        self._bind_escape(self)

    def _bind_escape(self, widget: tk.Misc) -> None:
        widget.bind("<Escape>", lambda _: self.close())
        for child in widget.winfo_children():
            self._bind_escape(child)

    def close(self) -> str:
        """Take the card away, and give the keyboard back."""
        if self.winfo_exists():
            self.destroy()
            if self._before is not None and self._before.winfo_exists():
                self._before.focus_set()
        return "break"

    def _clicked(self, event: "tk.Event[tk.Misc]") -> None:
        path = str(event.widget)
        if not path.startswith(str(self)) and path != str(self._beside):
            self.destroy()

    def _gone(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self and self._window.winfo_exists():
            self._window.unbind("<Button-1>", self._click)


class Question(Popover):
    """A card that asks for a word."""

    def __init__(
        self,
        beside: tk.Misc,
        theme: Theme,
        label: str,
        action: str,
        take: Callable[[str], None],
    ) -> None:
        super().__init__(beside, theme)
        self._take = take
        ttk.Label(self, text=label, style="SurfaceNote.TLabel").pack(anchor="w")
        self._entry = ttk.Entry(self, width=24)
        self._entry.pack(fill="x", pady=theme.px(8))
        button = ttk.Button(
            self, text=action, style="Primary.TButton", command=self._answer
        )
        button.pack(anchor="e")
        self._entry.bind("<Return>", lambda _: self._answer())
        self.open()
        self._entry.focus_set()

    def _answer(self) -> None:
        word = self._entry.get().strip()
        if word:
            self.close()
            self._take(word)


class Confirmation(Popover):
    """A card that says what would be lost, and asks whether to go on."""

    def __init__(
        self,
        beside: tk.Misc,
        theme: Theme,
        words: str,
        action: str,
        act: Callable[[], None],
    ) -> None:
        super().__init__(beside, theme)
        ttk.Label(self, text=words, wraplength=theme.px(280)).pack(anchor="w")
        stay = ttk.Button(self, text="Quedarse", style="Primary.TButton")
        stay.configure(command=self.close)
        leave = ttk.Button(self, text=action, style="Normal.TButton", command=act)
        leave.pack(side="left", pady=(theme.px(10), 0))
        stay.pack(side="right", pady=(theme.px(10), 0))
        self.open()
        stay.focus_set()
