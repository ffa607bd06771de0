"""The chat of one window: what is said from it, and what comes; apart from any widget."""

import contextlib
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, convert

from trastienda.clients.lines import Announced, Arrived, LineClient
from trastienda.clients.names import mentions
from trastienda.clients.window.chat_view import ChatView
from trastienda.clients.window.history import History
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.speech import Speech
from trastienda.clients.window.talks import (
    Message,
    Talk,
    Talks,
    message_in,
    messages_in,
    notice,
)
from trastienda.wire.chat import MESSAGE, Mensaje, Presencia, Sala, presence_line
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.written import span

PRIVATE = (
    "Lo que se dice en privado no queda en ninguna parte: se ve aquí mientras esta ventana "
    "está abierta."
)
TOGETHER, MOST_TOGETHER = " · ", 3
"""Between those who come and go one after the other, and how many stand in one line."""


class Chat:
    """Rooms, people and talks, as far as one is in."""

    def __init__(
        self,
        line: ShopLine,
        view: ChatView,
    ) -> None:
        self._line = line
        self._view = view
        self.talks = Talks()
        self.speech = Speech(line, view, refresh=self.refresh)
        self.history = History(line, view)
        self.room_names: list[str] = []
        self.archived_names: list[str] = []
        """Rooms that are only read any more; staff see them."""
        self._is_refreshing = False
        self._sought: tuple[str, int] | None = None
        """The room and the number of a message that is to be shown."""
        self.people: list[str] = []
        """Who is connected, without oneself."""
        self.commands: frozenset[str] = frozenset()
        """What one may do."""
        self.is_staff = False
        self.room = ""
        """The room that the line is in: others are heard when they are entered."""
        self.is_watched = True
        """Whether somebody looks: what comes meanwhile is read, then."""

    @property
    def alias(self) -> str:
        """As one is called."""
        return self._line.alias

    @property
    def moderates(self) -> bool:
        """Whether whoever sits here keeps order."""
        return "expulsar" in self.commands

    # What comes

    def arrive(self, arrived: Arrived) -> None:
        """Take note that one is in, or back."""
        self.room = arrived.room or self.room
        talk = self.talks.room(self.room)
        if not arrived.is_back:
            messages = messages_in(arrived.messages, self.alias)
            talk.merge(messages, has_older=True)
            self.talks.open(talk)
            self._view.show_talk(talk)
        self._line.begin(_commands, self._take_commands, self._pass_over)
        self.refresh()

    def hear(self, announced: Announced) -> None:
        """Take note of what the shop announced, as far as it is of the chat."""
        body = announced.body
        if announced.name == MESSAGE and isinstance(body, Mensaje):
            self._hear_message(body)
        elif isinstance(body, Presencia):
            self._hear_presence(body)
        elif announced.name == "silencio":
            left_s = body.get("segundos") or 0
            words = "Ya puedes hablar."
            if isinstance(left_s, int) and left_s:
                words = f"Estás en silencio por {span(left_s)}."
            self.speech.note(self.talks.room(self.room), words)
        elif announced.name == "hueco":  # one may do other things than before
            self._line.begin(_commands, self._take_commands, self._pass_over)
            self.refresh()
        elif announced.name == "notificacion":
            words = f"{body.get('titulo', '')}. {body.get('texto', '')}"
            self._view.inform(clean(words))
            self._view.call(clean(words))

    def _hear_message(self, said: Mensaje) -> None:
        message = message_in(said, self.alias)
        talk = self._talk_of(said, message)
        if said.editado or said.borrado:
            self._change(talk, message)
            return

        is_seen = self.is_watched and talk is self.talks.current
        place = self.talks.note_new(talk, message, is_seen=is_seen or message.is_own)
        self._view.note_added(talk, place)
        if not is_seen:
            self._view.show_lists()
        is_meant = talk.is_private or bool(mentions(message.text, self.alias))
        if is_meant and not message.is_own and not is_seen:
            self._view.call(f"{message.author}: {message.text}")

    def _talk_of(
        self,
        said: Mensaje,
        message: Message,
    ) -> Talk:
        if said.sala is not UNSET:
            return self.talks.room(clean(said.sala))
        other = clean(str(said.para)) if message.is_own else message.author
        return self.talks.private(other)

    def _change(
        self,
        talk: Talk,
        changed: Message,
    ) -> None:
        place = None if changed.seq is None else talk.find(changed.seq)
        if place is None:
            return
        message = talk.messages[place]
        message.text = changed.text
        message.is_edited, message.is_deleted = changed.is_edited, changed.is_deleted
        self._view.note_changed(talk, message)

    def _hear_presence(self, change: Presencia) -> None:
        if change.estado == "nombre" and change.nuevo is not UNSET:
            self.talks.rename(clean(change.alias), clean(change.nuevo))
        talk, words = self.talks.room(clean(change.sala)), clean(presence_line(change))
        last = talk.messages[-1] if talk.messages else None
        if last is not None and last.is_presence:  # many come and go: one line for them
            others = last.text.split(TOGETHER)[1 - MOST_TOGETHER :]
            last.text = TOGETHER.join([*others, words])
            self._view.note_changed(talk, last)
        else:
            self.speech.note(talk, words, is_presence=True)
        self.refresh()

    def take_zone(self, name: str) -> None:
        """Take note of where the shop is, by the name of its time zone.

        One that this computer does not know changes nothing.
        """
        with contextlib.suppress(ValueError, OSError):
            self.speech.zone = ZoneInfo(name)

    # Rooms and people

    def refresh(self) -> None:
        """Ask what waits in other rooms, of which a line is not told, and who is there."""
        if self._is_refreshing:
            return
        self._is_refreshing = True
        current = self.talks.current
        is_read = self.is_watched and current is not None and not current.is_private

        async def ask(client: LineClient) -> Lists:
            if is_read:
                await client.mark_read()
            rooms = await client.ask("salas")
            people = (await client.ask("usuarios"))["usuarios"]
            return convert(rooms | {"usuarios": people}, Lists)

        self._line.begin(ask, self._take_lists, self._pass_over)

    def _take_lists(self, lists: "Lists") -> None:
        self._is_refreshing = False
        self.is_staff = lists.archivadas is not None
        self.room_names = [clean(room.sala) for room in lists.salas]
        self.archived_names = [clean(room.sala) for room in lists.archivadas or ()]
        for room, name in zip(lists.salas, self.room_names, strict=True):
            if name != self.room and isinstance(room.sin_leer, int):
                self.talks.room(name).unread = room.sin_leer
        self.people = sorted(
            (clean(alias) for alias in lists.usuarios if alias != self.alias),
            key=str.casefold,
        )
        self._view.show_lists()

    def _take_commands(self, commands: frozenset[str]) -> None:
        self.commands = commands
        self._view.show_lists()

    def open_room(self, name: str) -> None:
        """Go to a room; staff make one by it."""
        if name == self.room:
            self._open(self.talks.room(name))
            return

        # Once it is entered, the shop counts what waited there as read.
        unread = self.talks.room(name).unread if name in self.talks.rooms else 0
        is_watched = self.is_watched

        async def enter(client: LineClient) -> tuple[str, list[Mensaje]]:
            if is_watched:
                await client.mark_read()
            messages = await client.enter_room(name)
            return client.room or name, messages

        def take(entered: tuple[str, list[Mensaje]]) -> None:
            self.room, page = entered
            talk = self.talks.room(self.room)
            talk.merge(messages_in(page, self.alias), has_older=True)
            others = [message for message in talk.messages if not message.is_own]
            # The shop counts what one said oneself, too.
            count = min(unread, len(others))
            talk.first_unread = others[-count] if count else None
            self._open(talk)
            self.refresh()

        self._line.begin(enter, take, self.speech.refused)

    def open_message(
        self,
        room: str,
        seq: int,
    ) -> None:
        """Go to a message, however long ago it was said."""
        self._sought = (room, seq)
        self.open_room(room)

    def _reach(self, talk: Talk) -> None:
        """Read back to the message that is sought in a talk, and show it."""
        if self._sought is None or talk.is_private or talk.name != self._sought[0]:
            return
        seq, first_seq = self._sought[1], talk.first_seq
        if first_seq is not None and first_seq > seq and talk.has_older:
            self.history.read_back(talk, lambda: self._reach(talk))
            return
        self._sought = None
        place = talk.find(seq)
        if place is not None:
            self._view.show_message(talk, talk.messages[place])

    def open_private(self, alias: str) -> None:
        """Turn to the talk with a person."""
        key = alias.casefold()
        known = (name for name in self.people if name.casefold() == key)
        talk = self.talks.private(next(known, alias))
        if not talk.messages:
            talk.add(notice(PRIVATE, self.speech.now()))
        self._open(talk)

    def close_private(self, alias: str) -> None:
        """Have the talk with a person out of sight."""
        talk = self.talks.privates.pop(alias, None)
        if talk is not None and talk is self.talks.current:
            self._open(self.talks.room(self.room))
        self._view.show_lists()

    def _open(self, talk: Talk) -> None:
        self.talks.open(talk)
        self._view.show_talk(talk)
        self._view.show_lists()
        self._reach(talk)

    def note_seen(self) -> None:
        """Take note that somebody looks again: what the talk holds is read."""
        talk = self.talks.current
        if talk is not None and talk.unread:
            talk.unread = 0
            self._view.show_lists()

    # What is said

    def say(self, text: str) -> None:
        """Say something in the talk that is looked at, or do what a command says."""
        talk = self.talks.current
        if talk is None:
            return
        if not text.startswith("/"):
            self.speech.say(talk, text)
            return

        word, _, rest = text[1:].partition(" ")
        argument = rest.strip()
        command = word.casefold()
        if command in {"sala", "join"} and argument:
            self.open_room(argument.removeprefix("#"))
        elif command in {"privado", "msg"} and argument:
            alias, _, whispered = argument.partition(" ")
            self.open_private(alias)
            if whispered:
                self.say(whispered)
        elif command in {"nombre", "nick"} and argument:
            self.speech.rename(argument)
        else:
            self.speech.do(talk, text)

    def complete(self, word: str) -> str | None:
        """Return the only command or person whose name begins with a word."""
        if word.startswith("/"):
            choices = [f"/{command}" for command in self.commands]
        else:
            at = "@" if word.startswith("@") else ""
            choices = [at + alias for alias in self.people]
        start = word.casefold()
        matches = [choice for choice in choices if choice.casefold().startswith(start)]
        return matches[0] if len(matches) == 1 else None

    def read_back(self) -> None:
        """Ask for what was said in this talk before."""
        talk = self.talks.current
        if talk is not None and not talk.is_private:
            self.history.read_back(talk)

    def _pass_over(self, error: Exception) -> None:
        """Let it be: nothing was lost, and it is asked again soon."""
        self._is_refreshing = False


class Lists(Struct, kw_only=True):
    """What the shop answers of rooms and people."""

    salas: list[Sala]
    archivadas: list[Sala] | None = None
    """For staff alone."""
    usuarios: list[str]


async def _commands(client: LineClient) -> frozenset[str]:
    answer = await client.ask("ayuda")
    return frozenset(str(row["accion"]) for row in answer["comandos"])
