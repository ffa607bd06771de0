"""What the line ports say to people: prompts, greetings, and answers of commands."""

from collections.abc import Iterable, Sequence

from trastienda.domain import errors
from trastienda.domain.chat import (
    Member,
    Message,
    PrivateMessage,
    Room,
    RoomState,
    is_open_to_all,
)
from trastienda.domain.closings import ClosingReason
from trastienda.domain.errors import Invalid, Refusal
from trastienda.domain.moderation import Sanction, SanctionKind
from trastienda.domain.self_service import Buyers
from trastienda.domain.shop import Shop
from trastienda.wire.chat import past_line, room_line, sent_line, waited_line
from trastienda.wire.closings import TABLE as CLOSINGS
from trastienda.wire.lines.framing import Fault, Foreign
from trastienda.wire.refusals import TABLE as REFUSALS
from trastienda.wire.refusals import refusal_out
from trastienda.wire.written import span

GOODBYE = "Hasta luego."
NO_PRODUCTS = "No hay productos así."
MORE_PRODUCTS = "Hay más: escribe ver y parte del nombre."
MORE_OF_THE_NAME = "Hay más: escribe más del nombre."
NO_MESSAGES = "Aún no hay mensajes."
NOTHING_FOUND = "Nada encontrado."
NOBODY = "Nadie."
READ_BY_ALL = "Aquí leen también clientes e invitados."
"""Told to staff who enter a room where others read along."""
ARCHIVED = "Está archivada: se puede leer, no escribir en ella."
UNMUTED = "Ya puedes hablar."
RETURN_REASON = "Devuelto por el comprador"
"""The reason that is stored with a return that its buyer made alone."""
SANCTIONS = {SanctionKind.BAN: "bloqueado", SanctionKind.MUTE: "en silencio"}
"""The state in which a sanction puts somebody."""

BUYING_TAKES = {
    Buyers.CONFIRMED: "con una cuenta confirmada por el personal",
    Buyers.ALL: "con una cuenta",
    Buyers.STAFF: "con una cuenta del personal",
}
"""What buying alone takes, for who has not logged in."""
NO_BUYING = {
    Buyers.CONFIRMED: "Para comprar y devolver aquí, el personal tiene que confirmar antes "
    "quién eres: muestra tu carné en la caja.",
    Buyers.STAFF: "Comprar y devolver aquí es solo para el personal; tú compras en la caja.",
}
"""Why somebody who has logged in may not buy alone."""

ORIGINS = {"chat": "chat", "inventory": "inventario"}
"""How the audit trail calls the port that somebody came by."""

_INVALID = REFUSALS[Invalid].code
_NOT_FOUND = REFUSALS[errors.NotFound].code
_MUTED = REFUSALS[errors.Muted].code

_FAULT_SENTENCES = {
    Fault.TOO_LONG: "La línea es demasiado larga: lo más son 8 KiB.",
    Fault.NOT_UTF8: "La línea no es texto UTF-8.",
}
CLOSING_OF_FAULT = {
    Fault.TOO_LONG: ClosingReason.LONG_LINES,
    Fault.NOT_UTF8: ClosingReason.UNREADABLE_LINES,
}
"""The reason for which a connection is closed that has sent too many such lines."""
FAULT_CODES = {
    fault: CLOSINGS[reason].code for fault, reason in CLOSING_OF_FAULT.items()
}
"""The code of a line that cannot be read."""
NO_HTTP = f"Aquí no se habla HTTP. ({_INVALID})"
NO_TLS = f"Este puerto no habla TLS. ({_INVALID})"
FOREIGN = {Foreign.HTTP: NO_HTTP, Foreign.TLS: NO_TLS}
"""What is said to a client that speaks another protocol."""
UNREADABLE_CODE = _INVALID
"""The code of a line that begins like a JSON object and is none."""


def fault(unreadable: Fault) -> str:
    """Return what is said of a line that cannot be read."""
    sentence = _FAULT_SENTENCES[unreadable]
    code = FAULT_CODES[unreadable]
    return f"{sentence} ({code})"


def inventory_greeting(shop: Shop) -> str:
    """Return the first line of the inventory port."""
    return f"Inventario de {shop.name}. Escribe ayuda para ver los comandos."


# Refusals


def refusal(refused: Refusal) -> str:
    """Return a refusal: its sentence, and its stable code in parentheses."""
    words = refusal_out(refused)
    return f"{words.detail} ({words.code})"


def unknown_command(
    word: str,
    slash: str,
) -> str:
    """Return what is said to a word that is no command.

    ``slash`` is what commands begin with.
    """
    help_command = f"{slash}ayuda"
    return f"No conozco «{word}»; {help_command} muestra los comandos. ({_NOT_FOUND})"


def refused_command(
    refused: Refusal,
    usage: str | None,
    slash: str,
) -> str:
    """Return the refusal of what somebody typed, with what helps to type it better.

    ``usage`` is how the command is written; None where it was no command.
    """
    words = refusal_out(refused)
    sentence = words.detail
    code = f"({words.code})"

    if isinstance(refused, errors.NotAuthenticated):
        return f"Hace falta una cuenta: entra con {slash}entrar USUARIO CLAVE. {code}"

    if isinstance(refused, Invalid) and usage is not None:
        if refused.reason == "required":
            return f"Se escribe {usage} {code}"
        return f"{sentence} Se escribe {usage.rstrip()} {code}"

    return f"{sentence} {code}"


# The chat


def welcome(
    member: Member,
    room: Room,
    messages: Iterable[Message],
    waiting: Iterable[PrivateMessage],
    shop: Shop,
) -> str:
    """Return the greeting of the chat, with what was said before somebody came."""
    where = f"Estás en #{room.name}; /ayuda muestra los comandos."
    lines = [f"Hola, {member.alias}. {where}", *_notes(member, room)]
    lines += [past_line(message, shop.time_zone) for message in messages]
    lines += [waited_line(message, shop.time_zone) for message in waiting]
    return "\n".join(lines)


def greeting(name: str) -> str:
    """Return the greeting of the inventory port to somebody who has logged in."""
    return f"Hola, {name}."


def same_alias(alias: str) -> str:
    """Return the answer to somebody who asks for the alias they have."""
    return f"Ya eres {alias}."


def new_alias(alias: str) -> str:
    """Return the answer to somebody who has another alias now."""
    return f"Ahora eres {alias}."


def people(aliases: Sequence[str]) -> str:
    """Return who is connected."""
    names = ", ".join(aliases)
    return f"Usuarios conectados ({len(aliases)}): {names}"


def in_room(room: str) -> str:
    """Return where somebody is."""
    return f"Estás en #{room}."


def _notes(
    member: Member,
    room: Room,
) -> list[str]:
    """Return what somebody should know before they speak in a room."""
    if room.is_archived:
        return [ARCHIVED]
    if member.is_staff and is_open_to_all(room.name):
        return [READ_BY_ALL]
    return []


def entered(
    member: Member,
    room: Room,
    messages: Iterable[Message],
    shop: Shop,
) -> str:
    """Return where somebody has gone, and what was said there."""
    lines = [in_room(room.name), *_notes(member, room)]
    lines += [past_line(message, shop.time_zone) for message in messages]
    return "\n".join(lines)


def rooms(states: Sequence[RoomState]) -> str:
    """Return rooms, those that are archived at the end."""
    lines = [room_line(state) for state in states if not state.is_archived]
    archived_names = [f"#{state.name}" for state in states if state.is_archived]
    if archived_names:
        names = ", ".join(archived_names)
        lines.append(f"Archivadas: {names}")
    return "\n".join(lines)


def archived(room: str) -> str:
    """Return the answer to who has archived a room."""
    return f"#{room} queda archivada: se puede leer, no escribir en ella."


def reopened(room: str) -> str:
    """Return the answer to who has put an archived room into use again."""
    return f"#{room} está abierta otra vez."


def history(
    messages: Iterable[Message],
    shop: Shop,
) -> str:
    """Return messages with their numbers and times."""
    lines = [past_line(message, shop.time_zone) for message in messages]
    if not lines:
        return NO_MESSAGES
    return "\n".join(lines)


def search_results(
    messages: Iterable[Message],
    shop: Shop,
) -> str:
    """Return messages with their rooms, numbers and times."""
    lines = []
    for message in messages:
        line = past_line(message, shop.time_zone)
        lines.append(f"#{message.room} {line}")

    if not lines:
        return NOTHING_FOUND
    return "\n".join(lines)


def sent(
    message: PrivateMessage,
    *,
    present: bool,
) -> str:
    """Return a private message to its sender; its recipient may be away."""
    line = sent_line(message)
    if not present:
        line += " (cuando vuelva)"
    return line


# Moderation


def kicked(alias: str) -> str:
    """Return the answer to who has kicked somebody."""
    return f"{alias} fue expulsado."


def muted(
    alias: str,
    minutes: int,
) -> str:
    """Return the answer to who has muted somebody."""
    return f"{alias} queda en silencio por {minutes} min."


def banned(alias: str) -> str:
    """Return the answer to who has banned somebody."""
    return f"{alias} queda bloqueado."


def lifted(alias: str) -> str:
    """Return the answer to who has lifted somebody's sanctions."""
    return f"{alias} ya no está bloqueado ni en silencio."


def sanctions(
    in_force: Iterable[Sanction],
    now_ms: int,
) -> str:
    """Return who is muted or banned, and for how long; each line once."""
    lines = []
    for sanction in in_force:
        line = f"{sanction.label}: {SANCTIONS[sanction.kind]}"
        left_s = sanction.seconds_left(now_ms)
        if left_s is not None:
            line += f", {span(left_s)} más"
        lines.append(line)

    if not lines:
        return NOBODY
    # A sanction has a row for each target, account or address, and they read the same.
    different_lines = dict.fromkeys(lines)
    return "\n".join(different_lines)


def silence(left_s: int | None) -> str:
    """Return what the muted are told: for how long they are muted.

    For None, that they may speak again.
    """
    if left_s is None:
        return UNMUTED

    return f"Quedas en silencio por {span(left_s)}. ({_MUTED})"


# Help


def help_line(
    word: str,
    usage: str,
    aliases: Iterable[str],
    help_text: str,
    slash: str,
) -> str:
    """Return a command with its usage, its other names and what it does."""
    command = f"{slash}{word} {usage}".rstrip()
    other_names = ", ".join(slash + alias for alias in aliases)
    if other_names:
        command += f" ({other_names})"
    return f"{command}: {help_text}"
