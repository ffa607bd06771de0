"""The chat on the screen: rooms and people at the side, one talk beside them."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from trastienda.clients.lines import Announced, Arrived
from trastienda.clients.window.chat import Chat
from trastienda.clients.window.composer import Composer
from trastienda.clients.window.emoji_picker import EmojiPicker
from trastienda.clients.window.menus import (
    Choice,
    message_choices,
    open_menu,
    person_choices,
)
from trastienda.clients.window.popover import Question
from trastienda.clients.window.search_bar import SearchBar
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.side_list import SideList
from trastienda.clients.window.side_rows import PERSON, ROOM, side_rows
from trastienda.clients.window.tab_strip import TabStrip
from trastienda.clients.window.talk_view import TalkView
from trastienda.clients.window.talks import Message, Talk
from trastienda.clients.window.theme import Theme
from trastienda.clients.window.tooltip import Tooltip

SIDE = 236


class ChatPage(ttk.Frame):
    """One window's chat, and what is done in it."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        line: ShopLine,
        *,
        inform: Callable[[str], None],
        call: Callable[[str], None],
        unread_changed: Callable[[int], None],
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.inform = inform
        self.call = call
        self._unread_changed = unread_changed
        self.model = Chat(line, self)
        self._edited: Message | None = None
        """The message that is being corrected in the composer."""
        self._talk: Talk | None = None
        """The talk whose draft is in the composer."""
        self.menu: tk.Menu | None = None
        """The menu that was opened last."""

        self._column = ttk.Frame(self, style="Canvas.TFrame")
        self._side_title = ttk.Label(self._column, text="Chat", style="Canvas.TLabel")
        self._add = ttk.Button(
            self._column, style="RowQuiet.TButton", command=self._ask_room
        )
        self.side = SideList(
            self._column, theme, choose=self.turn_to, open_menu=self._open_person_menu
        )
        self._edge = ttk.Frame(self, style="Line.TFrame", width=1)

        self._main = ttk.Frame(self)
        self._head = ttk.Frame(self._main)
        self._title = ttk.Label(self._head)
        self._count = ttk.Label(self._head, style="SurfaceNote.TLabel")
        self._find = ttk.Button(
            self._head, style="Quiet.TButton", command=self.open_search
        )
        self.search = SearchBar(
            self._main,
            theme,
            search=self.model.history.search,
            choose=self.model.open_message,
        )
        self._tabs = TabStrip(
            self._main,
            theme,
            choose=self.turn_to,
            close=lambda key: self.model.close_private(key[1:]),
        )
        self.view = TalkView(
            self._main,
            theme,
            want_older=self.model.read_back,
            open_menu=self._open_menu,
        )
        self.composer = Composer(
            self._main,
            theme,
            send=self._send,
            edit_last=self._edit_last,
            pick_emoji=self._pick_emoji,
            complete=self.model.complete,
        )
        self._editing = ttk.Label(self._main, style="SurfaceNote.TLabel")
        self._lay_out()
        self.composer.text.bind("<Escape>", lambda _: self._leave_edit())
        theme.on_change(self, self._dress)

    def _lay_out(self) -> None:
        Tooltip(self._find, self._theme, "Buscar (Ctrl F)")
        Tooltip(self._add, self._theme, "Crear una sala")
        self._column.pack(side="left", fill="y")
        self._column.pack_propagate(False)
        self._edge.pack(side="left", fill="y")
        self._main.pack(side="left", fill="both", expand=True)
        self._side_title.grid(row=0, column=0, sticky="w")
        self._column.columnconfigure(0, weight=1)
        self._column.rowconfigure(1, weight=1)
        self._column.grid_propagate(False)
        self.side.grid(row=1, column=0, columnspan=2, sticky="nswe")
        self._head.pack(fill="x")
        self._title.pack(side="left")
        self._count.pack(side="left")
        self._find.pack(side="right")
        self._line_below = ttk.Frame(self._main, style="Line.TFrame", height=1)
        self._line_below.pack(fill="x")
        self.composer.pack(side="bottom", fill="x")
        self.view.pack(fill="both", expand=True)

    def _dress(self) -> None:
        theme = self._theme
        self._column.configure(width=theme.px(SIDE))
        self._side_title.configure(font=theme.font("title"))
        self._side_title.grid_configure(padx=theme.px(20), pady=theme.px(14))
        self._add.configure(image=theme.icon("plus", "ink"))
        self._head.configure(padding=(theme.px(20), theme.px(12)))
        self._title.configure(font=theme.font("title"))
        self._count.pack_configure(padx=theme.px(10))
        self._find.configure(image=theme.icon("search", "ink"), padding=theme.px(4))
        self.composer.pack_configure(
            padx=theme.px(17), pady=(theme.px(4), theme.px(14))
        )

    # What is shown

    def show_talk(self, talk: Talk) -> None:
        """Show a talk, with what was typed for it."""
        self._leave_edit()
        self.search.close()
        if self._talk is not talk:
            if self._talk is not None:
                self._talk.draft = self.composer.get()
            self.composer.write(talk.draft)
            self._talk = talk
        self.view.show(talk, self.model.alias)
        self.composer.hint(f"Mensaje para {talk.title}")
        self.composer.focus_set()

    def note_added(
        self,
        talk: Talk,
        place: int,
    ) -> None:
        """Show what was added, if the talk is looked at."""
        if talk is self.model.talks.current:
            self.view.note_added(place)

    def note_changed(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show a message as it is now, if the talk is looked at."""
        if talk is self.model.talks.current:
            self.view.note_changed(message)

    def note_removed(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show a message no more."""
        if talk is self.model.talks.current:
            self.view.note_removed(message)

    def note_older(
        self,
        talk: Talk,
        count: int,
    ) -> None:
        """Show what has come of before, if the talk is looked at."""
        if talk is self.model.talks.current:
            self.view.note_older(count)

    def show_message(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Show where a message stands, if its talk is looked at."""
        if talk is self.model.talks.current:
            self.view.show_message(message)

    def give_back(self, text: str) -> None:
        """Have a text that was not taken in the composer again, if nothing is there yet."""
        if not self.composer.get():
            self.composer.write(text)

    def show_lists(self) -> None:
        """Show rooms and people, and what waits."""
        chat = self.model
        talks, current = chat.talks, chat.talks.current
        rows = side_rows(chat)
        key = "" if current is None else self._key(current)
        self.side.show(rows, key)
        if current is not None:
            self._title.configure(text=current.title)
        self._count.configure(text=self._who_is_there(current))
        if chat.is_staff:
            self._add.grid(row=0, column=1, padx=self._theme.px(12))
        else:
            self._add.grid_remove()
        self._show_tabs()
        everything = [*talks.rooms.values(), *talks.privates.values()]
        self._unread_changed(sum(talk.unread for talk in everything))

    def _who_is_there(self, talk: Talk | None) -> str:
        people = self.model.people
        if talk is not None and talk.is_private:
            return "en línea" if talk.name in people else "no está"
        return f"{len(people) + 1} en línea"

    def _key(self, talk: Talk) -> str:
        return (PERSON if talk.is_private else ROOM) + talk.name

    def _show_tabs(self) -> None:
        """Show a tab for the room and each person that one talks with, where there is one."""
        talks = self.model.talks
        if not talks.privates:
            self._tabs.pack_forget()
            return
        current = talks.current
        tabs = [
            (
                ROOM + self.model.room,
                f"#{self.model.room}",
                talks.room(self.model.room).unread,
            )
        ]
        tabs += [
            (PERSON + name, name, talk.unread) for name, talk in talks.privates.items()
        ]
        self._tabs.show(tabs, "" if current is None else self._key(current))
        self._tabs.pack(fill="x", before=self.view)

    # What is turned to

    def arrive(self, arrived: Arrived) -> None:
        """Take note that one is in, or back."""
        self.model.arrive(arrived)

    def hear(self, announced: Announced) -> None:
        """Take note of what the shop announced."""
        self.model.hear(announced)

    def focus_first(self) -> None:
        """Take the keyboard."""
        self.composer.focus_set()

    def focus_next(self) -> None:
        """Hand the keyboard on: from the field to the list, to the talk, and back."""
        places = (self.composer.text, self.side.canvas, self.view.text)
        has_keyboard = self.focus_get()
        place = places.index(has_keyboard) if has_keyboard in places else -1
        places[(place + 1) % len(places)].focus_set()

    def step(self, steps: int) -> None:
        """Turn to the talk above or below in the list."""
        keys, current = self.side.choices, self.model.talks.current
        if current is not None and self._key(current) in keys:
            place = keys.index(self._key(current)) + steps
            self.turn_to(keys[place % len(keys)])

    def turn_to(self, key: str) -> None:
        """Turn to a room or a person, by the key of their row."""
        name = key[1:]
        if key.startswith(ROOM):
            self.model.open_room(name)
        else:
            self.model.open_private(name)

    def close_current(self) -> None:
        """Close the talk with a person, if that is what is looked at."""
        current = self.model.talks.current
        if current is not None and current.is_private:
            self.model.close_private(current.name)

    def _ask_room(self) -> None:
        Question(
            self._add,
            self._theme,
            "Nombre de la sala",
            "Crear sala",
            self.model.open_room,
        )

    # What is written

    def _send(self, text: str) -> None:
        message, talk = self._edited, self.model.talks.current
        if message is None or talk is None:
            self.model.say(text)
            return
        self._leave_edit()
        if text != message.text:
            self.model.speech.edit(talk, message, text)

    def _pick_emoji(self, beside: tk.Misc) -> None:
        EmojiPicker(beside, self._theme, self.composer.insert)

    def open_emoji(self) -> None:
        """Pick an emoji, by the keyboard."""
        self._pick_emoji(self.composer.emoji_button)

    def _edit_last(self) -> None:
        talk = self.model.talks.current
        if talk is None or talk.is_private:
            return
        for message in reversed(talk.messages):
            if message.is_own and message.seq is not None and not message.is_deleted:
                self._edit(message)
                return

    def _edit(self, message: Message) -> None:
        self._edited = message
        self.composer.write(message.text)
        self.composer.focus_set()
        self._editing.configure(
            text="Corriges tu mensaje. Enter guarda, Esc lo deja como estaba."
        )
        self._editing.pack(
            side="bottom", anchor="w", padx=self._theme.px(24), after=self.composer
        )

    def _leave_edit(self) -> None:
        if self._edited is not None:
            self._edited = None
            self._editing.pack_forget()
            self.composer.write("")

    def _copy(self, text: str) -> None:
        self.clipboard_clear()
        self.clipboard_append(text)

    # What is done with a message, or a person

    def _open_menu(
        self,
        message: Message,
        x: int,
        y: int,
    ) -> None:
        talk = self.model.talks.current
        if talk is not None:
            choices = message_choices(
                self.model,
                talk,
                message,
                edit=self._edit,
                copy=self._copy,
                name=self._write_name,
            )
            self._open(choices, x, y)

    def _write_name(self, alias: str) -> None:
        self.composer.insert(f"@{alias} ")

    def _open_person_menu(
        self,
        key: str,
        x: int,
        y: int,
    ) -> None:
        if key.startswith(PERSON):
            self._open(person_choices(self.model, key[1:]), x, y)

    def _open(
        self,
        choices: list[Choice],
        x: int,
        y: int,
    ) -> None:
        if self.menu is not None:
            self.menu.destroy()
        self.menu = open_menu(self, self._theme, choices, x, y)

    # Searching

    def open_search(self) -> None:
        """Search what was said."""
        self.search.open(before=self.view)
