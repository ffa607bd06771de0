"""Where each column of a document's tables stands in its struct.

It is said once, and serves for writing rows, for reading them, and for reading them again
when the books are proven.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.attributes import check_path
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Person
from trastienda.domain.sales import Reduction
from trastienda.storage import schema

Item = TypeVar("Item", bound=Struct)
Row = Sequence[Any]
"""Values of the table's columns in their order; what comes after them is not looked at."""


class UnreadableValueError(Exception):
    """A column holds what no value is written as: somebody wrote it by hand."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


class Conversion(Struct, frozen=True):
    """How a value stands in its column, where it does not stand there as it is."""

    to_value: Callable[[Any], Any]
    """From the column. Raises KeyError or DecodeError for what cannot be read."""
    to_column: Callable[[Any], Any] | None = None
    """For values that the driver does not take as they are. It is not asked about empty ones."""
    empty: str = ""
    """What stands in the column for an empty value; it costs the driver less than a null."""


def _as_json(item: type[Struct]) -> Conversion:
    """Return how a few structs stand in one column."""
    items = msgspec.json.Decoder(tuple[item, ...])  # type: ignore[valid-type]
    return Conversion(
        to_value=lambda text: items.decode(text) if text else (),
        to_column=lambda values: msgspec.json.encode(values).decode(),
    )


FLAG = Conversion(bool)
METHOD = Conversion({method.value: method for method in Method}.__getitem__)
REDUCTIONS = _as_json(Reduction)
PAYMENTS = _as_json(Payment)


def name_at(
    user_id: sa.Column[int],
    at_ms: sa.Column[int],
) -> sa.ScalarSelect[str]:
    """Return what a user was called at a moment."""
    names = schema.user_names.c
    names_until_then = sa.select(names.name).where(
        names.user_id == user_id,
        names.from_ms <= at_ms,
    )
    newest_first = names_until_then.order_by(names.from_ms.desc())
    return newest_first.limit(1).scalar_subquery()


def with_person(
    table: sa.Table,
    user_id: sa.Column[int],
) -> sa.Select[Any]:
    """Return the query of a table's columns, with the user of ``user_id`` for :func:`person_of`.

    The user has the name of the row's moment.
    """
    users = schema.users.c
    person_name = name_at(user_id, table.c.at_ms).label("person_name")
    query = sa.select(table, users.rut.label("person_rut"), person_name)
    return query.outerjoin_from(table, schema.users, users.id == user_id)


def person_of(row: sa.Row[*tuple[Any, ...]]) -> Person | None:
    """Return the user of a row of :func:`with_person`, if it names one."""
    if row.person_rut is None:
        return None
    return Person(row.person_rut, row.person_name)


class Columns(Generic[Item]):
    """A table whose rows are structs: after its key columns, the struct's fields in their order."""

    def __init__(
        self,
        table: sa.Table,
        struct: type[Item],
        *,
        keys: int = 0,
        paths: Mapping[str, str] = {},
        conversions: Mapping[str, Conversion] = {},
    ) -> None:
        """Say where the columns stand.

        ``keys``: so many columns come first that are not in the struct. ``paths``: the
        attribute of a column that is not called like it. ``conversions``: how columns other
        than flags are written and read.
        """
        self.table = table
        columns = list(table.columns)[keys:]
        self.names = tuple(column.key for column in columns)
        self._struct = struct
        self._keys = keys
        self._end = keys + len(columns)

        flags = [
            column.key for column in columns if isinstance(column.type, sa.Boolean)
        ]
        conversions = {**dict.fromkeys(flags, FLAG), **conversions}
        self._to_value = [
            (keys + self.names.index(name), conversion.to_value)
            for name, conversion in conversions.items()
        ]
        self.row = self._writer(paths, conversions)
        """Return the row of an item as it is written; its keys follow it as arguments."""

    def _writer(
        self,
        paths: Mapping[str, str],
        conversions: Mapping[str, Conversion],
    ) -> Callable[..., tuple[Any, ...]]:
        """Compile the tuple of an item's values, as one would write it by hand.

        Every sale passes here, so it must be fast.
        """
        keys = [f"key{number}" for number in range(self._keys)]
        values = []
        functions: dict[str, Any] = {}
        for name in self.names:
            value = "item." + check_path(paths.get(name, name))
            conversion = conversions.get(name)
            if conversion is not None and conversion.to_column is not None:
                functions[f"write_{name}"] = conversion.to_column
                value = f"(write_{name}({value}) if {value} else {conversion.empty!r})"
            values.append(value)
        arguments = ", ".join(["item", *keys])
        row = ", ".join([*keys, *values])
        writer: Callable[..., tuple[Any, ...]] = eval(  # noqa: S307 - names of our own columns
            f"lambda {arguments}: ({row},)", functions
        )
        return writer

    def _converted(self, row: Row) -> list[Any]:
        values = list(row)
        for place, convert in self._to_value:
            try:
                values[place] = convert(values[place])
            except (KeyError, msgspec.DecodeError) as error:
                raise UnreadableValueError(self.names[place - self._keys]) from error
        return values

    def read(self, row: Row) -> Item:
        """Return the struct of a row; raise UnreadableValueError."""
        values = self._converted(row)
        return self._struct(*values[self._keys : self._end])


class DocumentColumns(Columns[Item]):
    """The table of documents.

    A document has lines and people besides its columns, which are read elsewhere.
    """

    def __init__(
        self,
        table: sa.Table,
        struct: type[Item],
        *,
        parts: Mapping[str, type[Struct]],
        conversions: Mapping[str, Conversion] = {},
        paths: Mapping[str, str] = {},
    ) -> None:
        """Say where the columns stand; ``parts`` are fields whose own fields are columns."""
        self._parts = [
            (field, part, part.__struct_fields__) for field, part in parts.items()
        ]
        paths = dict(paths)
        for field, _, names in self._parts:
            paths |= {name: f"{field}.{name}" for name in names}
        super().__init__(table, struct, paths=paths, conversions=conversions)

    def read(
        self,
        row: Row,
        **others: Any,
    ) -> Item:
        """Return the document of a row, with its ``others`` fields; raise UnreadableValueError."""
        values = dict(zip(self.names, self._converted(row), strict=False))
        for field, part, names in self._parts:
            values[field] = part(*[values.pop(name) for name in names])
        return self._struct(**values, **others)
