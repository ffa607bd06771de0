"""The line ports: who is connected, and what each of them is told of what is committed."""

import asyncio
import contextlib
import itertools
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any

from trastienda.actions import private_messages
from trastienda.domain.chat import Message, Notice, PrivateMessage, Sanction, SanctionKind, address_key
from trastienda.domain.chat_entries import Entry, EntryKind
from trastienda.domain.errors import Refusal
from trastienda.domain.events import Event, Kind, SessionsEnded, may_hear
from trastienda.domain.people import Role, User
from trastienda.servers.auth import actor_of
from trastienda.servers.tcp.connection import Connection
from trastienda.servers.tcp.conversation import Conversation, Mode
from trastienda.servers.tcp.desk import Desk
from trastienda.servers.tcp.flood import Flood
from trastienda.servers.tcp.outbox import Flusher
from trastienda.wire import announcements
from trastienda.wire.chat import notice_line, notice_out, private_line, spoken_line
from trastienda.wire.lines import encoding

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 20_000
"""At some 20 kB each that is 400 MB; a shop with more is no shop."""
DRAIN_S = 5
"""How long what was accepted may take to be answered when the shop stops, of its ten seconds."""
FOR_ANYBODY = frozenset({Kind.STOCK, Kind.PRODUCT, Kind.DISCOUNT_EXPIRED})
"""What is told to programs that have not logged in, too: looking at the goods is free."""
STOPPING = "La tienda se está deteniendo."


class LineServer:
    """The engine behind both ports. Call it from the event loop only."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.flusher = Flusher()
        self._flood = Flood(desk.rules.rate)
        self._numbers = itertools.count(1)
        self._connections: dict[int, Connection] = {}
        self._listening: list[asyncio.Server] = []
        self._delivered: list[int] = []
        self._tasks: set[asyncio.Task[None]] = set()
        desk.presence.listen(self.hear_notice)

    async def listen(self, sockets: Iterable[socket.socket], mode: Mode, context: ssl.SSLContext | None) -> None:
        """Take connections on these sockets; with ``context`` they speak TLS."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listening.append(await loop.create_server(partial(Connection, self, mode), sock=one, ssl=context))

    @property
    def is_full(self) -> bool:
        """Whether there are more connections than any shop has."""
        return len(self._connections) > MAX_CONNECTIONS

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._connections)

    def admit(self, connection: Connection, address: str, *, secure: bool) -> Conversation:
        """Return the conversation of a connection that has just been made."""
        number = next(self._numbers)
        self._connections[number] = connection
        return Conversation(number, self.desk, connection.mode, address, self._flood.meter(), secure=secure)

    def forget(self, talk: Conversation) -> bool:
        """Forget a connection that ends; False where it was forgotten before."""
        self.desk.programs.pop(talk.number, None)
        return self._connections.pop(talk.number, None) is not None

    async def close(self) -> None:
        """Take no more connections or lines, finish what was accepted, tell everybody, and hang up."""
        for one in self._listening:
            one.close()
        connections = list(self._connections.values())
        for connection in connections:
            with contextlib.suppress(RuntimeError):
                connection.transport.pause_reading()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                for connection in connections:
                    await connection.drain()
                if self._tasks:
                    await asyncio.wait(self._tasks)
        for connection in connections:
            connection.end(STOPPING, "detenida")
        await asyncio.sleep(0)

    def hear(self, events: Sequence[Event]) -> None:
        """Tell the connections what was committed; what they need in common is encoded once."""
        rooms: dict[str, list[Event]] = {}
        for event in events:
            subject = event.subject
            if isinstance(subject, Message):
                rooms.setdefault(subject.room, []).append(event)
            elif isinstance(subject, PrivateMessage):
                self._tell_private(event, subject)
            else:
                self._hear_other(event)
        for room, spoken in rooms.items():
            self._tell_room(room, spoken)

    def _hear_other(self, event: Event) -> None:
        subject = event.subject
        if isinstance(subject, Sanction):
            self._apply(subject)
        elif isinstance(subject, User):
            self._meet(subject)
        elif isinstance(subject, SessionsEnded) and subject.session_id is None:
            self._end_where(lambda talk: _user_id(talk) == subject.user_id, "Su sesión terminó.", "sesion_terminada")
        if self.desk.programs and event.kind in announcements.NAMES:
            self._announce(event)

    def _tell_room(self, room: str, spoken: list[Event]) -> None:
        """Send the messages of one commit to a room, each encoded once, and all as one piece of bytes to most."""
        for_people, for_programs = _Said(spoken, _spoken), _Said(spoken, self._announced_to_staff)
        sources = {event.source for event in spoken}
        first_seq = min(event.subject.seq for event in spoken if isinstance(event.subject, Message))
        for seat in self.desk.presence.seats_in(room):
            if not isinstance(seat, Conversation):
                continue
            said = for_programs if seat.is_program else for_people
            if seat.number not in sources and seat.shown_seq < first_seq:
                seat.outbox.put(said.whole)
            elif news := said.news_for(seat):
                seat.outbox.put(news)

    def _announced_to_staff(self, event: Event) -> bytes:
        return _announced(event, self.desk, staff=True)

    def _tell_private(self, event: Event, message: PrivateMessage) -> None:
        """Hand a private message over, to all connections of both but the one that it came from."""
        presence = self.desk.presence
        reached = False
        for seat in presence.seats_of(message.recipient):
            reached = True
            if isinstance(seat, Conversation) and message.id > seat.shown_private:
                self._put(seat, private_line(message), event)
        for seat in presence.seats_of(message.sender) if message.sender != message.recipient else ():
            if isinstance(seat, Conversation) and seat.number != event.source:
                self._put(seat, f"A {message.recipient_alias} (en privado): {message.text}", event)
        if reached:
            if not self._delivered:
                self._begin(self._keep_delivered())
            self._delivered.append(message.id)

    def _put(self, talk: Conversation, line: str, event: Event) -> None:
        if talk.is_program:
            talk.outbox.put(_announced(event, self.desk, staff=False))
        else:
            talk.say(line)

    async def _keep_delivered(self) -> None:
        ids, self._delivered = self._delivered, []
        with contextlib.suppress(Refusal):
            await self.desk.writer.run(private_messages.deliver, ids)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _announce(self, event: Event) -> None:
        """Send an announcement to the programs that may hear it."""
        encoded: dict[bool, bytes] = {}
        for talk in self.desk.programs.values():
            if not isinstance(talk, Conversation) or not _may_hear(event, talk):
                continue
            staff = talk.member is not None and talk.member.is_staff
            if staff not in encoded:
                encoded[staff] = _announced(event, self.desk, staff=staff)
            talk.outbox.put(encoded[staff])

    def hear_notice(self, notice: Notice) -> None:
        """Tell a room who has come, gone or changed their alias, and the log."""
        line: bytes | None = None
        for seat in self.desk.presence.seats_in(notice.room):
            if seat.number == notice.source or not isinstance(seat, Conversation):
                continue
            if seat.is_program:
                seat.outbox.put(encoding.announcement("presencia", None, notice_out(notice)))
            else:
                line = line or encoding.people(notice_line(notice))
                seat.outbox.put(line)
        kind = _NOTED[notice.change.value]
        self.desk.log(
            Entry(kind=kind, at_ms=self.desk.clock(), alias=notice.alias, room=notice.room, other=notice.new_alias)
        )

    def _meet(self, user: User) -> None:
        """Take what has changed of an account: its name is reserved, its role holds at once, its end ends it."""
        self.desk.presence.learn(user)
        if not user.active:
            self._end_where(lambda talk: _user_id(talk) == user.id, "Su cuenta ya no está activa.", "sesion_terminada")
            return
        for connection in list(self._connections.values()):
            if _user_id(connection.talk) == user.id:
                connection.talk.became(actor_of(user))

    def _apply(self, sanction: Sanction) -> None:
        """Do at once what a moderator has decided: whoever is sent or shut out is gone."""
        if sanction.kind not in {SanctionKind.KICK, SanctionKind.BAN}:
            return
        kicked = sanction.kind is SanctionKind.KICK
        text, reason = ("Te han expulsado del chat.", "expulsado") if kicked else ("Estás bloqueado.", "bloqueado")
        targets = set(sanction.targets)

        def is_meant(talk: Conversation) -> bool:
            member = talk.member
            if talk.mode is not Mode.CHAT or member is None:
                return False
            return member.key in targets or (member.actor is None and address_key(talk.address) in targets)

        self._end_where(is_meant, f"{text} ({reason})", reason)

    def _end_where(self, is_meant: Callable[[Conversation], bool], text: str, reason: str) -> None:
        for connection in list(self._connections.values()):
            if is_meant(connection.talk):
                connection.end(text, reason)


_NOTED = {"joined": EntryKind.JOINED, "left": EntryKind.LEFT, "renamed": EntryKind.RENAMED}


def _user_id(talk: Conversation) -> int | None:
    return None if talk.member is None else talk.member.user_id


class _Said:
    """The messages of one commit in one room as one kind of reader gets them: encoded when the first asks."""

    def __init__(self, events: Sequence[Event], encode: Callable[[Event], bytes]) -> None:
        self._events = events
        self._encode = encode

    @cached_property
    def _lines(self) -> list[bytes]:
        return [self._encode(event) for event in self._events]

    @cached_property
    def whole(self) -> bytes:
        """All of them."""
        return b"".join(self._lines)

    def news_for(self, talk: Conversation) -> bytes:
        """Return those that a connection has neither said itself nor seen when it came in."""
        pairs = zip(self._events, self._lines, strict=True)
        return b"".join([line for event, line in pairs if event.source != talk.number and _is_news(event, talk)])


def _is_news(event: Event, talk: Conversation) -> bool:
    """Tell whether a message is not one that the connection saw when it came in; changes of it always are."""
    message = event.subject
    assert isinstance(message, Message)
    return message.seq > talk.shown_seq or message.edited_at_ms is not None


def _spoken(event: Event) -> bytes:
    assert isinstance(event.subject, Message)
    return encoding.people(spoken_line(event.subject))


def _announced(event: Event, desk: Desk, *, staff: bool) -> bytes:
    body = announcements.body(event, desk.zone(), staff=staff)
    return encoding.announcement(announcements.NAMES[event.kind], event.n, body)


def _may_hear(event: Event, talk: Conversation) -> bool:
    member = talk.member
    actor = None if member is None else member.actor
    if actor is None or actor.user_id is None or actor.rut is None:
        return event.kind in FOR_ANYBODY and Role.CUSTOMER in event.audience.roles
    return may_hear(event, user_id=actor.user_id, role=actor.role, rut=actor.rut, verified=actor.verified)
