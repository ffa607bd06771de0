"""Backups that a served shop makes by itself, and how many of them are kept."""

import asyncio
import logging
import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout
from msgspec import Struct

from trastienda.actions.alerts import announce_copy_fault
from trastienda.domain.condition import Condition
from trastienda.operations.backups import CopyError, back_up
from trastienda.operations.clock import now_ms
from trastienda.operations.errors import reason
from trastienda.operations.shop import OpenShop
from trastienda.storage.dialects import database_files
from trastienda.storage.errors import BusyError, StoppedError, UnreadableError
from trastienda.writer import Writer

log = logging.getLogger(__name__)

SCHEDULED_FOLDER = "copias"
SCHEDULED = re.compile(r"programada-([0-9a-f]{8})-(\d{8}T\d{6})Z\.db", re.ASCII)
_MOMENT = "%Y%m%dT%H%M%S"
_HOUR_MS = 3_600_000
AFTER_START_S = 20
"""How long a shop that has just been opened is left alone: whoever waits at the door
comes first."""


class _ScheduledBackup(Struct, frozen=True):
    """A scheduled backup that was made earlier."""

    made_ms: int
    path: Path

    @classmethod
    def parse(cls, path: Path, mark: str) -> "_ScheduledBackup | None":
        """Parse the name of a file; None if it is no backup of the shop of ``mark``."""
        match = SCHEDULED.fullmatch(path.name)
        if match is None or match[1] != mark:
            return None
        try:
            made = datetime.strptime(match[2], _MOMENT).replace(tzinfo=UTC)
        except ValueError:  # digits that are no time: not ours
            return None
        return cls(made_ms=int(made.timestamp()) * 1000, path=path)

    def sort_key(self, at_ms: int) -> tuple[bool, int]:
        """Sort from the oldest; one of the future counts as older than all others."""
        return self.made_ms <= at_ms, self.made_ms


def due_copy(
    shop: OpenShop,
    folder: Path | None,
    every_h: int,
    keep: int,
    at_ms: int,
    condition: Condition,
    stopped: database_files.Stopped = database_files.never,
) -> Path | None:
    """Make the scheduled backup if it is due, and delete the oldest beyond ``keep``.

    It is due if none was made in the last ``every_h`` hours, by the names of the files.
    A time still to come, from before a clock was set back, counts as old. ``folder``
    None means one beside the shop, which is made; any other must be there, or backups
    meant for a disk that is unplugged would fill this one.

    Returns the new backup. What goes wrong is logged, stands in ``condition``, and is
    tried again at the next call. Safe to call at any time, from one thread at a time.
    """
    file = shop.database.file
    if every_h == 0 or file is None:
        return None

    target_folder = folder or shop.data / SCHEDULED_FOLDER
    try:
        if folder is None:
            target_folder.mkdir(mode=0o700, exist_ok=True)
        mark = database_files.mark_of(file)
        earlier = _earlier(target_folder, mark)
        condition.last_copy_ms = _newest_ms(earlier, at_ms)
        if not _is_due(condition, every_h, at_ms):
            condition.copy_fault = None
            return None

        moment = datetime.fromtimestamp(at_ms // 1000, UTC).strftime(_MOMENT)
        copied = back_up(
            file,
            target_folder / f"programada-{mark}-{moment}Z.db",
            wait=False,
            stopped=stopped,
        )
        condition.last_copy_ms = at_ms // 1000 * 1000
        condition.copy_fault = None

        earlier.sort(key=lambda backup: backup.sort_key(at_ms), reverse=True)
        # One is the backup that was just made.
        earlier_count = max(keep, 1) - 1
        for old_backup in earlier[earlier_count:]:
            old_backup.path.unlink(missing_ok=True)
    except (Timeout, StoppedError):
        return None
    except CopyError as error:
        fault = str(error)
    except (BusyError, UnreadableError) as error:
        fault = f"no se puede leer {file} ({error})"
    except OSError as error:
        fault = f"en {target_folder}: {reason(error)}"
    else:
        log.info("copia programada en %s, en %.1f s", copied.path, copied.took_s)
        return copied.path

    log.warning("copia programada: %s", fault)
    condition.copy_fault = fault
    return None


def look_at_copies(
    shop: OpenShop,
    folder: Path | None,
    every_h: int,
    at_ms: int,
    condition: Condition,
) -> None:
    """See when the newest backup was made; log where it is overdue, or its folder gone."""
    file = shop.database.file
    if every_h == 0 or file is None:
        return

    target_folder = folder or shop.data / SCHEDULED_FOLDER
    try:
        earlier = _earlier(target_folder, database_files.mark_of(file))
    except OSError as error:
        if folder is not None:  # the own one is made with the first backup
            log.warning("copia programada: en %s: %s", folder, reason(error))
        return
    except (BusyError, UnreadableError):  # the copy that is due says so
        return

    condition.last_copy_ms = _newest_ms(earlier, at_ms)
    if earlier and _is_due(condition, every_h, at_ms):
        log.warning("copia programada: la última en %s está atrasada", target_folder)


def _earlier(folder: Path, mark: str) -> list[_ScheduledBackup]:
    """Return the backups of the shop of ``mark``."""
    backups = (_ScheduledBackup.parse(path, mark) for path in folder.iterdir())
    return [backup for backup in backups if backup is not None]


def _newest_ms(backups: Iterable[_ScheduledBackup], at_ms: int) -> int | None:
    """Return when the newest was made; one of the future was made nobody knows when."""
    past = (backup.made_ms for backup in backups if backup.made_ms <= at_ms)
    return max(past, default=None)


def _is_due(condition: Condition, every_h: int, at_ms: int) -> bool:
    last_ms = condition.last_copy_ms
    return last_ms is None or at_ms - last_ms >= every_h * _HOUR_MS


class ScheduledCopies(Struct):
    """The backups of a shop that is served, and what it says of them."""

    shop: OpenShop
    writer: Writer
    condition: Condition
    folder: Path | None
    every_h: int
    keep: int
    is_fault_announced: bool = False

    async def keep_up(self, at_start: bool) -> None:
        """Make the backup that is due, in a thread.

        Where it cannot be made, the shop says so once, until one is made again. When
        cancelled, it stops within a moment and leaves nothing of it.
        """
        if at_start:
            await asyncio.to_thread(
                look_at_copies,
                self.shop,
                self.folder,
                self.every_h,
                now_ms(),
                self.condition,
            )
            await asyncio.sleep(AFTER_START_S)
        stop = threading.Event()
        try:
            await asyncio.to_thread(
                due_copy,
                self.shop,
                self.folder,
                self.every_h,
                self.keep,
                now_ms(),
                self.condition,
                stop.is_set,
            )
        finally:
            stop.set()

        fault = self.condition.copy_fault
        if fault is not None and not self.is_fault_announced:
            await self.writer.run(announce_copy_fault, fault)
        self.is_fault_announced = fault is not None
