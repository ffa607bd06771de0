"""What was said, room by room and person by person, as the window holds it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import UNSET, Struct

from trastienda.wire.chat import Mensaje
from trastienda.wire.lines.cleaning import clean


class Message(Struct, eq=False, kw_only=True):
    """Something in a talk, as it is shown. It is changed where it stands."""

    author: str
    """Empty for a notice of the program, or of who comes and goes."""
    text: str
    at: datetime
    seq: int | None = None
    """Its number in its room; None in private, and until the shop has it."""
    is_own: bool = False
    is_waiting: bool = False
    """It was sent, and the shop has not said that it has it."""
    refusal: str = ""
    """Why it was not said."""
    is_edited: bool = False
    is_deleted: bool = False
    is_presence: bool = False
    """It tells who comes and goes."""

    @property
    def is_unsaid(self) -> bool:
        """Whether the shop does not have it: not yet, or it was refused."""
        return self.is_waiting or bool(self.refusal)


class Talk:
    """What is said in one room, or with one person."""

    def __init__(
        self,
        name: str,
        *,
        is_private: bool,
    ) -> None:
        self.name = name
        self.is_private = is_private
        self.messages: list[Message] = []
        """In the order of their numbers; what is not said yet is at the end."""
        self.has_older = False
        """The shop has messages before the first."""
        self.unread = 0
        self.first_unread: Message | None = None
        """Above it stands a line, until the talk is left."""
        self.draft = ""
        """What was typed and not sent."""

    @property
    def title(self) -> str:
        """How it is called to people."""
        return self.name if self.is_private else f"#{self.name}"

    @property
    def first_seq(self) -> int | None:
        """The number of the first message that is known."""
        return next((message.seq for message in self.messages if message.seq), None)

    def find(self, seq: int) -> int | None:
        """Return the place of a message by its number."""
        for place in range(len(self.messages) - 1, -1, -1):
            if self.messages[place].seq == seq:
                return place
        return None

    def add(self, message: Message) -> int:
        """Put something new where it belongs, and return its place."""
        place = len(self.messages)
        if not message.is_unsaid:
            while place and self.messages[place - 1].is_unsaid:
                place -= 1
        if message.seq is not None:
            place = self._place_of(message.seq, place)
        self.messages.insert(place, message)
        return place

    def _place_of(
        self,
        seq: int,
        end: int,
    ) -> int:
        """Return where a message with this number belongs: mostly at the end."""
        for place in range(end - 1, -1, -1):
            other_seq = self.messages[place].seq
            if other_seq is not None and other_seq < seq:
                break
            if other_seq is not None:
                end = place
        return end

    def prepend(self, older: Sequence[Message]) -> None:
        """Put before the first what was said earlier."""
        first_seq = self.first_seq or float("inf")
        known = (message for message in older if (message.seq or 0) < first_seq)
        self.messages[:0] = known

    def remove(self, message: Message) -> None:
        """Take something out, by what it is and not by what it says."""
        self.messages = [other for other in self.messages if other is not message]

    def merge(
        self,
        page: Sequence[Message],
        *,
        has_older: bool,
    ) -> None:
        """Take note of the last that was said, on coming back to a room.

        What was known before is kept if nothing is missing between.
        """
        unsaid = [message for message in self.messages if message.is_unsaid]
        said = [message for message in self.messages if not message.is_unsaid]
        last_seq = max((message.seq or 0 for message in said), default=0)
        if page and (page[0].seq or 0) > last_seq + 1:
            said, self.has_older = [], has_older
        elif not said:
            self.has_older = has_older
        by_seq = {message.seq: message for message in page}
        known = [
            by_seq.pop(message.seq, message) if message.seq else message
            for message in said
        ]
        self.messages = known + list(by_seq.values()) + unsaid


class Talks:
    """All talks of a window, and the one that is looked at."""

    def __init__(self) -> None:
        self.rooms: dict[str, Talk] = {}
        self.privates: dict[str, Talk] = {}
        """By the alias of the other."""
        self.current: Talk | None = None

    def room(self, name: str) -> Talk:
        """Return the talk of a room."""
        return self.rooms.setdefault(name, Talk(name, is_private=False))

    def private(self, alias: str) -> Talk:
        """Return the talk with a person."""
        return self.privates.setdefault(alias, Talk(alias, is_private=True))

    def count_unsent(self) -> int:
        """Return how many messages the shop has not got yet."""
        talks = (*self.rooms.values(), *self.privates.values())
        return sum(message.is_waiting for talk in talks for message in talk.messages)

    def open(self, talk: Talk) -> None:
        """Look at a talk: what it holds has been read then."""
        if self.current is not None and self.current is not talk:
            self.current.first_unread = None
        self.current = talk
        talk.unread = 0

    def note_new(
        self,
        talk: Talk,
        message: Message,
        *,
        is_seen: bool,
    ) -> int:
        """Take note of something that has just been said; return its place."""
        if not is_seen:
            talk.unread += 1
            talk.first_unread = talk.first_unread or message
        return talk.add(message)

    def rename(
        self,
        alias: str,
        new_alias: str,
    ) -> None:
        """Have the talk with a person go on under the name that they take."""
        talk = self.privates.pop(alias, None)
        if talk is not None:
            talk.name = new_alias
            self.privates[new_alias] = talk


def message_in(
    said: Mensaje,
    own_alias: str,
) -> Message:
    """Return a message of the wire as the window shows it: nothing in it can harm."""
    author = clean(said.de)
    return Message(
        author=author,
        text=clean(said.texto),
        at=_moment(said.fecha),
        seq=None if said.seq is UNSET else said.seq,
        is_own=author == own_alias,
        is_edited=said.editado,
        is_deleted=said.borrado,
    )


def messages_in(
    page: Iterable[Mensaje],
    own_alias: str,
) -> list[Message]:
    """Return the messages of a page, oldest first."""
    return [message_in(said, own_alias) for said in page]


def notice(
    text: str,
    at: datetime,
) -> Message:
    """Return a word of the program, in the place of a message."""
    return Message(author="", text=text, at=at)


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:  # of a server that speaks otherwise: the talk goes on
        return datetime.now().astimezone()
    return moment if moment.tzinfo is not None else moment.astimezone()
