"""What other processes write, such as commands of the shell, announced here too."""

import asyncio
import logging

from trastienda.live.bus import Bus
from trastienda.reader import Reader
from trastienda.storage.transactions import last_n
from trastienda.writer import Writer

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""How often it is looked whether another process has written; the promise is a
second."""


async def announce_foreign_commits(reader: Reader, writer: Writer, bus: Bus) -> None:
    """Have what another process committed announced, until cancelled.

    An empty commit of ours does it: the writer first publishes what came before.
    """
    seen_counter = -1
    was_lost = False
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if reader.is_lost():
            if not was_lost:
                log.critical(
                    "the database file was removed or replaced: nothing is kept any more. "
                    "Stop the server, put the file back or restore a copy, and start again"
                )
            was_lost = True
            continue
        was_lost = False
        try:
            counter = await reader.change_counter()
            if counter != seen_counter:
                reading = await reader.read(last_n)
                if reading.value > bus.n:
                    await writer.run(lambda transaction: None)
            seen_counter = counter
        except Exception:  # a disk that is full today: the next look may do better
            log.exception("could not look for what other processes wrote")
