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
from trastienda.operations.backups import CopyError, stamp
from trastienda.operations.clock import now_ms
from trastienda.operations.errors import StartError, reason
from trastienda.operations.shop_folder import Location, only_server
from trastienda.storage import journal
from trastienda.storage.database import checked_revision, migrate
from trastienda.storage.dialects import database_files, open_file, write_lock
from trastienda.storage.errors import (
    BusyError,
    ForeignSchemaError,
    NewerSchemaError,
    UnreadableError,
)
from trastienda.storage.transactions import read_snapshot, writing
from trastienda.wire import verification

NEW_SUFFIX = ".nueva"
"""Of the new shop, until it takes the place of the old one."""
ASIDE_SUFFIX = ".antes-"
"""Of the old shop, before the moment at which it was replaced."""

_COPY_BYTES = 1 << 20
"""Read and written at once: a shop has hundreds of megabytes."""


class Restored(Struct, frozen=True):
    """What was restored."""

    path: Path
    contents: database_files.Contents
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
    began_s = time.perf_counter()
    shop_file = location.database_file
    new_file = shop_file.with_name(shop_file.name + NEW_SUFFIX)
    restoration = _Restoration(copy, shop_file, new_file)
    restoration.check_is_backup()

    with only_server(location.data):
        try:
            if restoration.has_old_shop() and not force:
                raise CopyError(
                    f"ya hay una tienda en {shop_file}; con --force se reemplaza y "
                    "queda a un lado"
                )

            shop_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            restoration.copy_files()
            migrated = restoration.migrate()
            if prove:
                report("Comprobando la copia…")
                restoration.prove()

            old_n = restoration.last_number_of_old_shop()
            restoration.begin_new_numbers(old_n)
            contents = database_files.examine(new_file)
            flush(new_file)

            # The old shop has two names before the new one takes the first of them.
            aside = restoration.set_old_shop_aside()
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
        except (CopyError, StartError):
            raise
        except Exception as error:  # whatever a damaged row does to those who read it
            raise CopyError(
                f"{copy} no es una copia sana de una tienda: hay filas que no se pueden leer"
            ) from error
        finally:
            _remove(new_file)

    took_s = time.perf_counter() - began_s
    return Restored(
        path=shop_file,
        contents=contents,
        migrated=migrated,
        aside=aside,
        took_s=took_s,
    )


class _Restoration(Struct, frozen=True):
    """The files of one restoration, and its steps."""

    copy: Path
    """The backup, which is only read."""
    shop_file: Path
    new_file: Path
    """The new shop, until it takes the place of ``shop_file``."""

    def has_old_shop(self) -> bool:
        """Tell whether something is there, be it a shop or its ruins."""
        # The index is made for whoever looks at a database.
        *files, _index = database_files.family(self.shop_file)
        return any(_has_content(path) for path in files)

    def check_is_backup(self) -> None:
        """Refuse what cannot be a backup, before anything is touched."""
        if not self.copy.is_file():
            raise CopyError(f"no existe el archivo {self.copy}")
        own_files = {
            self.shop_file.resolve(),
            *database_files.family(self.new_file.resolve()),
        }
        if self.copy.resolve() in own_files:
            raise CopyError(f"{self.copy} es la base de datos misma, no una copia")

        try:
            is_database = database_files.looks_like_one(self.copy)
            is_database &= not database_files.has_foreign_journal(self.copy)
        except OSError as error:
            raise CopyError(f"no se puede leer {self.copy}: {reason(error)}") from error

        if not is_database:
            raise CopyError(f"{self.copy} no es una copia de una tienda")

    def copy_files(self) -> None:
        """Copy the backup here.

        What lies beside it comes too: somebody may have copied a shop's files by hand.
        """
        _remove(self.new_file)  # of a restoration that was interrupted
        for suffix in ("", *database_files.PARTS):
            source_file = self.copy.with_name(self.copy.name + suffix)
            if suffix and not _has_content(source_file):
                continue

            target_file = self.new_file.with_name(self.new_file.name + suffix)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor = os.open(target_file, flags, 0o600)
            with (
                source_file.open("rb") as source,
                os.fdopen(descriptor, "wb") as target,
            ):
                shutil.copyfileobj(source, target, _COPY_BYTES)

    def migrate(self) -> bool:
        """Bring a sound shop to the newest schema; return whether there was need to.

        What the copy is made of is looked at first: nothing foreign in it may run.
        """
        database_files.fold_up(self.new_file)
        database = open_file(self.new_file)

        try:
            checked_revision(database)
            database_files.examine(self.new_file)
            return migrate(database)
        except ForeignSchemaError as error:
            part = verification.foreign_part(error.kind, error.name, error.difference)
            raise CopyError(
                f"la copia {self.copy} no es como la hace Trastienda: {part}. "
                "No se cambió nada; usa otra copia"
            ) from error
        except NewerSchemaError as error:
            raise CopyError(
                f"la copia {self.copy} es de una versión más nueva de Trastienda; "
                "instálala primero"
            ) from error

    def prove(self) -> None:
        """Refuse a shop in which something does not hold."""
        with (
            open_file(self.new_file).connect() as connection,
            read_snapshot(connection, now_ms) as snapshot,
        ):
            broken = verify(snapshot)

        if broken is not None:
            raise CopyError(
                f"la copia {self.copy} no cuadra. {verification.sentence(broken)} "
                "Si no hay otra, --no-verify la repone como está"
            )

    def last_number_of_old_shop(self) -> int | None:
        """Return the number of the old shop's last announcement, if it still tells it.

        All of the old shop is in one file after this, if it still is a shop.
        """
        if not _has_content(self.shop_file):
            return None

        try:
            database_files.fold_up(self.shop_file)
        except BusyError as error:
            raise CopyError(
                f"otro programa tiene abierta la base de datos {self.shop_file}; "
                "ciérralo y prueba otra vez"
            ) from error
        except (UnreadableError, OSError):
            pass  # ruins; they may still tell their last number
        return database_files.last_n(self.shop_file)

    def begin_new_numbers(self, old_n: int | None) -> None:
        """Number announcements from where no client has been, and record why.

        That is the number of microseconds since 1970. Numbers grow by one with each
        announcement, so no shop comes anywhere near the clock. One that was restored
        before started from an earlier reading of it, and would have had to announce a
        million things a second ever since. All this still fits the whole numbers of
        JavaScript, until 2255.
        """
        now_us = now_ms() * 1000
        with open_file(self.new_file).connect() as connection:
            with read_snapshot(connection, now_ms) as snapshot:
                copied_n = snapshot.n
            if old_n is None and now_us <= copied_n:
                raise CopyError(
                    "el reloj de este equipo va atrasado respecto de la copia; "
                    "ponlo en hora y prueba otra vez"
                )

            # All up to this one are skipped.
            skipped_n = max(now_us, old_n or 0)
            known_n = journal.leap(connection, skipped_n)
            with writing(connection, now_ms) as transaction:
                shop_actions.restored(transaction, known_n)
        database_files.fold_up(self.new_file)

    def set_old_shop_aside(self) -> Path | None:
        """Give the old shop another name, and return that.

        The old shop keeps its own name, too, until the new one takes it. Nothing is
        left that SQLite would read as a part of the new shop.
        """
        shop_file = self.shop_file
        if not self.has_old_shop():
            _remove(shop_file)
            return None

        aside = shop_file.with_name(f"{shop_file.name}{ASIDE_SUFFIX}{stamp()}")
        while aside.exists():  # restored twice within a second
            aside = aside.with_name(f"{aside.name}-otra")

        if shop_file.exists():
            try:
                aside.hardlink_to(shop_file)
            except OSError:
                # A file system without links: for a moment there is no shop, and
                # opening it says so.
                shop_file.rename(aside)
        for suffix in database_files.PARTS:
            part = shop_file.with_name(shop_file.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))

        index = shop_file.with_name(shop_file.name + database_files.INDEX)
        index.unlink(missing_ok=True)
        flush(shop_file.parent)
        return aside


def _has_content(path: Path) -> bool:
    """Tell whether a file is there and has anything in it."""
    return path.exists() and path.stat().st_size > 0


def _remove(database_file: Path) -> None:
    """Remove a database with all that may have been put beside it."""
    lock = database_file.with_name(database_file.name + write_lock.ENDING)
    for path in (*database_files.family(database_file), lock):
        path.unlink(missing_ok=True)
