"""The read path: each reading sees one state of the shop.

Readings run beside the writer and never wait for it.
"""

import threading
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from msgspec import Struct

from trastienda.domain.chat import Member
from trastienda.domain.errors import Unavailable
from trastienda.domain.people import Actor
from trastienda.fair_pool import FairPool
from trastienda.storage.connection_slot import ConnectionSlot
from trastienda.storage.dialects import Database
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
    a change of threads. Everything else is read in one of a few threads, which are shared
    out fairly among those who ask.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
    ) -> None:
        self._database = database
        self._clock = clock
        self._loop_slot = ConnectionSlot(database)
        self._pool = FairPool(THREADS, "reader")
        self._local = threading.local()
        self._thread_slots: list[ConnectionSlot] = []

    async def read(
        self,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Reading[R]:
        """Run ``action(snapshot, …)`` on one state of the shop; raises what it raises.

        The action says by ``@lookup`` whether it is a look-up by key. It runs again where
        the connection broke. Raises Unavailable where the database cannot be reached, or
        too much waits to be read.
        """
        if is_lookup(action):
            return self._read_on(self._loop_slot, action, *args, **kwargs)

        def read_here() -> Reading[R]:
            return self._read_on(self._thread_slot(), action, *args, **kwargs)

        return await self._pool.run(caller_of(args), read_here)

    def _read_on(
        self,
        slot: ConnectionSlot,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Reading[R]:
        try:
            return self._read_once(slot, action, *args, **kwargs)
        except self._database.errors:
            if slot.is_usable():
                raise

        # The connection broke. Reading again on a new one changes nothing.
        slot.close()
        try:
            return self._read_once(slot, action, *args, **kwargs)
        except self._database.errors as error:
            raise Unavailable from error

    def _read_once(
        self,
        slot: ConnectionSlot,
        action: Callable[Concatenate[Snapshot, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Reading[R]:
        with read_snapshot(slot.get(), self._clock) as snapshot:
            value = action(snapshot, *args, **kwargs)
            return Reading(value, snapshot.n, snapshot.now_ms)

    def is_lost(self) -> bool:
        """Tell whether the database's file has been removed or replaced."""
        return self._database.is_lost()

    async def change_counter(self) -> int:
        """Return a number that differs when anybody has committed since.

        It differs, too, after the connection broke.
        """
        return self._loop_slot.get().change_counter()

    def _thread_slot(self) -> ConnectionSlot:
        slot: ConnectionSlot | None = getattr(self._local, "slot", None)
        if slot is None:
            slot = ConnectionSlot(self._database)
            self._local.slot = slot
            self._thread_slots.append(slot)
        return slot

    def close(self) -> None:
        """Finish what is being read and close the connections."""
        self._pool.close()
        for slot in (self._loop_slot, *self._thread_slots):
            slot.close()


def caller_of(args: tuple[Any, ...]) -> str | int | None:
    """Return who asks: an action's first argument says it. None is the shop itself."""
    first = args[0] if args else None
    if isinstance(first, Member):
        if first.actor is None:
            return first.key
        first = first.actor
    if isinstance(first, Actor):
        return first.origin if first.user_id is None else first.user_id
    return None
