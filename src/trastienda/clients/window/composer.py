"""Where a message is written: it grows with its lines, and Enter sends it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.emoji import with_emoji
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.tooltip import Tooltip

MOST_LINES = 6


class Composer(ttk.Frame):
    """A field for a message, with what is picked and pressed beside it."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        send: Callable[[str], None],
        edit_last: Callable[[], None],
        pick_emoji: Callable[[tk.Misc], None],
        complete: Callable[[str], str | None],
    ) -> None:
        super().__init__(parent, style="Field.TFrame")
        self._theme = theme
        self._send = send
        self._edit_last = edit_last
        self._complete = complete
        self.text = tk.Text(
            self,
            height=1,
            width=1,
            wrap="word",
            undo=True,
            borderwidth=0,
            highlightthickness=0,
        )
        self._hint = tk.Label(self.text, anchor="w", cursor="xterm")
        self.emoji_button = ttk.Button(self, style="Quiet.TButton")
        self.emoji_button.configure(command=lambda: pick_emoji(self.emoji_button))
        self._send_button = ttk.Button(
            self, style="Primary.TButton", command=self._submit
        )
        Tooltip(self.emoji_button, theme, "Emoji (Ctrl E)")
        Tooltip(self._send_button, theme, "Enviar")
        self.columnconfigure(0, weight=1)
        self.text.grid(row=0, column=0, sticky="ew")
        self.emoji_button.grid(row=0, column=1, sticky="s")
        self._send_button.grid(row=0, column=2, sticky="s")
        self._bind_keys()
        theme.on_change(self, self._dress)

    def _bind_keys(self) -> None:
        text = self.text
        text.bind("<Return>", lambda _: self._submit())
        text.bind("<KP_Enter>", lambda _: self._submit())
        text.bind("<Tab>", lambda _: self._complete_word())
        text.bind("<Up>", lambda _: self._up())
        text.bind("<<Modified>>", lambda _: self._changed())
        text.bind("<<Paste>>", lambda _: self._paste())
        text.bind("<Configure>", lambda _: self._fit())
        for event in ("<FocusIn>", "<FocusOut>"):
            text.bind(event, lambda _: self._show_focus(), add=True)
        self._hint.bind("<Button-1>", lambda _: text.focus_set())

    def _dress(self) -> None:
        theme, palette = self._theme, self._theme.palette
        self.text.configure(
            background=palette.surface,
            foreground=palette.ink,
            insertbackground=palette.focus,
            insertwidth=theme.px(2),
            selectbackground=palette.focus,
            selectforeground=palette.surface,
            font=theme.font("body"),
        )
        self._hint.configure(
            background=palette.surface,
            foreground=palette.ink_3,
            font=theme.font("body"),
        )
        pad = theme.px(12)
        self.text.grid_configure(padx=(pad + theme.px(4), pad), pady=pad)
        for button, icon, colour in (
            (self.emoji_button, "smile", "ink_2"),
            (self._send_button, "send", "on_accent"),
        ):
            button.configure(image=theme.icon(icon, colour), padding=theme.px(7))
            button.grid_configure(padx=(0, theme.px(6)), pady=theme.px(5))

    # What is written

    def get(self) -> str:
        """Return what is written."""
        return self.text.get("1.0", "end-1c")

    def write(self, text: str) -> None:
        """Have this written there, in the place of whatever was."""
        self.text.delete("1.0", "end")
        self.text.insert("1.0", text)
        self.text.edit_reset()
        self._fit()

    def insert(self, text: str) -> None:
        """Write something where the cursor is."""
        self.text.insert("insert", text)
        self.text.focus_set()

    def hint(self, text: str) -> None:
        """Say what is written here, while nothing is."""
        self._hint.configure(text=text)
        self._changed()

    def focus_set(self) -> None:
        """Take the keyboard."""
        self.text.focus_set()

    def _submit(self) -> str:
        text = with_emoji(self.get().strip())
        if text:
            self.write("")
            self._send(text)
        return "break"

    def _up(self) -> str | None:
        if self.get():
            return None
        self._edit_last()
        return "break"

    def _complete_word(self) -> str | None:
        """Complete the name before the cursor; with none there, Tab goes on as ever."""
        before = self.text.get("insert linestart", "insert")
        word = before.rpartition(" ")[2]
        whole = self._complete(word) if word else None
        if whole is None:
            return self._leave()
        self.text.delete(f"insert - {len(word)} chars", "insert")
        self.text.insert("insert", f"{whole} ")
        return "break"

    def _leave(self) -> str:
        """Let Tab do what it does everywhere: a message has none in it."""
        following = self.text.tk_focusNext()
        if following is not None:
            following.focus_set()
        return "break"

    def _paste(self) -> str:
        """Take what was copied as one line: a message has no others."""
        try:
            text = str(self.clipboard_get())
        except tk.TclError:  # nothing was copied, or no text
            return "break"
        if self.text.tag_ranges("sel"):
            self.text.delete("sel.first", "sel.last")
        self.text.insert("insert", " ".join(text.split("\n")).replace("\r", ""))
        return "break"

    def _changed(self) -> None:
        self.text.edit_modified(False)
        if self.get():
            self._hint.place_forget()
        else:
            self._hint.place(x=0, y=0, relwidth=1.0)
        self._fit()

    def _fit(self) -> None:
        """Be as high as what is written, up to a limit."""
        lines = self.text.count("1.0", "end", "displaylines")
        count = lines[0] if lines else 1
        self.text.configure(height=min(max(count, 1), MOST_LINES))

    def _show_focus(self) -> None:
        has_focus = self.focus_get() is self.text
        self.state(["focus" if has_focus else "!focus"])
