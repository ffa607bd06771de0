"""Files that are there whole or not at all, whatever is pulled out of the wall."""

import os
from pathlib import Path


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a whole file or nothing, with its rights from the first byte on."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    try:
        handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, and keeps names by itself
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
