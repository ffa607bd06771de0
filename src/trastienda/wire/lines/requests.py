"""What a client asks: a line of words, or a JSON object."""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MILLI
from trastienda.wire import bodies

T = TypeVar("T", bound=Struct)

_QUANTITY = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,10}))?", re.ASCII)
DECIMALS = 3
MAX_KEY = 200
"""Characters of a key for repeats, as by HTTP."""


class Request(Struct):
    """A JSON request: what is asked under which ``id``, its arguments, and the key for repeats."""

    id: Any
    action: str
    arguments: dict[str, Any]
    key: str | None = None


class UnreadableRequestError(Exception):
    """A line that begins like a JSON object and is none."""


def read_request(line: str) -> Request:
    """Return a JSON request; raise UnreadableRequestError for what is no object.

    A request whose ``accion`` is no text has an empty one, which nothing is called by.
    """
    try:
        fields = bodies.read(line.encode())
    except bodies.UnreadableError as error:
        raise UnreadableRequestError from error
    if not isinstance(fields, dict):
        raise UnreadableRequestError
    request_id, action = fields.pop("id", None), fields.pop("accion", "")
    key = fields.pop("idempotencia", None)
    return Request(request_id, action if isinstance(action, str) else "", fields, key)


def check_key(key: Any) -> str | None:
    """Return the key of a request; raise Invalid for what is none."""
    if key is None:
        return None
    if (
        not isinstance(key, str)
        or not 0 < len(key) <= MAX_KEY
        or not (key.isascii() and key.isprintable())
    ):
        raise Invalid("idempotencia", "client_id_shape", limit=MAX_KEY)
    return key


def arguments_in(kind: type[T], given: dict[str, Any]) -> T:
    """Return the arguments of a request in their shape; raise Invalid for the first that does not fit."""
    return bodies.shaped(given, kind)


def words_in(text: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return what people wrote behind a command, word by word; the last field takes the rest."""
    return (
        dict(zip(fields, text.split(maxsplit=len(fields) - 1), strict=False))
        if fields
        else {}
    )


def number_in(text: str, field: str) -> int:
    """Return a whole number that people wrote; raise Invalid for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid(field, "whole_number")
    return int(text)


def quantity_in(text: str) -> int | None:
    """Return a quantity that people wrote, ``2`` or ``0,350``, in thousandths; None for what is none.

    Raises Invalid for one with more decimals than are counted, and for ``1.500``, which is read in two ways here.
    """
    parts = _QUANTITY.fullmatch(text)
    if parts is None:
        return None
    if parts[2] is not None and len(parts[2]) > DECIMALS:
        raise Invalid("quantity", "quantity_decimals")
    if (
        "." in text and len(parts[2]) == DECIMALS and int(parts[1])
    ):  # one and a half, or one thousand five hundred
        raise Invalid("quantity", "quantity_two_ways")
    return int(parts[1]) * MILLI + int((parts[2] or "0").ljust(DECIMALS, "0"))


def encoded(request: Request) -> bytes:
    """Return what a request asks, as the bytes that its key is bound to."""
    return msgspec.json.encode(request.arguments)
