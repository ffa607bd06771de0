"""Threads for work that takes long, shared out among those who ask for it."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from trastienda.domain.errors import Unavailable

R = TypeVar("R")

MAX_WAITING = 256
"""What may wait in all: behind so much nobody waits any longer."""
MAX_WAITING_OF_ONE = 64
"""What may wait of one caller: a page that shows many things, four times over."""


class FairPool:
    """So many threads, at most half of which work for one caller.

    The others' work waits in order, up to a limit. What nobody waits for any more is not
    begun. Call it from the event loop only.
    """

    def __init__(
        self,
        threads: int,
        name: str,
    ) -> None:
        self._threads = threads
        self._of_one = max(threads // 2, 1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._running: Counter[Hashable] = Counter()
        self._waiting: deque[tuple[Hashable, asyncio.Future[None]]] = deque()

    async def run(
        self,
        caller: Hashable,
        work: Callable[[], R],
    ) -> R:
        """Return what ``work`` returns in a thread, or raise what it raises.

        Raises Unavailable where too much waits already.
        """
        loop = asyncio.get_running_loop()
        if self._may_begin(caller):
            self._running[caller] += 1
        else:
            await self._wait(caller, loop)

        outcome: asyncio.Future[R] = loop.create_future()

        def finish(done: Future[R]) -> None:
            # Now, and not when nobody waits any more: the thread was busy until here.
            self._end(caller)
            if outcome.cancelled():
                return
            error = done.exception()
            if error is None:
                outcome.set_result(done.result())
            else:
                outcome.set_exception(error)

        def finish_in_loop(done: Future[R]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(finish, done)

        self._pool.submit(work).add_done_callback(finish_in_loop)
        return await outcome

    def _may_begin(self, caller: Hashable) -> bool:
        is_free = self._running.total() < self._threads
        return is_free and self._running[caller] < self._of_one

    async def _wait(
        self,
        caller: Hashable,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Wait for a turn; when this returns, it is counted as running."""
        of_caller = sum(waiting == caller for waiting, _ in self._waiting)
        if len(self._waiting) >= MAX_WAITING or of_caller >= MAX_WAITING_OF_ONE:
            raise Unavailable

        turn = loop.create_future()
        entry = (caller, turn)
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove(entry)
            else:  # it came at the same moment: let somebody else have it
                self._end(caller)
            raise

    def _end(self, caller: Hashable) -> None:
        """Give the thread of this caller to whoever waits longest and may have it."""
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]

        for entry in self._waiting:
            next_caller, turn = entry
            if self._may_begin(next_caller):
                self._waiting.remove(entry)
                self._running[next_caller] += 1
                turn.set_result(None)
                return

    def close(self) -> None:
        """Finish what was begun."""
        self._pool.shutdown()
