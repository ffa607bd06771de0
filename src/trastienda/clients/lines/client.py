"""A line client: one conversation with a shop, over however many connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

from msgspec.structs import replace

from trastienda.clients import pauses
from trastienda.clients.lines.arriving import PAGE, Arriving, messages_in
from trastienda.clients.lines.connection import Address, Connection, Patience, connect
from trastienda.clients.lines.events import (
    Account,
    Arrived,
    Gap,
    Guest,
    Identity,
    LineEvent,
    Lost,
    Outside,
    Over,
    OverError,
    RefusedError,
)
from trastienda.clients.lines.heard import Heard
from trastienda.clients.lines.protocol import Announced, NotAShopError
from trastienda.clients.lines.requests import SAY, WHISPER, Requests
from trastienda.wire.chat import Mensaje
from trastienda.wire.closings import TABLE

FOR_GOOD = frozenset({"expulsado", "bloqueado", "sesion_terminada", "cambiar_clave"})
"""Closings after which coming back is of no use, or not wanted."""
PASSING = frozenset({"no_disponible", "demasiadas_solicitudes", "base_perdida"})
"""Refusals that may be over when one comes back."""
TAKEN = "ya_existe"
"""To a guest who comes back: the connection that broke still has their alias."""
CLOSING = "cierre"
LAST_WORD_S = 1.0
"""How long a goodbye may take to leave."""

_SENTENCES = {closing.code: closing.sentence for closing in TABLE.values()}


class LineClient:
    """One who talks to a shop, and comes back alone when the line breaks.

    ``async with`` connects. What happens comes from :meth:`events`; the other methods may be
    used meanwhile, from the same event loop. What was asked for stays until it is answered,
    and is done once.
    """

    def __init__(
        self,
        address: Address,
        patience: Patience | None = None,
    ) -> None:
        self._address = address
        self._patience = patience or Patience()
        self._identity: Identity | None = None
        self._alias: str | None = None
        self._room: str | None = None
        self._heard = Heard()
        self._requests = Requests(self._heard)
        self._events: asyncio.Queue[LineEvent | None] = asyncio.Queue()
        self._connection: Connection | None = None
        self._closing_code: str | None = None
        """Why the shop is about to close the connection, where it has said so."""
        self._failures = 0
        """Connections in a row of which nothing came."""
        self._over: Over | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def alias(self) -> str | None:
        """As one is called in the chat; None before one has come in."""
        return self._alias

    @property
    def room(self) -> str | None:
        """The room where one is."""
        return self._room

    async def events(self) -> AsyncIterator[LineEvent]:
        """Yield what happens, until the client is closed or the shop has closed it for good."""
        while (event := await self._events.get()) is not None:
            yield event

    async def ask(
        self,
        action: str,
        **fields: Any,
    ) -> dict[str, Any]:
        """Ask for something, by the name and with the fields of the line protocol.

        Return the fields of the answer. Raise RefusedError; OverError where the client was
        closed; UncertainError where a guest may have said it already.
        """
        if self._over is not None:
            raise OverError(self._over.sentence)
        return await self._requests.ask(action, fields)

    async def say(
        self,
        text: str,
        room: str | None = None,
    ) -> int:
        """Say something, in the room where one is if no other is named; return its number.

        It is said once, whatever becomes of the line.
        """
        answer = await self.ask(SAY, texto=text, sala=room or self._room)
        return int(answer["seq"])

    async def whisper(
        self,
        alias: str,
        text: str,
    ) -> bool:
        """Say something to one person; return whether they are there to read it."""
        answer = await self.ask(WHISPER, para=alias, texto=text)
        return bool(answer["entregado"])

    async def enter_room(self, room: str) -> list[Mensaje]:
        """Go to a room; return what was said there last."""
        page = await self.ask("sala", sala=room)
        messages = messages_in(page)
        self._room = str(page["sala"])
        self._heard.open_room(self._room, messages)
        return messages

    async def mark_read(self) -> None:
        """Say that all that was said in the room has been read; of a guest nobody asks."""
        if self._room is not None and isinstance(self._identity, Account):
            await self.ask("leido", sala=self._room)

    async def older(
        self,
        before_seq: int,
        limit: int = PAGE,
    ) -> tuple[list[Mensaje], bool]:
        """Return what was said in the room before a message, and whether there is more."""
        page = await self.ask(
            "historial", sala=self._room, antes=before_seq, limite=limit
        )
        return messages_in(page), bool(page["hay_mas"])

    async def come_in(self, identity: Identity) -> None:
        """Come in under an alias, or log in; so again on every return.

        :class:`Arrived` follows. Raise RefusedError; ConnectionError where the line breaks
        just now.
        """
        if self._connection is None:
            raise ConnectionResetError
        arriving = Arriving(self._connection, identity, self._heard, self._requests)
        self._arrive(identity, *await arriving.first())

    async def rename(self, alias: str) -> None:
        """Take another alias; so one is called on every return."""
        answer = await self.ask("nombre", alias=alias)
        self._alias = str(answer["alias"])
        if isinstance(self._identity, Guest):
            self._identity = Guest(self._alias)

    async def __aenter__(self) -> Self:
        """Connect; raise OSError or TimeoutError."""
        connection = await connect(self._address, self._patience, self._take)
        self._keeping = asyncio.create_task(self._keep(connection))
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        connection = self._connection
        if connection is not None:
            connection.send("salir", {}, lambda _: None)
            await connection.drain(LAST_WORD_S)
        self._end(Over("cerrada", "La conexión está cerrada."))
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})

    # One connection after the other

    async def _keep(self, connection: Connection | None) -> None:
        """Hold a connection, and whenever the line breaks the next one."""
        while self._over is None:
            because = ""
            try:
                if connection is None:
                    connection = await connect(
                        self._address, self._patience, self._take
                    )
                await self._hold(connection)
            except RefusedError as refused:
                because = refused.code
            except (OSError, TimeoutError, NotAShopError) as error:
                because = str(error) or type(error).__name__
            finally:
                self._let_go(connection)
            connection = None
            await self._wait_to_return(because)

    async def _hold(self, connection: Connection) -> None:
        """Come in over a new connection, and listen until it breaks."""
        self._closing_code = None
        self._connection = connection
        listening = asyncio.create_task(connection.listen())
        returning = asyncio.create_task(self._return(connection))
        try:
            await asyncio.wait(
                {listening, returning}, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in (listening, returning):
                if task.done():
                    task.result()
        finally:
            listening.cancel()
            returning.cancel()
            await asyncio.wait({listening, returning})

    async def _return(self, connection: Connection) -> None:
        """Come in again, if one was in, and ask for what was not answered."""
        identity = self._identity
        if identity is None:
            self._requests.go_over(connection)
            if self._failures:
                self._events.put_nowait(Arrived(None, None, [], is_back=True))
                self._events.put_nowait(Gap())
            self._failures = 0
            return
        try:
            arriving = Arriving(connection, identity, self._heard, self._requests)
            self._arrive(identity, *await arriving.again(self._room))
        except RefusedError as refused:
            if refused.code in PASSING | {TAKEN}:
                raise
            self._identity = None
            self._requests.end(refused)  # nobody else is to ask in their place
            self._events.put_nowait(Outside(refused.code, str(refused)))
        self._failures = 0

    def _let_go(self, connection: Connection | None) -> None:
        self._connection = None
        if connection is not None:
            connection.close()
        self._requests.hold()

    async def _wait_to_return(self, because: str) -> None:
        code = self._closing_code
        if code in FOR_GOOD:
            self._end(Over(code, _SENTENCES.get(code, code)))
        if self._over is not None:
            return
        patience = self._patience
        pause_s = pauses.pause_s(self._failures, patience.first_s, patience.most_s)
        self._failures += 1
        self._events.put_nowait(Lost(code or because, pause_s))
        await asyncio.sleep(pause_s)

    def _end(self, over: Over) -> None:
        if self._over is None:
            self._over = over
            self._requests.end(OverError(over.sentence))
            self._events.put_nowait(over)
            self._events.put_nowait(None)

    def _arrive(
        self,
        identity: Identity,
        arrived: Arrived,
        behind: list[LineEvent],
    ) -> None:
        if isinstance(identity, Account):
            # Their code was good once.
            identity = Account(identity.username, identity.password)
        self._identity = identity
        self._alias = arrived.alias or self._alias
        if arrived.is_back and self._room is not None:
            # One may have asked to go elsewhere while there was no line, and be there now.
            arrived = replace(arrived, room=self._room)
        self._room = arrived.room or self._room
        for event in (arrived, *behind):
            self._events.put_nowait(event)

    def _take(self, announced: Announced) -> None:
        if announced.name == CLOSING:
            self._closing_code = str(announced.body.get("motivo", ""))
            return
        for event in self._heard.take(announced):
            self._events.put_nowait(event)
