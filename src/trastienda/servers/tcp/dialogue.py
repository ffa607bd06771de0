"""What a line means: an alias, a message, a command, a request of a program; and its answer."""

import asyncio
import logging
import re
from collections.abc import Coroutine
from typing import Any

from trastienda.domain.chat import Message
from trastienda.domain.errors import (
    InsufficientStock,
    Invalid,
    NotAuthenticated,
    NotFound,
    Refusal,
    Unavailable,
)
from trastienda.servers.tcp import commands, entrance, talking
from trastienda.servers.tcp.commands import BY_WORD, Command
from trastienda.servers.tcp.conversation import Answer, Conversation, Mode
from trastienda.servers.tcp.counter import Key
from trastienda.servers.tcp.talking import Speaking
from trastienda.wire.lines import encoding, requests
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.encoding import refusal_line
from trastienda.wire.lines.requests import Request, UnreadableRequestError
from trastienda.wire.written import quantity

log = logging.getLogger(__name__)

Work = Coroutine[Any, Any, bool]
"""What remains to be done for a line; it returns whether the connection ends."""

_LOGIN = BY_WORD[Mode.CHAT, "entrar"]
_PASSWORD = re.compile(
    rf"({'|'.join((_LOGIN.word, *_LOGIN.aliases))})\s+\S+\s+\S+", re.IGNORECASE
)
"""Who forgets the stroke before it means no less to log in, and must not tell everybody the password."""
_BROWSER = re.compile(r"[A-Z]{3,10} \S+ HTTP/[0-9.]{1,5}\s*", re.ASCII)
UNREADABLE = encoding.unreadable("datos_invalidos")
_ASK_TO_ENTER = "Hace falta una cuenta: entre con {slash}entrar USUARIO CLAVE."


def take(talk: Conversation, line: str) -> Work | None:
    """Do what a line says, or begin to; what has to be waited for is returned, and nothing else may be done before."""
    if line.lstrip().startswith("{"):
        return _take_request(talk, line)
    if _BROWSER.fullmatch(line):
        return _refuse_browser(talk)
    text = clean(line)
    if talk.mode is Mode.INVENTORY:
        return _command(talk, text.removeprefix("/"), line) if text else None
    if text.casefold() == "salir":
        return _command(talk, "salir")
    if text.startswith("/"):
        return _command(talk, text[1:], line)
    if _PASSWORD.fullmatch(text):
        return _command(talk, text, line)
    if talk.member is None:
        return _named(talk, text)
    return _speak(talk, text) if text else None


def _speak(talk: Conversation, text: str) -> Work | None:
    if talk.must_wait:
        return _speak_later(talk, text)
    try:
        talk.speak(talk.place, text, None).add_done_callback(
            lambda future: _told(talk, future)
        )
    except Refusal as refusal:
        talk.say(refusal_line(refusal))
    return None


async def _speak_later(talk: Conversation, text: str) -> bool:
    await talk.find_room()
    later = _speak(talk, text)
    return await later if later is not None else False


def _told(talk: Conversation, future: "asyncio.Future[Message]") -> None:
    """Tell a person why their message was refused; a stored one is not told back."""
    if not future.cancelled() and (error := future.exception()) is not None:
        talk.say(refusal_line(error if isinstance(error, Refusal) else Unavailable()))


async def _named(talk: Conversation, text: str) -> bool:
    try:
        if text:
            talk.say((await entrance.name(talk, entrance.Naming(text))).text)
    except Exception as error:
        talk.say(_in_words(talk, error))
    _prompt(talk)
    return False


def _prompt(talk: Conversation) -> None:
    if talk.mode is Mode.CHAT and talk.member is None:
        talk.outbox.put(entrance.PROMPT.encode())


async def _refuse_browser(talk: Conversation) -> bool:
    """Let go of what speaks HTTP: a page in a browser of this network could talk through it."""
    talk.say("Aquí no se habla HTTP. (datos_invalidos)")
    return True


async def _command(talk: Conversation, text: str, line: str = "") -> bool:
    """Do a command that somebody wrote as ``text``; ``line`` is how it came."""
    word, _, rest = text.partition(" ")
    command = BY_WORD.get((talk.mode, word.casefold()))
    if command is _LOGIN:
        rest = line.strip().partition(" ")[2]  # a password is taken as it was typed
    try:
        if command is None or command.for_programs:
            answer = Answer(
                text=f"No conozco «{word}»; {_slash(talk)}ayuda muestra los comandos. (no_encontrado)"
            )
        else:
            given: dict[str, Any] = requests.words_in(rest, command.words)
            for field in command.numbers:
                if field in given:
                    given[field] = requests.number_in(given[field], field)
            answer = await _perform(talk, command, given, None)
    except Exception as error:
        answer = Answer(text=_in_words(talk, error, command))
    if answer.text:
        talk.say(answer.text)
    if not answer.goodbye:
        _prompt(talk)
    return answer.goodbye


async def _perform(
    talk: Conversation,
    command: Command,
    given: dict[str, Any],
    key: Key | None,
    *,
    in_json: bool = False,
) -> Answer:
    commands.check_who(command, talk.member)
    talk.asks_in_json = in_json
    arguments = requests.arguments_in(command.arguments, given)
    if command.keyed:
        return await command.handler(talk, arguments, key)
    return await command.handler(talk, arguments)


def _slash(talk: Conversation) -> str:
    return "/" if talk.mode is Mode.CHAT else ""


def _in_words(
    talk: Conversation, error: Exception, command: Command | None = None
) -> str:
    refusal = _refusal(error)
    line = refusal_line(refusal)
    sentence, _, code = line.rpartition(" ")
    if isinstance(refusal, NotAuthenticated):
        return f"{_ASK_TO_ENTER.format(slash=_slash(talk))} {code}"
    if isinstance(refusal, InsufficientStock):
        left = ", ".join(quantity(left_milli) for _, _, left_milli in refusal.shortages)
        return f"{sentence} Quedan {left}. {code}"
    if (
        isinstance(refusal, Invalid)
        and refusal.reason == "required"
        and command is not None
    ):
        return f"Se escribe {_slash(talk)}{command.word} {command.usage} {code}"
    if isinstance(refusal, Invalid) and command is not None:
        return (
            f"{sentence} Se escribe {_slash(talk)}{command.word} {command.usage}".rstrip()
            + f" {code}"
        )
    return line


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, Invalid):
        return Invalid(
            error.field.removeprefix("lines[0]."), error.reason, **error.data
        )  # one thing is asked for here
    if isinstance(error, Refusal):
        return error
    log.error("a line failed", exc_info=error)
    return Unavailable()


def _take_request(talk: Conversation, line: str) -> Work | None:
    try:
        request = requests.read_request(line)
    except UnreadableRequestError:
        talk.outbox.put(UNREADABLE)
        return None
    if not talk.is_program:
        talk.turn_program()
    if _is_message(talk, request):
        if talk.must_wait:
            return _take_message_later(talk, request)
        _take_message(talk, request)
        return None
    return _request(talk, request)


def _is_message(talk: Conversation, request: Request) -> bool:
    """Tell whether it is a message to a room, which need not wait for the one before it."""
    plain = (
        request.action.removeprefix("/").casefold() == "mensaje"
        and request.key is None
        and "para" not in request.arguments
    )
    return plain and talk.mode is Mode.CHAT


async def _take_message_later(talk: Conversation, request: Request) -> bool:
    await talk.find_room()
    _take_message(talk, request)
    return False


def _take_message(talk: Conversation, request: Request) -> None:
    """Say what a program wants said; the answer follows when it is stored, others may be begun meanwhile."""
    try:
        commands.check_who(BY_WORD[Mode.CHAT, "mensaje"], talk.member)
        future = talking.speak(talk, requests.arguments_in(Speaking, request.arguments))
    except Exception as error:
        talk.outbox.put(encoding.refusal(request.id, _refusal(error)))
        return
    future.add_done_callback(lambda done: _answered(talk, request.id, done))


def _answered(
    talk: Conversation, request_id: Any, future: "asyncio.Future[Message]"
) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is not None:
        refusal = error if isinstance(error, Refusal) else Unavailable()
        talk.outbox.put(encoding.refusal(request_id, refusal))
    else:
        message = future.result()
        talk.outbox.put(
            encoding.answer(request_id, {"sala": message.room, "seq": message.seq})
        )


async def _request(talk: Conversation, request: Request) -> bool:
    """Do what a program asks."""
    command = BY_WORD.get((talk.mode, request.action.removeprefix("/").casefold()))
    try:
        if command is None:
            raise NotFound
        key = requests.check_key(request.key)
        bound = None if key is None else Key(key, requests.encoded(request))
        if bound is not None and not command.keyed:
            raise Invalid("idempotencia", "unknown")
        answer = await _perform(
            talk,
            command,
            commands.named_fields(command, request.arguments),
            bound,
            in_json=True,
        )
    except Exception as error:
        talk.outbox.put(encoding.refusal(request.id, _refusal(error)))
        return False
    talk.outbox.put(encoding.answer(request.id, answer.data))
    return answer.goodbye
