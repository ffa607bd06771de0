"""Threads shared out: half of them for one caller at most, and nothing in vain."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.harness.waiting import PATIENCE_S, eventually_async

from trastienda.domain.errors import Unavailable
from trastienda.fair_pool import MAX_WAITING, MAX_WAITING_OF_ONE, FairPool


class Work:
    """Work that is begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = threading.Event()

    def of(self, name: str) -> Callable[[], str]:
        def work() -> str:
            self.begun.append(name)
            assert self.go_on.wait(PATIENCE_S)
            return name

        return work


def with_pool(main: Callable[[FairPool, Work], Any]) -> None:
    async def run() -> None:
        pool, work = FairPool(4, "test"), Work()
        try:
            await asyncio.wait_for(main(pool, work), PATIENCE_S)
        finally:
            work.go_on.set()
            pool.close()

    asyncio.run(run())


def test_one_caller_has_half_of_the_threads_and_the_others_the_rest() -> None:
    async def main(pool: FairPool, work: Work) -> None:
        clara = [
            asyncio.create_task(pool.run("clara", work.of("clara"))) for _ in range(8)
        ]
        await eventually_async(lambda: len(work.begun) == 2, "two that work")
        beto = asyncio.create_task(pool.run("beto", work.of("beto")))
        await eventually_async(lambda: "beto" in work.begun, "work of another")
        assert work.begun == ["clara", "clara", "beto"]
        work.go_on.set()
        assert await asyncio.gather(*clara, beto) == ["clara"] * 8 + ["beto"]

    with_pool(main)


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    async def main(pool: FairPool, work: Work) -> None:
        tasks = [
            asyncio.create_task(pool.run("clara", work.of(name))) for name in "abcd"
        ]
        await eventually_async(lambda: len(work.begun) == 2, "two that work")
        tasks[2].cancel()
        await asyncio.wait({tasks[2]})
        work.go_on.set()
        assert await tasks[3] == "d"
        assert sorted(work.begun) == ["a", "b", "d"]

    with_pool(main)


def test_work_that_is_given_up_keeps_its_thread_until_it_ends() -> None:
    async def main(pool: FairPool, work: Work) -> None:
        given_up = [
            asyncio.create_task(pool.run("clara", work.of("first"))) for _ in range(2)
        ]
        await eventually_async(lambda: len(work.begun) == 2, "two that work")
        for task in given_up:
            task.cancel()
        await asyncio.wait(given_up)
        later = asyncio.create_task(pool.run("clara", work.of("later")))
        await pool.run("beto", lambda: None)
        assert "later" not in work.begun
        work.go_on.set()
        assert await later == "later"

    with_pool(main)


def test_too_much_of_one_and_too_much_of_all_is_refused() -> None:
    async def main(pool: FairPool, work: Work) -> None:
        tasks = []
        for number in range(MAX_WAITING // MAX_WAITING_OF_ONE + 2):
            for _ in range(2 + MAX_WAITING_OF_ONE):
                task = asyncio.create_task(pool.run(number, work.of("")))
                tasks.append(task)
            await asyncio.sleep(0)
            if number == 0:
                with pytest.raises(Unavailable):
                    await pool.run(0, work.of(""))
        refused = [task for task in tasks if task.done()]
        assert refused
        for task in refused:
            assert isinstance(task.exception(), Unavailable)
        work.go_on.set()
        answers = await asyncio.gather(*set(tasks) - set(refused))
        assert len(answers) == MAX_WAITING + 4

    with_pool(main)


def test_errors_go_through_and_free_the_thread() -> None:
    async def main(pool: FairPool, work: Work) -> None:
        for _ in range(9):
            with pytest.raises(ZeroDivisionError):
                await pool.run("clara", lambda: 1 // 0)

    with_pool(main)
