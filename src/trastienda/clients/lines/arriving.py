"""Coming in over a new connection, and hearing all that was missed since the last one."""

import asyncio
from typing import Any

import msgspec

from trastienda.clients.lines.connection import Connection
from trastienda.clients.lines.events import (
    Account,
    Arrived,
    Gap,
    Identity,
    LineEvent,
    RefusedError,
)
from trastienda.clients.lines.heard import Heard
from trastienda.clients.lines.protocol import Announced
from trastienda.clients.lines.requests import Requests
from trastienda.wire.chat import MESSAGE, Mensaje
from trastienda.wire.live_shapes import MAX_N

PAGE = 200
"""Messages in a page of a history, at most."""


class Arriving:
    """One's coming in over a connection: as whom and where, and what there is to show then."""

    def __init__(
        self,
        connection: Connection,
        identity: Identity,
        heard: Heard,
        requests: Requests,
    ) -> None:
        self._connection = connection
        self._identity = identity
        self._heard = heard
        self._requests = requests

    async def first(self) -> tuple[Arrived, list[LineEvent]]:
        """Come in for the first time; raise RefusedError."""
        self._heard.begin_return()
        n = 0
        try:
            welcome = await self._introduce()
            if isinstance(self._identity, Account):
                # Nobody knows of so large a number: the answer says where we are.
                position = await self._connection.ask("reanudar", desde=MAX_N)
                n = int(position.fields.get("n", 0))
        finally:
            held = self._heard.end_return(n)

        room, messages = welcome.get("sala"), messages_in(welcome)
        if room is not None:
            self._heard.open_room(room, messages)
        arrived = Arrived(welcome.get("alias"), room, messages, is_back=False)
        whispers = self._whispers(welcome)
        self._requests.go_over(self._connection)
        return arrived, [*_announced(whispers), *held]

    async def again(self, room: str | None) -> tuple[Arrived, list[LineEvent]]:
        """Come in after the line broke, into the room where one was; raise RefusedError."""
        self._heard.begin_return()
        n, missed = 0, list[LineEvent]()
        try:
            welcome = await self._introduce()
            if room not in {None, welcome.get("sala")}:
                welcome |= await self._ask("sala", sala=room)
            if isinstance(self._identity, Account):
                n, missed = await self._resume(welcome)
            elif room is not None:
                missed = await self._read_back(welcome)
        finally:
            held = self._heard.end_return(n)

        self._requests.go_over(self._connection)
        arrived = Arrived(
            welcome.get("alias"), welcome.get("sala", room), [], is_back=True
        )
        return arrived, [*missed, *held]

    async def _introduce(self) -> dict[str, Any]:
        identity = self._identity
        if not isinstance(identity, Account):
            return await self._ask("nombre", alias=identity.alias)
        code = {} if identity.code is None else {"codigo": identity.code}
        return await self._ask(
            "entrar", usuario=identity.username, clave=identity.password, **code
        )

    async def _ask(
        self,
        action: str,
        **fields: Any,
    ) -> dict[str, Any]:
        answer = await self._connection.ask(action, **fields)
        if answer.code is not None:
            raise RefusedError(answer.code, answer.fields)
        return answer.fields

    async def _resume(
        self,
        welcome: dict[str, Any],
    ) -> tuple[int, list[LineEvent]]:
        """Have announced again what was missed; it is held until this returns.

        What was said here comes first, and gets its answer: so it is known as one's own.
        """
        under_way = self._requests.go_over(self._connection)
        if under_way:
            await asyncio.wait(under_way)
        fields = await self._ask("reanudar", desde=self._heard.n or 0)
        n = int(fields["n"])
        if not fields.get("hueco"):
            return n, []
        missing = self._heard.missing_of(messages_in(welcome))
        return n, [Gap(), *_announced(self._whispers(welcome)), *_announced(missing)]

    async def _read_back(self, welcome: dict[str, Any]) -> list[LineEvent]:
        """Read what was said in the room meanwhile: a guest has nothing announced again.

        What they said themselves, and had no answer to, is found by its text.
        """
        room = str(welcome["sala"])
        last_seq = self._heard.last_seq(room) or 0
        messages, has_more = messages_in(welcome), bool(welcome.get("hay_mas"))
        while has_more and messages and _seq(messages[0]) > last_seq + 1:
            page = await self._ask(
                "historial", sala=room, antes=_seq(messages[0]), limite=PAGE
            )
            messages = messages_in(page) + messages
            has_more = bool(page["hay_mas"])

        knows_all = last_seq == 0 or any(
            _seq(message) <= last_seq + 1 for message in messages
        )
        alias = str(welcome["alias"])
        missing = [
            message
            for message in self._heard.missing_of(messages)
            if not self._requests.find_said(message, alias)
        ]
        self._requests.give_up_uncertain(knows_room=knows_all)
        gap: list[LineEvent] = [] if knows_all else [Gap()]
        return gap + _announced(missing)

    def _whispers(self, welcome: dict[str, Any]) -> list[Mensaje]:
        """Return what was said to one in private meanwhile."""
        waiting = msgspec.convert(welcome.get("privados", []), list[Mensaje])
        return self._heard.missing_of(waiting)


def messages_in(page: dict[str, Any]) -> list[Mensaje]:
    """Return the messages of an answer, oldest first."""
    return msgspec.convert(page.get("mensajes", []), list[Mensaje])


def _seq(message: Mensaje) -> int:
    assert isinstance(message.seq, int)
    return message.seq


def _announced(messages: list[Mensaje]) -> list[LineEvent]:
    return [Announced(MESSAGE, message) for message in messages]
