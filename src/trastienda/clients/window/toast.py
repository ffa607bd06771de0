"""A word at the top of the window that goes by itself, perhaps with what undoes it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.window.theme import Theme

STAYS_MS = 6000
MOST = 4
"""So many at once; the oldest makes way."""


class Toasts:
    """The words that stand over one window, the newest at the top."""

    def __init__(
        self,
        window: tk.Misc,
        theme: Theme,
    ) -> None:
        self._window = window
        self._theme = theme
        self._cards: list[ttk.Frame] = []

    def show(
        self,
        text: str,
        action: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        """Show a word for some seconds; while the pointer is on it, it stays."""
        theme = self._theme
        card = ttk.Frame(
            self._window, style="Toast.TFrame", padding=(theme.px(14), theme.px(10))
        )
        label = ttk.Label(
            card, text=text, style="ToastText.TLabel", wraplength=theme.px(320)
        )
        label.pack(side="left")
        if act is not None:
            button = ttk.Button(
                card, text=action, style="Toast.Normal.TButton", padding=theme.px(4)
            )
            button.configure(command=act)
            button.bind("<ButtonRelease-1>", lambda _: self._remove(card), add=True)
            button.pack(side="left", padx=theme.px(6))
        self._cards.insert(0, card)
        for late in self._cards[MOST:]:
            self._remove(late)
        self._leave(card)
        card.bind("<Enter>", lambda _: card.after_cancel(card.timer))  # type: ignore[attr-defined]
        card.bind("<Leave>", lambda _: self._leave(card))
        label.bind("<Button-1>", lambda _: self._remove(card))
        self._place()

    def _leave(self, card: ttk.Frame) -> None:
        card.timer = card.after(STAYS_MS, lambda: self._remove(card))  # type: ignore[attr-defined]

    def _remove(self, card: ttk.Frame) -> None:
        if card in self._cards:
            self._cards.remove(card)
            card.destroy()
            self._place()

    def _place(self) -> None:
        y = self._theme.px(12)
        for card in self._cards:
            card.place(relx=1.0, x=-self._theme.px(16), y=y, anchor="ne")
            card.lift()
            card.update_idletasks()
            y += card.winfo_reqheight() + self._theme.px(8)
