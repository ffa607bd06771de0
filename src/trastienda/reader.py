"""The read path: each reading sees one state of the shop.

Readings run beside the writer and never wait for it.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from msgspec import Struct

from trastienda.storage import dialects
from trastienda.storage.dialects import Connection, Engine
from trastienda.storage.transactions import Clock, Snapshot, is_lookup, read_snapshot

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
"""Long readings (lists, searches) at once; each holds a connection and its cache."""


class Reading(Struct, Generic[R]):
    """What an action returned, and the state of the shop that it was read from."""

    value: R
    n: int
    """The number of the last announcement in that state."""
    now_ms: int
    """When it was read."""


class Reader:
    """Reads on connections of its own.

    Look-ups by key are read in the event loop's thread, since they take less time than
    a change of threads. Everything else is read in one of a few threads.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._loop_connection = dialects.connect(engine)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")
        self._local = threading.local()
        self._connections: list[Connection] = []

    async def read(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Reading[R]:
        """Run ``action(snapshot, …)`` on one state of the shop; raises what it raises.

        The action says by ``@lookup`` whether it is a look-up by key.
        """
        if is_lookup(action):
            with read_snapshot(self._loop_connection, self._clock) as snapshot:
                value = action(snapshot, *args, **kwargs)
                return Reading(value, snapshot.n, snapshot.now_ms)

        def read_here() -> Reading[R]:
            with read_snapshot(self._thread_connection(), self._clock) as snapshot:
                value = action(snapshot, *args, **kwargs)
                return Reading(value, snapshot.n, snapshot.now_ms)

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, read_here)

    async def change_counter(self) -> int:
        """Return a number that differs when anybody has committed since."""
        return dialects.change_counter(self._loop_connection)

    def now(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read at once, in the event loop's thread; :meth:`read` takes its place."""
        with read_snapshot(self._loop_connection, self._clock) as snapshot:
            return action(snapshot, *args, **kwargs)

    async def run(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Read in a thread; :meth:`read` takes its place."""

        def read_here() -> Any:
            with read_snapshot(self._thread_connection(), self._clock) as snapshot:
                return action(snapshot, *args, **kwargs)

        loop = asyncio.get_running_loop()
        answer: R = await loop.run_in_executor(self._pool, read_here)
        return answer

    def _thread_connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = dialects.connect(self._engine)
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Finish what is being read and close the connections."""
        self._pool.shutdown()
        for connection in (self._loop_connection, *self._connections):
            connection.close()
