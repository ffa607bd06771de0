"""uvicorn's WebSocket, with an outbox of its own, and a place at the door of HTTP."""

import asyncio
import logging
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)
from uvicorn.server import ServerState

from trastienda.servers.doors import Place
from trastienda.servers.http.protocol import patience
from trastienda.servers.http.protocol.watch import Watch
from trastienda.servers.outbox import Flusher, Outbox

PATH = b"/socket.io/?"
"""How a target begins with which a connection may go on as a WebSocket."""
_QUIET = logging.getLogger(f"{__name__}.uvicorn")
"""What uvicorn says: a line for whoever connects, an error for whoever is refused."""
_QUIET.setLevel(logging.CRITICAL)


class WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket to which whole frames may be written past the application."""

    outbox: Outbox

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        place: Place,
        watch: Watch,
        flusher: Flusher,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.logger = _QUIET
        self.place = place
        self._watch = watch
        self._flusher = flusher

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Go on with a connection that was HTTP so far."""
        super().connection_made(transport)
        self.outbox = Outbox(self.transport, self._flusher, self.transport.abort)
        self.place.give_way = self.transport.abort

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection."""
        self.place.leave()
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Serve it; the application finds the WebSocket itself in the scope."""
        cast(dict[str, Any], self.scope)["websocket"] = self
        await super().run_asgi()

    def look(self) -> None:
        """Let go a client that does not hang up while the shop stops."""
        since_s = self._watch.stopping_since_s
        if since_s is not None and self._watch.now_s - since_s > patience.STOP_S:
            self.transport.abort()
