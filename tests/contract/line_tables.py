"""What the code says of the line protocol, as the tables of its page: rows whose last cell is
written by hand."""

import json
from collections.abc import Callable, Iterator

import msgspec

from trastienda.servers.sessions.command import Command, Who
from trastienda.servers.sessions.commands import COMMANDS
from trastienda.servers.sessions.session import Mode
from trastienda.servers.socketio.events import EVENTS
from trastienda.wire import announcements, chat_log, event_names

_WHO = {
    Who.ANYBODY: "anybody",
    Who.MEMBER: "who has an alias",
    Who.USER: "who has an account",
    Who.ADMINISTRATOR: "Administrador",
}
_PORTS = {Mode.CHAT: "chat", Mode.INVENTORY: "inventory"}


def _ports(command: Command) -> str:
    return (
        "both"
        if len(command.modes) > 1
        else "".join(_PORTS[mode] for mode in command.modes)
    )


def commands() -> Iterator[tuple[str, ...]]:
    """What people may type."""
    yield "command", "or", "port", "for", "does*"
    for command in COMMANDS:
        if not command.for_programs:
            usage = f"{command.word} {command.usage}".rstrip().replace("|", "\\|")
            others = " ".join(f"`{other}`" for other in command.aliases) or "—"
            yield f"`{usage}`", others, _ports(command), _WHO[command.who], ""


def _field(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return f"`{field.encode_name}`"
    left_out = (
        "" if field.default in {None, ""} else f" (`{json.dumps(field.default)}`)"
    )
    return f"`{field.encode_name}`?{left_out}"


def _fields(command: Command) -> str:
    fields = [_field(field) for field in msgspec.structs.fields(command.arguments)]
    fields += [
        f"`{other}` for `{name}`" for other, name in command.field_aliases.items()
    ]
    fields += ["`idempotencia`?"] if command.keyed else []
    return ", ".join(fields) or "—"


def requests() -> Iterator[tuple[str, ...]]:
    """What programs may ask."""
    yield "`accion`", "port", "fields", "answer*"
    for command in COMMANDS:
        yield f"`{command.word}`", _ports(command), _fields(command), ""


def sent_events() -> Iterator[tuple[str, ...]]:
    """What clients of Socket.IO send."""
    yield "event", "for", "fields", "acknowledgement, beside `ok`*"
    for event in EVENTS:
        yield f"`{event.word}`", _WHO[event.who], _fields(event), ""


def heard_events() -> Iterator[tuple[str, ...]]:
    """What clients of Socket.IO hear."""
    yield "event", "holds*"
    for name in dict.fromkeys(
        [*event_names.NAMES.values(), *announcements.OF_THE_MOMENT]
    ):
        yield f"`{name}`", ""


def announced() -> Iterator[tuple[str, ...]]:
    """What programs are told."""
    yield "`evento`", "holds*"
    for name in dict.fromkeys(
        [*event_names.NAMES.values(), "presencia", "silencio", "cierre"]
    ):
        yield f"`{name}`", ""


_WRITTEN = {
    "address": "DIRECCION",
    "alias": "ALIAS",
    "count": "CANTIDAD",
    "other": "OTRO",
    "room": "SALA",
    "seq": "SEQ",
    "text": "TEXTO",
    "username": "USUARIO",
}


def log_events() -> Iterator[tuple[str, ...]]:
    """What the chat's logs tell."""
    yield "`evento`", "in `chat.log`", "more fields*"
    for kind, name in chat_log._EVENTOS.items():
        yield f"`{name}`", f"`{chat_log._SENTENCES[kind].format(**_WRITTEN)}`", ""


TABLES: dict[str, Callable[[], Iterator[tuple[str, ...]]]] = {
    "commands": commands,
    "requests": requests,
    "announcements": announced,
    "sent": sent_events,
    "heard": heard_events,
    "log": log_events,
}
