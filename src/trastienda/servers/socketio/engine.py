"""The libraries of the protocol, with the shop's queue, JSON and limits put in."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import engineio
import msgspec
import socketio
from engineio.async_socket import AsyncSocket
from engineio.payload import Payload
from socketio import packet as socket_packet
from starlette.types import Receive, Scope, Send

from trastienda.servers.socketio.engine_session import EngineSession
from trastienda.servers.socketio.outgoing import Outgoing
from trastienda.servers.socketio.packets import Packet
from trastienda.wire import bodies

MAX_PAYLOAD_BYTES = 100_000
"""Of one packet, and of one body of a polling client. The longest message takes half."""

MAX_PACKETS = 1000
"""In one body of a polling client, which sends at once all that has gathered meanwhile."""
Payload.max_decode_packets = MAX_PACKETS

log = logging.getLogger(__name__)

_QUIET = logging.getLogger(f"{__name__}.libraries")
"""What the libraries say: a traceback for whatever a client sends that is no packet."""
_QUIET.setLevel(logging.CRITICAL)


class _Json:
    """JSON as the shop reads and writes it, in the form that the library asks for."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        body = text.encode() if isinstance(text, str) else text
        try:
            return bodies.read_event(body)
        except bodies.UnreadableError as error:  # Engine.IO takes it for a text then
            raise ValueError from error


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO: sessions, polling and the upgrade to a WebSocket."""

    def create_queue(self, *args: Any, **kwargs: Any) -> Outgoing:
        """Return the queue of a new session."""
        return Outgoing()

    async def handle_request(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Serve a request, or a WebSocket from its beginning to its end."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if "transport" not in query:  # the library would take it for polling
            scope["query_string"] += b"&transport=none"
        if scope["type"] == "websocket":
            session = self.sockets.get(query.get("sid", [""])[0])
            if session is not None and session.upgraded:
                await send({"type": "websocket.accept"})
                await send({"type": "websocket.close"})
                return
            if session is not None:
                attach(session, scope)
        await super().handle_request(scope, receive, send)

    async def _trigger_event(
        self,
        event: str,
        *arguments: Any,
        **options: Any,
    ) -> Any:
        if event == "connect":  # the library asks nobody of which class a session is
            self.sockets[arguments[0]].__class__ = EngineSession
        return await super()._trigger_event(event, *arguments, **options)

    def _ok(
        self,
        *arguments: Any,
        **options: Any,
    ) -> dict[str, Any]:
        answer: dict[str, Any] = super()._ok(*arguments, **options)
        if answer["response"] == b"OK":
            answer["response"] = b"ok"
        return answer

    def _method_not_found(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._bad_request("Invalid method")
        return answer


def attach(
    session: AsyncSocket,
    scope: Scope,
) -> None:
    """Let a session write to the WebSocket of a scope, if it is one."""
    websocket = scope.get("websocket")
    if websocket is not None:
        session.queue.attach(
            websocket,
            lambda: session.upgraded and not session.upgrading,
        )


class SocketIo(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO on that engine."""

    eio: Engine

    def __init__(
        self,
        on_session: Callable[[str, Scope], None],
        ping_interval_s: float,
        ping_timeout_s: float,
    ) -> None:
        """``on_session`` hears of each Engine.IO session that begins, with its request."""
        self._on_session = on_session
        super().__init__(
            async_mode="asgi",
            # An event that takes long must not keep the answer to a ping waiting. The order
            # is the client's own, see Client.take.
            async_handlers=True,
            always_connect=False,
            # The shop looks at origins itself, for all of HTTP.
            cors_allowed_origins=[],
            http_compression=False,
            json=_Json,
            serializer=Packet,
            logger=_QUIET,
            engineio_logger=_QUIET,
            max_http_buffer_size=MAX_PAYLOAD_BYTES,
            ping_interval=ping_interval_s,
            ping_timeout=ping_timeout_s,
        )

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_connect(
        self,
        engine_sid: str,
        environ: dict[str, Any],
    ) -> None:
        await super()._handle_eio_connect(engine_sid, environ)
        self._on_session(engine_sid, environ["asgi.scope"])

    async def _handle_eio_message(
        self,
        engine_sid: str,
        data: str | bytes,
    ) -> None:
        try:
            await super()._handle_eio_message(engine_sid, data)
        except Exception:
            log.debug("a packet is none", exc_info=True)
            await self.eio.disconnect(engine_sid)

    async def _handle_connect(
        self,
        engine_sid: str,
        namespace: str | None,
        data: Any,
    ) -> None:
        if namespace not in {None, *self.handlers}:
            refused = Packet(
                socket_packet.CONNECT_ERROR,
                data={"message": "Invalid namespace"},
                namespace=namespace,
            )
            await self._send_packet(engine_sid, refused)
            return
        await super()._handle_connect(engine_sid, namespace, data)

    def session_of(self, sid: str) -> AsyncSocket | None:
        """Return the Engine.IO session of a connected client."""
        engine_sid = self.manager.eio_sid_from_sid(sid, "/")
        return self.eio.sockets.get(engine_sid)
