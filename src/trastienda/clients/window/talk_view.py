"""A talk on the screen: what was said, which scrolls, and can be gone through by keys."""

import tkinter as tk
import webbrowser
from collections.abc import Callable
from datetime import datetime
from tkinter import ttk

from trastienda.clients.window.segments import segments
from trastienda.clients.window.talk_tags import configure_tags
from trastienda.clients.window.talks import Message, Talk
from trastienda.clients.window.theme import Theme

MOST_DRAWN = 2000
"""Messages that stand in the widget: so a talk of any length scrolls as a short one."""
FIRST_DRAWN, MORE_DRAWN = 200, 200
NEAR_TOP = 0.02
"""So much of the talk above what is seen is where more is asked for."""


class TalkView(ttk.Frame):
    """Shows one talk at a time, at its end until somebody scrolls up."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        *,
        want_older: Callable[[], None],
        open_menu: Callable[[Message, int, int], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._want_older = want_older
        self._open_menu = open_menu
        self._talk = Talk("", is_private=False)
        self._own_alias = ""
        self._first = 0
        """The place of the first message that is drawn."""
        self._drawn: dict[str, Message] = {}
        """The messages that are drawn, each by the tag that lies over it."""
        self._chosen: Message | None = None
        self._hovered: Message | None = None
        self._missed = 0
        """New messages below what is seen."""
        self._follows = True
        """The end is looked at, and stays so whatever comes and however the window changes."""

        self.text = tk.Text(
            self, wrap="word", state="disabled", borderwidth=0, highlightthickness=0
        )
        self._scrollbar = ttk.Scrollbar(self, command=self._drag)
        self.text.configure(
            yscrollcommand=self._scrolled, cursor="arrow", takefocus=True
        )
        self._scrollbar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self._newer = ttk.Button(self, style="Normal.TButton", command=self.see_end)
        self._more = ttk.Button(
            self.text,
            style="Quiet.TButton",
            takefocus=False,
            command=self._open_hovered,
        )
        self._empty = ttk.Label(
            self.text,
            text="Nadie ha dicho nada aquí todavía.",
            style="SurfaceNote.TLabel",
        )
        self._bind_keys()
        theme.on_change(self, self._dress)

    def _bind_keys(self) -> None:
        text = self.text
        text.bind("<Motion>", self._hover)
        text.bind("<Leave>", self._hover_none)
        for event in ("<Button-3>", "<Button-2>"):
            text.bind(event, self._open_at)
        text.bind("<Button-1>", lambda _: text.focus_set(), add=True)
        text.bind("<FocusIn>", lambda _: self._choose(self._chosen or self._last()))
        text.bind("<FocusOut>", lambda _: self._choose(None))
        text.bind("<Up>", lambda _: self._step(-1))
        text.bind("<Down>", lambda _: self._step(1))
        for event in ("<Return>", "<Menu>", "<Shift-F10>"):
            text.bind(event, lambda _: self._open_chosen())
        text.bind("<Configure>", lambda _: self._stay_at_end())
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>", "<Prior>", "<Next>"):
            text.bind(event, lambda _: self.after_idle(self._note_scrolled), add=True)
        text.bind("<End>", lambda _: self.see_end())
        text.bind("<Home>", self._see_start)

    def _dress(self) -> None:
        theme, palette, text = self._theme, self._theme.palette, self.text
        text.configure(
            background=palette.surface,
            foreground=palette.ink,
            font=theme.font("body"),
            padx=theme.px(20),
            pady=theme.px(12),
            spacing3=theme.px(2),
            selectbackground=palette.focus,
            selectforeground=palette.surface,
            inactiveselectbackground=palette.surface_3,
        )
        configure_tags(text, theme)
        text.tag_bind("link", "<ButtonRelease-1>", self._follow)
        text.tag_bind("link", "<Enter>", lambda _: text.configure(cursor="hand2"))
        text.tag_bind("link", "<Leave>", lambda _: text.configure(cursor="arrow"))
        self._newer.configure(image=theme.icon("down", "ink", 16), compound="left")
        self._more.configure(image=theme.icon("more", "ink_2", 18), padding=theme.px(2))
        self._stay_at_end()

    # What is drawn

    def show(
        self,
        talk: Talk,
        own_alias: str,
    ) -> None:
        """Show a talk, from its end."""
        self._talk, self._own_alias = talk, own_alias
        self._chosen = self._hovered = None
        self._more.place_forget()
        self._first = max(len(talk.messages) - FIRST_DRAWN, 0)
        self.text.configure(state="normal")
        self.text.delete("1.0", "end")
        for tag in self._drawn:
            self.text.tag_delete(tag)
        self._drawn.clear()
        self._draw(self._first, len(talk.messages), "end")
        self.text.configure(state="disabled")
        self._show_whether_empty()
        self.see_end()

    def _show_whether_empty(self) -> None:
        if self._talk.messages:
            self._empty.place_forget()
        else:
            self._empty.place(relx=0.5, rely=0.4, anchor="center")

    def show_message(self, message: Message) -> None:
        """Go to a message, and set it apart."""
        place = self._talk.messages.index(message)
        while self._first > place:
            self._draw_older()
        self._follows = False
        self._choose(message)
        self.text.see(f"{_tag(message)}.first")

    def note_added(self, place: int) -> None:
        """Draw what was added to the talk at a place."""
        if place < self._first:
            self._first += 1
            return
        self._show_whether_empty()
        message = self._talk.messages[place]
        self.text.configure(state="normal")
        self._draw(place, place + 1, self._start_of(place + 1))
        self._draw_again(place + 1)
        if self._follows:
            self._undraw_oldest()
        self.text.configure(state="disabled")
        if self._follows or message.is_own:
            self.see_end()
        elif message.author:
            self._missed += 1
            self._show_newer()

    def note_changed(self, message: Message) -> None:
        """Draw a message again as it is now."""
        if _tag(message) in self._drawn:
            self.text.configure(state="normal")
            self._draw_again(self._talk.messages.index(message))
            self.text.configure(state="disabled")

    def note_removed(self, message: Message) -> None:
        """Take a message away that is in the talk no more."""
        self.text.configure(state="normal")
        self._undraw(message)
        self.text.configure(state="disabled")

    def note_older(self, count: int) -> None:
        """Draw above, without moving what is seen, what has come of before."""
        self._first += count
        self._draw_older()

    def _draw(
        self,
        start: int,
        end: int,
        index: str,
    ) -> None:
        """Draw messages before an index; ``end``: behind all others."""
        messages, today = self._talk.messages, datetime.now().astimezone().date()
        pieces: list[str | tuple[str, ...]] = []
        for place in range(start, end):
            message = messages[place]
            tag = _tag(message)
            self._drawn[tag] = message
            before = messages[place - 1] if place else None
            is_first_unread = message is self._talk.first_unread
            for words, styles in segments(
                message, before, self._own_alias, today, is_first_unread=is_first_unread
            ):
                pieces += [words, (*styles, tag)]
        if pieces:
            self.text.insert(index, *pieces)  # type: ignore[arg-type]
        if self._chosen is not None:
            self._choose(self._chosen)

    def _start_of(self, place: int) -> str:
        """Return the index at which the message at a place begins, or would."""
        if place >= len(self._talk.messages):
            return "end-1c"
        tag = _tag(self._talk.messages[place])
        return f"{tag}.first" if tag in self._drawn else "end-1c"

    def _draw_again(self, place: int) -> None:
        if not self._first <= place < len(self._talk.messages):
            return
        tag = _tag(self._talk.messages[place])
        if tag in self._drawn:
            self.text.mark_set("again", f"{tag}.first")
            self.text.delete(f"{tag}.first", f"{tag}.last")
            self._draw(place, place + 1, "again")

    def _undraw(self, message: Message) -> None:
        tag = _tag(message)
        if self._drawn.pop(tag, None) is not None:
            self.text.delete(f"{tag}.first", f"{tag}.last")
            self.text.tag_delete(tag)

    def _undraw_oldest(self) -> None:
        drawn = len(self._talk.messages) - self._first
        if drawn <= MOST_DRAWN:
            return
        until = len(self._talk.messages) - MOST_DRAWN // 2
        for message in self._talk.messages[self._first : until]:
            self._undraw(message)
        self._first = until

    def _draw_older(self) -> None:
        start = max(self._first - MORE_DRAWN, 0)
        if start == self._first:
            return
        self.text.mark_set("seen", self.text.index("@0,0"))
        self.text.configure(state="normal")
        self._draw(start, self._first, "1.0")
        first, self._first = self._first, start
        self._draw_again(first)
        self.text.configure(state="disabled")
        self.text.yview("seen")

    # Where it stands

    def see_end(self) -> None:
        """Go to the last that was said."""
        self._follows = True
        self._missed = 0
        self._newer.place_forget()
        self._stay_at_end()

    def _stay_at_end(self) -> None:
        """Go to the end, if it is followed; again when Tk has measured what is new."""
        if self._follows:
            self.text.yview_moveto(1.0)
            self.after_idle(self._go_to_end)

    def _go_to_end(self) -> None:
        if self._follows:
            self.text.yview_moveto(1.0)

    def _drag(self, *how: str) -> None:
        self.text.yview(*how)
        self._note_scrolled()

    def _note_scrolled(self) -> None:
        """Take note of where somebody has scrolled to."""
        self._follows = self.text.yview()[1] >= 1.0
        if self._follows:
            self.see_end()

    def _see_start(self, _: object) -> str:
        self.text.yview_moveto(0.0)
        self._note_scrolled()
        return "break"

    def _scrolled(
        self,
        first: float,
        last: float,
    ) -> None:
        self._scrollbar.set(first, last)
        self._hover_none(None)
        if float(first) < NEAR_TOP and self._talk.messages:
            if self._first:
                self.after_idle(self._draw_older)
            elif self._talk.has_older:
                self._want_older()

    def _show_newer(self) -> None:
        noun = "mensaje nuevo" if self._missed == 1 else "mensajes nuevos"
        self._newer.configure(text=f"{self._missed} {noun}")
        self._newer.place(relx=0.5, rely=1.0, y=-self._theme.px(12), anchor="s")

    # What is done with a message

    def _last(self) -> Message | None:
        return next(
            (message for message in reversed(self._talk.messages) if message.author),
            None,
        )

    def _choose(self, message: Message | None) -> None:
        self._chosen = message
        self.text.tag_remove("chosen", "1.0", "end")
        if message is not None and (tag := _tag(message)) in self._drawn:
            self.text.tag_add("chosen", f"{tag}.first", f"{tag}.last")

    def _step(self, steps: int) -> str:
        spoken = [
            message for message in self._talk.messages[self._first :] if message.author
        ]
        if spoken:
            place = len(spoken) - 1
            if self._chosen in spoken:
                place = min(max(spoken.index(self._chosen) + steps, 0), len(spoken) - 1)
            self._choose(spoken[place])
            self.text.see(f"{_tag(spoken[place])}.first")
            self._note_scrolled()
        return "break"

    def _at(
        self,
        x: int,
        y: int,
    ) -> Message | None:
        for tag in self.text.tag_names(f"@{x},{y}"):
            message = self._drawn.get(tag)
            if message is not None and message.author:
                return message
        return None

    def _hover(self, event: "tk.Event[tk.Misc]") -> None:
        message = self._at(event.x, event.y)
        if message is self._hovered:
            return
        self._hover_none(None)
        box = message and self.text.bbox(f"{_tag(message)}.first")
        if message is not None and box:
            self._hovered = message
            self._more.place(relx=1.0, x=-self._theme.px(24), y=box[1], anchor="ne")

    def _hover_none(self, event: "tk.Event[tk.Misc] | None") -> None:
        if (
            event is not None
            and self.winfo_containing(event.x_root, event.y_root) is self._more
        ):
            return
        self._hovered = None
        self._more.place_forget()

    def _open_hovered(self) -> None:
        if self._hovered is not None:
            x = self._more.winfo_rootx()
            self._open_menu(
                self._hovered, x, self._more.winfo_rooty() + self._more.winfo_height()
            )

    def _open_at(self, event: "tk.Event[tk.Misc]") -> None:
        message = self._at(event.x, event.y)
        if message is not None:
            self._open_menu(message, event.x_root, event.y_root)

    def _open_chosen(self) -> str:
        box = self._chosen and self.text.bbox(f"{_tag(self._chosen)}.first")
        if self._chosen is not None and box:
            x, y = (
                self.text.winfo_rootx() + box[0],
                self.text.winfo_rooty() + box[1] + box[3],
            )
            self._open_menu(self._chosen, x, y)
        return "break"

    def _follow(self, event: "tk.Event[tk.Misc]") -> None:
        place = f"@{event.x},{event.y}"
        link = self.text.tag_prevrange("link", f"{place}+1c")
        if link and not self.text.tag_ranges("sel"):
            webbrowser.open(self.text.get(*link))


def _tag(message: Message) -> str:
    """Return the tag that lies over a message while it is drawn."""
    return f"m{id(message)}"
