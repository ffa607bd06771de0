"""What a command is: a row of the table, and who may use it."""

import enum
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from trastienda.domain.chat import Member
from trastienda.domain.errors import Forbidden, NotAuthenticated
from trastienda.domain.people import Role
from trastienda.servers.sessions.chat import Pending
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.wire.lines.shapes import Nada


class Who(enum.Enum):
    """Who may use a command."""

    ANYBODY = "anybody"
    MEMBER = "member"
    """Whoever has an alias."""
    USER = "user"
    """Whoever has an account."""
    ADMINISTRATOR = "administrator"


class Command(Struct, frozen=True, kw_only=True):
    """A row of the public table."""

    word: str
    aliases: tuple[str, ...] = ()
    modes: frozenset[Mode]
    usage: str = ""
    """What people type behind the word."""
    help: str
    who: Who
    arguments: type[Struct] = Nada
    fields: tuple[str, ...] = ()
    """The fields that people fill in, in order; the last takes the rest of the line."""
    is_quoted: bool = False
    """The words are taken as they were typed, and quotes hold one with blanks together."""
    number_fields: tuple[str, ...] = ()
    """Those of them that are whole numbers."""
    field_aliases: dict[str, str] = {}
    """Other names under which programs may send a field."""
    handler: Callable[..., Awaitable[Answer]]
    begin: Callable[[Session, Any], Pending | None] | None = None
    """Begins a command that need not wait for the one before it.

    Several are under way at once, in their order, and are answered in that order. None
    where it has to be waited for after all.
    """
    keyed: bool = False
    """It takes a key under which a request may come again."""
    for_programs: bool = False
    """People do not see it."""

    def written(self, slash: str) -> str:
        """Return how people write it."""
        return f"{slash}{self.word} {self.usage}"


def slash(mode: Mode) -> str:
    """Return what people write before a command, to tell it from a message."""
    if mode is Mode.CHAT:
        return "/"
    return ""


def may_use(
    command: Command,
    member: Member | None,
) -> bool:
    """Tell whether somebody may use a command."""
    try:
        check_who(command, member)
    except (NotAuthenticated, Forbidden):
        return False
    return True


def check_who(
    command: Command,
    member: Member | None,
) -> None:
    """Raise NotAuthenticated or Forbidden where somebody may not use the command."""
    if command.who is Who.ANYBODY:
        return

    if member is None:
        raise NotAuthenticated
    if command.who is Who.MEMBER:
        return

    if member.actor is None:
        raise NotAuthenticated
    if command.who is Who.USER:
        return

    if member.actor.role is not Role.ADMINISTRATOR:
        raise Forbidden
