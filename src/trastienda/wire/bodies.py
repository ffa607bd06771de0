"""JSON bodies: decoded into the shape that is expected, or refused.

A refusal names the field and the reason in Spanish.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from trastienda.domain.audit import digest
from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MAX_QUANTITY_MILLI
from trastienda.wire.names import Verbatim

T = TypeVar("T")


WHOLE_BODY = "cuerpo"
"""The field of a refusal that is about the body as a whole."""


class UnreadableError(Exception):
    """The bytes are no JSON."""


_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)
_FIELD = re.compile(
    r"Object (missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL
)
_TYPE = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_STEP = re.compile(r"[^.\[\]]+")
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


_BOUND = re.compile(r"Expected `(?P<type>int|float)` (?P<side>[<>]=) (?P<limit>\S+)")
_SIDES = {">=": "desde", "<=": "hasta"}


def _options(
    shape: Any,
    path: str,
) -> str:
    """Return the texts that are taken at a place of a shape, as ``detalle[0].medio``."""
    kinds = _alternatives(inspect.type_info(shape))
    for step in _STEP.findall(path):
        kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    texts = [
        str(text)
        for kind in kinds
        if isinstance(kind, inspect.LiteralType)
        for text in kind.values
    ]
    return ", ".join(texts)


def _inside(
    kind: inspect.Type,
    step: str,
) -> Sequence[inspect.Type]:
    """Return what may stand a step inside: in the field of that name, or in a list."""
    if isinstance(kind, inspect.ListType):
        return _alternatives(kind.item_type)
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            if field.encode_name == step:
                return _alternatives(field.type)
    return ()


def _alternatives(kind: inspect.Type) -> Sequence[inspect.Type]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def _complaint(
    error: msgspec.ValidationError,
    shape: Any,
) -> Invalid:
    """Return what msgspec says of a value as a refusal.

    It has the wire's own name of the field.
    """
    place = _PLACE.fullmatch(str(error))
    assert place is not None
    problem = place["problem"]
    path = place["path"] or ""
    path = path.removeprefix("$").removeprefix(".")

    if missing_or_unknown := _FIELD.match(problem):
        path = f"{path}.{missing_or_unknown['name']}".removeprefix(".")
        is_missing = missing_or_unknown[1] == "missing required"
        return Invalid(Verbatim(path), "required" if is_missing else "unknown")

    field = Verbatim(path or WHOLE_BODY)
    if wrong_type := _TYPE.match(problem):
        # That null would do, too, is not said.
        types = wrong_type["expected"].split(" | ")
        types = [name for name in types if name != "null"]
        expected = _TYPES.get(" | ".join(types))
        if expected is None:
            expected = " o ".join(_TYPES.get(name, name) for name in types)
        return Invalid(field, "wrong_type", expected=expected)

    if bound := _BOUND.fullmatch(problem):
        expected = f"{_TYPES[bound['type']]} {_SIDES[bound['side']]} {bound['limit']}"
        return Invalid(field, "wrong_type", expected=expected)

    if problem.startswith("Invalid enum value"):
        return Invalid(field, "not_an_option", options=_options(shape, path))
    if problem.endswith("out of range"):
        return Invalid(field, "too_large")
    return Invalid(field, "body_shape", problem=problem)


def decode(
    decoder: "msgspec.json.Decoder[T]",
    body: bytes,
) -> T:
    """Decode a body.

    Raises UnreadableError where it is no JSON, and Invalid where it has another shape.
    The field of such an Invalid is the wire's own name already.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        # Where the body is no JSON further on, that is the complaint.
        read(body)
        raise _complaint(error, decoder.type) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


def shaped(
    value: Any,
    shape: type[T],
) -> T:
    """Return a JSON value that has been read in the shape that is expected.

    Raises Invalid as :func:`decode` does.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise _complaint(error, shape) from error


def _number(digits: str) -> int | float:
    """Return a number with a point or an exponent, as an integer if it is whole."""
    number = float(digits)
    is_whole = abs(number) <= MAX_QUANTITY_MILLI and number.is_integer()
    return int(number) if is_whole else number


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


_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""A backslash, a character written as two halves, and a half that stands alone."""
_HALF = "\uffff"
"""What stands in the place of a half: no text has it."""


def read_event(body: bytes) -> Any:
    """Read a JSON value of a connection that stays open, as :func:`read` does.

    A script that cuts an emoji in two sends half a character. A text with one comes as
    bytes: it fits no shape, and so is refused as any field that is no text.
    """
    try:
        return read(body)
    except UnreadableError:
        marked = _ESCAPES.sub(_mark_half, body)
        if marked == body:
            raise
        return _without_halves(read(marked))


def _mark_half(escape: re.Match[bytes]) -> bytes:
    return escape[0] if escape["half"] is None else _HALF.encode()


def _without_halves(value: Any) -> Any:
    """Return a value with bytes in the place of each text that holds half a character."""
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_halves(item) for name, item in value.items()}
    if isinstance(value, str) and _HALF in value:
        return value.encode()
    return value


def fingerprint(
    place: str,
    body: bytes,
) -> str:
    """Return what requests share that ask for the same of the same ``place``.

    Their bodies are equal JSON values, however they are spelled.
    """
    value = read(body)
    canonical_body = msgspec.json.encode(value, order="deterministic")
    return digest(place.encode() + b"\n" + canonical_body)
