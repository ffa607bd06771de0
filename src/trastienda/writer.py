"""The write path: calls wait in one queue, and one thread commits all that wait at once.

Then it announces what was committed, and answers. Committing in groups makes durable and
fast the same thing: one flush of the disk serves everybody who waits for it.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from trastienda.domain.errors import (
    DatabaseHeld,
    DatabaseLost,
    DiskFull,
    Refusal,
    Unavailable,
)
from trastienda.domain.events import Event
from trastienda.live.bus import Bus
from trastienda.storage import journal
from trastienda.storage.connection_slot import ConnectionSlot
from trastienda.storage.dialects import Connection, Database, Patience
from trastienda.storage.errors import BusyError, Conflict, LostError
from trastienda.storage.transactions import Clock, Tx, writing
from trastienda.write_tasks import ALONE, WriteTask, run_all

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
Call = TypeVar("Call")

MAX_WAITING = 4096
"""Calls in the queue. With the slowest disk worth the name that is ten seconds of
waiting; more calls are refused."""
MAX_GROUP = 256
"""Calls in one commit: enough to hide the disk, few enough to answer the first soon."""
MAX_RERUNS = 20
"""How often calls run again because somebody else was faster, before their callers hear
that the shop is busy."""
PATIENCE_S = 5.0
"""How long a call waits, in the queue too, while another process has the database to
itself: whoever stands at a till must hear soon that nothing is kept."""
CLOSING_PATIENCE_S = 1.0
"""How long it waits then once the writer closes: the shop has promised to stop soon."""
JOURNAL_CHUNK = 1000
"""Events read at once when another process has written; bounds memory after a long
import."""


LOGGED_FAULTS = {
    DiskFull: "the disk is full",
    DatabaseHeld: "another program has the database to itself",
    DatabaseLost: "the database file was removed or replaced",
}


class Writer:
    """The one writer of this node.

    ``observe(calls, seconds)`` hears of each commit, for the metrics.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        observe: Callable[[int, float], None] = lambda calls, seconds: None,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._observe = observe

        self._queue: SimpleQueue[WriteTask[Any] | None] = SimpleQueue()
        """None marks its end."""
        self._waiting = 0
        self._capacity_waiters: list[asyncio.Future[None]] = []
        self._closed_s: float | None = None
        """When the writer began to close."""
        self._fault: type[Unavailable] | None = None
        self._loop = asyncio.get_running_loop()
        self._announced_n = bus.n
        """The number of the last announcement that the bus has been told of."""

        self._slot = ConnectionSlot(database)
        # A daemon: a start that fails before anything is accepted ends at once.
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Calls that have no answer yet."""
        return self._waiting

    @property
    def fault(self) -> type[Unavailable] | None:
        """Why nothing can be kept, as far as the last commit has shown.

        It stays until the next commit that succeeds.
        """
        return self._fault

    @property
    def is_crowded(self) -> bool:
        """Whether whoever can wait should: half of the queue is for those who cannot."""
        return self._waiting >= MAX_WAITING // 2

    async def wait_for_capacity(self) -> None:
        """Wait while the queue is crowded."""
        while self.is_crowded:
            capacity = self._loop.create_future()
            self._capacity_waiters.append(capacity)
            await capacity

    async def run(
        self,
        action: Callable[Concatenate[Tx, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run ``action(transaction, …)`` in a transaction. What it returns is on the disk.

        Raises the action's refusal, after which nothing of it is stored, and Unavailable
        where the shop stops or has too much to do. An action may run more than once, each
        time in a transaction of its own, of which only the last is committed.
        """
        answer: R = await self._enqueue(
            lambda transaction: action(transaction, *args, **kwargs), ALONE
        )
        return answer

    async def run_many(
        self,
        action: Callable[[Tx, Sequence[Call]], list[R | Refusal]],
        call: Call,
    ) -> R:
        """Run one call of an action over a sequence, with all others that wait in a row."""
        return await self.enqueue(action, call)

    def enqueue(
        self,
        action: Callable[[Tx, Sequence[Call]], list[R | Refusal]],
        call: Call,
    ) -> "asyncio.Future[R]":
        """Do as :meth:`run_many` and return at once: calls of one caller keep their order."""
        return self._enqueue(action, call)

    def _enqueue(
        self,
        action: Callable[..., Any],
        item: Any,
    ) -> "asyncio.Future[Any]":
        if self._closed_s is not None or self._waiting >= MAX_WAITING:
            raise Unavailable
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting += 1
        self._queue.put(WriteTask(action, item, future))
        return future

    async def close(self) -> None:
        """Take no more calls, finish those that wait, and end the thread."""
        self._closed_s = time.monotonic()
        self._queue.put(None)
        try:
            await self._loop.run_in_executor(None, self._thread.join)
        except RuntimeError:  # no memory for another thread
            self._thread.join()

    # In the writer's thread, from here on

    def _work(self) -> None:
        while group := self._gather():
            self._serve(group)
        self._slot.close()

    def _gather(self) -> list[WriteTask[Any]]:
        """Wait for a call and take all that wait behind it.

        Returns nothing once the queue is closed and empty.
        """
        group: list[WriteTask[Any]] = []
        try:
            task = self._queue.get()
            while task is not None:
                group.append(task)
                if len(group) == MAX_GROUP:
                    return group
                task = self._queue.get_nowait()
        except Empty:
            return group
        if group:
            # We took the mark of the end; put it back for the next time.
            self._queue.put(None)
        return group

    def _serve(self, group: list[WriteTask[Any]]) -> None:
        """Have every call of a group committed or refused, in as many commits as it takes.

        A call that meets a conflict ends its transaction: those before it are committed,
        and it runs again in a new one, alone until it gets through. So calls keep their
        order, and a call that meets a conflict each time costs the others only the time
        of its own tries.
        """
        while group:
            served = self._commit(group)
            reruns = 0
            while served == 0 and reruns < MAX_RERUNS:
                served = self._commit(group[:1])
                reruns += 1
            if served == 0:
                log.error("a call met a conflict %d times", 1 + MAX_RERUNS)
                group[0].outcome = Unavailable()
                self._hand_over(group[:1], (), 0)
                served = 1
            group = group[served:]

    def _commit(self, group: list[WriteTask[Any]]) -> int:
        """Commit as many calls as have no conflict, from the first on; return how many.

        Hands their answers and events to the event loop.
        """
        began = time.perf_counter()
        events: Sequence[Event] = ()
        try:
            connection = self._connect_and_catch_up()
            with writing(
                connection, self._clock, self._patience(group[0])
            ) as transaction:
                served = run_all(transaction, group)
                for task in group[:served]:
                    # A full disk may fail a statement and leave the transaction open.
                    outcome = task.outcome
                    if isinstance(outcome, Exception) and self._database.is_full(
                        outcome
                    ):
                        raise outcome
                foreign = self._foreign(transaction)
            self._announced_n = transaction.n_before + len(transaction.events)
            events = [*foreign, *transaction.events]
            self._note_fault(None)
        except Conflict:
            return 0
        except Exception as error:
            fault = self._fault_of(error)
            if fault not in {DatabaseHeld, DatabaseLost}:
                self._discard_connection()
            if fault is None:
                log.exception("a commit of %d calls failed", len(group))
            else:
                self._note_fault(fault)
            for task in group:
                task.outcome = (fault or Unavailable)()
            served = len(group)

        seconds = time.perf_counter() - began
        self._hand_over(group[:served], events, seconds)
        return served

    def _patience(self, oldest: WriteTask[Any]) -> Patience:
        """Wait for another writer as long as this call has time."""

        def waits_on() -> bool:
            until_s = oldest.queued_s + PATIENCE_S
            if self._closed_s is not None:
                until_s = min(until_s, self._closed_s + CLOSING_PATIENCE_S)
            return time.monotonic() < until_s

        return waits_on

    def _fault_of(self, error: Exception) -> type[Unavailable] | None:
        """Return what is wrong beside the shop, where an error says so."""
        if isinstance(error, LostError):
            return DatabaseLost
        if isinstance(error, BusyError):
            return DatabaseHeld
        if self._database.is_full(error):
            return DiskFull
        return None

    def _note_fault(self, fault: type[Unavailable] | None) -> None:
        """Keep, and log where it is new, why nothing can be kept."""
        if fault is self._fault:
            return
        self._fault = fault
        if fault is None:
            log.warning("writes are kept again")
        else:
            log.error("nothing can be kept: %s", LOGGED_FAULTS[fault])

    def _discard_connection(self) -> None:
        """Have the next commit begin on a new connection; this one may be broken."""
        try:
            self._slot.close()
        except Exception:
            log.exception("could not close the connection")

    def _connect_and_catch_up(self) -> Connection:
        """Return the connection, or a new one in its place if it broke since the last use.

        Nothing has been written on it yet, so nothing can be done twice.
        """
        connection = self._slot.get()
        try:
            self._catch_up(connection)
        except self._database.errors:
            if connection.is_usable():
                raise
            self._slot.close()
            connection = self._slot.get()
            self._catch_up(connection)
        return connection

    def _catch_up(self, connection: Connection) -> None:
        """Announce what other processes have committed, before our own lock is taken."""
        while events := journal.after(connection, self._announced_n, JOURNAL_CHUNK):
            self._announced_n = events[-1].n
            self._loop.call_soon_threadsafe(self._bus.publish, events)

    def _foreign(self, transaction: Tx) -> Sequence[Event]:
        """Return what another process still got in before this transaction.

        So that all is announced in one order.
        """
        missed = transaction.n_before - self._announced_n
        if missed <= 0:
            return ()
        return journal.after(transaction.connection, self._announced_n, missed)

    def _hand_over(
        self,
        tasks: list[WriteTask[Any]],
        events: Sequence[Event],
        seconds: float,
    ) -> None:
        self._loop.call_soon_threadsafe(self._answer, tasks, events, seconds)

    # In the event loop's thread again

    def _answer(
        self,
        tasks: list[WriteTask[Any]],
        events: Sequence[Event],
        seconds: float,
    ) -> None:
        """Publish the events of a commit and answer its calls.

        Listeners come first: caches are emptied before anybody acts on an answer.
        """
        self._waiting -= len(tasks)
        if self._capacity_waiters and not self.is_crowded:
            for capacity in self._capacity_waiters:
                if not capacity.cancelled():
                    capacity.set_result(None)
            self._capacity_waiters.clear()

        self._bus.publish(events)
        self._observe(len(tasks), seconds)

        for task in tasks:
            if task.future.cancelled():
                continue
            if isinstance(task.outcome, Exception):
                task.future.set_exception(task.outcome)
            else:
                task.future.set_result(task.outcome)
