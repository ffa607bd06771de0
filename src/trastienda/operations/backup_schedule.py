"""Backups that a served shop makes by itself, and how many of them are kept."""

import asyncio
import logging
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout
from msgspec import Struct

from trastienda.operations.backups import CopyError, back_up
from trastienda.operations.clock import now_ms
from trastienda.operations.errors import reason
from trastienda.operations.shop import OpenShop
from trastienda.storage.dialects import database_files
from trastienda.storage.errors import BusyError, StoppedError, UnreadableError

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
    stopped: database_files.Stopped = database_files.never,
) -> Path | None:
    """Make the scheduled backup if it is due, and delete the oldest beyond ``keep``.

    It is due if none was made in the last ``every_h`` hours, by the names of the files.
    A time still to come, from before a clock was set back, counts as old. ``folder``
    None means one beside the shop, which is made; any other must be there, or backups
    meant for a disk that is unplugged would fill this one.

    Returns the new backup. What goes wrong is logged, and tried again at the next call.
    Safe to call at any time, from one thread at a time.
    """
    file = shop.database.file
    if every_h == 0 or file is None:
        return None

    try:
        mark = database_files.mark_of(file)
        if folder is None:
            folder = shop.data / SCHEDULED_FOLDER
            folder.mkdir(mode=0o700, exist_ok=True)

        earlier: list[_ScheduledBackup] = []
        for path in folder.iterdir():
            backup = _ScheduledBackup.parse(path, mark)
            if backup is not None:
                earlier.append(backup)
        for backup in earlier:
            age_ms = at_ms - backup.made_ms
            if 0 <= age_ms < every_h * _HOUR_MS:
                return None

        moment = datetime.fromtimestamp(at_ms // 1000, UTC).strftime(_MOMENT)
        copied = back_up(
            file,
            folder / f"programada-{mark}-{moment}Z.db",
            wait=False,
            stopped=stopped,
        )

        earlier.sort(key=lambda backup: backup.sort_key(at_ms), reverse=True)
        # One is the backup that was just made.
        earlier_count = max(keep, 1) - 1
        for old_backup in earlier[earlier_count:]:
            old_backup.path.unlink(missing_ok=True)
    except (Timeout, StoppedError):
        return None
    except CopyError as error:
        log.warning("copia programada: %s", error)
        return None
    except (BusyError, UnreadableError) as error:
        log.warning("copia programada: no se puede leer %s (%s)", file, error)
        return None
    except OSError as error:
        log.warning("copia programada en %s: %s", folder, reason(error))
        return None

    log.info("copia programada en %s, en %.1f s", copied.path, copied.took_s)
    return copied.path


async def keep_copies(
    shop: OpenShop, folder: Path | None, every_h: int, keep: int, at_start: bool
) -> None:
    """Make the backup that is due, in a thread.

    When cancelled, it stops within a moment and leaves nothing of it.
    """
    if at_start:
        await asyncio.sleep(AFTER_START_S)
    stop = threading.Event()
    try:
        await asyncio.to_thread(
            due_copy, shop, folder, every_h, keep, now_ms(), stop.is_set
        )
    finally:
        stop.set()
