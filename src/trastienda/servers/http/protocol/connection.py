"""uvicorn's HTTP protocol, with limits in size and in time, and a request at a time."""

import asyncio
import contextlib
import enum
import socket
from functools import partial
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from trastienda.domain.errors import Crowded, Unavailable
from trastienda.servers.doors import Place
from trastienda.servers.half_open import watch_for_silence
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.problems import (
    HEAD_TOO_LARGE,
    TOO_SLOW,
    UNREADABLE_REQUEST,
    refusal_answer,
)
from trastienda.servers.http.protocol import patience, websocket
from trastienda.servers.http.protocol.chunks import Chunks
from trastienda.servers.http.protocol.gathering import Gathering
from trastienda.servers.http.protocol.last_words import last_words
from trastienda.servers.http.protocol.targets import put_host
from trastienda.servers.http.protocol.watch import Watch
from trastienda.servers.http.protocol.websocket import WebSocket
from trastienda.servers.outbox import Flusher, Outbox

MAX_HEAD_BYTES = 64 * 1024
"""Of a request line with its headers. A token and a key take one kilobyte."""
MAX_DROPPED_BYTES = 1024 * 1024
"""What may still come behind a last answer before the client has to do without it."""
SEND_BYTES = 128 * 1024
"""What the system takes of an answer before the client reads; left alone, it takes up to
four megabytes of each. It is enough for 10 Mbit/s around the world."""
HEAD_END = b"\r\n\r\n"

STOPPING = refusal_answer(Unavailable())
CROWDED = refusal_answer(Crowded())


class Stage(enum.Enum):
    """What of a request comes next."""

    BEGIN = "begin"
    """The first byte of its head."""
    HEAD = "head"
    """The rest of its head."""
    BODY = "body"


class _Flow(FlowControl):
    """Does not read on while something that was read waits to be parsed."""

    is_held = False

    def resume_reading(self) -> None:
        if not self.is_held:
            super().resume_reading()


class HttpConnection(HttpToolsProtocol):
    """HTTP/1.1 with a client that may be slow, or mean no good.

    What comes is parsed up to the end of a request; the rest waits until that one is
    answered, and its answer is being read. So the answers are in order, and whoever sends
    much and reads nothing takes no more memory than one who does not.
    """

    flow: _Flow

    def __init__(
        self,
        place: Place,
        watch: Watch,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        flusher: Flusher,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.ws_protocol_class = partial(  # type: ignore[assignment]
            WebSocket,
            place=place,
            watch=watch,
            flusher=flusher,
        )
        self._flusher = flusher
        self._place = place
        self._watch = watch
        self._stage = Stage.BEGIN
        self._since_s = watch.now_s
        """When this stage began, or the last answer was given."""
        self._bytes = 0
        """Of this stage so far."""
        self._unread_since_s: float | None = None
        self._written_before = 0
        """What had been taken when the client began not to read."""
        self._rest = b""
        """What came, and is not parsed yet."""
        self._last_words: Answer | None = None
        """Said behind the answers that are due; then the connection ends."""
        self._websocket: WebSocket | None = None
        self._is_over = False
        """Whether the last answer is given, and nothing is read any more."""
        self._gathering: Gathering
        self._running: RequestResponseCycle | None = None
        """The request that is being answered, or was last."""
        self._reading: asyncio.Task[None] | None = None
        """Answers it, where it changes nothing."""
        self._is_streaming = False
        self._makes_way = False
        """Whether it may have to make way even while it is answered."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        connected: socket.socket = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        self._gathering = Gathering(transport, self.loop)
        super().connection_made(self._gathering)  # type: ignore[arg-type]
        self.flow = _Flow(transport)
        self._place.give_way = self._give_way

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection. What only reads is not gone on with: nobody waits for it."""
        self._place.leave()
        self._rest = b""
        super().connection_lost(exc)
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()

    # What comes

    def data_received(self, data: bytes) -> None:
        """Parse what has come, as far as there is no request to be answered first.

        Behind a last answer it is dropped.
        """
        if self._is_over or self._last_words is not None:
            self._bytes += len(data)
            if self._bytes > MAX_DROPPED_BYTES:
                self.transport.abort()
            return

        self._rest = self._rest + data if self._rest else data
        self._parse()

    def _parse(self) -> None:
        data, start = self._rest, 0
        while start < len(data) and not self._is_busy:
            # Whole heads, so that a request is begun with nothing parsed behind it.
            head_end = data.find(HEAD_END, start)
            end = len(data) if head_end < 0 else head_end + len(HEAD_END)
            piece = data[start:end]
            start = end
            was_body = self._stage is Stage.BODY
            super().data_received(piece)
            if self._websocket is not None:  # frames may have come with the request
                self._websocket.data_received(data[start:])
                return

            if self.transport.is_closing() or self._last_words or self._is_over:
                start = len(data)
            elif self._stage is not Stage.BODY and not was_body:
                self._bytes += len(piece)
                if self._bytes > MAX_HEAD_BYTES:
                    self._refuse(HEAD_TOO_LARGE)
                    start = len(data)

        self._rest = data[start:]
        if self._rest:
            self.flow.is_held = True
            self.flow.pause_reading()
        elif self.flow.is_held:
            self.flow.is_held = False
            self.flow.resume_reading()

    @property
    def _is_busy(self) -> bool:
        """Whether the client has to wait for an answer, or read one, before it goes on."""
        return self._is_answering or self.flow.write_paused

    @property
    def _is_answering(self) -> bool:
        """Whether a request that came whole is not answered yet."""
        request = self._request
        if request is None:
            return False
        is_whole = not request.more_body
        return bool(self.pipeline) or (is_whole and not request.response_complete)

    @property
    def _request(self) -> RequestResponseCycle | None:
        """The last request whose head has come whole."""
        return self.cycle

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._enter(Stage.HEAD)

    def on_headers_complete(self) -> None:
        """The head of a request is whole."""
        if not self.url.startswith(b"/"):
            put_host(self.url, self.headers, self.parser.get_http_version())
        super().on_headers_complete()
        cast(dict[str, Any], self.scope)["connection"] = self
        self._enter(Stage.BODY)

    def on_body(self, body: bytes) -> None:
        """A part of a body has come."""
        super().on_body(body)
        self._bytes += len(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        super().on_message_complete()
        self._enter(Stage.BEGIN)
        if self._is_answering and not self.flow.write_paused:
            self._place.settle()

    def _enter(self, stage: Stage) -> None:
        self._stage = stage
        self._since_s = self._watch.now_s
        self._bytes = 0

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(UNREADABLE_REQUEST)

    def _should_upgrade_to_ws(self) -> bool:
        return self.url.startswith(websocket.PATH)

    def handle_websocket_upgrade(self) -> None:
        """Go on as a WebSocket, which has its own way to gather what it writes."""
        self.transport = self._gathering.transport
        super().handle_websocket_upgrade()
        self._websocket = cast(WebSocket, self.transport.get_protocol())

    # Answers

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
        self._running = cycle
        self._reading = task if cycle.scope["method"] in {"GET", "HEAD"} else None

    def on_response_complete(self) -> None:
        """Go on with what came meanwhile."""
        super().on_response_complete()
        self._is_streaming = self._makes_way = False
        self._since_s = self._watch.now_s
        if self.transport.is_closing() or self._is_answering:
            return

        self._place.wait()
        if self._last_words is not None:
            self._hang_up(self._last_words)
        elif self._rest:
            self._parse()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._place.wait()

    def resume_writing(self) -> None:
        """Go on where it has read."""
        super().resume_writing()
        if self._is_answering and not self._makes_way:
            self._place.settle()
        if self._rest:
            self._parse()

    def stream(
        self,
        *,
        makes_way: bool,
    ) -> Outbox:
        """Return what an answer without an end is put in, behind its head.

        Nobody waits for it to be read: the client may be slow, up to the outbox's limit.
        ``makes_way``: for somebody who finds no place, the client has to come back.
        """
        self._is_streaming = True
        self._makes_way = makes_way
        if makes_way:
            self._place.wait()
        watch_for_silence(self._gathering.get_extra_info("socket"))
        return Outbox(Chunks(self._gathering), self._flusher, self.transport.abort)

    # The end

    def _refuse(self, answer: Answer) -> None:
        """Give a last answer, behind those that are due."""
        self._last_words = answer
        if not self._is_answering:
            self._hang_up(answer)

    def _hang_up(self, answer: Answer | None) -> None:
        """Give a last answer, where none was begun, and wait for the client to hang up.

        It is read on without a look at what comes: closing while something is unread
        would reset the connection, and the answer would be lost.
        """
        if self._is_over:
            return

        self._is_over = True
        self._since_s = self._watch.now_s
        self._bytes = 0
        self._rest = b""
        self._place.wait()

        request = self._request
        if request is not None and not request.response_complete:
            if request.response_started:
                answer = None
            request.disconnected = True
            request.message_event.set()
        if answer is not None:
            self._gathering.write(last_words(answer))

        self.flow.is_held = False
        self.flow.resume_reading()
        if self._gathering.can_write_eof():
            self._gathering.write_eof()
        else:
            self._gathering.close()

    def _give_way(self) -> None:
        """End at once: somebody else needs the place."""
        if self._gathering.unsent:
            self.transport.abort()
            return

        is_begun = self._stage is not Stage.BEGIN
        self._hang_up(CROWDED if is_begun else None)
        self._gathering.close()

    def look(self) -> None:
        """Let the client go where it keeps the server waiting for too long."""
        now_s = self._watch.now_s
        stopping_since_s = self._watch.stopping_since_s
        is_stopping = (
            stopping_since_s is not None and now_s - stopping_since_s > patience.STOP_S
        )

        unsent = self._gathering.unsent
        if unsent:
            taken = self._gathering.written - unsent
            if self._unread_since_s is None:
                self._unread_since_s = now_s
                self._written_before = taken

            elapsed_s = now_s - self._unread_since_s
            moved = taken - self._written_before
            is_too_slow = patience.is_too_slow(elapsed_s, moved)
            if is_stopping or (is_too_slow and not self._is_streaming):
                self.transport.abort()
            return

        self._unread_since_s = None
        if self._is_answering:
            return

        elapsed_s = now_s - self._since_s
        if self._is_over:
            if is_stopping or elapsed_s > patience.LINGER_S:
                self.transport.abort()
        elif is_stopping:
            self._hang_up(STOPPING)
        elif self._stage is Stage.BODY:
            self._look_at_body(elapsed_s)
        elif elapsed_s > patience.HEAD_S:
            self._hang_up(TOO_SLOW if self._stage is Stage.HEAD else None)

    def _look_at_body(self, elapsed_s: float) -> None:
        if self.flow.read_paused:  # its reader is at fault, not the client
            self._since_s = self._watch.now_s
        elif elapsed_s > patience.MAX_BODY_S or patience.is_too_slow(
            elapsed_s, self._bytes
        ):
            is_answered = self.cycle.response_complete
            self._hang_up(None if is_answered else TOO_SLOW)
