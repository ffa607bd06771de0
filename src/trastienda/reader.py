"""The read path: each reading sees one state of the shop, beside the writer and never behind it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from trastienda.storage import dialects
from trastienda.storage.dialects import Connection, Engine
from trastienda.storage.transactions import Clock, Snapshot, read_snapshot

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
"""Long readings (lists, searches) at once; each holds a connection and its cache."""


class Reader:
    """Reads on connections of its own: short things at once, long ones in a thread."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._here = dialects.connect(engine)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")
        self._local = threading.local()
        self._connections: list[Connection] = []

    def now(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read at once, in the event loop's thread: for look-ups by key, which take less than a change of threads."""
        with read_snapshot(self._here, self._clock) as snapshot:
            return action(snapshot, *args, **kwargs)

    def change_counter(self) -> int:
        """Return a number that differs when anybody has committed since."""
        return dialects.change_counter(self._here)

    async def run(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read in a thread: for whatever may look at many rows."""

        def read() -> R:
            with read_snapshot(self._connection(), self._clock) as snapshot:
                return action(snapshot, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._pool, read)

    def _connection(self) -> Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = dialects.connect(self._engine)
            self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Finish what is being read and close the connections."""
        self._pool.shutdown()
        for connection in (self._here, *self._connections):
            connection.close()
