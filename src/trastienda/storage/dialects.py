"""What differs between databases, and nothing else: types, connections, transactions, triggers, statements in sets.

SQLite is the one at home today. Another database adds its branch to each function here and touches no other file.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles

from trastienda.storage.errors import BusyError

Engine = sa.Engine
Connection = sa.Connection
"""What other rooms hold without knowing what it is."""

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another process (an import, a backup) before it gives up."""
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
"""What SQLite answers then."""

# The driver looks for an adapter of each null that it binds, in three places before it gives
# up. Here it finds one at the first: a null then costs a third, and a sale has fifteen.
sqlite3.register_adapter(type(None), lambda null: null)

SQLITE_VARIABLES = 500
"""Values in one IN list; far below SQLite's limit of 32,766, and each length is a statement of its own to prepare."""


@compiles(sa.BigInteger, "sqlite")
@compiles(sa.Boolean, "sqlite")
def _integer(*_: Any, **__: Any) -> str:
    return "INTEGER"  # the only integer type of a STRICT table, and the one that makes a primary key the row's number


@compiles(sa.String, "sqlite")
@compiles(sa.Text, "sqlite")
def _text(*_: Any, **__: Any) -> str:
    return "TEXT"


def create_engine(url: str, *, durable: bool = True) -> sa.Engine:
    """Return an engine for ``url`` whose transactions begin when and as we say.

    ``durable`` False is for throw-away shops (the demo): a power cut may lose their last writes.
    """
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = (
            None  # the driver must not begin by itself: see begin_write and begin_read
        )
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(
            "PRAGMA cache_size = -16384"
        )  # KiB; the hot part of a big shop, and no more
        cursor.execute("PRAGMA wal_autocheckpoint = 2000")  # pages
        cursor.execute(
            "PRAGMA recursive_triggers = ON"
        )  # else REPLACE deletes append-only rows unseen
        cursor.close()

    return engine


def file_of(url: sa.URL) -> Path | None:
    """Return the file in which the database lies; None for one that lies in none, or that only SQLite can tell."""
    name = url.database
    return (
        Path(name)
        if name and name != ":memory:" and not name.startswith("file:")
        else None
    )


def connect(engine: sa.Engine) -> sa.Connection:
    """Return a connection on which nothing begins by itself."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def begin_write(connection: sa.Connection) -> None:
    """Begin a transaction that may write; it waits here, not later, for another writer. Raises BusyError."""
    try:
        _driver(connection).execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in BUSY:
            raise BusyError(str(error)) from error
        raise


def begin_read(connection: sa.Connection) -> None:
    """Begin a transaction that sees one state of the shop until it ends."""
    _driver(connection).execute("BEGIN")


def commit(connection: sa.Connection) -> None:
    """Commit; on return all of it is on the disk."""
    _driver(connection).execute("COMMIT")


def rollback(connection: sa.Connection) -> None:
    """Roll back whatever is open, if anything is."""
    driver = _driver(connection)
    if driver is not None and driver.in_transaction:
        driver.execute("ROLLBACK")


def savepoint(connection: sa.Connection) -> None:
    """Begin what can be undone by itself."""
    _driver(connection).execute("SAVEPOINT call_")


def release(connection: sa.Connection) -> None:
    """Keep what was done since the savepoint."""
    _driver(connection).execute("RELEASE call_")


def rollback_to_savepoint(connection: sa.Connection) -> None:
    """Undo what was done since the savepoint."""
    driver = _driver(connection)
    driver.execute("ROLLBACK TO call_")
    driver.execute("RELEASE call_")


def ended_transaction(connection: sa.Connection) -> bool:
    """Tell whether an error has ended the whole transaction, not the statement alone (a full disk, for one)."""
    driver = _driver(connection)
    return driver is None or not driver.in_transaction


def change_counter(connection: sa.Connection) -> int:
    """Return a number that differs when another connection has committed since; it costs no read of the database."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


class Prepared:
    """A query compiled once and sent to the driver as it is: for the few that every sale and every look-up runs.

    Through the engine the same look-up takes three times as long; rows come as plain tuples, flags in them as 0 and 1.
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        self._query = query
        self._text: str | None = None
        self._order: list[str] = []
        self._fixed: dict[str, Any] = {}

    def __call__(
        self, connection: sa.Connection, **values: Any
    ) -> list[tuple[Any, ...]]:
        """Return all rows of the query with these values."""
        if self._text is None:
            compiled = self._query.compile(dialect=connection.dialect)
            self._order, self._fixed = list(compiled.positiontup or ()), compiled.params
            self._text = str(compiled)
        parameters = [
            values[name] if name in values else self._fixed[name]
            for name in self._order
        ]
        rows: list[tuple[Any, ...]] = (
            _driver(connection).execute(self._text, parameters).fetchall()
        )
        return rows


class _Among(sa.ColumnElement[bool]):
    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values: sa.BindParameter[str] = sa.bindparam(name)
        self.type = sa.Boolean()

    def self_group(self, against: Any = None) -> Self:
        """Stand as it is: a ``= 1`` put behind it would keep the database from using an index."""
        return self


@compiles(_Among, "sqlite")
def _among(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (
        compiler.process(element.column, **options),
        compiler.process(element.values, **options),
    )
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled pieces


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Keep the rows whose ``column`` is in the :func:`array` given as ``name``: one statement for any number."""
    return _Among(column, name)


def array(values: Iterable[Any]) -> str:
    """Return values as :func:`among` takes them."""
    return msgspec.json.encode(list(values)).decode()


def insert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert ``rows``, each with the values of all of the table's columns in their order.

    The statement is compiled once and the rows go to the driver as they are, which in sets takes a third of the time.
    """
    if rows:
        _driver(connection).executemany(
            _insert_text(table, connection.dialect.name), rows
        )


@cache
def _insert_text(table: sa.Table, dialect_name: str) -> str:
    dialect = sa.create_engine(f"{dialect_name}://").dialect
    return str(
        table.insert().compile(
            dialect=dialect, column_keys=[column.key for column in table.columns]
        )
    )


def execute_set(
    connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
) -> int:
    """Execute ``statement`` (with ``?``) for each of ``rows`` and return how many rows it changed in all."""
    return int(_driver(connection).executemany(statement, rows).rowcount)


def text_index_statements(name: str) -> list[str]:
    """Return the statements that make an index of texts, in which accents and case do not matter."""
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"
    ]


def index_texts(
    connection: sa.Connection, name: str, rows: Sequence[tuple[int, str]]
) -> None:
    """Add texts, each with its number, to an index of texts."""
    statement = f"INSERT INTO {name} (rowid, text) VALUES (?, ?)"  # noqa: S608 - our name
    _driver(connection).executemany(statement, rows)


def unindex_text(connection: sa.Connection, name: str, number: int, text: str) -> None:
    """Take a text out of an index of texts, given as it was put in."""
    statement = f"INSERT INTO {name} ({name}, rowid, text) VALUES ('delete', ?, ?)"  # noqa: S608 - our name
    _driver(connection).execute(statement, (number, text))


def find_texts(
    connection: sa.Connection,
    name: str,
    words: Iterable[str],
    first: int,
    last: int,
    limit: int,
) -> list[int]:
    """Return the numbers, from ``first`` to ``last``, of texts that have a word beginning with each of ``words``.

    The highest come first, at most ``limit``.
    """
    statement = f"SELECT rowid FROM {name} WHERE {name} MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
    return [
        row[0]
        for row in _driver(connection).execute(
            statement, (_beginning(words), first, last, limit)
        )
    ]


def find_texts_by_group(
    connection: sa.Connection, name: str, words: Iterable[str], bits: int, limit: int
) -> Iterator[tuple[int, list[int]]]:
    """Yield what :func:`find_texts` finds of each group: numbers that differ in no more than their last ``bits``.

    The index is walked once, however many groups there are.
    """
    place = (
        f"row_number() OVER (PARTITION BY rowid >> {bits} ORDER BY rowid DESC) AS place"
    )
    found = f"SELECT rowid, {place} FROM {name} WHERE {name} MATCH ?"  # noqa: S608 - our name
    statement = f"SELECT rowid FROM ({found}) WHERE place <= ? ORDER BY rowid DESC"  # noqa: S608
    numbers = (
        row[0]
        for row in _driver(connection).execute(statement, (_beginning(words), limit))
    )
    for group, some in groupby(numbers, key=lambda number: number >> bits):
        yield group, list(some)


def _beginning(words: Iterable[str]) -> str:
    return " ".join('"' + word.replace('"', '""') + '"*' for word in words)


def sealing_statements(table: str, columns: Sequence[str]) -> list[str]:
    """Return the statements that forbid to delete rows of ``table`` and to change ``columns`` of them."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {', '.join(columns)} ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
    ]


def damage(connection: sa.Connection) -> str | None:
    """Return what the database finds wrong with its own pages, indexes and checks; None where nothing is."""
    found = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
    return None if found == "ok" else found
