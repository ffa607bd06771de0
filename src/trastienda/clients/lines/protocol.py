"""The line protocol as a program speaks it, free of I/O: bytes into answers and events."""

import itertools
from typing import Any

import msgspec
from msgspec import Struct

from trastienda.wire.chat import Mensaje, Presencia
from trastienda.wire.lines import prompt
from trastienda.wire.products import Producto, ProductoFuera, Stock

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Some hundred times the longest announcement of a shop. What is longer is from none."""
PROMPT = prompt.PROMPT.encode()
"""What a person is asked, with no line break behind it; so it stands before the first line."""

_SHAPES: dict[str, tuple[Any, ...]] = {
    "mensaje": (Mensaje,),
    "presencia": (Presencia,),
    "stock": (Stock,),
    "producto": (Producto, ProductoFuera),
}
"""What people look at. The rest stays a mapping: its shapes would slow every start."""


class NotAShopError(Exception):
    """What answers at this port does not speak as a shop does."""


class Answer(Struct, frozen=True):
    """The answer to a request, by the number that the request was given."""

    number: int
    fields: dict[str, Any]
    """Its members but ``id`` and ``ok``."""
    code: str | None = None
    """Why it was refused: the stable ``codigo``; None if it was not."""


class Announced(Struct, frozen=True):
    """Something that the shop announced."""

    name: str
    """How it is called on the wire: ``mensaje``, ``stock`` …"""
    body: Any
    """In its shape of ``wire``; a mapping for what has none here."""
    n: int | None = None
    """Its number, by which it can be asked for again; None for what is of the moment."""


class Protocol:
    """One connection: it numbers requests, and reads what comes."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._unfinished = bytearray()
        self._is_greeted = False

    def request(
        self,
        action: str,
        fields: dict[str, Any],
    ) -> tuple[int, bytes]:
        """Return the number of a new request, and its bytes."""
        number = next(self._numbers)
        line = msgspec.json.encode({"id": number, "accion": action, **fields})
        return number, line + b"\n"

    def feed(self, data: bytes) -> list[Answer | Announced]:
        """Return what has come whole with one more piece; raise NotAShopError."""
        self._unfinished += data
        *lines, rest = bytes(self._unfinished).split(b"\n")
        self._unfinished = bytearray(rest)
        if len(rest) > MAX_LINE_BYTES:
            raise NotAShopError("a line without an end")

        come = []
        for line in lines:
            item = self._read(line)
            if item is not None:
                come.append(item)
        return come

    def _read(self, line: bytes) -> Answer | Announced | None:
        """Read a line; return None for one that is for people."""
        if not self._is_greeted:
            line = line.removeprefix(PROMPT)
        if not line.startswith(b"{"):
            return None

        self._is_greeted = True
        try:
            fields = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotAShopError(str(error)) from error
        if "evento" in fields:
            return _announced(fields)
        return _answer(fields)


def _answer(fields: dict[str, Any]) -> Answer:
    number, is_done = fields.pop("id", None), fields.pop("ok", None)
    if not isinstance(number, int):
        raise NotAShopError("an answer to nothing that was asked")
    if is_done is True:
        return Answer(number, fields)
    return Answer(number, fields, str(fields.get("codigo", "")))


def _announced(fields: dict[str, Any]) -> Announced:
    name, n = str(fields.pop("evento")), fields.pop("n", None)
    if n is not None and not isinstance(n, int):
        raise NotAShopError("an announcement with no number where it stands")
    for shape in _SHAPES.get(name, ()):
        try:
            return Announced(name, msgspec.convert(fields, shape), n)
        except msgspec.ValidationError:  # of another role, or newer than this program
            continue
    return Announced(name, fields, n)
