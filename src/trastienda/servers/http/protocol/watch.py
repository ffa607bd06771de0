"""One look a second at every connection, instead of a timer for every step of each."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Watched(Protocol):
    """A connection that is looked at."""

    def look(self) -> None:
        """Let the client go where it keeps the server waiting."""


class Watch:
    """Looks at connections; its clock goes by whole looks."""

    def __init__(self, connections: Callable[[], Iterable[Watched]]) -> None:
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self.now_s = self._loop.time()
        """The time of the last look: reading the clock for every step would cost more."""
        self.stopping_since_s: float | None = None
        self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        """Say that the shop stops: clients are given little time from now on."""
        self.stopping_since_s = self._loop.time()

    def close(self) -> None:
        """Look no more."""
        self._looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.now_s = self._loop.time()
            for connection in list(self._connections()):
                try:
                    connection.look()
                except Exception:  # the others are still looked at
                    log.exception("a connection could not be looked at")
