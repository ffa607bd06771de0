"""The HTTP port: it listens, and ends its connections when the shop stops."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from trastienda.servers.doors import Door, Place
from trastienda.servers.http.app import HttpApp
from trastienda.servers.http.protocol.connection import HttpConnection
from trastienda.servers.http.protocol.last_words import excuse
from trastienda.servers.http.protocol.watch import Watch
from trastienda.servers.listener import Listener
from trastienda.servers.outbox import Flusher

MAX_MESSAGE_BYTES = 128 * 1024
"""Of a WebSocket: more than anybody here has to say."""
DRAIN_S = 6
"""How long what was accepted may take to be answered when the shop stops.

The promise is ten seconds.
"""


class HttpServer(uvicorn.Server):
    """uvicorn behind a door, and without its signal handlers; it says when it listens."""

    def __init__(
        self,
        app: HttpApp,
        door: Door,
        porch: Door,
        context: ssl.SSLContext | None,
        on_start: Callable[[], None],
    ) -> None:
        """``porch`` is for those who hear that ``door`` has no place for them."""
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_S,
        )
        super().__init__(config)
        self._door = door
        self._porch = porch
        self._context = context
        self._on_start = on_start
        self._watch: Watch

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever serves the shop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on the sockets, which are bound."""
        assert sockets is not None
        await self.lifespan.startup()
        connections = self.server_state.connections
        flusher = Flusher()
        self._watch = Watch(lambda: connections)  # type: ignore[arg-type, return-value]

        def new_connection(place: Place) -> HttpConnection:
            return HttpConnection(
                place,
                self._watch,
                self.config,
                self.server_state,
                self.lifespan.state,
                flusher,
            )

        self.servers = [
            Listener(  # type: ignore[misc]
                listening,
                self._door,
                self._porch,
                new_connection,
                excuse,
                self._context,
            )
            for listening in sockets
        ]
        self.started = True
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, answer what was accepted, and hang up."""
        self._watch.stop()
        await super().shutdown(sockets)
        self._watch.close()
