"""Work that nobody waits for, and that is finished before the shop stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Tasks of this process's sessions that go on beside them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have some work done soon."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)

        # The event loop itself does not keep a task alive.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until all of it is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)
