"""SQLite: a shop in one file, with one writer at a time."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles

from trastienda.storage.dialects.layout import Layout, layout_of
from trastienda.storage.dialects.sqlite_texts import TextIndexes
from trastienda.storage.dialects.statements import Among, Prepared, SetUpdate
from trastienda.storage.dialects.write_lock import (
    WAIT_S,
    Patience,
    WriteLock,
    wait_for,
)
from trastienda.storage.errors import (
    BusyError,
    LostError,
    UnreadableError,
    UnreadableTextError,
)

Value = TypeVar("Value")

BUSY_TIMEOUT_MS = 500
"""How long SQLite itself waits for another process before whoever waits is asked again."""
BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
"""What SQLite answers then."""
MAX_IN_LIST = 500
"""Values in one IN list. SQLite takes 32,766, but each length is a statement of its own
to prepare."""
CACHE_KIB = 16_384
"""Of each connection: the hot part of a big shop, and no more."""
CHECKPOINT_PAGES = 2000
"""After so many pages in the log of writes, they are put into the database."""

# The driver looks for an adapter of each null that it binds, in three places before it gives
# up. Here it finds one at the first: a null then costs a third, and a sale has fifteen.
sqlite3.register_adapter(type(None), lambda null: null)

_NO_TEXT = re.compile(r"Could not decode to UTF-8 column '(\w+)'")
"""What the driver says of a text that is none; the text itself follows."""
_DIALECT = SQLiteDialect_pysqlite()


@compiles(sa.BigInteger, "sqlite")
@compiles(sa.Boolean, "sqlite")
def _integer(
    *_: Any,
    **__: Any,
) -> str:
    # The only integer type of a STRICT table, and the one that makes a primary key the
    # number of the row.
    return "INTEGER"


@compiles(sa.String, "sqlite")
@compiles(sa.Text, "sqlite")
def _text(
    *_: Any,
    **__: Any,
) -> str:
    return "TEXT"


@compiles(Among, "sqlite")
def _among(element: Among, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    values = compiler.process(element.values, **options)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


class SQLiteConnection(TextIndexes):
    """A connection to a database in a file. Of one thread at a time."""

    max_in_list = MAX_IN_LIST
    """Values that one IN list takes."""

    def __init__(
        self,
        sql: sa.Connection,
        lock: WriteLock | None,
    ) -> None:
        self.sql = sql
        """SQLAlchemy's connection, for migrations."""
        self._lock = lock
        """Of all who write; None where nobody else can."""
        self._driver: Any = sql.connection.driver_connection
        self.is_lost: Callable[[], bool] = lambda: False
        """Whether the file has been removed or replaced since it was opened."""

    def configure(self, synchronous: str | None) -> None:
        """Set what holds for this connection alone, or for good.

        ``synchronous`` None is for a database that is only looked at.
        """
        self._driver.isolation_level = None  # the driver begins nothing by itself
        ways = ["query_only = ON"]
        if synchronous is not None:
            ways = [
                "journal_mode = WAL",
                f"synchronous = {synchronous}",
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            ]
        for setting in (
            *ways,
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "foreign_keys = ON",
            f"cache_size = -{CACHE_KIB}",
            "trusted_schema = OFF",  # what stands in a foreign one may run nothing
            "recursive_triggers = ON",  # else REPLACE deletes append-only rows unseen
        ):
            self._driver.execute(f"PRAGMA {setting}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. What was not committed is lost."""
        if not self.is_usable():
            self.sql.invalidate()  # nothing is left that could be ended in good order
        self.sql.close()
        if self._lock is not None:
            self._lock.close()

    def is_usable(self) -> bool:
        """Return whether the connection still takes statements."""
        try:
            self._driver.execute("SELECT 1")
        except sqlite3.Error:
            return False
        return True

    # Transactions

    def begin_write(self, waits_on: Patience | None = None) -> None:
        """Begin a transaction that may write.

        Another writer is waited for here and not later, so that what is read in it stays
        true until its end: as long as ``waits_on`` says, else :data:`WAIT_S`. Raises
        BusyError, DiskFullError or UnreadableError where there is no locking, and
        LostError where nothing would be kept.
        """
        if self.is_lost():
            raise LostError("the file has been removed or replaced")
        waits_on = waits_on or wait_for(WAIT_S)
        if self._lock is not None:
            self._lock.claim(waits_on)
        while True:
            try:
                self._driver.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                is_busy = code_of(error) in BUSY_CODES
                if is_busy and waits_on():
                    continue
                self._release_lock()
                if is_busy:
                    raise BusyError(str(error)) from error
                raise
            return

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def begin_read(self) -> None:
        """Begin a transaction that sees one state of the shop until it ends."""
        self._driver.execute("BEGIN")

    def commit(self) -> None:
        """Commit; on return all of it is on the disk."""
        self._driver.execute("COMMIT")
        self._release_lock()  # not before: a commit may put the log into the database

    def rollback(self) -> None:
        """Roll back whatever is open, if anything is."""
        try:
            if self.in_transaction():
                self._driver.execute("ROLLBACK")
        finally:
            self._release_lock()

    def in_transaction(self) -> bool:
        """Return whether a transaction is open.

        Some errors end the whole transaction, not the statement alone: a full disk does.
        """
        try:
            return bool(self._driver.in_transaction)
        except sqlite3.ProgrammingError:  # the connection is closed
            return False

    def savepoint(self) -> None:
        """Begin what can be undone by itself."""
        self._driver.execute("SAVEPOINT call_")

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        self._driver.execute("RELEASE call_")

    def rollback_to_savepoint(self) -> None:
        """Undo what was done since the savepoint."""
        self._driver.execute("ROLLBACK TO call_")
        self._driver.execute("RELEASE call_")

    # Queries

    def execute(
        self,
        statement: sa.Executable,
        parameters: Any = None,
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        """Run a statement through the engine, with one set of parameters or a list."""
        return self.sql.execute(statement, parameters)

    def fetch(
        self,
        query: Prepared,
        **values: Any,
    ) -> list[tuple[Any, ...]]:
        """Return all rows of a prepared query with these values."""
        compiled = query.compiled(_DIALECT)
        constants = compiled.constants
        parameters = [
            values[name] if name in values else constants[name]
            for name in compiled.names
        ]
        rows: list[tuple[Any, ...]] = self._driver.execute(
            compiled.text, parameters
        ).fetchall()
        return rows

    def chunks(
        self,
        values: Sequence[Value],
        width: int = 1,
    ) -> Iterator[Sequence[Value]]:
        """Yield parts of ``values`` that fit in an IN list, each value ``width`` columns."""
        size = self.max_in_list // width
        for start in range(0, len(values), size):
            yield values[start : start + size]

    def change_counter(self) -> int:
        """Return a number that differs when another connection has committed since.

        It costs no read of the database.
        """
        (row,) = self._driver.execute("PRAGMA data_version")
        return int(row[0])

    def damage(self) -> str | None:
        """Return what the database finds wrong with its pages, indexes and checks."""
        (row,) = self._driver.execute("PRAGMA integrity_check(1)")
        return None if row[0] == "ok" else str(row[0])

    def change_number(self) -> int:
        """Return a number that is another one after every commit of somebody else."""
        (row,) = self._driver.execute("PRAGMA data_version")
        return int(row[0])

    def layout(self) -> Layout:
        """Return what the database is made of; nothing that stands in it is run."""
        return layout_of(self._driver)

    # Sets

    def insert(
        self,
        table: sa.Table,
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        """Insert rows, each with the values of all columns of the table in their order.

        The statement is compiled once and the rows go to the driver as they are, which
        in sets takes a third of the time.
        """
        if rows:
            self._driver.executemany(_insert_text(table), rows)

    def update_set(
        self,
        update: SetUpdate,
        rows: Sequence[tuple[Any, ...]],
    ) -> int:
        """Run an update for each of ``rows`` and return how many rows it changed in all."""
        compiled = update.compiled(_DIALECT)
        assert compiled.names == update.names
        return int(self._driver.executemany(compiled.text, rows).rowcount)

    # Tables to which rows are only added

    def seal(
        self,
        table: str,
        columns: Iterable[str],
    ) -> None:
        """Forbid to delete rows of ``table`` and to change ``columns`` of them."""
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        sealed = ", ".join(columns)
        self._driver.execute(
            f"CREATE TRIGGER {table}_no_update "
            f"BEFORE UPDATE OF {sealed} ON {table} {refuse}"
        )
        self._driver.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
        )

    def unseal(self, table: str) -> None:
        """Allow again what :meth:`seal` forbids, for a migration."""
        self._driver.execute(f"DROP TRIGGER {table}_no_update")
        self._driver.execute(f"DROP TRIGGER {table}_no_delete")


def code_of(error: BaseException) -> int:
    """Return the kind of an error of the driver; 0 where it has none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def unreadable(error: BaseException) -> UnreadableError:
    """Return what an error of the driver is called here, without what stands in the row."""
    if isinstance(error, UnicodeDecodeError):
        # The driver could not decode even SQLite's complaint: it quotes the damage.
        return UnreadableError("malformed database schema")
    no_text = _NO_TEXT.match(str(error))
    if no_text:
        return UnreadableTextError(no_text[1])
    # What cannot be parsed is quoted to its end, over many lines.
    complaint, _, _ = str(error).partition(' - unrecognized token: "')
    return UnreadableError(" ".join(complaint.split()))


@cache
def _insert_text(table: sa.Table) -> str:
    columns = [column.key for column in table.columns]
    return str(table.insert().compile(dialect=_DIALECT, column_keys=columns))
