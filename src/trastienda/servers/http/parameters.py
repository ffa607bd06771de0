"""Parameters of queries and paths, declared as structs.

A field is what a handler reads: its name and type are English, ``name=`` is the name on
the wire, and the :class:`Parameter` in its annotation says how its text is read and how
documents describe it::

    class SalesQuery(Struct, frozen=True, kw_only=True):
        owed: Annotated[bool | None, flag("Solo las pendientes")] = field(
            default=None, name="pendientes"
        )
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeVar, get_args
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from trastienda.domain.days import ONE_DAY, day_start_ms
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.lists import DEFAULT_LIMIT, MAX_LIMIT, Window
from trastienda.domain.rut import normalise
from trastienda.wire.names import Verbatim
from trastienda.wire.values import FLAGS, day_in, flag_in

S = TypeVar("S", bound=Struct)

MAX_PARAMETERS = 50
"""Parameters in a query. No route knows so many, and the parser stops there."""
MAX_VALUE_LENGTH = 200
"""Characters in a query parameter.

Each word of a search is one more condition on every row.
"""
MAX_ID_DIGITS = 18
"""Digits of a number in a path; what has more is the number of no row."""


class Parameter(Struct, frozen=True):
    """How the text of a parameter becomes a value, and how documents describe it."""

    read: Callable[[str, str], Any]
    """Takes the text and the name of the parameter.

    Raises Invalid, or in a path NotFound.
    """
    schema: Mapping[str, Any]
    """JSON Schema of what may be written."""
    example: str | int | bool
    """A value that the schema admits, as a program writes it."""
    description: str = ""

    @property
    def is_number(self) -> bool:
        """Whether only whole numbers may be written."""
        return bool(self.schema["type"] == "integer")


class Declared(Struct, frozen=True):
    """A parameter of a struct: which attribute holds it, and its name on the wire."""

    attribute: str
    name: str
    field: Verbatim
    """The name as refusals take it."""
    parameter: Parameter

    def read(self, text: str) -> Any:
        """Return the value of a text; raise Invalid, or in a path NotFound."""
        return self.parameter.read(text, self.field)


@cache
def declared(shape: type[Struct]) -> Sequence[Declared]:
    """Return the parameters that a struct declares, in their order."""
    parameters = []
    for field_info in msgspec.structs.fields(shape):
        _, parameter = get_args(field_info.type)
        wire_name = field_info.encode_name
        parameters.append(
            Declared(
                attribute=field_info.name,
                name=wire_name,
                field=Verbatim(wire_name),
                parameter=parameter,
            )
        )

    return tuple(parameters)


def read_query(
    shape: type[S],
    texts: Mapping[str, str],
) -> S:
    """Return the parameters of a query; what is not in ``texts`` has its default.

    Raises Invalid.
    """
    values = {}
    for parameter in declared(shape):
        text = texts.get(parameter.name)
        if text is not None:
            values[parameter.attribute] = parameter.read(text)

    return shape(**values)


def read_path(
    shape: type[S],
    texts: Mapping[str, str],
) -> S:
    """Return the parameters of a path.

    Raises NotFound where they name nothing that could exist.
    """
    values = []
    for parameter in declared(shape):
        text = texts[parameter.name]
        values.append(parameter.read(text))

    return shape(*values)


def split_query(
    raw: bytes,
    known: frozenset[str],
) -> dict[str, str]:
    """Return the texts of a query string by name.

    Raises Invalid for a name that is not known or comes twice, and for a text that no
    parameter takes.
    """
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError as error:
        raise Invalid("query", "query_encoding") from error

    texts: dict[str, str] = {}
    for name, text in pairs:
        parameter_name = Verbatim(name)
        if name not in known:
            raise Invalid(parameter_name, "unknown")
        if name in texts:
            raise Invalid(parameter_name, "repeated")
        if "\x00" in text:
            raise Invalid(parameter_name, "control_characters")
        if len(text) > MAX_VALUE_LENGTH:
            raise Invalid(parameter_name, "too_long", limit=MAX_VALUE_LENGTH)

        texts[name] = text

    return texts


def text(
    description: str = "",
    *,
    example: str = "leche",
) -> Parameter:
    """Declare any text."""
    schema = {"type": "string"}
    return Parameter(_as_it_is, schema, example, description)


def flag(description: str) -> Parameter:
    """Declare a yes or no."""
    schema = {"type": "string", "enum": list(FLAGS)}
    return Parameter(flag_in, schema, True, description)


def day(description: str) -> Parameter:
    """Declare a day of the shop."""
    schema = {"type": "string", "format": "date"}
    return Parameter(day_in, schema, "2026-01-31", description)


def rut(description: str) -> Parameter:
    """Declare a RUT in any of its spellings."""
    schema = {"type": "string"}
    return Parameter(normalise, schema, "1-9", description)


def option(
    values: Mapping[str, Any],
    description: str,
) -> Parameter:
    """Declare one of a few texts, each of which stands for a value."""

    def read(
        text: str,
        name: str,
    ) -> Any:
        if text not in values:
            options = ", ".join(values)
            raise Invalid(name, "not_an_option", options=options)
        return values[text]

    texts = list(values)
    schema = {"type": "string", "enum": texts}
    return Parameter(read, schema, texts[0], description)


def number_option(
    numbers: Sequence[int],
    description: str,
) -> Parameter:
    """Declare one of a few numbers."""
    values = {str(number): number for number in numbers}
    as_text = option(values, description)
    schema = {"type": "integer", "enum": list(numbers)}
    return Parameter(as_text.read, schema, numbers[0], description)


def row_id() -> Parameter:
    """Declare, in a path, the number of a row.

    What can be no such number is not found.
    """

    def read(
        text: str,
        name: str,
    ) -> int:
        is_number = text.isascii() and text.isdigit()
        if not is_number or len(text) > MAX_ID_DIGITS:
            raise NotFound
        return int(text)

    return Parameter(read, {"type": "integer"}, 1)


def announcement(description: str) -> Parameter:
    """Declare the number of an announcement, as ``Trastienda-N`` says it."""

    def read(
        text: str,
        name: str,
    ) -> int:
        is_number = text.isascii() and text.isdigit()
        if not is_number or len(text) > MAX_ID_DIGITS:
            raise Invalid(name, "whole_number")
        return int(text)

    schema = {"type": "integer", "minimum": 0, "maximum": 10**MAX_ID_DIGITS - 1}
    return Parameter(read, schema, 0, description)


def _as_it_is(
    text: str,
    name: str,
) -> str:
    return text


def _limit_in(
    text: str,
    name: str,
) -> int:
    """Return the length of a page; a number of many digits is refused unread."""
    is_short_number = text.isascii() and text.isdigit() and len(text) < 9
    limit = int(text) if is_short_number else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(name, "limit_range")
    return limit


_LIMIT = Parameter(
    read=_limit_in,
    schema={
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_LIMIT,
        "default": DEFAULT_LIMIT,
    },
    example=DEFAULT_LIMIT,
    description="Cuántos a lo sumo",
)
_CURSOR = Parameter(
    read=_as_it_is,
    schema={"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    example="MQ",
    description="De «siguiente» de la página anterior",
)
_FIRST_DAY = day("Primer día, en la zona de la tienda")
_LAST_DAY = day("Último día, incluido")
_SEARCH = text("Texto por buscar")
_COUNTED = flag("Dice también cuántos son en total")


class NoParameters(Struct, frozen=True):
    """No parameters at all."""


class ListQuery(Struct, frozen=True, kw_only=True):
    """What may be asked of every list."""

    limit: Annotated[int, _LIMIT] = field(default=DEFAULT_LIMIT, name="limite")
    cursor: Annotated[str | None, _CURSOR] = None
    first_day: Annotated[date | None, _FIRST_DAY] = field(default=None, name="desde")
    last_day: Annotated[date | None, _LAST_DAY] = field(default=None, name="hasta")
    search: Annotated[str | None, _SEARCH] = field(default=None, name="q")
    counted: Annotated[bool | None, _COUNTED] = field(default=None, name="contar")

    def window(self, time_zone: ZoneInfo) -> Window:
        """Return the part of the list that is asked for, by the days of a time zone."""
        from_ms = None
        if self.first_day is not None:
            from_ms = day_start_ms(self.first_day, time_zone)

        # After the last day comes its next midnight; the calendar has none after 9999.
        until_ms = None
        if self.last_day is not None and self.last_day.year < date.max.year:
            next_day = self.last_day + ONE_DAY
            until_ms = day_start_ms(next_day, time_zone)

        return Window(
            limit=self.limit,
            cursor=self.cursor,
            from_ms=from_ms,
            until_ms=until_ms,
            search=self.search,
            counted=bool(self.counted),
        )


@cache
def query_parameters(
    query: type[Struct],
    *,
    listed: bool,
) -> Sequence[Declared]:
    """Return all parameters of a route's query: those of every list, then its own."""
    own = declared(query)
    if not listed:
        return own
    return (*declared(ListQuery), *own)


@cache
def known_names(
    query: type[Struct],
    *,
    listed: bool,
) -> frozenset[str]:
    """Return the names of all parameters of a route's query."""
    parameters = query_parameters(query, listed=listed)
    return frozenset(parameter.name for parameter in parameters)
