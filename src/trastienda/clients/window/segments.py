"""Messages as pieces of text, each with the styles that it is drawn in."""

import re
from datetime import date, timedelta

from trastienda.clients.names import colour_number, mentions
from trastienda.clients.window.talks import Message

Segment = tuple[str, tuple[str, ...]]
"""A piece of text and the names of its styles."""

TOGETHER = timedelta(minutes=5)
"""So close in time, what one person says has its author written once."""
LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]+")
WEEKDAYS = "lunes martes miércoles jueves viernes sábado domingo".split()
MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre"
).split()
NEW = "Nuevo"
DELETED = "mensaje borrado"
WAITING = "enviando…"


def segments(
    message: Message,
    before: Message | None,
    own_alias: str,
    today: date,
    *,
    is_first_unread: bool = False,
) -> list[Segment]:
    """Return a message as it is drawn below another one."""
    pieces: list[Segment] = []
    starts_day = before is None or before.at.date() != message.at.date()
    if starts_day:
        pieces.append((f"{day(message.at.date(), today)}\n", ("day",)))
    if is_first_unread:
        pieces.append((f"{NEW}\n", ("new",)))
    if not message.author:
        return [*pieces, (f"{message.text}\n", ("notice",))]

    if starts_day or is_first_unread or not _goes_on(message, before):
        pieces += [
            (message.author, ("author", person(message.author))),
            (f"  {message.at:%H:%M}\n", ("time",)),
        ]
    if message.is_deleted:
        return [*pieces, (f"{DELETED}\n", ("gone",))]

    style = "waiting" if message.is_waiting or message.refusal else "text"
    pieces += _words(message.text, style, own_alias)
    if message.is_edited:
        pieces.append((" (corregido)", (style, "aside")))
    if message.is_waiting:
        pieces.append((f" {WAITING}", (style, "aside")))
    if message.refusal:
        pieces.append((f"  No se envió. {message.refusal}", (style, "refusal")))
    return [*pieces, ("\n", (style,))]


def person(author: str) -> str:
    """Return the style of a person."""
    return f"person{colour_number(author)}"


def day(
    when: date,
    today: date,
) -> str:
    """Return a day as it is said."""
    away = (today - when).days
    if away in {0, 1}:
        return ("hoy", "ayer")[away]
    words = f"{WEEKDAYS[when.weekday()]} {when.day} de {MONTHS[when.month - 1]}"
    return words if when.year == today.year else f"{words} de {when.year}"


def _goes_on(
    message: Message,
    before: Message | None,
) -> bool:
    if before is None or before.author != message.author:
        return False
    return message.at - before.at < TOGETHER


def _words(
    text: str,
    style: str,
    own_alias: str,
) -> list[Segment]:
    """Return a text with what is a link, or calls one by name, set apart."""
    spans = [(*match.span(), "link") for match in LINK.finditer(text)]
    spans += [(*match.span(), "emoji") for match in EMOJI.finditer(text)]
    spans += [(*span, "mention") for span in mentions(text, own_alias)]
    pieces: list[Segment] = []
    place = 0
    for start, end, kind in sorted(spans):
        if start < place:
            continue
        pieces += [(text[place:start], (style,)), (text[start:end], (style, kind))]
        place = end
    return [piece for piece in [*pieces, (text[place:], (style,))] if piece[0]]
