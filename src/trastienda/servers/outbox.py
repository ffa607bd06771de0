"""Outboxes: what waits to be sent, flushed once a turn of the event loop."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

log = logging.getLogger(__name__)

LIMIT_BYTES = 1024 * 1024
"""What may wait for one connection before it is closed.

A day of chat is less; a client that has more waiting does not read. The messages of one
commit may come on top: all connections share their bytes.
"""


HALF_FULL_BYTES = LIMIT_BYTES // 4
"""What may wait for a client before whoever reads the journal to it waits, too."""

DRAIN_EVERY_S = 0.02
"""How often somebody who waits for a client looks whether it has read on."""


class Flusher:
    """Sends what the outboxes of one event loop have gathered, once a turn."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._dirty: list[Outbox] = []

    def add(self, outbox: "Outbox") -> None:
        """Have an outbox flushed at the end of this turn."""
        if not self._dirty:
            self._loop.call_soon(self._flush)
        self._dirty.append(outbox)

    def _flush(self) -> None:
        dirty = self._dirty
        self._dirty = []
        for outbox in dirty:
            try:
                outbox.flush()
            except Exception:  # the others still wait
                log.exception("a connection could not be sent to")


class Writable(Protocol):
    """What an outbox is emptied into: a transport, or what frames for one."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def writelines(self, parts: Sequence[bytes]) -> None:
        """Send several bytes in a row."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""

    def is_closing(self) -> bool:
        """Tell whether nothing is sent any more."""


class Outbox:
    """What waits for one connection; ``overflow`` is called when it is too much."""

    __slots__ = ("_flusher", "_is_closed", "_overflow", "_parts", "_transport")

    def __init__(
        self,
        transport: Writable,
        flusher: Flusher,
        overflow: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._flusher = flusher
        self._overflow = overflow
        self._parts: list[bytes] = []
        self._is_closed = False

    def put(self, data: bytes) -> None:
        """Send ``data`` at the end of this turn.

        The same bytes may wait in many outboxes.
        """
        if self._is_closed:
            return
        if not self._parts:
            self._flusher.add(self)
        self._parts.append(data)

    async def drain(self) -> None:
        """Wait until the client has read most of what it was sent, or is gone."""
        await asyncio.sleep(0)  # what was put in this turn is flushed at its end
        transport = self._transport
        while transport.get_write_buffer_size() > HALF_FULL_BYTES:
            if transport.is_closing():
                break
            await asyncio.sleep(DRAIN_EVERY_S)

    def close(self) -> None:
        """Send what was gathered, and nothing after it."""
        self._is_closed = True
        parts = self._parts
        self._parts = []
        if parts and not self._transport.is_closing():
            self._transport.writelines(parts)

    def flush(self) -> None:
        """Hand what was gathered to the transport.

        Where too much waits there already, call ``overflow`` instead.
        """
        parts = self._parts
        if not parts:
            return

        self._parts = []
        transport = self._transport
        if transport.is_closing():
            return

        if transport.get_write_buffer_size() > LIMIT_BYTES:
            self._overflow()
        elif len(parts) == 1:
            transport.write(parts[0])
        else:
            transport.writelines(parts)
