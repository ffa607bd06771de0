"""One lock for all who write to a database in a file, from BEGIN to behind COMMIT.

SQLite has a lock of its own for writers, but a commit gives it back before it puts the
log of writes into the database. Up to 3.51.2 it loses what was committed where another
process writes in that moment (https://sqlite.org/wal.html#walresetbug). Here both happen
under one lock.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

from trastienda.storage.errors import BusyError, DiskFullError, UnreadableError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


Patience = Callable[[], bool]
"""Asked now and then whether to wait on for another who writes."""

WAIT_S = 15.0
"""How long a command of the shell waits for another who writes before it gives up."""
PAUSES_S = (0.001, 0.002, 0.005, 0.01, 0.02)
"""Between two tries to take the lock: short at first, then not so many."""
ENDING = "-lock"
"""Of the file that is locked; it stays empty, and may be deleted while nobody writes."""


def wait_for(seconds: float) -> Patience:
    """Wait that long, from now."""
    until_s = time.monotonic() + seconds
    return lambda: time.monotonic() < until_s


class WriteLock:
    """The lock as one connection takes it. It is free when the process ends."""

    __slots__ = ("_database_file", "_descriptor", "_is_held")

    def __init__(self, database_file: Path) -> None:
        self._database_file = database_file
        self._descriptor: int | None = None
        self._is_held = False

    def claim(self, waits_on: Patience) -> None:
        """Take the lock, and wait for whoever has it as long as ``waits_on`` says.

        Raises BusyError, and DiskFullError or UnreadableError where there is no making
        its file.
        """
        if self._descriptor is None:
            try:
                self._descriptor = self._open()
            except OSError as error:
                is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
                fault = DiskFullError if is_full else UnreadableError
                raise fault(f"{error.filename}: {error.strerror}") from error

        tries = 0
        while not self._try(self._descriptor):
            if not waits_on():
                raise BusyError("another process writes")
            time.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1

    def _open(self) -> int:
        """Open the file, made with the owner and the rights of the database's."""
        path = self._database_file.with_name(self._database_file.name + ENDING)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        owner = self._database_file.stat()
        descriptor = os.open(path, flags, stat.S_IMODE(owner.st_mode))
        # Where root was first, the shop's own user must get in, too.
        if sys.platform != "win32" and os.geteuid() == 0:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def _try(self, descriptor: int) -> bool:
        try:
            _try_lock(descriptor)
        except (BlockingIOError, PermissionError):
            return False
        self._is_held = True
        return True

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._is_held and self._descriptor is not None:
            self._is_held = False
            _unlock(self._descriptor)

    def close(self) -> None:
        """Give the lock back and close its file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._is_held = False
