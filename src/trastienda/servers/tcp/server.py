"""The line ports: they listen, and close their connections when the shop stops."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from functools import partial

from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import Refusal
from trastienda.servers.doors import Door
from trastienda.servers.listener import Listener
from trastienda.servers.outbox import Flusher
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode
from trastienda.servers.tcp.connection import Connection
from trastienda.wire.lines import encoding
from trastienda.wire.refusals import refusal_out

DRAIN_S = 4
"""How long what was accepted may take to be answered, of the ten seconds of a stop."""
LAST_LINE_S = 1
"""How long the last line may take to be read, of the same."""


class LineServer:
    """The engine behind both line ports. Call it from the event loop only."""

    def __init__(
        self,
        sessions: Sessions,
        door: Door,
        porch: Door,
    ) -> None:
        """``porch`` is for those who hear that ``door`` has no place for them."""
        self._sessions = sessions
        self._door = door
        self._porch = porch
        self._flusher = Flusher()
        self._connections: set[Connection] = set()
        self._listeners: list[Listener] = []

    def listen(
        self,
        sockets: Iterable[socket.socket],
        mode: Mode,
        context: ssl.SSLContext | None,
    ) -> None:
        """Accept connections on these sockets; with a ``context`` they speak TLS."""
        new_connection = partial(
            Connection,
            self._sessions,
            self._flusher,
            self._connections,
            mode,
        )
        for listening in sockets:
            listener = Listener(
                listening,
                self._door,
                self._porch,
                new_connection,
                _excuse,
                context,
            )
            self._listeners.append(listener)

    @property
    def count(self) -> int:
        """How many are connected."""
        return len(self._connections)

    async def close(self) -> None:
        """Accept nothing more, finish what was accepted, tell all, and close."""
        for listener in self._listeners:
            listener.close()

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


def _excuse(refusal: Refusal) -> bytes:
    """Return what somebody hears for whom there is no place."""
    problem = refusal_out(refusal)
    return encoding.people(f"{problem.detail} ({problem.code})")
