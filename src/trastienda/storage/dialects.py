"""What differs between databases, and nothing else: types, connections, transactions, triggers, statements in sets.

SQLite is the one at home today. Another database adds its branch to each function here and touches no other file.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles

Engine = sa.Engine
Connection = sa.Connection
"""What other rooms hold without knowing what it is."""

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another process (an import, a backup) before it gives up."""

SQLITE_VARIABLES = 500
"""Values in one IN list; far below SQLite's limit of 32,766, and each length is a statement of its own to prepare."""


@compiles(sa.BigInteger, "sqlite")
@compiles(sa.Boolean, "sqlite")
def _integer(*_: Any, **__: Any) -> str:
    return "INTEGER"  # the only integer type of a STRICT table, and the one that makes a primary key the row's number


@compiles(sa.String, "sqlite")
def _text(*_: Any, **__: Any) -> str:
    return "TEXT"


def create_engine(url: str, *, durable: bool = True) -> sa.Engine:
    """Return an engine for ``url`` whose transactions begin when and as we say.

    ``durable`` False is for throw-away shops (the demo): a power cut may lose their last writes.
    """
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself: see begin_write and begin_read
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -16384")  # KiB; the hot part of a big shop, and no more
        cursor.execute("PRAGMA wal_autocheckpoint = 2000")  # pages
        cursor.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes append-only rows unseen
        cursor.close()

    return engine


def connect(engine: sa.Engine) -> sa.Connection:
    """Return a connection on which nothing begins by itself."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def begin_write(connection: sa.Connection) -> None:
    """Begin a transaction that may write; it waits here, not later, for another writer."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def begin_read(connection: sa.Connection) -> None:
    """Begin a transaction that sees one state of the shop until it ends."""
    connection.exec_driver_sql("BEGIN")


def commit(connection: sa.Connection) -> None:
    """Commit; on return all of it is on the disk."""
    connection.exec_driver_sql("COMMIT")


def rollback(connection: sa.Connection) -> None:
    """Roll back whatever is open, if anything is."""
    driver = connection.connection.dbapi_connection
    if driver is not None and driver.in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def ended_transaction(connection: sa.Connection) -> bool:
    """Tell whether an error has ended the whole transaction, not the statement alone (a full disk, for one)."""
    driver = connection.connection.dbapi_connection
    return driver is None or not driver.in_transaction


def change_counter(connection: sa.Connection) -> int:
    """Return a number that differs when another connection has committed since; it costs no read of the database."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert ``rows``, each with the values of all of the table's columns in their order.

    The statement is compiled once and the rows go to the driver as they are, which in sets takes a third of the time.
    """
    if rows:
        connection.exec_driver_sql(_insert_text(table, connection.dialect.name), list(rows))


@cache
def _insert_text(table: sa.Table, dialect_name: str) -> str:
    dialect = sa.create_engine(f"{dialect_name}://").dialect
    return str(table.insert().compile(dialect=dialect, column_keys=[column.key for column in table.columns]))


def execute_set(connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute ``statement`` (with ``?``) for each of ``rows`` and return how many rows it changed in all."""
    return connection.exec_driver_sql(statement, list(rows)).rowcount


def append_only_statements(table: str) -> list[str]:
    """Return the statements that make the rows of ``table`` unchangeable."""
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def upkeep(connection: sa.Connection) -> None:
    """Let the database refresh what its planner knows, where that is due."""
    connection.exec_driver_sql("PRAGMA optimize")
