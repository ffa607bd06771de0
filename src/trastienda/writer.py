"""The write path: calls wait in one queue; a thread commits all that waits at once, then answers and announces.

Group commit makes durable and fast the same thing: one flush of the disk serves everybody who waits for it.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from trastienda.domain.errors import Refusal, Unavailable
from trastienda.domain.events import Event
from trastienda.live.bus import Bus
from trastienda.storage import dialects, journal
from trastienda.storage.dialects import Connection, Engine
from trastienda.storage.transactions import Clock, OvertakenError, Tx, writing

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
Call = TypeVar("Call")

MAX_WAITING = 4096
"""Calls in the queue; at the slowest disk worth the name that is ten seconds of waiting, and more is refused."""
MAX_GROUP = 256
"""Calls in one commit: enough to hide the disk, few enough to answer the first of them soon."""
MAX_RERUNS = 20
"""How often a group runs again because another node was faster, before its callers hear that the shop is busy."""
JOURNAL_CHUNK = 1000
"""Events read at once when another process has written; bounds memory after a long import."""


class _Waiting(Generic[R]):
    """A call in the queue: its action, its argument if it is one of many alike, and who waits for the answer."""

    __slots__ = ("action", "future", "item", "outcome")

    def __init__(
        self, action: Callable[..., Any], item: Any, future: "asyncio.Future[R]"
    ) -> None:
        self.action = action
        self.item = item
        self.future = future
        self.outcome: Any = None


_ALONE = object()
"""Stands for the argument of an action that takes one call at a time."""


class Writer:
    """The one writer of this node.

    ``observe(calls, seconds)`` is told of each commit, for the metrics.
    """

    def __init__(
        self,
        engine: Engine,
        bus: Bus,
        clock: Clock,
        observe: Callable[[int, float], None] = lambda calls, seconds: None,
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._observe = observe
        self._queue: SimpleQueue[_Waiting[Any] | None] = SimpleQueue()
        self._waiting = 0
        self._wanting_room: list[asyncio.Future[None]] = []
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._told = bus.n
        self._thread = threading.Thread(target=self._work, name="writer")
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Calls that have no answer yet."""
        return self._waiting

    @property
    def is_crowded(self) -> bool:
        """Whether whoever can wait should: half of the queue is left to those who cannot."""
        return self._waiting >= MAX_WAITING // 2

    async def find_room(self) -> None:
        """Wait while the queue is crowded."""
        while self.is_crowded:
            room = self._loop.create_future()
            self._wanting_room.append(room)
            await room

    async def run(
        self, action: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run ``action(tx, …)`` in a transaction; what it returns is on the disk.

        Raises the action's refusal, after which nothing of it is kept, and Unavailable when stopping or overloaded.
        """
        answer: R = await self._enter(lambda tx: action(tx, *args, **kwargs), _ALONE)
        return answer

    async def run_many(
        self, action: Callable[[Tx, Sequence[Call]], list[R | Refusal]], call: Call
    ) -> R:
        """Run one call of an action over a sequence, together with all the others that wait in a row."""
        return await self.enter(action, call)

    def enter(
        self, action: Callable[[Tx, Sequence[Call]], list[R | Refusal]], call: Call
    ) -> "asyncio.Future[R]":
        """Do as :meth:`run_many` and return at once: calls of one caller stay in their order."""
        return self._enter(action, call)

    def _enter(self, action: Callable[..., Any], item: Any) -> "asyncio.Future[Any]":
        if self._closed or self._waiting >= MAX_WAITING:
            raise Unavailable
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting += 1
        self._queue.put(_Waiting(action, item, future))
        return future

    async def close(self) -> None:
        """Take no more calls, finish those that wait, and end the thread."""
        self._closed = True
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _work(self) -> None:
        with dialects.connect(self._engine) as connection:
            while group := self._gather():
                self._serve(connection, group)

    def _gather(self) -> list[_Waiting[Any]]:
        """Wait for a call and take all that wait behind it; nothing once the queue is closed and empty."""
        group: list[_Waiting[Any]] = []
        try:
            one = self._queue.get()
            while one is not None:
                group.append(one)
                if len(group) == MAX_GROUP:
                    return group
                one = self._queue.get_nowait()
        except Empty:
            return group
        if group:
            self._queue.put(
                None
            )  # the end was read with the last group; it is to be found again behind it
        return group

    def _serve(self, connection: Connection, group: list[_Waiting[Any]]) -> None:
        """Commit a group, then hand answers and events to the event loop."""
        began = time.perf_counter()
        events: Sequence[Event] = ()
        try:
            self._catch_up(connection)
            events = self._commit(connection, group)
        except Exception:
            log.exception("a commit of %d calls failed", len(group))
            for one in group:
                one.outcome = Unavailable()
        seconds = time.perf_counter() - began
        self._loop.call_soon_threadsafe(self._tell, group, events, seconds)

    def _commit(
        self, connection: Connection, group: list[_Waiting[Any]]
    ) -> Sequence[Event]:
        for _ in range(MAX_RERUNS):
            try:
                with writing(connection, self._clock) as tx:
                    self._run_all(tx, group)
                    foreign = self._foreign(tx)
            except OvertakenError:
                continue
            self._told = tx.n_before + len(tx.events)
            return [*foreign, *tx.events]
        raise OvertakenError

    def _catch_up(self, connection: Connection) -> None:
        """Tell what other processes have committed, a piece at a time, before our own lock is taken."""
        while events := journal.after(connection, self._told, JOURNAL_CHUNK):
            self._told = events[-1].n
            self._loop.call_soon_threadsafe(self._bus.publish, events)

    def _foreign(self, tx: Tx) -> Sequence[Event]:
        """Return what another process still got in before this transaction, so that all is told in one order."""
        missed = tx.n_before - self._told
        return journal.after(tx.connection, self._told, missed) if missed > 0 else ()

    def _run_all(self, tx: Tx, group: list[_Waiting[Any]]) -> None:
        """Run the calls in their order: those in a row that share an action over a sequence as one call of it."""
        for (action, alone), run in groupby(
            group, key=lambda one: (one.action, one.item is _ALONE)
        ):
            if alone:
                for one in run:
                    one.outcome = _attempt(tx, action)
            else:
                self._run_many(tx, action, list(run))

    def _run_many(
        self, tx: Tx, action: Callable[..., Any], run: list[_Waiting[Any]]
    ) -> None:
        outcomes = _attempt(tx, action, [one.item for one in run])
        if isinstance(outcomes, Exception):
            # something in the set was refused by the database or taken by another node: each for itself, then
            outcomes = [_first(_attempt(tx, action, [one.item])) for one in run]
        for one, outcome in zip(run, outcomes, strict=True):
            one.outcome = outcome

    def _tell(
        self, group: list[_Waiting[Any]], events: Sequence[Event], seconds: float
    ) -> None:
        """Announce and answer. Listeners first: caches are emptied before anybody acts on the answer."""
        self._waiting -= len(group)
        if self._wanting_room and not self.is_crowded:
            for room in self._wanting_room:
                if not room.cancelled():
                    room.set_result(None)
            self._wanting_room.clear()
        self._bus.publish(events)
        self._observe(len(group), seconds)
        for one in group:
            if one.future.cancelled():
                continue
            if isinstance(one.outcome, Exception):
                one.future.set_exception(one.outcome)
            else:
                one.future.set_result(one.outcome)


def _attempt(tx: Tx, action: Callable[..., Any], *arguments: Any) -> Any:
    """Run an action in a savepoint and return what it returns or raises; of what it raises nothing is kept."""
    try:
        with tx.savepoint():
            return action(tx, *arguments)
    except OvertakenError:
        raise
    except Refusal as refusal:
        return refusal
    except Exception as error:
        if dialects.ended_transaction(tx.connection):
            raise
        log.exception("an action failed")
        return error


def _first(outcomes: Any) -> Any:
    return outcomes if isinstance(outcomes, Exception) else outcomes[0]
