"""What goes out to one Socket.IO client: through the library's queue, or past it.

The library takes packets from a queue and hands them on in a task of its own. While a
client polls, that is the way. Once it has a WebSocket, messages are written to it at once,
several times cheaper; only what the library says for itself (pings, the end) still goes
through the queue.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from engineio import packet as engine_packet

from trastienda.servers.outbox import HALF_FULL_BYTES, LIMIT_BYTES, Outbox
from trastienda.servers.socketio import encoders

PACKETS_A_POLL = 16
"""In the answer to one poll: python-socketio's client hangs up where there are more."""

EnginePacket = Any
"""A packet of the library, which has no types; None ends the library's own task."""


class WebSocket(Protocol):
    """What the HTTP port puts into the scope of a WebSocket."""

    outbox: Outbox


def _nothing() -> None:
    """Nobody to call yet."""


class Outgoing(asyncio.Queue[EnginePacket]):
    """The queue of one Engine.IO session, as the library sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.overflow: Callable[[], None] = _nothing
        """Called where the client leaves too much unread."""
        self.is_polled = False
        """The client waits for the answer to a poll."""
        self._websocket: WebSocket | None = None
        self.outbox: Outbox | None = None
        """Of the WebSocket, once messages are written to it: see :meth:`reached`."""
        self._is_upgraded: Callable[[], bool] = bool
        self._taken = 0
        """Packets that the poll under way has taken."""
        self._undone = 0
        """Packets that were put in and are not taken care of: what is written past them
        would overtake them."""
        self._waiting_bytes = 0
        self._was_taken = asyncio.Event()

    def attach(
        self,
        websocket: WebSocket,
        is_upgraded: Callable[[], bool],
    ) -> None:
        """Write to this WebSocket from the moment at which the client is ready for it."""
        self._websocket = websocket
        self._is_upgraded = is_upgraded

    def reached(self) -> Outbox | None:
        """Return the outbox of the WebSocket, once the client goes on there, and all that it
        was sent before is on its way.

        It is the outbox from then on: no message goes through the queue any more.
        """
        websocket = self._websocket
        if websocket is not None and not self._undone and self._is_upgraded():
            self.outbox = websocket.outbox
        return self.outbox

    # As the library sees it

    async def put(self, item: EnginePacket) -> None:
        """Send a packet of the library's."""
        self.put_nowait(item)

    def put_nowait(self, item: EnginePacket) -> None:
        """Send a packet of the library's.

        One that ends a poll is for nobody where there is none.
        """
        is_noop = item is not None and item.packet_type == engine_packet.NOOP
        if is_noop and not self.is_polled:
            return
        if item is not None and item.packet_type == engine_packet.MESSAGE:
            direct = self.outbox or self.reached()
            if direct is not None and isinstance(item.data, str):
                direct.put(encoders.frame(item.data.encode()))
                return
            if self._waiting_bytes > LIMIT_BYTES:
                self.overflow()
                return
            self._waiting_bytes += _size(item)
        self._undone += 1
        super().put_nowait(item)

    async def get(self) -> EnginePacket:
        """Wait for the first packet of a poll."""
        self._taken = 0
        return await super().get()

    def get_nowait(self) -> EnginePacket:
        """Return the next packet of a poll; raise QueueEmpty behind its last."""
        if self._taken == PACKETS_A_POLL:
            raise asyncio.QueueEmpty
        item = super().get_nowait()
        self._taken += 1
        return item

    def _get(self) -> EnginePacket:
        item = super()._get()
        if item is not None and item.packet_type == engine_packet.MESSAGE:
            self._waiting_bytes -= _size(item)
        self._was_taken.set()
        return item

    def task_done(self) -> None:
        """Take note that a packet has been taken care of."""
        super().task_done()
        self._undone -= 1

    # As the shop sees it

    def send(self, socket_packet: bytes) -> None:
        """Send a Socket.IO packet."""
        message = engine_packet.Packet(
            engine_packet.MESSAGE, data=socket_packet.decode()
        )
        self.put_nowait(message)

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent."""
        if self._websocket is not None:
            await self._websocket.outbox.drain()
        while self._waiting_bytes > HALF_FULL_BYTES:
            self._was_taken.clear()
            await self._was_taken.wait()

    async def wait_fetched(self) -> None:
        """Wait until the client has fetched what it polls for."""
        while self._waiting_bytes:
            self._was_taken.clear()
            await self._was_taken.wait()

    def end(self) -> None:
        """Let go whoever waits: the client is gone, or about to be.

        A poll under way ends behind the last packet, which the library would let wait for
        the next ping.
        """
        self._was_taken.set()
        self.put_nowait(None)


def _size(item: EnginePacket) -> int:
    return len(item.data) if isinstance(item.data, str | bytes) else 0
