"""Files that are there whole or not at all, whenever the power goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a whole file or nothing, with its rights from the first byte on."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)  # of a process that was stopped

    with _make(unfinished, mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _make(path: Path, mode: int = 0o600) -> BinaryIO:
    """Make a file that was not there: no link that somebody laid is followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return os.fdopen(os.open(path, flags, mode), "wb")


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A file to be written, which takes the place of ``path`` once it is whole.

    It is its owner's alone, whatever the umask says; a link under that name is replaced
    and not followed. Where the writing fails, nothing is left of it.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.sin-terminar")
    unfinished.unlink(missing_ok=True)  # of a process that was stopped
    _make(unfinished).close()
    try:
        yield unfinished
        flush(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def give_name(unfinished: Path, target: Path, *, force: bool) -> None:
    """Give a whole file its name, at once.

    Without ``force`` raises FileExistsError where something has that name.
    """
    if force:
        unfinished.replace(target)
        return

    try:
        target.hardlink_to(unfinished)
    except FileExistsError:
        raise
    except OSError:
        # A memory stick's file system has no links. Nobody else writes there, so a
        # look is enough.
        if target.exists():
            raise FileExistsError(target) from None
        unfinished.replace(target)


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    flags = os.O_RDWR if path.is_file() else os.O_RDONLY
    try:
        descriptor = os.open(path, flags)
    except PermissionError:  # Windows opens no folders, and keeps names by itself
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
