"""A shop put back from a copy: at every moment either the old shop is there or the new one, whatever is unplugged."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from trastienda.actions import shop as shop_actions
from trastienda.actions.verification import verify
from trastienda.operations.atomic_files import flush
from trastienda.operations.backups import CopyError, reason, stamp
from trastienda.operations.clock import now_ms
from trastienda.operations.shop_folder import Location, only_server
from trastienda.storage import backups, database, dialects, journal
from trastienda.storage.errors import BusyError, NewerSchemaError, UnreadableError
from trastienda.storage.transactions import read_snapshot, writing
from trastienda.wire import verification

FRESH = ".nueva"
ASIDE = ".antes-"


class Restored(Struct, frozen=True):
    """What was put in place, what it holds, and where that lies now which was there before."""

    path: Path
    contents: backups.Contents
    migrated: bool
    aside: Path | None
    took_s: float


def restore(
    location: Location,
    copy: Path,
    *,
    force: bool = False,
    prove: bool = True,
    say: Callable[[str], None],
) -> Restored:
    """Put the shop of ``copy`` at its location; ``copy`` itself is only read.

    What is there already is set aside, with ``force`` only. ``prove`` has every invariant worked out again first.
    ``say`` is told what takes long. Raises CopyError, and StartError while a server has the shop open.
    """
    began = time.perf_counter()
    place = location.database_file
    fresh = place.with_name(place.name + FRESH)
    _look_at(copy, place, fresh)
    with only_server(location.data):
        try:
            if _occupied(place) and not force:
                raise CopyError(
                    f"ya hay una tienda en {place}; con --force se reemplaza y queda a un lado"
                )
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _bring(copy, fresh)
            migrated = _make_ready(copy, fresh, prove=prove, say=say)
            _go_on_from_new_numbers(fresh, _close(place))
            contents = backups.examine(fresh)
            flush(fresh)
            aside = _set_aside(place)
            fresh.replace(place)
            flush(place.parent)
        except OSError as error:
            raise CopyError(
                f"no se pudo reponer la tienda en {place}: {reason(error)}"
            ) from error
        except UnreadableError as error:
            raise CopyError(
                f"{copy} no es una copia sana de una tienda ({error})"
            ) from error
        finally:
            _remove(fresh)
    return Restored(place, contents, migrated, aside, time.perf_counter() - began)


def _look_at(copy: Path, place: Path, fresh: Path) -> None:
    """Refuse what cannot be a copy before anything is touched."""
    if not copy.is_file():
        raise CopyError(f"no existe el archivo {copy}")
    if copy.resolve() in {place.resolve(), *_family(fresh.resolve())}:
        raise CopyError(f"{copy} es la base de datos misma, no una copia")
    try:
        with copy.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise CopyError(f"no se puede leer {copy}: {reason(error)}") from error
    if begins != b"SQLite format 3\0":
        raise CopyError(f"{copy} no es una copia de una tienda")


def _family(path: Path) -> list[Path]:
    """Return a database's file and all that SQLite may have put beside it."""
    return [
        path.with_name(path.name + rest)
        for rest in ("", *backups.BESIDE, backups.SHARED)
    ]


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _occupied(place: Path) -> bool:
    """Tell whether something is there, be it a shop or its ruins."""
    return any(map(_has_content, _family(place)[:-1]))


def _remove(path: Path) -> None:
    for one in _family(path):
        one.unlink(missing_ok=True)


def _bring(copy: Path, fresh: Path) -> None:
    """Bring the copy here, where it can be worked on; with what lies beside it, if somebody copied by hand."""
    _remove(fresh)
    for rest in ("", *backups.BESIDE):
        part = copy.with_name(copy.name + rest)
        if rest and not _has_content(part):
            continue
        handle = os.open(
            fresh.with_name(fresh.name + rest),
            os.O_WRONLY | os.O_CREAT | os.O_EXCL,
            0o600,
        )
        with part.open("rb") as source, os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _make_ready(
    copy: Path, fresh: Path, *, prove: bool, say: Callable[[str], None]
) -> bool:
    """Make sure that it is a sound shop, of this version; return whether its schema was brought up to date."""
    try:
        backups.fold_up(fresh)
        backups.examine(fresh)
        engine = database.open_database(database.sqlite_url(fresh))
        migrated = database.migrate(engine)
    except NewerSchemaError as error:
        raise CopyError(
            f"la copia {copy} es de una versión más nueva de Trastienda; instálela primero"
        ) from error
    if prove:
        say("Comprobando la copia…")
        with (
            dialects.connect(engine) as connection,
            read_snapshot(connection, now_ms) as snapshot,
        ):
            broken = verify(snapshot)
        if broken is not None:
            told = verification.sentence(broken)
            raise CopyError(
                f"la copia {copy} no cuadra. {told} Si no hay otra, --no-verify la repone como está"
            )
    return migrated


def _close(place: Path) -> int | None:
    """Have all of the old shop in one file, if it still is one; return the number of its last announcement."""
    if not _has_content(place):
        return None
    with suppress(
        UnreadableError, OSError
    ):  # ruins; they may still tell their last number
        try:
            backups.fold_up(place)
        except BusyError as error:
            raise CopyError(
                f"otro programa tiene abierta la base de datos {place}; ciérrelo y repita"
            ) from error
    return backups.last_n(place)


def _go_on_from_new_numbers(fresh: Path, old_n: int | None) -> None:
    """Have announcements go on from a number that no client has ever seen, and note why.

    That is the number of microseconds since 1970. Numbers grow by one with each announcement, so no shop comes
    anywhere near the clock; one that was restored before started from an earlier reading of it, and would have had to
    announce a million things a second ever since. All this still fits the whole numbers of JavaScript, until 2255.
    """
    now_us = now_ms() * 1000
    with dialects.connect(
        database.open_database(database.sqlite_url(fresh))
    ) as connection:
        with read_snapshot(connection, now_ms) as snapshot:
            copied_n = snapshot.n
        if old_n is None and now_us <= copied_n:
            raise CopyError(
                "el reloj de este equipo va atrasado respecto de la copia; póngalo en hora y repita"
            )
        known_n = journal.leap(connection, max(now_us, old_n or 0))
        with writing(connection, now_ms) as tx:
            shop_actions.restored(tx, known_n)
    backups.fold_up(fresh)


def _set_aside(place: Path) -> Path | None:
    """Give the old shop another name, beside its own until the new one takes that; return the new name.

    Nothing of what SQLite would read as a part of the new shop is left.
    """
    if not _occupied(place):
        _remove(place)
        return None
    aside = place.with_name(f"{place.name}{ASIDE}{stamp()}")
    while aside.exists():  # restored twice within a second
        aside = aside.with_name(f"{aside.name}-otra")
    if place.exists():
        try:
            aside.hardlink_to(place)
        except OSError:  # a file system without links: for a moment there is no shop, and opening says so
            place.rename(aside)
    for rest in backups.BESIDE:
        part = place.with_name(place.name + rest)
        if part.exists():
            part.replace(aside.with_name(aside.name + rest))
    place.with_name(place.name + backups.SHARED).unlink(missing_ok=True)
    flush(place.parent)
    return aside
