"""A shop restored from a backup.

At every moment either the old shop is there or the new one, whenever the power goes.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from trastienda.actions import shop as shop_actions
from trastienda.actions.verification import verify
from trastienda.operations.atomic_files import flush
from trastienda.operations.backups import CopyError, family, reason, stamp
from trastienda.operations.clock import now_ms
from trastienda.operations.shop_folder import Location, only_server
from trastienda.storage import backups, database, dialects, journal
from trastienda.storage.errors import BusyError, NewerSchemaError, UnreadableError
from trastienda.storage.transactions import read_snapshot, writing
from trastienda.wire import verification

NEW_SUFFIX = ".nueva"
"""Of the new shop, until it takes the place of the old one."""
ASIDE_SUFFIX = ".antes-"
"""Of the old shop, before the moment at which it was replaced."""

_SQLITE_HEADER = b"SQLite format 3\0"


class Restored(Struct, frozen=True):
    """What was restored."""

    path: Path
    contents: backups.Contents
    migrated: bool
    aside: Path | None
    """Where the shop that was there before is now."""
    took_s: float


def restore(
    location: Location,
    copy: Path,
    *,
    force: bool = False,
    prove: bool = True,
    report: Callable[[str], None],
) -> Restored:
    """Restore the shop at ``location`` from the backup ``copy``, which is only read.

    A shop that is there is set aside, with ``force`` only. With ``prove`` everything
    that must hold is checked first. ``report`` is called before what takes long. Raises
    CopyError, and StartError while a server has the shop open.
    """
    began = time.perf_counter()
    shop_file = location.database_file
    new_file = shop_file.with_name(shop_file.name + NEW_SUFFIX)
    _check_is_backup(copy, shop_file, new_file)
    with only_server(location.data):
        try:
            if _is_occupied(shop_file) and not force:
                raise CopyError(
                    f"ya hay una tienda en {shop_file}; con --force se reemplaza y "
                    "queda a un lado"
                )
            shop_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _copy_files(copy, new_file)
            migrated = _migrate(copy, new_file)
            if prove:
                report("Comprobando la copia…")
                _prove(copy, new_file)
            old_n = _last_number_of_old_shop(shop_file)
            _begin_new_numbers(new_file, old_n)
            contents = backups.examine(new_file)
            flush(new_file)

            aside = _set_aside(shop_file)
            new_file.replace(shop_file)
            flush(shop_file.parent)
        except OSError as error:
            raise CopyError(
                f"no se pudo reponer la tienda en {shop_file}: {reason(error)}"
            ) from error
        except UnreadableError as error:
            raise CopyError(
                f"{copy} no es una copia sana de una tienda ({error})"
            ) from error
        finally:
            _remove(new_file)
    return Restored(shop_file, contents, migrated, aside, time.perf_counter() - began)


def _check_is_backup(copy: Path, shop_file: Path, new_file: Path) -> None:
    """Refuse what cannot be a backup, before anything is touched."""
    if not copy.is_file():
        raise CopyError(f"no existe el archivo {copy}")
    own_files = {shop_file.resolve(), *family(new_file.resolve())}
    if copy.resolve() in own_files:
        raise CopyError(f"{copy} es la base de datos misma, no una copia")
    try:
        with copy.open("rb") as file:
            header = file.read(len(_SQLITE_HEADER))
    except OSError as error:
        raise CopyError(f"no se puede leer {copy}: {reason(error)}") from error
    if header != _SQLITE_HEADER:
        raise CopyError(f"{copy} no es una copia de una tienda")


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _is_occupied(shop_file: Path) -> bool:
    """Tell whether something is there, be it a shop or its ruins."""
    shared = shop_file.with_name(shop_file.name + backups.SHARED)
    return any(_has_content(path) for path in family(shop_file) if path != shared)


def _remove(database_file: Path) -> None:
    for path in family(database_file):
        path.unlink(missing_ok=True)


def _copy_files(copy: Path, new_file: Path) -> None:
    """Copy the backup here, with what lies beside it if somebody copied it by hand."""
    _remove(new_file)
    for suffix in ("", *backups.BESIDE):
        source_file = copy.with_name(copy.name + suffix)
        if suffix and not _has_content(source_file):
            continue
        target_file = new_file.with_name(new_file.name + suffix)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(target_file, flags, 0o600)
        with source_file.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _migrate(copy: Path, new_file: Path) -> bool:
    """Bring a sound shop to the newest schema; return whether there was need to."""
    backups.fold_up(new_file)
    backups.examine(new_file)
    try:
        return database.migrate(database.open_database(database.sqlite_url(new_file)))
    except NewerSchemaError as error:
        raise CopyError(
            f"la copia {copy} es de una versión más nueva de Trastienda; "
            "instálela primero"
        ) from error


def _prove(copy: Path, new_file: Path) -> None:
    """Refuse a shop in which something does not hold."""
    engine = database.open_database(database.sqlite_url(new_file))
    with (
        dialects.connect(engine) as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        broken = verify(snapshot)
    if broken is not None:
        raise CopyError(
            f"la copia {copy} no cuadra. {verification.sentence(broken)} "
            "Si no hay otra, --no-verify la repone como está"
        )


def _last_number_of_old_shop(shop_file: Path) -> int | None:
    """Return the number of the old shop's last announcement, if it still tells it.

    All of the old shop is in one file after this, if it still is a shop.
    """
    if not _has_content(shop_file):
        return None
    try:
        backups.fold_up(shop_file)
    except BusyError as error:
        raise CopyError(
            f"otro programa tiene abierta la base de datos {shop_file}; "
            "ciérrelo y repita"
        ) from error
    except (UnreadableError, OSError):
        pass  # ruins; they may still tell their last number
    return backups.last_n(shop_file)


def _begin_new_numbers(new_file: Path, old_n: int | None) -> None:
    """Have announcements go on from a number that no client has seen, and record why.

    That is the number of microseconds since 1970. Numbers grow by one with each
    announcement, so no shop comes anywhere near the clock. One that was restored before
    started from an earlier reading of it, and would have had to announce a million
    things a second ever since. All this still fits the whole numbers of JavaScript,
    until 2255.
    """
    now_us = now_ms() * 1000
    engine = database.open_database(database.sqlite_url(new_file))
    with dialects.connect(engine) as connection:
        with read_snapshot(connection, now_ms) as snapshot:
            copied_n = snapshot.n
        if old_n is None and now_us <= copied_n:
            raise CopyError(
                "el reloj de este equipo va atrasado respecto de la copia; póngalo en "
                "hora y repita"
            )
        known_n = journal.leap(connection, max(now_us, old_n or 0))
        with writing(connection, now_ms) as tx:
            shop_actions.restored(tx, known_n)
    backups.fold_up(new_file)


def _set_aside(shop_file: Path) -> Path | None:
    """Give the old shop another name, and return that.

    The old shop keeps its own name, too, until the new one takes it. Nothing is left
    that SQLite would read as a part of the new shop.
    """
    if not _is_occupied(shop_file):
        _remove(shop_file)
        return None

    aside = shop_file.with_name(f"{shop_file.name}{ASIDE_SUFFIX}{stamp()}")
    while aside.exists():  # restored twice within a second
        aside = aside.with_name(f"{aside.name}-otra")
    if shop_file.exists():
        try:
            aside.hardlink_to(shop_file)
        except OSError:
            # A file system without links: for a moment there is no shop, and opening
            # it says so.
            shop_file.rename(aside)
    for suffix in backups.BESIDE:
        part = shop_file.with_name(shop_file.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    shop_file.with_name(shop_file.name + backups.SHARED).unlink(missing_ok=True)
    flush(shop_file.parent)
    return aside
