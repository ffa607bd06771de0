"""A session: one connected person, whatever wire they came by."""

import enum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.api_keys import ApiKey
from trastienda.domain.chat import GENERAL, Member, Message
from trastienda.domain.chat_entries import Entry, EntryKind, message_entry
from trastienda.domain.errors import NotAuthenticated
from trastienda.domain.moderation import Sanction
from trastienda.domain.people import STRANGER, Actor, User
from trastienda.live.seats import Seat
from trastienda.servers.access_tokens import actor_of
from trastienda.servers.api_keys import program_of
from trastienda.servers.sessions.flood import Meter
from trastienda.servers.sessions.hub import Hub
from trastienda.servers.sessions.in_flight import MessagesInFlight


class Mode(enum.Enum):
    """What a session is for, which decides the commands that it has."""

    CHAT = "chat"
    INVENTORY = "inventory"
    LISTENING = "listening"
    """It hears what is announced, and has no commands. Nobody sees it in the chat."""


class Answer(Struct):
    """What a command returns.

    ``data`` is for programs, ``text`` for people (none: say nothing). ``goodbye``: the
    session ends.
    """

    data: Any = {}
    text: str = ""
    goodbye: bool = False


class Session:
    """Who is connected, from where, and what they have under way."""

    __slots__ = (
        "address",
        "arriving",
        "asks_in_words",
        "desk",
        "hub",
        "in_flight",
        "is_over",
        "is_program",
        "is_secure",
        "key",
        "login_id",
        "meter",
        "mode",
        "origin",
        "seat",
    )

    def __init__(
        self,
        hub: Hub,
        seat: Seat,
        mode: Mode,
        address: str,
        origin: str,
        *,
        is_secure: bool,
    ) -> None:
        self.hub = hub
        self.desk = hub.desk
        self.seat = seat
        self.mode = mode
        self.address = address
        self.origin = origin
        """Where its calls come from, for the audit trail."""
        self.is_secure = is_secure
        """Nobody can listen in, as with TLS."""
        self.meter = Meter(hub.flood)
        self.in_flight = MessagesInFlight(hub.desk.writer)
        self.arriving: Member | None = None
        """Who is about to sit down.

        Sanctions and changes of accounts concern them already.
        """
        self.login_id: str | None = None
        """Of the session, or the key, with whose token it came, if it came with one."""
        self.key: ApiKey | None = None
        """With which it came, as a program that acts as the key's maker."""
        self.is_program = False
        """It is software.

        It hears all announcements, and says itself what has been read.
        """
        self.asks_in_words = True
        """The command it asks for now was typed; a program may do so, too."""
        self.is_over = False
        """It is ending: nobody sits down any more."""

    @property
    def number(self) -> int:
        """Tells it from all others of this process."""
        return self.seat.number

    @property
    def member(self) -> Member | None:
        """Who is here."""
        return self.seat.member

    def is_of(self, user_id: int) -> bool:
        """Tell whether an account is here, or is just coming in."""
        for member in (self.seat.member, self.arriving):
            if member is not None and member.user_id == user_id:
                return True
        return False

    def actor_of(self, user: User) -> Actor:
        """Return an account as it acts from here: with a key, by the lesser of both roles."""
        if self.key is not None:
            return program_of(user, self.key, self.address)
        return actor_of(user, self.origin)

    def is_meant_by(self, sanction: Sanction) -> bool:
        """Tell whether a sanction concerns who is in the chat here, or coming in.

        Whoever listens hears the chat, too.
        """
        if self.mode is Mode.INVENTORY:
            return False

        for member in (self.seat.member, self.arriving):
            if member is not None and sanction.concerns(member):
                return True
        return False

    def require_open(self) -> None:
        """Raise NotAuthenticated where the session is ending."""
        if self.is_over:
            raise NotAuthenticated

    def require_member(self) -> Member:
        """Return the member of the chat, as from here.

        Raises NotAuthenticated if nobody is. Somebody with an account may have several
        connections, from several addresses.
        """
        member = self.seat.member
        if member is None or self.mode is not Mode.CHAT:
            raise NotAuthenticated
        if member.actor is None:
            return member

        is_from_here = member.actor.origin == self.origin
        if is_from_here and member.address == self.address:
            return member

        actor = _from(self.origin, member.actor)
        return replace(member, actor=actor, address=self.address)

    def require_actor(self) -> Actor:
        """Return who has logged in, as from here.

        Raises NotAuthenticated if nobody has.
        """
        member = self.seat.member
        if member is None or member.actor is None:
            raise NotAuthenticated
        return _from(self.origin, member.actor)

    @property
    def viewer(self) -> Actor:
        """Who looks at the products, which are shown to anybody."""
        member = self.seat.member
        if member is None or member.actor is None:
            return STRANGER
        return _from(self.origin, member.actor)

    @property
    def username(self) -> str | None:
        """The user name of whoever is here with an account."""
        member = self.seat.member
        if member is None:
            return None
        return self.hub.names.reserved.username(member.user_id)

    @property
    def room(self) -> str:
        """The room where it is, or would be."""
        return self.seat.room or GENERAL

    def wait_for_next_line_s(self) -> float:
        """Count a line that came; return the seconds to wait before it is taken."""
        member = self.seat.member
        member_key = None if member is None else member.key
        return self.meter.take(self.address, member_key)

    def turn_program(self) -> None:
        """Announce to it, from now on, everything that it may hear."""
        self.is_program = True
        if not self.is_over:
            self.hub.subscribers[self.number] = self.seat

    def log(
        self,
        kind: EntryKind,
        *,
        other: str | None = None,
        room: str | None = None,
        seq: int | None = None,
    ) -> None:
        """Log to the chat's log what happened here."""
        member = self.seat.member
        alias = None if member is None else member.alias
        entry = Entry(
            kind=kind,
            at_ms=self.desk.clock(),
            address=self.address,
            alias=alias,
            username=self.username,
            room=room or self.seat.room,
            other=other,
            seq=seq,
        )
        self.hub.log(entry)

    def log_message(self, message: Message) -> None:
        """Log to the chat's log what was said here in a room, or edited."""
        entry = message_entry(message, self.address, self.username)
        self.hub.log(entry)


def _from(
    origin: str,
    actor: Actor,
) -> Actor:
    """Return an actor as calling from this origin."""
    if actor.origin == origin:
        return actor
    return replace(actor, origin=origin)
