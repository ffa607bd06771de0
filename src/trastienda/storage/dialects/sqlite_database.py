"""A database of SQLite: one file, to which connections are opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from trastienda.storage.dialects.disk_space import has_room
from trastienda.storage.dialects.sqlite import (
    BUSY_CODES,
    SQLiteConnection,
    code_of,
    unreadable,
)
from trastienda.storage.dialects.write_lock import WriteLock
from trastienda.storage.errors import (
    BusyError,
    DiskFullError,
    LostError,
)


class SQLiteDatabase:
    """A database in a file. ``path`` None is one in memory, of each connection its own."""

    SCHEME = "sqlite"
    """How the URL of such a database begins."""

    program: ClassVar = f"SQLite {sqlite3.sqlite_version}"
    """What keeps the shop, with its version."""

    errors: ClassVar = (sa.exc.DBAPIError, sqlite3.Error, LostError)
    """What its connections raise where a statement fails."""

    def __init__(
        self,
        path: Path | None,
        *,
        durable: bool = True,
        read_only: bool = False,
    ) -> None:
        self.file = path
        """Where the database lies; None where it lies in no file."""
        name = None if path is None else str(path)
        url = sa.URL.create(self.SCHEME, database=name)
        if path is not None and read_only:
            uri = path.absolute().as_uri()
            query = {"uri": "true", **_how_to_look_at(path)}
            url = sa.URL.create(self.SCHEME, database=uri, query=query)
        self._engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        self._synchronous = "FULL" if durable else "OFF"
        self._read_only = read_only
        self._opened_file: tuple[int, int] | None = None
        """Of the first connection; its path may name another file since."""

    @staticmethod
    def file_named(name: str | None) -> Path | None:
        """Return the file that a URL names; None where only SQLite knows, or none."""
        if not name or name == ":memory:" or name.startswith("file:"):
            return None
        return Path(name)

    def is_there(self) -> bool:
        """Return whether there is anything to connect to; connecting makes a new file."""
        return self.file is not None and self.file.is_file()

    def is_lost(self) -> bool:
        """Tell whether the file that was opened has been removed or replaced."""
        return self._opened_file is not None and _identity(self.file) != (
            self._opened_file
        )

    def connect(self) -> SQLiteConnection:
        """Return a new connection, on which nothing begins by itself.

        Raises LostError where the file has been removed: a new one would be empty.
        """
        if self.is_lost():
            raise LostError(str(self.file))
        sql = self._engine.connect()
        try:
            sql = sql.execution_options(isolation_level="AUTOCOMMIT")
            lock = None if self.file is None else WriteLock(self.file)
            connection = SQLiteConnection(sql, lock)
            connection.configure(None if self._read_only else self._synchronous)
            connection.is_lost = self.is_lost
            self._opened_file = self._opened_file or _identity(self.file)
        except BaseException:
            sql.close()
            raise
        return connection

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn errors of a database that is damaged, or cannot be used, into UnreadableError.

        Where only the disk is full it is DiskFullError, where it is held BusyError.
        """
        try:
            yield
        except (sa.exc.IntegrityError, sqlite3.IntegrityError):
            raise  # not the database is wrong, but what was to be written
        except (
            sa.exc.DatabaseError,
            sqlite3.DatabaseError,
            UnicodeDecodeError,
        ) as error:
            cause = getattr(error, "orig", error)
            if self.is_full(error):
                raise DiskFullError(str(cause)) from error
            if code_of(cause) in BUSY_CODES:
                raise BusyError(str(cause)) from error
            raise unreadable(cause) from error

    def is_full(self, error: BaseException) -> bool:
        """Tell whether this error of a connection says that the disk has no room left."""
        if isinstance(error, DiskFullError):
            return True

        code = code_of(getattr(error, "orig", error))
        if code == sqlite3.SQLITE_FULL:
            return True
        # The index of the log cannot grow, or a quota is used up. A disk that fails says
        # the same, so it is tried.
        may_be_full = code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
        return may_be_full and self.file is not None and not has_room(self.file.parent)


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Return what tells a file from any other that gets its name; None where none is."""
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _how_to_look_at(path: Path) -> dict[str, str]:
    """Return the options for a database that cannot be written to.

    Where it is used by a server all the same, what was written last is found by the index
    that the server keeps. Where nobody uses it, no index is there nor can be made, and none
    is needed: the file does not change.
    """
    log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    is_used = index.exists() or (log.exists() and log.stat().st_size > 0)
    return {"mode": "ro"} if is_used else {"mode": "ro", "immutable": "1"}
