"""Emoji to pick: those that are used most, and all others by their name."""

import itertools
import tkinter as tk
from collections.abc import Callable, Iterable
from tkinter import ttk

from trastienda.clients.window.popover import Popover
from trastienda.clients.window.theme import Theme
from trastienda.domain.text import fold

COLUMNS, ROWS = 10, 6
USUAL = (
    "👍 👎 👌 🙏 👏 💪 🙌 👋 🤝 ✌️ "
    "😀 😄 😂 🙂 😉 😍 😘 🤗 🤔 😅 "
    "😐 😴 😢 😭 😡 😱 🤒 🥳 😎 🙈 "
    "❤️ 💚 ⭐ 🔥 🎉 ✅ ❌ ⚠️ ❓ ⏰ "
    "🍞 🥛 🧀 🥚 🍎 🍌 🍅 🥔 🍗 ☕ "
    "📦 🛒 💵 💳 🧾 🚚 🏷️ 🔒 📞 🏪"
).split()


class EmojiPicker(Popover):
    """A grid of emoji under a field to search them in."""

    def __init__(
        self,
        beside: tk.Misc,
        theme: Theme,
        take: Callable[[str], None],
    ) -> None:
        super().__init__(beside, theme)
        self._take = take
        self._entry = ttk.Entry(self)
        self._entry.pack(fill="x", pady=(0, theme.px(8)))
        self._entry.bind("<KeyRelease>", self._search)
        self._entry.bind("<Return>", lambda _: self._take_first())
        self._grid = ttk.Frame(self)
        self._grid.pack()
        self._buttons = [self._make_button(place) for place in range(COLUMNS * ROWS)]
        self._show(USUAL)
        self.open()
        self._entry.focus_set()

    def _make_button(self, place: int) -> ttk.Button:
        button = ttk.Button(self._grid, style="Emoji.Quiet.TButton", width=2)
        button.configure(command=lambda: self._pick(str(button.cget("text"))))
        button.configure(padding=self.theme.px(2))
        button.grid(row=place // COLUMNS, column=place % COLUMNS)
        return button

    def _show(self, emoji: Iterable[str]) -> None:
        for button, character in itertools.zip_longest(
            self._buttons, emoji, fillvalue=""
        ):
            assert isinstance(button, ttk.Button)
            button.configure(
                text=character, state="normal" if character else "disabled"
            )

    def _search(self, _: object) -> None:
        words = fold(self._entry.get())
        if not words:
            self._show(USUAL)
            return

        import emoji  # a large table, which only who searches waits for

        emoji.config.load_language("es")

        matches = (
            character
            for character, names in emoji.EMOJI_DATA.items()
            if names["status"] == emoji.STATUS["fully_qualified"]
            and words in fold(names.get("es", names["en"]).replace("_", " "))
        )
        self._show(itertools.islice(matches, COLUMNS * ROWS))

    def _take_first(self) -> None:
        self._pick(str(self._buttons[0].cget("text")))

    def _pick(self, character: str) -> None:
        if character:
            self.close()
            self._take(character)
