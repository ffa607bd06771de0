"""What a served shop does by itself: it tidies once a day, and copies itself."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from trastienda.actions import reports, tidying
from trastienda.domain.errors import Unavailable
from trastienda.writer import Writer

log = logging.getLogger(__name__)

LOOK_EVERY_S = 15 * 60
"""How often it is looked whether a new day has begun: a machine that slept, or a clock put right, is noticed soon."""
SOME = 200
"""Rows tidied in one transaction: a till waits a few milliseconds behind them."""


async def tidy(writer: Writer, journal_days: int, at_start: bool) -> None:
    """Do what is due today, a little at a time; expired discounts at every start, too."""
    first_today = await writer.run(tidying.take_day, tidying.DAILY)
    if first_today or at_start:
        while await writer.run(tidying.remove_expired_discounts, SOME) == SOME:
            pass
    if first_today:
        await _bit_by_bit(lambda: writer.run(tidying.forget, journal_days, SOME))
        await _bit_by_bit(lambda: writer.run(reports.keep_days, 1))


async def _bit_by_bit(work: Callable[[], Awaitable[int]]) -> None:
    """Work until nothing is left, leaving the tills at least as much time as it takes."""
    while True:
        began = time.perf_counter()
        if not await work():
            return
        await asyncio.sleep(time.perf_counter() - began)


@asynccontextmanager
async def scheduled(*tasks: Callable[[bool], Awaitable[None]]) -> AsyncIterator[None]:
    """Run each task now, told that it is the start, and then every :data:`LOOK_EVERY_S`, until the shop stops."""
    running = asyncio.create_task(_schedule(tasks))
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _schedule(tasks: tuple[Callable[[bool], Awaitable[None]], ...]) -> None:
    for task in tasks:
        await _safely(task, True)
    scheduler = (await asyncio.to_thread(_scheduler_class))(timezone=UTC)
    for task in tasks:
        scheduler.add_job(
            _safely,
            "interval",
            args=(task, False),
            seconds=LOOK_EVERY_S,
            next_run_time=datetime.now(UTC) + timedelta(seconds=LOOK_EVERY_S),
            coalesce=True,  # after a sleep once, not as often as was missed
            misfire_grace_time=None,
            max_instances=1,
        )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


async def _safely(task: Callable[[bool], Awaitable[None]], at_start: bool) -> None:
    """Run a task; one that fails today is tried again, and never ends the shop."""
    try:
        await task(at_start)
    except Unavailable:
        log.debug("a task gives way: the shop stops or has too much to do")
    except Exception:
        log.exception("a task of the shop's own failed")


def _scheduler_class() -> type:
    """Import the scheduler, which takes a fifth of the whole start, once the shop already answers."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler: type = AsyncIOScheduler
    return scheduler
