"""What a served shop does by itself at its times: it tidies up and copies itself."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TypeAlias

from trastienda.actions import reports, tidying
from trastienda.actions.tidying import Retention
from trastienda.domain.errors import Unavailable
from trastienda.writer import Writer

log = logging.getLogger(__name__)

Task: TypeAlias = Callable[[bool], Awaitable[None]]
"""Called with whether the shop has just been opened."""

LOOK_EVERY_S = 15 * 60
"""How often it is looked whether a new day has begun: a machine that slept, or a clock
put right, is noticed soon."""
RETRY_S = 60
"""How soon the tasks are tried again where they could not be set up: no file could be
opened, or there was no memory."""
ROWS_A_COMMIT = 200
"""Rows tidied in one transaction: a till waits a few milliseconds behind them."""


async def tidy(writer: Writer, retention: Retention, at_start: bool) -> None:
    """Do what is due today, a little at a time.

    Expired discounts are removed at every start, too.
    """
    # The day is taken once, however often the shop is opened.
    is_first_today = await writer.run(tidying.take_day, tidying.DAILY)

    if is_first_today or at_start:
        removed = ROWS_A_COMMIT
        while removed == ROWS_A_COMMIT:
            removed = await writer.run(tidying.remove_expired_discounts, ROWS_A_COMMIT)

    if is_first_today:
        await _bit_by_bit(lambda: writer.run(tidying.forget, retention, ROWS_A_COMMIT))
        await _bit_by_bit(lambda: writer.run(reports.keep_days, 1))


async def _bit_by_bit(work: Callable[[], Awaitable[int]]) -> None:
    """Work until nothing is left, leaving the tills as much time as it takes."""
    while True:
        began = time.perf_counter()
        if not await work():
            return
        await asyncio.sleep(time.perf_counter() - began)


class Schedule:
    """The tasks of a shop that is served, and whether they are looked after."""

    def __init__(self, *tasks: Task) -> None:
        self._tasks = tasks
        self.is_running = True
        """Whether the tasks run at their times, or will in a moment: the start counts."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run each task now and then every :data:`LOOK_EVERY_S`, until the shop stops."""
        keeping = asyncio.create_task(self._keep_running())
        try:
            yield
        finally:
            self.is_running = False
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    async def _keep_running(self) -> None:
        for task in self._tasks:
            await _run_safely(task, True)

        while True:
            try:
                await self._run_at_times()
            except Exception:
                self.is_running = False
                log.exception("the tasks do not run; trying again in %d s", RETRY_S)
            await asyncio.sleep(RETRY_S)

    async def _run_at_times(self) -> None:
        # Once the shop answers: this import takes a fifth of the whole start.
        apscheduler = await asyncio.to_thread(
            import_module, "apscheduler.schedulers.asyncio"
        )
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        scheduler = apscheduler.AsyncIOScheduler(timezone=UTC)
        first_run = datetime.now(UTC) + timedelta(seconds=LOOK_EVERY_S)
        for task in self._tasks:
            scheduler.add_job(
                _run_safely,
                "interval",
                args=(task, False),
                seconds=LOOK_EVERY_S,
                next_run_time=first_run,
                coalesce=True,  # after a sleep once, not as often as was missed
                misfire_grace_time=None,
                max_instances=1,
            )
        scheduler.start()
        self.is_running = True
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)


async def _run_safely(task: Task, at_start: bool) -> None:
    """Run a task; one that fails is tried again later, and never ends the shop."""
    try:
        await task(at_start)
    except Unavailable:
        log.debug("a task gives way: the shop stops or has too much to do")
    except Exception:
        log.exception("a task of the shop's own failed")
