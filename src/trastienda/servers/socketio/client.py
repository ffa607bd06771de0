"""One Socket.IO client: it comes in, goes live, and what it sends is done in its order."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from starlette.types import Scope

from trastienda.actions import notifications, private_messages
from trastienda.domain.chat import Member, PrivateMessage
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import (
    Banned,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
)
from trastienda.domain.events import Kind
from trastienda.domain.notifications import Notification
from trastienda.servers.access_tokens import Identity
from trastienda.servers.sessions import dispatch
from trastienda.servers.sessions.catching_up import catch_up
from trastienda.servers.sessions.chat import Pending
from trastienda.servers.sessions.login import sit_down
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Answer, Mode
from trastienda.servers.socketio import scanning
from trastienda.servers.socketio.events import BY_NAME, OF_THE_SHOP, RESUME
from trastienda.servers.socketio.seat import SocketSeat
from trastienda.storage.transactions import Snapshot, lookup
from trastienda.wire import announcements, event_names
from trastienda.wire.chat import MESSAGE, private_out
from trastienda.wire.closings import TABLE as CLOSINGS
from trastienda.wire.notifications import announced_out
from trastienda.wire.refusals import refusal_fields

LIVE_AFTER_S, LIVE_AFTER_MOST_S = 0.5, 5.0
"""How long a client may take, at least and at most, to say what it heard last.

Whoever says nothing goes live then, and whoever says something else at once. Over a bad
line it may take twice as long as it took to say who it is: what is live must not overtake
what was missed.
"""

MAX_PENDING = 256
"""Events of one client that may wait: as many as the messages of a line."""


class Waiting(Struct, frozen=True):
    """What came for somebody while they were not here, oldest first."""

    messages: Sequence[PrivateMessage] = ()
    notifications: Sequence[Notification] = ()
    """Those that they have not seen."""


@lookup
def _list_waiting(
    snapshot: Snapshot,
    member: Member,
) -> Waiting:
    assert member.actor is not None
    return Waiting(
        private_messages.list_waiting(snapshot, member),
        notifications.unseen(snapshot, member.actor),
    )


class Client:
    """A connected client and its session."""

    def __init__(
        self,
        sessions: Sessions,
        seat: SocketSeat,
        identity: Identity,
        scope: Scope,
        heard_n: int | None,
    ) -> None:
        """``heard_n`` is the last announcement that it says it has heard, if it says so."""
        self.seat = seat
        self._sessions = sessions
        self._hub = sessions.hub
        self._identity = identity
        self._websocket = scope.get("websocket")
        self.session = sessions.open(
            seat,
            Mode.CHAT,
            scope["client"][0],
            identity.actor.origin,
            is_secure=scope["scheme"] in {"https", "wss"},
        )
        self.session.login_id = identity.session_id
        self._heard_n = heard_n
        self._since_n = self._hub.last_n
        self._waiting = Waiting()
        self._has_gone_live = False
        self._catching_up = asyncio.Lock()
        """One stretch of the past after the other, or they would mix."""
        self._timers: list[asyncio.TimerHandle] = []
        self._turn = asyncio.Lock()
        """What the client sends is done in its order: a lock lets in who came first."""
        self._pending = 0
        """Events that wait for their turn, or have it."""

    async def come_in(self, took_s: float) -> None:
        """Sit down as whoever the token stands for; raise what keeps them out.

        ``took_s`` is how long it took to say who it is. A program with a key listens, and so
        does who is shut out of the chat, and not of the shop.
        """
        session = self.session
        actor = self._identity.actor
        username = self._hub.names.reserved.username(actor.user_id)
        member = Member(
            alias=username or "",
            actor=actor,
            address=session.address,
            since_ms=self._hub.desk.clock(),
        )
        try:
            if self._identity.key is not None:
                self._listen(member, hears_rooms=True)
            else:
                await self._join(member)
                waiting = await self._hub.desk.reader.read(_list_waiting, member)
                self._waiting, self._since_n = waiting.value, waiting.n
        except BaseException:
            self._sessions.end(session)
            raise

        session.turn_program()
        session.log(EntryKind.LOGGED_IN)
        self.seat.outgoing.overflow = lambda: self.seat.close(ClosingReason.TOO_SLOW)
        if self._websocket is not None:
            self._websocket.place.settle()
        if self._heard_n is not None:
            self._since_n = self._heard_n
            self._call_later(0, self._go_live_in_background)
        else:
            wait_s = min(max(LIVE_AFTER_S, 2 * took_s), LIVE_AFTER_MOST_S)
            self._call_later(wait_s, self._go_live_in_background)

    def _listen(
        self,
        member: Member,
        *,
        hears_rooms: bool,
    ) -> None:
        """Hear what is announced, without a place in the chat."""
        seat, key = self.seat, self._identity.key
        self.session.mode = Mode.LISTENING
        self.session.key = key
        seat.set_member(member)
        # What is said to somebody alone is not for the programs that act for them.
        seat.hears_private = False
        seat.hears_all_rooms = hears_rooms
        if key is not None and key.until_ms is not None:
            left_s = (key.until_ms - self._hub.desk.clock()) / 1000
            self._call_later(left_s, lambda: seat.close(ClosingReason.SESSION_ENDED))

    async def _join(self, member: Member) -> None:
        """Come into the chat, if they are not shut out of it."""
        try:
            await sit_down(self.session, member)
        except Banned:
            self._listen(member, hears_rooms=False)

    def _call_later(
        self,
        delay_s: float,
        call: Callable[[], object],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(delay_s, call))

    def _go_live_in_background(self) -> None:
        self._hub.background.begin(self._go_live())

    async def _go_live(self) -> None:
        """Hear what is announced, and first what was since the client connected."""
        if not self._has_gone_live:
            self._has_gone_live = True
            async with self._catching_up:
                n = await catch_up(self._hub, self.seat, self._since_n)
            if n is None:
                self.seat.push(event_names.GAP, {"n": self._hub.last_n})
            self._deliver_waiting()

    async def take(
        self,
        name: str,
        fields: Any,
    ) -> dict[str, Any]:
        """Do what an event asks for, behind those before it; return its acknowledgement."""
        if self._pending >= MAX_PENDING:
            return {"ok": False, **refusal_fields(TooManyRequests(1))}

        self._pending += 1
        try:
            async with self._turn:
                answer = await self._do(name, fields)
            if isinstance(answer, Pending):  # the next need not wait for the disk
                answer = answer.answer(await answer.future)
        except Exception as error:
            refusal = dispatch.refusal_of(self.session, error, "socket")
            return {"ok": False, **refusal_fields(refusal)}
        finally:
            self._pending -= 1
        return {"ok": True, **_members_of(answer.data)}

    async def _do(
        self,
        name: str,
        fields: Any,
    ) -> Answer | Pending:
        event = BY_NAME.get(name)
        if event is None:
            raise NotFound
        if not isinstance(fields, dict):
            raise Invalid("body", "wrong_type", expected="un objeto")

        wait_s = self.session.wait_for_next_line_s()
        if wait_s:
            await asyncio.sleep(wait_s)
        if event is RESUME:
            dispatch.arguments_in(self.session, event, fields)  # or it stays as it was
            self._has_gone_live = True
        else:
            await self._go_live()
        if self.session.mode is Mode.LISTENING and event.word not in OF_THE_SHOP:
            raise Banned if self._identity.key is None else Forbidden

        if event.begin is not None:
            if self.session.in_flight.must_wait:
                await self.session.in_flight.wait_for_capacity()
            arguments = dispatch.arguments_in(self.session, event, fields)
            pending = dispatch.begin(self.session, event, arguments)
            if pending is not None:
                return pending
        if event is not RESUME:
            return await dispatch.perform(self.session, event, fields)
        async with self._catching_up:
            answer = await dispatch.perform(self.session, event, fields)
        self._deliver_waiting()
        return answer

    def _deliver_waiting(self) -> None:
        """Deliver what waited, and did not come from the journal."""
        waiting = self._waiting
        self._waiting = Waiting()
        time_zone = self._hub.desk.time_zone()
        for message in waiting.messages:
            if not self.seat.was_replayed(message):
                self.seat.push(MESSAGE, private_out(message, time_zone))
        for notification in waiting.notifications:
            if not self.seat.was_replayed(notification):
                body = announced_out(notification, time_zone)
                self.seat.push(event_names.NAMES[Kind.NOTIFICATION], body)
        if waiting.messages:
            self._hub.delivered.add([message.id for message in waiting.messages])

    def say_goodbye(self, reason: ClosingReason) -> None:
        """Tell the client why its connection ends."""
        closing = announcements.closing_out(CLOSINGS[reason].code)
        self.seat.push(announcements.CLOSING, closing)

    def end(self) -> None:
        """End the session. May be called twice."""
        for timer in self._timers:
            timer.cancel()
        scanning.leave(self.session)
        self._sessions.end(self.session)


def _members_of(data: Any) -> dict[str, Any]:
    """Return the members of an answer, whatever it is made of."""
    if isinstance(data, dict):
        return data
    members = msgspec.to_builtins(data)
    assert isinstance(members, dict)
    return members
