"""The line ports: they listen, and close their connections when the shop stops."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from functools import partial

from trastienda.domain.closings import ClosingReason
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode
from trastienda.servers.tcp.connection import Connection
from trastienda.servers.tcp.outbox import Flusher

DRAIN_S = 4
"""How long what was accepted may take to be answered, of the ten seconds of a stop."""
LAST_LINE_S = 1
"""How long the last line may take to be read, of the same."""


class LineServer:
    """The engine behind both line ports. Call it from the event loop only."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._flusher = Flusher()
        self._connections: set[Connection] = set()
        self._listening: list[asyncio.Server] = []

    async def listen(
        self,
        sockets: Iterable[socket.socket],
        mode: Mode,
        context: ssl.SSLContext | None,
        backlog: int,
    ) -> None:
        """Accept connections on these sockets, of which ``backlog`` may wait.

        With a ``context`` they speak TLS.
        """
        loop = asyncio.get_running_loop()
        new_connection = partial(
            Connection,
            self._sessions,
            self._flusher,
            self._connections,
            mode,
        )
        for listener in sockets:
            server = await loop.create_server(
                new_connection,
                sock=listener,
                ssl=context,
                backlog=backlog,
            )
            self._listening.append(server)

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._connections)

    async def close(self) -> None:
        """Accept nothing more, finish what was accepted, tell all, and close."""
        for server in self._listening:
            server.close()

        connections = list(self._connections)
        for connection in connections:
            connection.stop_reading()

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                for connection in connections:
                    await connection.drain()
                await self._sessions.hub.background.drain()

        for connection in connections:
            connection.close(ClosingReason.STOPPING)
        if connections:
            last_lines = [
                asyncio.ensure_future(connection.wait_closed())
                for connection in connections
            ]
            await asyncio.wait(last_lines, timeout=LAST_LINE_S)
