"""The thread in which the shop is talked to, and the way back into Tk's own.

Tk must be touched from one thread alone, and may never wait. So whatever talks to the shop
runs in an event loop beside it, and what is to be shown is put into a queue that Tk's thread
empties.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

LAST_S = 2.0
"""How long goodbyes may take when the program ends."""

Call = Callable[[], None]
R = TypeVar("R")


class LoopThread:
    """An event loop in a thread of its own. Its methods are for Tk's thread, but ``post``."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._due: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._running: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="shop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def begin(
        self,
        work: Coroutine[Any, Any, R],
        then: Callable[[R], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Begin something; when it is done, one of the two is called in Tk's thread."""

        async def do() -> None:
            try:
                result = await work
            except Exception as error:
                self.post(partial(failed, error))
            else:
                self.post(partial(then, result))

        def start() -> None:
            task = self._loop.create_task(do())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        self._loop.call_soon_threadsafe(start)

    def post(self, call: Call) -> None:
        """Have Tk's thread call something soon, after all that was posted before."""
        self._due.put(call)

    def run_due(self, budget_s: float) -> None:
        """Call what was posted, for about so long at most: the rest has to wait."""
        end = time.monotonic() + budget_s
        while time.monotonic() < end:
            try:
                call = self._due.get_nowait()
            except queue.Empty:
                return
            call()

    def stop(self) -> None:
        """Let what was begun end, and then the thread."""

        async def finish() -> None:
            if self._running:
                _, late = await asyncio.wait(self._running, timeout=LAST_S)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)
            self._loop.stop()

        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(finish()))
        self._thread.join(2 * LAST_S)
