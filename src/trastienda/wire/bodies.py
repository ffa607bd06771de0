"""JSON bodies: decoded straight into the shape that is expected, every complaint in Spanish and in its place."""

import re
from typing import Any, TypeVar

import msgspec

from trastienda.domain.audit import digest
from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MAX_QUANTITY_MILLI
from trastienda.wire.names import Verbatim

T = TypeVar("T")


class UnreadableError(Exception):
    """The bytes are no JSON."""


_AT = re.compile(r"(?P<problem>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)
_FIELD = re.compile(
    r"Object (missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL
)
_TYPE = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_TYPES = {
    "str": "un texto",
    "int": "un número entero",
    "float": "un número",
    "int | float": "un número",
    "bool": "true o false",
    "object": "un objeto",
    "array": "una lista",
    "null": "null",
}


def _complaint(error: msgspec.ValidationError) -> Invalid:
    whole = _AT.fullmatch(str(error))
    problem, place = (
        (whole["problem"], whole["path"] or "$") if whole else (str(error), "$")
    )
    place = place.removeprefix("$").removeprefix(".")
    if field := _FIELD.match(problem):
        place = f"{place}.{field['name']}".removeprefix(".")
        return Invalid(
            Verbatim(place), "required" if field[1] == "missing required" else "unknown"
        )
    place = Verbatim(place or "cuerpo")
    if kind := _TYPE.match(problem):
        parts = [part for part in kind["expected"].split(" | ") if part != "null"]
        expected = _TYPES.get(" | ".join(parts)) or " o ".join(
            _TYPES.get(part, part) for part in parts
        )
        return Invalid(place, "wrong_type", expected=expected)
    if problem.startswith("Invalid enum value"):
        return Invalid(place, "not_an_option", options="véase la documentación")
    if problem.endswith("out of range"):
        return Invalid(place, "too_large")
    return Invalid(place, "body_shape", problem=problem)


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """Decode a body; raise UnreadableError where it is no JSON, Invalid where it has another shape.

    The field of such an Invalid is the wire's own name already.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        read(
            body
        )  # what is no JSON at all is told as such, whatever stood in front of the fault
        raise _complaint(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


def shaped(value: Any, kind: type[T]) -> T:
    """Return a JSON value that was read already in the shape that is expected; raise Invalid as :func:`decode` does."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _complaint(error) from error


def _number(text: str) -> int | float:
    value = float(text)
    return (
        int(value) if abs(value) <= MAX_QUANTITY_MILLI and value.is_integer() else value
    )


_ANYTHING: "msgspec.json.Decoder[Any]" = msgspec.json.Decoder(float_hook=_number)


def read(body: bytes) -> Any:
    """Read any JSON value, whole numbers as integers however they are written."""
    try:
        return _ANYTHING.decode(body)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
        ValueError,
    ) as error:
        raise UnreadableError(str(error)) from error


def fingerprint(place: str, body: bytes) -> str:
    """Return what two requests share that ask the same of the same ``place``: equal JSON values, however spelled."""
    return digest(
        place.encode() + b"\n" + msgspec.json.encode(read(body), order="deterministic")
    )
