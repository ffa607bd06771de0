"""What was asked for and is not answered: it stays, in its order, until it is."""

import asyncio
import uuid
from collections import deque
from functools import partial
from typing import Any

from msgspec import Struct

from trastienda.clients.lines.connection import Connection
from trastienda.clients.lines.events import LineError, RefusedError, UncertainError
from trastienda.clients.lines.heard import Heard
from trastienda.clients.lines.protocol import Answer
from trastienda.wire.chat import Mensaje
from trastienda.wire.lines.cleaning import clean

SAY, WHISPER = "mensaje", "privado"
KEYS = {
    SAY: "id_cliente",
    WHISPER: "id_cliente",
    "comprar": "idempotencia",
    "devolver": "idempotencia",
    "linea": "idempotencia",
}
"""What is done once though it is asked for again, and the field of its key."""


class _Request(Struct, eq=False):
    """Something that was asked for."""

    action: str
    fields: dict[str, Any]
    future: "asyncio.Future[dict[str, Any]]"
    was_sent: bool = False
    """Over a connection that broke: the shop may have done it."""


class Requests:
    """The requests of a client; those that a broken connection left are asked again."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._connection: Connection | None = None
        self._waiting: deque[_Request] = deque()
        """What is to be sent over the next connection, in its order."""
        self._broken: list[_Request] = []
        """What a connection that is being given up had under way."""

    async def ask(
        self,
        action: str,
        fields: dict[str, Any],
    ) -> dict[str, Any]:
        """Ask for something, now or over the next connection; return the answer's fields."""
        key = KEYS.get(action)
        if key is not None:
            fields = {key: uuid.uuid4().hex} | fields
        future: asyncio.Future[dict[str, Any]] = (
            asyncio.get_running_loop().create_future()
        )
        request = _Request(action, fields, future)
        if self._connection is None:
            self._waiting.append(request)
        else:
            self._send(self._connection, request)
        return await future

    def go_over(self, connection: Connection) -> "list[asyncio.Future[dict[str, Any]]]":
        """Send what waits, and whatever is asked from now on; return who waits for that."""
        self._connection = connection
        waiting = [request for request in self._waiting if not request.future.done()]
        self._waiting.clear()
        for request in waiting:
            self._send(connection, request)
        return [request.future for request in waiting]

    def hold(self) -> None:
        """Let what is asked wait for another connection, what was under way before it.

        To be called behind the closing of the one that broke.
        """
        self._connection = None
        self._waiting.extendleft(reversed(self._broken))
        self._broken.clear()

    def end(self, error: LineError) -> None:
        """Answer nobody any more."""
        self.hold()
        for request in self._waiting:
            if not request.future.done():
                request.future.set_exception(error)
        self._waiting.clear()

    def find_said(
        self,
        message: Mensaje,
        alias: str,
    ) -> bool:
        """Tell whether a message is one that waits, said before the line broke; answer it."""
        if message.de != alias:
            return False
        for request in self._waiting:
            fields = request.fields
            is_same = (
                request.was_sent
                and request.action == SAY
                and fields.get("sala") in {None, message.sala}
                and clean(fields["texto"]) == message.texto
            )
            if is_same:
                self._waiting.remove(request)
                self._answer(request, {"sala": message.sala, "seq": message.seq})
                return True
        return False

    def give_up_uncertain(
        self,
        *,
        knows_room: bool,
    ) -> None:
        """Answer what a guest may have said, and nobody can tell any more.

        ``knows_room``: all that was said in the room meanwhile is known.
        """
        for request in list(self._waiting):
            is_lost = request.action == WHISPER or (
                request.action == SAY and not knows_room
            )
            if request.was_sent and is_lost and not request.future.done():
                self._waiting.remove(request)
                request.future.set_exception(UncertainError())

    def _send(
        self,
        connection: Connection,
        request: _Request,
    ) -> None:
        fields = {
            name: value for name, value in request.fields.items() if value is not None
        }
        connection.send(request.action, fields, partial(self._take_answer, request))

    def _take_answer(
        self,
        request: _Request,
        answer: Answer | None,
    ) -> None:
        if answer is None:
            request.was_sent = True
            self._broken.append(request)
        elif answer.code is None:
            self._answer(request, answer.fields)
        elif not request.future.done():
            request.future.set_exception(RefusedError(answer.code, answer.fields))

    def _answer(
        self,
        request: _Request,
        fields: dict[str, Any],
    ) -> None:
        if request.action == SAY and "seq" in fields:
            self._heard.note_own(str(fields["sala"]), int(fields["seq"]))
        elif request.action in {SAY, WHISPER}:
            self._heard.note_whispered(
                str(fields["para"]), clean(request.fields["texto"])
            )
        if not request.future.done():
            request.future.set_result(fields)
