"""Requests of clients: words that people type, or JSON objects."""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MILLI
from trastienda.wire import bodies

T = TypeVar("T", bound=Struct)

_QUOTED_WORD = re.compile(r'"((?:[^"]|"")*+)"(?!\S)|(\S+)')
_QUANTITY = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,10}))?", re.ASCII)
DECIMALS = 3
MAX_KEY = 200
"""Characters of a key for repeats, as by HTTP."""


class Request(Struct):
    """A JSON request. ``key`` is the key under which it may come again."""

    id: Any
    action: str
    arguments: dict[str, Any]
    key: str | None = None


class UnreadableRequestError(Exception):
    """The line begins like a JSON object and is none."""


def read_request(line: str) -> Request:
    """Return a JSON request; raise UnreadableRequestError for a line that is no object.

    A request whose ``accion`` is no text gets an empty one, which is the word of no
    command.
    """
    try:
        fields = bodies.read_event(line.encode())
    except bodies.UnreadableError as error:
        raise UnreadableRequestError from error
    if not isinstance(fields, dict):
        raise UnreadableRequestError

    request_id = fields.pop("id", None)
    if isinstance(request_id, bytes):  # no text
        request_id = None
    action = fields.pop("accion", "")
    if not isinstance(action, str):
        action = ""
    idempotency_key = fields.pop("idempotencia", None)
    # What is left are the arguments.
    return Request(request_id, action, fields, idempotency_key)


def check_key(idempotency_key: Any) -> str | None:
    """Return the key of a request; raise Invalid for anything that is no key."""
    if idempotency_key is None:
        return None

    is_visible_text = (
        isinstance(idempotency_key, str)
        and idempotency_key.isascii()
        and idempotency_key.isprintable()
    )
    if not is_visible_text or not 0 < len(idempotency_key) <= MAX_KEY:
        raise Invalid("idempotency_key", "client_id_shape", limit=MAX_KEY)
    return str(idempotency_key)


def arguments_in(
    shape: type[T],
    fields: dict[str, Any],
) -> T:
    """Return arguments in their shape; raise Invalid for one that does not fit."""
    return bodies.shaped(fields, shape)


def words_in(
    text: str,
    fields: tuple[str, ...],
) -> dict[str, Any]:
    """Return the words behind a command by field; the last field takes all the rest."""
    if not fields:
        return {}

    words = text.split(maxsplit=len(fields) - 1)
    return dict(zip(fields, words, strict=False))


def quoted_words_in(
    text: str,
    fields: tuple[str, ...],
) -> dict[str, Any]:
    """Return the words behind a command by field; quotes hold one with blanks together.

    ``""`` between quotes stands for one. Raises Invalid where there are more words than
    fields: most likely the password has blanks, and no quotes.
    """
    words = []
    for match in _QUOTED_WORD.finditer(text):
        quoted, plain = match.groups()
        words.append(plain if quoted is None else quoted.replace('""', '"'))

    if len(words) > len(fields):
        raise Invalid("password", "quotes_missing")
    return dict(zip(fields, words, strict=False))


def number_in(
    text: str,
    field: str,
) -> int:
    """Return a whole number that was typed; raise Invalid for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    if not is_number:
        raise Invalid(field, "whole_number")
    return int(text)


def quantity_in(text: str) -> int | None:
    """Return a quantity that was typed, ``2`` or ``0,350``, in thousandths.

    Returns None for what is no quantity. Raises Invalid for a quantity with too many
    decimals, and for ``1.500``: some read it as one and a half, others as one thousand
    five hundred.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None

    whole = int(match[1])
    decimals = match[2] or ""
    if len(decimals) > DECIMALS:
        raise Invalid("quantity", "quantity_decimals")
    if "." in text and len(decimals) == DECIMALS and whole:
        raise Invalid("quantity", "quantity_two_ways")

    thousandths = int(decimals.ljust(DECIMALS, "0"))
    return whole * MILLI + thousandths


def encoded(request: Request) -> bytes:
    """Return the arguments of a request as the bytes that its key is bound to."""
    return msgspec.json.encode(request.arguments)
