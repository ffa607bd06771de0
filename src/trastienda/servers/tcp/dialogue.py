"""What a line means: an alias, a message, a command, a request; and its answer."""

import asyncio
import re
from collections.abc import Coroutine
from functools import partial
from typing import Any

from trastienda.domain.errors import (
    Invalid,
    NotFound,
    Refusal,
    Unavailable,
)
from trastienda.servers.sessions import commands, dispatch
from trastienda.servers.sessions.buying import RepeatKey
from trastienda.servers.sessions.chat import Pending
from trastienda.servers.sessions.command import Command, slash
from trastienda.servers.sessions.commands import LOGIN, MESSAGE, NAME
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.servers.tcp.line_seat import LineSeat
from trastienda.wire.lines import encoding, requests, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.framing import Fault, Foreign, Line
from trastienda.wire.lines.prompt import PROMPT
from trastienda.wire.lines.requests import Request, UnreadableRequestError
from trastienda.wire.lines.shapes import NuevoMensaje

MAX_FAULTS = 3
"""Lines that cannot be read, before it is no mistake any more."""

Work = Coroutine[Any, Any, bool]
"""What remains to be done for a line; it returns whether the client said goodbye."""

_LOGIN_WORDS = "|".join((LOGIN.word, *LOGIN.aliases))
_BEGINS_LOGIN = re.compile(rf"({_LOGIN_WORDS})\b", re.IGNORECASE)
"""How a login begins that was typed without its ``/``.

Whatever follows may be a password, which must not be said in the room."""


class Dialogue:
    """The lines of one client, and what is answered to each."""

    __slots__ = ("_faults", "seat", "session")

    def __init__(
        self,
        session: Session,
        seat: LineSeat,
    ) -> None:
        self.session = session
        self.seat = seat
        self._faults = 0
        """How many lines came that cannot be read."""

    def take(self, line: Line) -> Work | None:
        """Do what a line says, or begin to.

        What has to be waited for is returned; until it is done, no further line may be
        taken.
        """
        if isinstance(line, Fault):
            self._take_fault(line)
            return None
        if isinstance(line, Foreign):
            return self._refuse_foreign(line)
        if line.lstrip().startswith("{"):
            return self._take_request(line)

        text = clean(line)
        if self.session.mode is Mode.INVENTORY:
            if not text:
                return None
            return self._do_command(text.removeprefix("/"), line)

        # From here on: the chat, where most lines are something to say.
        if text.casefold() == "salir":
            return self._do_command("salir", line)
        if text.startswith("/"):
            return self._do_command(text[1:], line)
        if _BEGINS_LOGIN.match(text):
            return self._do_command(LOGIN.word, line)
        if self.session.member is None:
            return self._take_alias(text)
        if not text:
            return None
        return self._say(text)

    def _take_fault(self, fault: Fault) -> None:
        """Say that a line cannot be read; after too many, close the connection."""
        if self.session.is_program:
            fault_code = sentences.FAULT_CODES[fault]
            self.seat.outbox.put(encoding.unreadable(fault_code))
        else:
            self.seat.say(sentences.fault(fault))

        self._faults += 1
        if self._faults >= MAX_FAULTS:
            self.seat.close(sentences.CLOSING_OF_FAULT[fault])

    async def _refuse_foreign(self, protocol: Foreign) -> bool:
        """Close what speaks HTTP or TLS: a web page could talk through somebody's browser."""
        self.seat.say(sentences.FOREIGN[protocol])
        return True

    def _say(self, text: str) -> Work | None:
        """Say a person's line in their room.

        The next line need not wait until it is stored.
        """
        if self.session.in_flight.must_wait:
            return self._say_later(text)

        try:
            pending = dispatch.begin(self.session, MESSAGE, NuevoMensaje(text))
        except Refusal as refusal:
            self.seat.say(sentences.refusal(refusal))
            return None
        if pending is not None:
            pending.future.add_done_callback(self._said)
        return None

    async def _say_later(self, text: str) -> bool:
        await self.session.in_flight.wait_for_capacity()
        work = self._say(text)
        if work is None:
            return False
        return await work

    def _said(self, future: "asyncio.Future[Any]") -> None:
        """Say why a person's message was refused; one that is stored has no answer."""
        if future.cancelled():
            return

        error = future.exception()
        if error is not None:
            refusal = _stored_refusal(error)
            self.seat.say(sentences.refusal(refusal))

    async def _take_alias(self, text: str) -> bool:
        """Take what was typed at the prompt as an alias."""
        if text:
            fields = {"alias": text}
            try:
                answer = await dispatch.perform(
                    self.session,
                    NAME,
                    fields,
                    in_words=True,
                )
                reply = answer.text
            except Exception as error:
                prefix = slash(Mode.CHAT)
                refusal = _refusal(self.session, error)
                reply = sentences.refused_command(refusal, None, prefix)
            self.seat.say(reply)

        self._prompt()
        return False

    def _prompt(self) -> None:
        """Ask for an alias where there is none yet."""
        session = self.session
        if session.mode is Mode.CHAT and session.member is None:
            prompt = PROMPT.encode()
            self.seat.outbox.put(prompt)

    async def _do_command(
        self,
        text: str,
        line: str,
    ) -> bool:
        """Do a command that was typed as ``text``, and answer it in words.

        ``line`` is how it came, before it was cleaned.
        """
        prefix = slash(self.session.mode)
        word, *_ = text.split(maxsplit=1) or [""]
        command = commands.find_typed(self.session.mode, word)
        if command is None:
            reply = sentences.unknown_command(word, prefix)
            answer = Answer(text=reply)
        else:
            try:
                answer = await dispatch.perform_typed(self.session, command, line)
            except Exception as error:
                refusal = _refusal(self.session, error)
                usage = command.written(prefix)
                reply = sentences.refused_command(refusal, usage, prefix)
                answer = Answer(text=reply)

        if answer.text:
            self.seat.say(answer.text)
        if not answer.goodbye:
            self._prompt()
        return answer.goodbye

    def _take_request(self, line: str) -> Work | None:
        """Do what a JSON line asks for, or begin to; whoever sends one is a program."""
        try:
            request = requests.read_request(line)
        except UnreadableRequestError:
            self.seat.outbox.put(encoding.unreadable(sentences.UNREADABLE_CODE))
            return None

        if not self.session.is_program:
            self.seat.speak_json()
            self.session.turn_program()

        word = request.action.removeprefix("/")
        command = commands.find(self.session.mode, word)
        if command is None or command.begin is None or request.key is not None:
            return self._do_request(request, command)

        if self.session.in_flight.must_wait:
            return self._begin_request_later(request, command)
        return self._begin_request(request, command)

    def _begin_request(
        self,
        request: Request,
        command: Command,
    ) -> Work | None:
        """Begin a request that need not wait for the one before it.

        Its answer follows.
        """
        fields = dispatch.fields_of(command, request.arguments)
        try:
            arguments = dispatch.arguments_in(self.session, command, fields)
            pending = dispatch.begin(self.session, command, arguments)
        except Exception as error:
            refusal = encoding.refusal(request.id, _refusal(self.session, error))
            self.seat.outbox.put(refusal)
            return None

        if pending is None:
            return self._do_request(request, command)

        answer = partial(self._answer_pending, request.id, pending)
        pending.future.add_done_callback(answer)
        return None

    async def _begin_request_later(
        self,
        request: Request,
        command: Command,
    ) -> bool:
        await self.session.in_flight.wait_for_capacity()
        work = self._begin_request(request, command)
        if work is None:
            return False
        return await work

    def _answer_pending(
        self,
        request_id: Any,
        pending: Pending,
        future: "asyncio.Future[Any]",
    ) -> None:
        """Answer a request that was begun: its message is stored or refused."""
        if future.cancelled():
            return

        error = future.exception()
        if error is not None:
            refusal = _stored_refusal(error)
            encoded = encoding.refusal(request_id, refusal)
        else:
            answer = pending.answer(future.result())
            encoded = encoding.answer(request_id, answer.data)
        self.seat.outbox.put(encoded)

    async def _do_request(
        self,
        request: Request,
        command: Command | None,
    ) -> bool:
        """Do what a program asks for, and answer it."""
        try:
            if command is None:
                raise NotFound

            key = requests.check_key(request.key)
            if key is not None and not command.keyed:
                raise Invalid("idempotency_key", "unknown")

            repeat = None
            if key is not None:
                repeat = RepeatKey(key, requests.encoded(request))
            fields = dispatch.fields_of(command, request.arguments)
            answer = await dispatch.perform(self.session, command, fields, repeat)
        except Exception as error:
            refusal = encoding.refusal(request.id, _refusal(self.session, error))
            self.seat.outbox.put(refusal)
            return False

        encoded = encoding.answer(request.id, answer.data)
        self.seat.outbox.put(encoded)
        return answer.goodbye


def _refusal(
    session: Session,
    error: Exception,
) -> Refusal:
    """Return an error as the refusal that is answered."""
    if isinstance(error, Invalid):
        # A command orders one thing, so people need not hear of its line.
        field = error.field.removeprefix("lines[0].")
        return Invalid(field, error.reason, **error.data)
    return dispatch.refusal_of(session, error, session.mode.value)


def _stored_refusal(error: BaseException) -> Refusal:
    """Return why a message could not be stored.

    The writer has logged what is no refusal.
    """
    if isinstance(error, Refusal):
        return error
    return Unavailable()
