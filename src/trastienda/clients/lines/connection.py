"""One connection to a line port: what is asked on it, and what comes."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from trastienda.clients.lines.protocol import Announced, Answer, Protocol

READ_BYTES = 65_536
STAGGER_S = 0.25
"""How long one address of a name is tried before the next is tried beside it."""

TakeAnswer = Callable[[Answer | None], None]
"""Called with the answer to a request, or with None where the line broke before."""


class Address(Struct, frozen=True):
    """Where a shop listens to lines, and how it is talked to there."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


class Patience(Struct, frozen=True, kw_only=True):
    """How long a client waits for what."""

    first_s: float = 0.5
    """The pause before the first return. Each further one is twice as long, less a random
    part of at most half."""
    most_s: float = 30.0
    connect_s: float = 10.0
    quiet_s: float = 30.0
    """After so long without a word the shop is asked whether it is there."""
    answer_s: float = 15.0
    """How long it has to say so."""


async def connect(
    address: Address,
    patience: Patience,
    take: Callable[[Announced], None],
) -> "Connection":
    """Connect, and hand what is announced to ``take``; raise OSError."""
    async with asyncio.timeout(patience.connect_s):
        reader, writer = await asyncio.open_connection(
            address.host,
            address.port,
            ssl=address.tls,
            happy_eyeballs_delay=STAGGER_S,
        )
    return Connection(reader, writer, patience, take)


class Connection:
    """A connection that stands, until :meth:`listen` raises what broke it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        patience: Patience,
        take: Callable[[Announced], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self._take = take
        self._protocol = Protocol()
        self._asked: dict[int, TakeAnswer] = {}
        """Who waits for an answer, by the number of the request."""

    def send(
        self,
        action: str,
        fields: dict[str, Any],
        take_answer: TakeAnswer,
    ) -> None:
        """Ask for something."""
        number, line = self._protocol.request(action, fields)
        self._asked[number] = take_answer
        self._writer.write(line)

    async def ask(
        self,
        action: str,
        **fields: Any,
    ) -> Answer:
        """Ask for something, on this connection alone; raise ConnectionError if it breaks."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def take_answer(answer: Answer | None) -> None:
            if future.done():
                return
            if answer is None:
                future.set_exception(ConnectionResetError())
            else:
                future.set_result(answer)

        self.send(action, fields, take_answer)
        return await future

    async def drain(self, timeout_s: float) -> None:
        """Wait for as long until what was sent has left."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._writer.drain()

    async def listen(self) -> None:
        """Take what comes; raise OSError or NotAShopError when there is no more."""
        while True:
            data = await self._read()
            if not data:
                raise ConnectionResetError
            for come in self._protocol.feed(data):
                if isinstance(come, Announced):
                    self._take(come)
                elif take_answer := self._asked.pop(come.number, None):
                    take_answer(come)

    async def _read(self) -> bytes:
        """Return what comes next; where nothing does, ask whether anybody is there."""
        try:
            async with asyncio.timeout(self._patience.quiet_s):
                return await self._reader.read(READ_BYTES)
        except TimeoutError:
            self.send("ping", {}, lambda _: None)
        async with asyncio.timeout(self._patience.answer_s):
            return await self._reader.read(READ_BYTES)

    def close(self) -> None:
        """Hang up, and let go whoever waits for an answer, in the order of the requests."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.close()
        asked = list(self._asked.values())
        self._asked.clear()
        for take_answer in asked:
            take_answer(None)
