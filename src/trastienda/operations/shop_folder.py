"""The folder of a shop: where its files are, and which process may serve it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from msgspec import Struct

from trastienda.operations.errors import StartError, reason
from trastienda.storage import dialects

DATABASE_FILE = "trastienda.db"
SECRET_FILE = "secret.key"  # noqa: S105 - its name, not its content
LOCK_FILE = "tienda.lock"

RESTORE_HINT = "repón una copia con: trastienda restore COPIA"


class Location(Struct, frozen=True):
    """Where a shop is: its data folder, and its database's URL if that is elsewhere."""

    data: Path
    database_url: str | None = None

    @property
    def database_file(self) -> Path:
        """The file of the database. Raises StartError where the URL names none."""
        url = self.database_url
        if not url:
            return self.data / DATABASE_FILE
        if not dialects.is_supported(url):
            raise StartError(
                "TRASTIENDA_DATABASE_URL: esta versión guarda la tienda en SQLite "
                "solamente"
            )
        file = dialects.file_of(url)
        if file is None:
            raise StartError(
                "TRASTIENDA_DATABASE_URL debe nombrar un archivo: "
                "sqlite:////carpeta/tienda.db"
            )
        return file


@contextmanager
def usable_folder(data: Path) -> Iterator[None]:
    """Make the data folder if it is missing, for work with its files.

    Raises StartError where the folder cannot be made or the work fails on a file.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except Timeout:  # of a lock; an OSError too, but nothing is wrong with the folder
        raise
    except OSError as error:
        raise StartError(
            f"no se puede usar la carpeta {data} (TRASTIENDA_DATA): {reason(error)}"
        ) from error


def is_open_to_others(data: Path) -> bool:
    """Tell whether other users of this machine may put files into the data folder, or
    take some out. Windows has other rights, which nobody asks for here."""
    others = stat.S_IWGRP | stat.S_IWOTH
    return os.name == "posix" and bool(data.stat().st_mode & others)


def prepare_database_file(location: Location) -> None:
    """Make sure that the database's file is there, with private rights.

    Raises StartError where a shop was there and its database is gone: a new one must
    not hide the loss.
    """
    file = location.database_file
    data = location.data
    with usable_folder(data):
        if location.database_url:
            return  # whoever names a database looks after its file
        traces = [data / SECRET_FILE]
        traces += data.glob(f"{DATABASE_FILE}.*")  # databases that were replaced
        had_shop = any(trace.exists() for trace in traces)
        if had_shop and not file.exists():
            raise StartError(
                f"en {data} falta {DATABASE_FILE}, aunque hubo una tienda; "
                f"{RESTORE_HINT}"
            )
        file.touch(mode=0o600)  # what SQLite puts beside it gets the same rights


def is_served(data: Path) -> bool:
    """Tell whether a server has the shop open."""
    try:
        with FileLock(data / LOCK_FILE, timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the shop's lock. Raises StartError where another server holds it."""
    lock = FileLock(data / LOCK_FILE)
    try:
        with usable_folder(data):
            lock.acquire(timeout=0)
    except Timeout as error:
        raise StartError(
            f"la tienda de {data} ya está abierta por otro servidor; ciérralo primero: "
            "escribe «salir» en su ventana"
        ) from error
    try:
        yield
    finally:
        lock.release()
