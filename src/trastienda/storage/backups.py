"""Copies of a shop whose database is a file: made while it is used, looked into, and made ready to be put in its place.

Only SQLite has its shop in a file; other databases bring tools of their own for this.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from trastienda.storage import dialects
from trastienda.storage.errors import BusyError, StoppedError, UnreadableError

Stopped = Callable[[], bool]
"""Asked now and then by what takes long, whether to stop."""
BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a database and reads as a part of it, whoever's it is."""
SHARED = "-shm"
"""An index of the first of them, made anew where it is missing."""
LARGEST_N = 2**53
"""Whole numbers beyond are not exact in JavaScript, so no shop has ever announced one."""
WAIT_S = 5.0
"""How long a lock of another program is waited for."""
STEPS = 100_000
"""Steps of the database between two looks at whether to stop: some ten milliseconds."""


class Contents(Struct, frozen=True):
    """What a copy holds: its schema's revision, the number of its last announcement, and how much it knows."""

    revision: str
    n: int
    sales: int
    products: int


def never() -> bool:
    """Go on to the end."""
    return False


def mark_of(path: Path) -> str:
    """Return eight hex digits that tell this shop from every other: those of the first link of its chain."""
    with _opened(path, "mode=rw") as file:
        row = file.execute("SELECT hash FROM audit WHERE id = 1").fetchone()
    return str(row[0])[:8] if row else "0" * 8


def write_copy(shop: Path, path: Path, stopped: Stopped = never) -> None:
    """Write one state of the shop into ``path``, which is missing or empty, without holding up those who write.

    Raises OSError where the disk does not take it, UnreadableError where the shop cannot be read, StoppedError once
    ``stopped()``.
    """
    with _opened(shop, "mode=rw") as file:
        file.set_progress_handler(stopped, STEPS)
        file.execute("VACUUM INTO ?", (str(path),))


def examine(path: Path, stopped: Stopped = never) -> Contents:
    """Return what the copy in ``path`` holds, once all its pages are found sound; the file is not touched.

    Raises UnreadableError for what is damaged or holds no shop, StoppedError once ``stopped()``.
    """
    with _opened(path, "mode=ro&immutable=1") as file:
        file.set_progress_handler(stopped, STEPS)
        (found,) = file.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise UnreadableError(" ".join(found.split()))
        row = file.execute(
            "SELECT version_num, last_n, last_sale, last_product FROM alembic_version, head WHERE head.id = 1"
        ).fetchone()
        if row is None:
            raise UnreadableError("no head")
        return Contents(*row)


def fold_up(path: Path) -> None:
    """Bring all of a database into its one file, so that nothing beside it belongs to it any longer.

    Raises BusyError while anybody else has it open, UnreadableError where it is none.
    """
    with _opened(path, "mode=rw") as file:
        file.execute("PRAGMA journal_mode = DELETE")


def last_n(path: Path) -> int | None:
    """Return the number of the last announcement of the shop in ``path``, or None where it tells none in its senses."""
    try:
        with _opened(path, "mode=rw") as file:
            row = file.execute("SELECT last_n FROM head").fetchone()
    except (BusyError, OSError, UnreadableError):
        return None
    return (
        row[0] if row and isinstance(row[0], int) and 0 <= row[0] < LARGEST_N else None
    )


@contextmanager
def _opened(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    """A connection beside those of the house, which make of every database what a shop in use needs."""
    try:
        uri = f"{path.absolute().as_uri()}?{how}"
        with closing(
            sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_S)
        ) as connection:
            yield connection
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            raise StoppedError from error
        if code in dialects.BUSY:
            raise BusyError(str(error)) from error
        if code == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        if code == sqlite3.SQLITE_IOERR:
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error
        raise UnreadableError(str(error)) from error
