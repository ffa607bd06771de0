"""Socket.IO: who connects, and their end; what they send is up to each client."""

import asyncio
import contextlib
import logging
from typing import Any

from engineio.async_socket import AsyncSocket
from msgspec import Struct
from socketio.exceptions import ConnectionRefusedError as RefusedConnection
from starlette.types import Receive, Scope, Send

from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import (
    NotAuthenticated,
    Refusal,
    Unavailable,
)
from trastienda.domain.networks import network_of
from trastienda.servers.doors import Door, Place
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.socketio.client import Client
from trastienda.servers.socketio.engine import SocketIo, attach
from trastienda.servers.socketio.seat import SocketSeat
from trastienda.servers.throttle import Throttle
from trastienda.wire.lines.requests import arguments_in
from trastienda.wire.live_shapes import Desde
from trastienda.wire.refusals import refusal_fields

log = logging.getLogger(__name__)

PING_EVERY_S, PONG_WITHIN_S = 25.0, 20.0
SAYS_WHO_WITHIN_S = 15
"""How long a client may be connected without saying who it is."""
MAX_STRANGERS, MAX_OF_ONE_NETWORK = 1000, 200
"""Clients at once that have not said who they are. A polling one needs no connection."""
STRANGERS_PER_NETWORK = 500, 0.05
"""Clients of one network that begin and do not say who they are, at once, and the seconds
until one more: each keeps some kilobytes until its first ping would be due."""
LOOK_EVERY_S = 1.0
LAST_PACKET_S = 1.0
"""How long the last packet may take to be fetched."""


class Stranger(Struct, frozen=True):
    """A client that has not said who it is, and since when it is there (loop time)."""

    place: Place
    since_s: float


class SocketServer:
    """The Socket.IO side of the HTTP port. Call it from the event loop only."""

    def __init__(
        self,
        sessions: Sessions,
        ping_every_s: float = PING_EVERY_S,
        pong_within_s: float = PONG_WITHIN_S,
    ) -> None:
        self._sessions = sessions
        self._clients: dict[str, Client] = {}
        self._io = SocketIo(self._begin, ping_every_s, pong_within_s)
        self._io.on("connect", self._connect)
        self._io.on("disconnect", self._disconnect)
        self._io.on("*", self._take)
        self._beginning = Throttle(*STRANGERS_PER_NETWORK)
        self._door = Door("Socket.IO", MAX_STRANGERS, MAX_OF_ONE_NETWORK)
        self._strangers: dict[str, Stranger] = {}
        """Engine.IO sessions that have not said who they are."""
        self._looking: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def count(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Serve a request of a polling client, or a WebSocket from its beginning to its end.

        Raises Unavailable, Crowded, CrowdedNetwork or TooManyRequests for one that would
        begin a session.
        """
        place = None
        if b"sid=" not in scope["query_string"]:
            if self._is_stopping:
                raise Unavailable
            network = network_of(scope["client"][0])
            self._beginning.take(network)
            place = scope["stranger"] = self._door.enter(scope["client"][0])

        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            await self._io.eio.handle_request(scope, receive, send)
        except Exception:
            # The libraries let a packet that is none, and a broken connection, come so far.
            log.debug("a client was let go", exc_info=True)
            if scope["type"] == "websocket":
                scope["websocket"].transport.abort()
        finally:
            if place is not None and "engine_sid" not in scope:
                place.leave()  # it began no session

    # Coming and going

    def _begin(
        self,
        engine_sid: str,
        scope: Scope,
    ) -> None:
        """Take note of a client that has yet to say who it is."""
        place = scope["stranger"]
        scope["engine_sid"] = engine_sid
        now_s = asyncio.get_running_loop().time()
        stranger = self._strangers[engine_sid] = Stranger(place, now_s)
        stranger.place.give_way = lambda: self._send_away(engine_sid)

    async def _connect(
        self,
        sid: str,
        environ: dict[str, Any],
        auth: Any = None,
    ) -> None:
        """Let somebody in who says who they are."""
        try:
            await self._let_in(sid, environ["asgi.scope"], auth)
        except Refusal as refusal:
            fields = refusal_fields(refusal)
            raise RefusedConnection(fields["detail"], fields) from refusal

    async def _let_in(
        self,
        sid: str,
        scope: Scope,
        auth: Any,
    ) -> None:
        engine_session = self._io.session_of(sid)
        if self._is_stopping or engine_session is None:
            raise Unavailable
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str):
            raise NotAuthenticated

        address = scope["client"][0]
        desk = self._sessions.hub.desk
        identity = await desk.auth.authenticate(token, f"socket {address}", address)

        attach(engine_session, scope)
        seat = SocketSeat(
            engine_session.queue,
            lambda reason: self._hang_up(sid, engine_session, reason),
        )
        heard_n = (
            arguments_in(Desde, {"desde": auth["desde"]}).desde
            if "desde" in auth
            else None
        )
        client = Client(self._sessions, seat, identity, scope, heard_n)
        self._clients[sid] = client
        since_s = self._strangers[engine_session.sid].since_s
        took_s = asyncio.get_running_loop().time() - since_s
        try:
            await client.come_in(took_s)
        except Refusal:
            self._clients.pop(sid, None)
            raise
        if sid not in self._clients:  # its session ended meanwhile
            raise NotAuthenticated
        self._strangers.pop(engine_session.sid).place.leave()
        self._beginning.give_back(network_of(address))

    async def _take(
        self,
        name: str,
        sid: str,
        *arguments: Any,
    ) -> dict[str, Any]:
        client = self._clients.get(sid)
        if client is None:
            return {"ok": False, **refusal_fields(NotAuthenticated())}
        return await client.take(name, arguments[0] if arguments else {})

    async def _disconnect(
        self,
        sid: str,
        reason: Any = None,
    ) -> None:
        client = self._clients.pop(sid, None)
        if client is not None:
            client.end()
            client.seat.outgoing.end()

    def _hang_up(
        self,
        sid: str,
        engine_session: AsyncSocket,
        reason: ClosingReason,
    ) -> None:
        """Tell a client why, and end its connection.

        It comes back by itself only where it is worth while: the library's own goodbye
        keeps it from doing so.
        """
        client = self._clients.pop(sid, None)
        if client is None:
            return
        client.say_goodbye(reason)
        client.end()

        says_goodbye = reason not in {ClosingReason.STOPPING, ClosingReason.TOO_SLOW}

        async def end() -> None:
            if says_goodbye:
                await self._io.disconnect(sid)
            await _end(engine_session)

        self._sessions.hub.background.begin(end())

    # Looking after those who do not say who they are

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = loop.time()
            for engine_sid, stranger in list(self._strangers.items()):
                is_there = engine_sid in self._io.eio.sockets
                if not is_there or now_s > stranger.since_s + SAYS_WHO_WITHIN_S:
                    self._send_away(engine_sid)

    def _send_away(self, engine_sid: str) -> None:
        """End the session of somebody who has not said who they are."""
        stranger = self._strangers.pop(engine_sid, None)
        if stranger is not None:
            stranger.place.leave()
        session = self._io.eio.sockets.get(engine_sid)
        if session is not None:
            self._sessions.hub.background.begin(_end(session))

    # The end

    async def close(self) -> None:
        """Take nothing more, tell all clients, and close."""
        self._is_stopping = True
        if self._looking is not None:
            self._looking.cancel()
        for client in list(self._clients.values()):
            client.seat.close(ClosingReason.STOPPING)
        sessions = list(self._io.eio.sockets.values())
        await asyncio.gather(*(_end(session) for session in sessions))
        await self._io.shutdown()


async def _end(engine_session: AsyncSocket) -> None:
    """End an Engine.IO session, which may be ending already.

    Whoever polls is between two polls now and then: the last packets wait for them.
    """
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(engine_session.queue.wait_fetched(), LAST_PACKET_S)
    with contextlib.suppress(Exception):
        await engine_session.close(wait=False)
    engine_session.queue.end()
