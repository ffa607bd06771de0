"""A transport that writes at once what it gets in one turn of the event loop.

uvicorn writes the head of an answer and its body one after the other. The second system
call and the second packet take a third of the time of a look-up.
"""

import asyncio
from typing import Any

LARGE_BYTES = 16 * 1024
"""What is written as it is: copying it would cost more than a second system call, and what
many are sent at once would be in memory as many times."""


class Gathering:
    """The transport of one connection."""

    __slots__ = ("_loop", "_parts", "transport", "written")

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self.written = 0
        """Bytes handed on so far; :attr:`unsent` of them may still wait."""

    def write(self, data: bytes) -> None:
        """Send ``data`` behind what was gathered."""
        if len(data) >= LARGE_BYTES:
            self._flush()
            self._hand_on(data)
            return

        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def _flush(self) -> None:
        parts = self._parts
        self._parts = []
        if parts:
            self._hand_on(b"".join(parts))

    def _hand_on(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.written += len(data)
            self.transport.write(data)

    @property
    def unsent(self) -> int:
        """How many bytes the system has not taken yet, since the client does not read."""
        return self.transport.get_write_buffer_size()

    def write_eof(self) -> None:
        """Send what was gathered, and nothing after it."""
        self._flush()
        self.transport.write_eof()

    def close(self) -> None:
        """Send what was gathered, and hang up."""
        self._flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
