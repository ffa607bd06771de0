"""Backups of a shop, made while it is served, whole or not at all."""

import hashlib
import os
import time
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

from trastienda.operations.atomic_files import flush, give_name
from trastienda.operations.errors import reason
from trastienda.storage.dialects import database_files
from trastienda.storage.errors import BusyError, UnreadableError

LOCK_FILE = "copia.lock"
UNFINISHED = "parcial"


class CopyError(Exception):
    """A backup cannot be made or restored.

    The text says why and what to do, in Spanish, for whoever started the command.
    """


class Copied(Struct, frozen=True):
    """A backup that was made."""

    path: Path
    size_bytes: int
    contents: database_files.Contents
    took_s: float


def back_up(
    database_file: Path,
    to: Path,
    *,
    force: bool = False,
    wait: bool = True,
    stopped: database_files.Stopped = database_files.never,
) -> Copied:
    """Copy a shop to the file ``to``, or to a new file in the folder ``to``.

    The file gets its name once it is whole, checked and on the disk. An existing one is
    replaced with ``force`` only. Where another backup of this shop is being made, this
    one waits for it, or raises Timeout without ``wait``. Raises CopyError, and
    StoppedError once ``stopped()``.
    """
    began_s = time.perf_counter()
    if to.is_dir():
        to = to / f"trastienda-{stamp()}.db"
    # A link under that name may have been laid by somebody else: it is not followed.
    target = to.parent.resolve() / to.name

    if to.resolve() in database_files.family(database_file.resolve()):
        raise CopyError(
            f"{to} es la base de datos misma; elige otro archivo para la copia"
        )
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise CopyError(f"{to} no es un archivo; elige otro nombre para la copia")
    if target.exists():
        if not force:
            raise _exists_error(target)
        _check_is_earlier_copy(target)

    lock_file = database_file.with_name(LOCK_FILE)
    lock_timeout_s = -1 if wait else 0
    try:
        with FileLock(lock_file, timeout=lock_timeout_s):
            contents = _write(database_file, target, force=force, stopped=stopped)
        size_bytes = target.stat().st_size
    except Timeout:  # is an OSError, too
        raise
    except FileExistsError as error:
        raise _exists_error(target) from error
    except OSError as error:
        raise CopyError(
            f"no se pudo hacer la copia en {target}: {reason(error)}"
        ) from error
    except BusyError as error:
        raise CopyError(
            f"otro programa tiene tomada la base de datos {database_file}; "
            "inténtalo de nuevo"
        ) from error
    except UnreadableError as error:
        raise CopyError(
            f"no se pudo copiar {database_file}: la base de datos está dañada ({error})"
        ) from error

    took_s = time.perf_counter() - began_s
    return Copied(target, size_bytes, contents, took_s)


def _check_is_earlier_copy(target: Path) -> None:
    """Refuse to replace what was never a copy: a key, a letter, a shop that is in use."""
    try:
        if target.stat().st_size == 0:  # made by whoever asks for a name
            return
        parts = database_files.family(target)[1:]
        in_use = any(part.exists() for part in parts)
        if not in_use and database_files.holds_shop(target):
            return
    except OSError as error:
        raise CopyError(f"no se puede leer {target}: {reason(error)}") from error
    raise CopyError(
        f"{target} no es una copia de una tienda, y --force solo reemplaza copias; "
        "elige otro nombre"
    )


def _exists_error(target: Path) -> CopyError:
    return CopyError(
        f"{target} ya existe; con --force se reemplaza, o elige otro nombre"
    )


def stamp() -> str:
    """Return the day and time on this machine, for the names of files."""
    local_time = datetime.now().astimezone()
    return local_time.strftime("%Y%m%d-%H%M%S")


def _write(
    database_file: Path, target: Path, *, force: bool, stopped: database_files.Stopped
) -> database_files.Contents:
    """Write the copy under another name, check it, and give it its own."""
    # Leftovers of this shop only: branches may keep their backups in one folder. They
    # are nobody's, since the lock lets one process at a time copy this shop.
    path_digest = hashlib.sha256(bytes(database_file.resolve()))
    shop_mark = path_digest.hexdigest()[:8]
    for leftover in target.parent.glob(f".*.{shop_mark}.{UNFINISHED}*"):
        leftover.unlink()

    unfinished = target.with_name(f".{target.name}.{shop_mark}.{UNFINISHED}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        os.close(os.open(unfinished, flags, 0o600))
        database_files.write_copy(database_file, unfinished, stopped)
        contents = database_files.examine(unfinished, stopped)
        flush(unfinished)
        give_name(unfinished, target, force=force)
        flush(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return contents
