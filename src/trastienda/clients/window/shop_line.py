"""A window's line to the shop: what it asks, and what it hears, in Tk's thread."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from trastienda.clients.lines import Address, LineClient, LineEvent
from trastienda.clients.window.loop_thread import LoopThread
from trastienda.wire.lines.cleaning import clean

R = TypeVar("R")


class ShopLine:
    """One line client, used from Tk's thread."""

    def __init__(
        self,
        loop: LoopThread,
        address: Address,
        hear: Callable[[LineEvent], None],
    ) -> None:
        self._loop = loop
        self.address = address
        self._hear = hear
        self._client: LineClient | None = None
        self._stack = contextlib.AsyncExitStack()
        self._listening: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def alias(self) -> str:
        """As one is called in the chat."""
        return (self._client and self._client.alias) or ""

    def connect(
        self,
        then: Callable[[None], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Connect; from now on what happens is heard."""
        self._loop.begin(self._open(), then, failed)

    async def _open(self) -> None:
        client = await self._stack.enter_async_context(LineClient(self.address))
        self._client = client
        self._listening = asyncio.create_task(self._listen(client))

    async def _listen(self, client: LineClient) -> None:
        async for event in client.events():
            self._loop.post(partial(self._hear_if_open, event))

    def _hear_if_open(self, event: LineEvent) -> None:
        if not self._is_closed:
            self._hear(event)

    def begin(
        self,
        ask: Callable[[LineClient], Awaitable[R]],
        then: Callable[[R], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Ask the shop for something; one of the two is called when it has answered."""

        async def work() -> R:
            if self._client is None:
                raise ConnectionError
            return await ask(self._client)

        def then_if_open(answer: R) -> None:
            if not self._is_closed:
                then(answer)

        def failed_if_open(error: Exception) -> None:
            if not self._is_closed:
                failed(error)

        self._loop.begin(work(), then_if_open, failed_if_open)

    def type(
        self,
        text: str,
        then: Callable[[str], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Have the shop do what a person typed; its answer is in words for them."""

        async def ask(client: LineClient) -> str:
            return str((await client.ask("linea", texto=text))["texto"])

        def take(answer: str) -> None:
            then("\n".join(clean(line) for line in answer.splitlines()))

        self.begin(ask, take, failed)

    def close(self) -> None:
        """Say goodbye, and hear nothing more."""
        self._is_closed = True
        self._loop.begin(self._stack.aclose(), lambda _: None, lambda _: None)
