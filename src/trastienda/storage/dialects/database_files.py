"""Shops as files: copied while they are used, examined, and made ready to be moved.

Only SQLite has its shop in a file. Other databases bring their own tools for this.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from trastienda.storage.dialects.sqlite import (
    BUSY_CODES,
    unreadable,
)
from trastienda.storage.errors import BusyError, StoppedError, UnreadableError

Stopped = Callable[[], bool]
"""Asked now and then, by what takes long, whether to stop."""

PARTS = ("-wal", "-journal")
"""Endings of what SQLite keeps beside a database and reads as a part of it."""
INDEX = "-shm"
"""The ending of an index of the first of them, made anew where it is missing."""
MAX_N = 2**53
"""Larger whole numbers are not exact in JavaScript, so no shop has announced one."""
LOCK_TIMEOUT_S = 5.0
"""How long a lock of another program is waited for."""
STEPS = 100_000
"""Steps of the database between two questions whether to stop: some ten milliseconds."""
_SIGNATURE = b"SQLite format 3\0"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""With this a journal begins; one that names another file ends with it, too."""


class Contents(Struct, frozen=True):
    """What a copy holds."""

    revision: str
    """Of its schema."""
    n: int
    """The number of its last announcement."""
    sales: int
    products: int


def never() -> bool:
    """Go on to the end."""
    return False


def family(path: Path) -> list[Path]:
    """Return a database's file and all that may lie beside it; the index comes last."""
    endings = ("", *PARTS, INDEX)
    return [path.with_name(path.name + ending) for ending in endings]


def has_foreign_journal(path: Path) -> bool:
    """Return whether a journal beside a database names another file. Raises OSError.

    It would be one of several databases changed at once, which a shop never is; when it is
    played back, SQLite deletes the file that it names, whichever that is.
    """
    try:
        file = path.with_name(f"{path.name}-journal").open("rb")
    except (
        FileNotFoundError
    ):  # there is none, or another process has just finished with it
        return False
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_JOURNAL_MAGIC)))
        return file.read() == _JOURNAL_MAGIC


def looks_like_one(path: Path) -> bool:
    """Return whether a file begins as a database does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def holds_shop(path: Path) -> bool:
    """Return whether a file is a database with the tables of a shop. Raises OSError."""
    if not looks_like_one(path):
        return False
    query = (
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('head', 'alembic_version')"
    )
    try:
        with _opened(path, "mode=ro&immutable=1") as file:
            (count,) = file.execute(query).fetchone()
    except (BusyError, UnreadableError):
        return False
    return bool(count == 2)


def mark_of(path: Path) -> str:
    """Return eight hex digits that tell this shop from any other.

    They are those of the first link of its chain.
    """
    with _opened(path, "mode=rw") as file:
        row = file.execute("SELECT hash FROM audit WHERE id = 1").fetchone()
    return str(row[0])[:8] if row else "0" * 8


def write_copy(
    shop: Path,
    path: Path,
    stopped: Stopped = never,
) -> None:
    """Write one state of the shop into ``path``, which is missing or empty.

    Nobody who writes is held up. Raises OSError where the disk does not take the copy,
    UnreadableError where the shop cannot be read, StoppedError once ``stopped()``.
    """
    with _opened(shop, "mode=rw") as file:
        file.set_progress_handler(stopped, STEPS)
        file.execute("VACUUM INTO ?", (str(path),))


def examine(
    path: Path,
    stopped: Stopped = never,
) -> Contents:
    """Return what the copy in ``path`` holds, once all its pages are found sound.

    The file is not touched. Raises UnreadableError for what is damaged or holds no shop,
    StoppedError once ``stopped()``.
    """
    with _opened(path, "mode=ro&immutable=1") as file:
        file.set_progress_handler(stopped, STEPS)
        (verdict,) = file.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise UnreadableError(" ".join(verdict.split()))

        row = file.execute(
            "SELECT version_num, last_n, last_sale, last_product "
            "FROM alembic_version, head WHERE head.id = 1"
        ).fetchone()
        if row is None:
            raise UnreadableError("no head")
        return Contents(*row)


def fold_up(path: Path) -> None:
    """Bring all of a database into its one file, so that nothing beside it belongs to it.

    Raises BusyError while anybody else has it open, UnreadableError where it is none.
    """
    with _opened(path, "mode=rw") as file:
        file.execute("PRAGMA journal_mode = DELETE")


def last_n(path: Path) -> int | None:
    """Return the number of the last announcement of the shop in ``path``.

    None where it cannot be read, or makes no sense.
    """
    try:
        with _opened(path, "mode=rw") as file:
            row = file.execute("SELECT last_n FROM head").fetchone()
    except (BusyError, OSError, UnreadableError):
        return None

    if row is None:
        return None
    (n,) = row
    makes_sense = isinstance(n, int) and 0 <= n < MAX_N
    return n if makes_sense else None


@contextmanager
def _opened(
    path: Path,
    mode: str,
) -> Iterator[sqlite3.Connection]:
    """Connect without the settings by which a database becomes one of a shop in use.

    What is in it is not trusted, neither what its tables say nor the sizes in its pages.
    """
    try:
        uri = f"{path.absolute().as_uri()}?{mode}"
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            timeout=LOCK_TIMEOUT_S,
        )
        with closing(connection):
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            raise StoppedError from error
        if code in BUSY_CODES:
            raise BusyError(str(error)) from error
        if code == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        if code == sqlite3.SQLITE_IOERR:
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error
        raise unreadable(error) from error
