"""Messages in flight: those of one session that are being stored."""

import asyncio

from trastienda.actions import chat
from trastienda.actions.chat import Speaking
from trastienda.domain.chat import Message
from trastienda.writer import Writer

MAX_IN_FLIGHT = 256
"""Messages of one session that wait for their commit: as many as one commit takes."""


class MessagesInFlight:
    """Several messages may be in flight at once; they keep their order."""

    __slots__ = ("_all_stored", "_count", "_writer")

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._count = 0
        self._all_stored: asyncio.Future[None] | None = None

    @property
    def must_wait(self) -> bool:
        """Whether the next message has to :meth:`wait_for_capacity` first."""
        if self._count >= MAX_IN_FLIGHT:
            return True
        return self._writer.is_crowded

    def enqueue(self, speaking: Speaking) -> "asyncio.Future[Message]":
        """Have a message stored.

        Raises Unavailable where the shop stops or has too much to do.
        """
        future = self._writer.enqueue(chat.speak, speaking)
        self._count += 1
        future.add_done_callback(self._stored)
        return future

    def _stored(self, future: "asyncio.Future[Message]") -> None:
        self._count -= 1
        if self._all_stored is not None and not self._count:
            self._all_stored.set_result(None)
            self._all_stored = None

    async def wait(self) -> None:
        """Wait until all of them are stored, or refused, and answered."""
        if not self._count:
            return

        if self._all_stored is None:
            loop = asyncio.get_running_loop()
            self._all_stored = loop.create_future()
        await asyncio.shield(self._all_stored)

    async def wait_for_capacity(self) -> None:
        """Wait until all are stored, and the writer's queue is no longer crowded."""
        await self.wait()
        await self._writer.wait_for_capacity()
