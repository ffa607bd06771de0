"""The disk under a shop that is served: how full it is, and whether it takes writes again."""

import asyncio
import logging
import shutil
from pathlib import Path

from trastienda.domain.condition import Condition
from trastienda.domain.errors import Unavailable
from trastienda.writer import Writer

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
LOW_BYTES = 200 * 1024 * 1024
"""Less than this is said in the log: some weeks of a busy shop, with its copies."""
NOTHING_BYTES = 1024 * 1024
"""With less than this left it is tried whether anything still can be kept."""


async def watch_disk(
    folder: Path,
    writer: Writer,
    condition: Condition,
) -> None:
    """Look at the disk now and then, until cancelled.

    Where nothing could be kept, or there is next to no room, an empty commit tries it. So
    it is known in time, and the shop goes on by itself once there is room.
    """
    while True:
        look(folder, condition)
        if writer.fault is not None or condition.disk_free_bytes < NOTHING_BYTES:
            try:
                await writer.run(lambda transaction: None)
            except Unavailable:
                log.debug("still nothing can be kept")
        await asyncio.sleep(LOOK_EVERY_S)


def look(
    folder: Path,
    condition: Condition,
) -> None:
    """See how much room there is, and log where it becomes little."""
    free_bytes = shutil.disk_usage(folder).free
    is_low = free_bytes < LOW_BYTES
    if is_low and not condition.disk_is_low:
        log.warning(
            "the disk of %s is nearly full: %d MB are left",
            folder,
            free_bytes // 1_000_000,
        )
    condition.disk_free_bytes = free_bytes
    condition.disk_is_low = is_low
