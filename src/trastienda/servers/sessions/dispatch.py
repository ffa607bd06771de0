"""From a command and its arguments to its answer, the same way for every wire."""

import logging
from typing import Any

from msgspec import Struct

from trastienda.domain.errors import Forbidden, Refusal, Unavailable
from trastienda.servers.incidents import Incident
from trastienda.servers.sessions.buying import RepeatKey
from trastienda.servers.sessions.chat import Pending
from trastienda.servers.sessions.command import Command, check_who
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import requests
from trastienda.wire.lines.cleaning import clean

log = logging.getLogger(__name__)


def fields_of(
    command: Command,
    arguments: dict[str, Any],
) -> dict[str, Any]:
    """Return the arguments of a program under the command's names for them."""
    aliases = command.field_aliases
    if not aliases:
        return arguments

    fields = {}
    for name, value in arguments.items():
        field = aliases.get(name, name)
        fields[field] = value
    return fields


def typed_fields(
    command: Command,
    text: str,
) -> dict[str, Any]:
    """Return the arguments that a person typed.

    Raises Invalid where a number is none, or a password with blanks has no quotes.
    """
    if command.is_quoted:
        return requests.quoted_words_in(text, command.fields)

    fields = requests.words_in(text, command.fields)
    for name in command.number_fields:
        if name in fields:
            fields[name] = requests.number_in(fields[name], name)
    return fields


def arguments_in(
    session: Session,
    command: Command,
    fields: dict[str, Any],
) -> Struct:
    """Return the arguments in the command's shape.

    Raises NotAuthenticated, Forbidden or Invalid where the command cannot be performed.
    """
    check_who(command, session.member)
    return requests.arguments_in(command.arguments, fields)


def begin(
    session: Session,
    command: Command,
    arguments: Struct,
) -> Pending | None:
    """Begin a command that need not wait for the one before.

    None if it has to be performed. Raises what refuses it at once.
    """
    if command.begin is None:
        return None
    return command.begin(session, arguments)


async def perform(
    session: Session,
    command: Command,
    fields: dict[str, Any],
    repeat: RepeatKey | None = None,
    *,
    in_words: bool = False,
) -> Answer:
    """Do a command and return its answer; raise what refuses it.

    ``in_words``: a person typed it. ``repeat`` is the key of a request that may come
    again.
    """
    arguments = arguments_in(session, command, fields)
    session.asks_in_words = in_words
    if command.keyed:
        return await command.handler(session, arguments, repeat)
    return await command.handler(session, arguments)


async def perform_typed(
    session: Session,
    command: Command,
    line: str,
    repeat: RepeatKey | None = None,
) -> Answer:
    """Do a command that a person typed; raise what refuses it.

    ``line`` is how it came, with its word in front and before it was cleaned.
    """
    words = line if command.is_quoted else clean(line)
    fields = typed_fields(command, "".join(words.split(maxsplit=1)[1:]))
    key = repeat if command.keyed else None
    return await perform(session, command, fields, key, in_words=True)


def refusal_of(
    session: Session,
    error: Exception,
    port: str,
) -> Refusal:
    """Return an error as the refusal that is answered.

    One that is none is logged, and so is who may not do something, and at which ``port``.
    """
    member = session.member
    if isinstance(error, Forbidden) and member is not None and member.actor is not None:
        session.desk.auth.incidents.log(
            Incident.FORBIDDEN,
            session.address,
            rut=member.actor.rut,
            port=port,
        )
    if isinstance(error, Refusal):
        return error

    log.error("a command failed", exc_info=error)
    return Unavailable()
