"""The line ports: who is connected, and what each of them is told of what is committed."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from trastienda.actions import private_messages
from trastienda.domain.chat import (
    GENERAL,
    Change,
    Message,
    MessageKind,
    Notice,
    PrivateMessage,
    address_key,
    may_enter,
)
from trastienda.domain.chat_entries import message_entry
from trastienda.domain.errors import Refusal
from trastienda.domain.events import Event, SessionsEnded
from trastienda.domain.moderation import Sanction, SanctionKind
from trastienda.domain.people import User
from trastienda.servers.auth import actor_of
from trastienda.servers.tcp.connection import Connection
from trastienda.servers.tcp.conversation import Conversation, Mode
from trastienda.servers.tcp.desk import Desk
from trastienda.servers.tcp.hall import MAX_CONNECTIONS, Hall
from trastienda.servers.tcp.telling import Teller
from trastienda.wire.chat import notice_out
from trastienda.wire.lines import encoding
from trastienda.wire.written import span

log = logging.getLogger(__name__)

DRAIN_S = 4
"""How long what was accepted may take to be answered when the shop stops, of its ten seconds."""
LAST_LINE_S = 1
"""How long the last line may take to be read, out of the same."""
STOPPING = "La tienda se está deteniendo."


class LineServer:
    """The engine behind both ports. Call it from the event loop only."""

    def __init__(self, desk: Desk, most: int = MAX_CONNECTIONS) -> None:
        """``most``: connections that are let in, what is beyond is told to come later."""
        self.desk = desk
        self._hall: Hall[Connection] = Hall(desk, most)
        self._listening: list[asyncio.Server] = []
        self._delivered: list[int] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._teller = Teller(desk)
        desk.handed_over = self._handed_over

    async def listen(
        self,
        sockets: Iterable[socket.socket],
        mode: Mode,
        context: ssl.SSLContext | None,
        backlog: int,
    ) -> None:
        """Take connections on these sockets, of which ``backlog`` may wait; with ``context`` they speak TLS."""
        loop = asyncio.get_running_loop()
        for one in sockets:
            self._listening.append(
                await loop.create_server(
                    partial(Connection, self._hall, mode),
                    sock=one,
                    ssl=context,
                    backlog=backlog,
                )
            )

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._hall.connections)

    async def close(self) -> None:
        """Take no more connections or lines, finish what was accepted, tell everybody, and hang up."""
        for one in self._listening:
            one.close()
        connections = list(self._hall.connections.values())
        for connection in connections:
            connection.take_no_more()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                for connection in connections:
                    await connection.drain()
                if self._tasks:
                    await asyncio.wait(self._tasks)
        for connection in connections:
            connection.end(STOPPING, "detenida")
        if connections:
            last = [
                asyncio.ensure_future(connection.gone()) for connection in connections
            ]
            await asyncio.wait(last, timeout=LAST_LINE_S)

    def hear(self, events: Sequence[Event]) -> None:
        """Tell the connections what was committed, in its order, and do at once what it means for them."""
        for spoken, run in groupby(
            events, key=lambda event: isinstance(event.subject, Message)
        ):
            try:
                if spoken:
                    self._hear_talk(list(run))
                else:
                    for event in run:
                        self._hear_other(event)
            except Exception:  # what follows concerns others
                log.exception("a line of the talk could not be told")

    def _hear_talk(self, events: list[Event]) -> None:
        rooms: dict[str, list[Event]] = {}
        for event in events:
            message = event.subject
            assert isinstance(message, Message)
            rooms.setdefault(message.room, []).append(event)
            if message.kind is MessageKind.SPOKEN and message.edited_at_ms is None:
                self._note(event, message)
        for room, spoken in rooms.items():
            self._teller.tell_room(room, spoken)

    def _note(self, event: Event, message: Message) -> None:
        """Tell the chat's log what was said, and from where, if it came from here."""
        connection = (
            None if event.source is None else self._hall.connections.get(event.source)
        )
        if connection is not None:
            connection.talk.note_text(message)
        else:
            self.desk.log(message_entry(message))

    def _hear_other(self, event: Event) -> None:
        subject = event.subject
        if isinstance(subject, PrivateMessage):
            if self._teller.tell_private(event, subject):
                self._handed_over([subject.id])
            return
        if isinstance(subject, Sanction):
            self._apply(subject)
        elif isinstance(subject, User):
            self._meet(subject)
        elif isinstance(subject, SessionsEnded) and subject.session_id is None:
            self._end_where(
                lambda talk: _user_id(talk) == subject.user_id,
                "Su sesión terminó.",
                "sesion_terminada",
            )
        self._teller.announce(event)

    def _handed_over(self, ids: Sequence[int]) -> None:
        """Keep that private messages were handed over, together with others of this moment."""
        if not self._delivered:
            self._begin(self._keep_delivered())
        self._delivered += ids

    async def _keep_delivered(self) -> None:
        ids, self._delivered = self._delivered, []
        with contextlib.suppress(Refusal):
            await self.desk.writer.run(private_messages.mark_delivered, ids)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _meet(self, user: User) -> None:
        """Take what has changed of an account: its name is reserved, its role holds at once, its end ends it."""
        self.desk.presence.learn(user)
        if not user.active:
            self._end_where(
                lambda talk: _user_id(talk) == user.id,
                "Su cuenta ya no está activa.",
                "sesion_terminada",
            )
            return
        for connection in list(self._hall.connections.values()):
            if _user_id(connection.talk) == user.id:
                connection.talk.became(actor_of(user))
                self._put_in_place(connection.talk)

    def _put_in_place(self, talk: Conversation) -> None:
        """Take whoever is in a room that is no longer theirs to the one where everybody is."""
        member = talk.member
        if member is None or talk.room is None or may_enter(member, talk.room):
            return
        talk.shown_seq = 0
        self.desk.presence.enter(talk, GENERAL)
        if talk.is_program:
            here = Notice(Change.JOINED, GENERAL, member.alias)
            talk.outbox.put(encoding.announcement("presencia", None, notice_out(here)))
        else:
            talk.say(f"Estás en #{GENERAL}.")

    def _apply(self, sanction: Sanction) -> None:
        """Do at once what a moderator has decided: whoever is sent or shut out is gone."""
        if sanction.kind not in {SanctionKind.KICK, SanctionKind.BAN}:
            self._tell_sanctioned(sanction)
            return
        kicked = sanction.kind is SanctionKind.KICK
        text, reason = (
            ("Te han expulsado del chat.", "expulsado")
            if kicked
            else ("Estás bloqueado.", "bloqueado")
        )
        targets = set(sanction.targets)

        def is_meant(talk: Conversation) -> bool:
            member = talk.member
            if talk.mode is not Mode.CHAT or member is None:
                return False
            return member.key in targets or (
                member.actor is None and address_key(talk.address) in targets
            )

        self._end_where(is_meant, text, reason)

    def _tell_sanctioned(self, sanction: Sanction) -> None:
        """Tell those who are to be silent, or are no longer."""
        left_s = sanction.seconds_left(self.desk.clock()) or 0
        muted = sanction.kind is SanctionKind.MUTE
        text = (
            f"Queda en silencio por {span(left_s)}. (silenciado)"
            if muted
            else "Ya puede hablar."
        )
        for key in sanction.targets:
            for seat in self.desk.presence.seats_of(key):
                if isinstance(seat, Conversation) and seat.is_program:
                    body = {"segundos": left_s if muted else 0}
                    seat.outbox.put(encoding.announcement("silencio", None, body))
                elif isinstance(seat, Conversation):
                    seat.say(text)

    def _end_where(
        self, is_meant: Callable[[Conversation], bool], text: str, reason: str
    ) -> None:
        for connection in list(self._hall.connections.values()):
            if is_meant(connection.talk):
                connection.end(text, reason)


def _user_id(talk: Conversation) -> int | None:
    return None if talk.member is None else talk.member.user_id
