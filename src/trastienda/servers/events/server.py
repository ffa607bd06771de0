"""Server-sent events: who listens, and their end."""

import asyncio
import contextlib

from trastienda.actions import moderation
from trastienda.domain.api_keys import ApiKey
from trastienda.domain.chat import Member
from trastienda.domain.closings import ClosingReason
from trastienda.domain.moderation import SanctionKind
from trastienda.servers.events import encoders
from trastienda.servers.events.seat import ListenerSeat
from trastienda.servers.outbox import Outbox
from trastienda.servers.sessions.catching_up import catch_up
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode, Session
from trastienda.servers.streams import Listener
from trastienda.wire import event_names

SIGN_OF_LIFE_S = 20
"""How often a listener hears that the shop is there, and how far it was told.

Less than the half minute after which many a proxy cuts what is silent.
"""


class EventServer:
    """Everybody who listens. Call it from the event loop only."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._streams: set[EventStream] = set()

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._streams)

    def listen(self, listener: Listener) -> "EventStream":
        """Return what is told to a listener."""
        return EventStream(self._sessions, self._streams, listener)

    def close(self) -> None:
        """Tell everybody that the shop stops, and end."""
        for stream in self._streams:
            stream.close(ClosingReason.STOPPING)


class EventStream:
    """What is told to one listener."""

    def __init__(
        self,
        sessions: Sessions,
        streams: "set[EventStream]",
        listener: Listener,
    ) -> None:
        self._sessions = sessions
        self._hub = sessions.hub
        self._streams = streams
        self._listener = listener
        self._seat: ListenerSeat

    @property
    def makes_way(self) -> bool:
        """Whether it may end so that somebody else finds a place.

        Anybody may have an account, and a connection that only listens would never give
        its place back. Customers come back, and miss nothing by it.
        """
        return not self._listener.identity.actor.is_staff

    def close(self, reason: ClosingReason) -> None:
        """Tell the listener why, and end."""
        self._seat.close(reason)

    async def run(self, outbox: Outbox) -> None:
        """Tell what was missed, and then what happens, until it is over."""
        self._seat = ListenerSeat(outbox)
        session = self._sit_down()
        self._streams.add(self)
        try:
            outbox.put(encoders.BEGINNING)
            await self._look_up_bans()
            session.turn_program()
            await self._catch_up()
            await self._stay()
        finally:
            self._streams.discard(self)
            self._sessions.end(session)

    def _sit_down(self) -> Session:
        """Open a session that hears, and says nothing.

        Who it is was looked up in this very turn of the event loop, so no change of the
        account, and no end of the key, has been missed.
        """
        listener, seat = self._listener, self._seat
        identity = listener.identity
        session = self._sessions.open(
            seat,
            Mode.LISTENING,
            listener.address,
            identity.actor.origin,
            is_secure=listener.is_secure,
        )
        session.login_id = identity.session_id
        session.key = identity.key
        username = self._hub.names.reserved.username(identity.actor.user_id)
        member = Member(
            alias=username or "",
            actor=identity.actor,
            address=listener.address,
            since_ms=self._hub.desk.clock(),
        )
        seat.set_member(member)
        # What is said to somebody alone is not for the programs that act for them.
        seat.hears_private = identity.key is None
        return session

    async def _look_up_bans(self) -> None:
        """Let somebody who is shut out of the chat hear nothing that is said there."""
        member = self._seat.member
        assert member is not None
        sanctions = await self._hub.read_current(moderation.in_force, member.own_keys)
        if any(sanction.kind is SanctionKind.BAN for sanction in sanctions.values()):
            self._seat.hears_all_rooms = False
            self._seat.hears_private = False

    async def _catch_up(self) -> None:
        since_n = self._listener.since_n
        if since_n is None:
            since_n = self._hub.last_n
        reached_n = await catch_up(self._hub, self._seat, since_n)
        if not self._seat.is_listening:
            return
        if reached_n is None:
            n = self._hub.last_n
            self._seat.push(event_names.GAP, {}, n)
        else:
            self._say_where_it_is()

    async def _stay(self) -> None:
        """Give signs of life until the seat is closed, or the key has come to its end."""
        seat = self._seat
        key = self._listener.identity.key
        while seat.is_listening:
            left_s = self._seconds_left(key)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, SIGN_OF_LIFE_S)):
                    await seat.is_over.wait()
                return
            if left_s <= SIGN_OF_LIFE_S:
                seat.close(ClosingReason.SESSION_ENDED)
            else:
                self._say_where_it_is()

    def _seconds_left(self, key: ApiKey | None) -> float:
        if key is None or key.until_ms is None:
            return float("inf")
        return (key.until_ms - self._hub.desk.clock()) / 1000

    def _say_where_it_is(self) -> None:
        """Tell up to which number everything was told, whether or not it was for them."""
        n = max(self._hub.last_n, self._seat.replayed_n)
        self._seat.outbox.put(encoders.position(n))
