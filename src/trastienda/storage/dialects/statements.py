"""Statements in a form that every database runs in its own way."""

from collections.abc import Iterable
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from msgspec import Struct


class Compiled(Struct):
    """A statement as a driver takes it."""

    text: str
    names: tuple[str, ...]
    """Of its values, in their order."""
    constants: dict[str, Any]
    """Values that the statement itself brings along."""


class _Statement:
    """A statement that is compiled once for each kind of database."""

    def __init__(self, statement: sa.Select[Any] | sa.Update) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: sa.Dialect) -> Compiled:
        """Return the statement as the drivers of ``dialect`` take it."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            sql = self._statement.compile(dialect=dialect)
            names = tuple(sql.positiontup or ())
            compiled = Compiled(str(sql), names, dict(sql.params))
            self._compiled[dialect.name] = compiled
        return compiled


class Prepared(_Statement):
    """A query for the few look-ups that every sale and every answer runs.

    It goes to the driver as it is. Through the engine the same look-up takes three times
    as long. Rows come as plain tuples, flags in them as 0 and 1.
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        super().__init__(query)


class SetUpdate(_Statement):
    """An update that is run for each of a set of rows.

    ``names`` are those of its parameters, in the order of the values in a row. They come
    in the order of the statement: first what is set, then the conditions.
    """

    def __init__(
        self,
        statement: sa.Update,
        names: tuple[str, ...],
    ) -> None:
        super().__init__(statement)
        self.names = names


class Among(sa.ColumnElement[bool]):
    """The condition that a column is in a list given as one value."""

    inherit_cache = True

    def __init__(
        self,
        column: sa.ColumnElement[Any],
        name: str,
    ) -> None:
        self.column = column
        self.values: sa.BindParameter[str] = sa.bindparam(name)
        self.type = sa.Boolean()

    def self_group(self, against: Any = None) -> Self:
        """Stand as it is: a ``= 1`` behind it would keep an index from being used."""
        return self


def among(
    column: sa.ColumnElement[Any],
    name: str,
) -> sa.ColumnElement[bool]:
    """Keep the rows whose ``column`` is in the :func:`array` given as ``name``.

    It is one statement, however many values there are.
    """
    return Among(column, name)


def array(values: Iterable[Any]) -> str:
    """Return values as :func:`among` takes them."""
    encoded = msgspec.json.encode(list(values))
    return encoded.decode()


def written_out(number: int) -> sa.ColumnElement[int]:
    """Return a number that stands in the statement itself, not as a parameter.

    Only so a planner sees that an index of some of the rows serves.
    """
    return sa.literal_column(str(number), sa.BigInteger)
