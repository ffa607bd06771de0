"""The write path under conflicts, broken connections, a full disk and a kill."""

import asyncio
import logging
import signal
import sqlite3
from collections.abc import Sequence

import pytest
from tests.harness.books import TestShop, cut
from tests.harness.writing import PATIENCE_S, Desk, at_work
from tests.journeys.another_process import beside

from trastienda.actions import products
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.errors import (
    Refusal,
    Unavailable,
)
from trastienda.domain.products import Product, ProductDraft
from trastienda.storage.dialects import Connection
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx
from trastienda.writer import MAX_RERUNS


def test_a_call_that_meets_a_conflict_runs_again_in_a_new_transaction(
    books: TestShop,
) -> None:
    runs: list[tuple[Tx, int]] = []

    def overtaken_twice(transaction: Tx) -> int:
        runs.append((transaction, transaction.n_before))
        products.create(
            transaction, books.ana, ProductDraft(code="B", name="B", price_minor=1)
        )
        if len(runs) < 3:
            raise Conflict
        return len(runs)

    async def work(desk: Desk) -> None:
        async with desk.busy():
            first = asyncio.create_task(desk.create("A"))
            second = asyncio.create_task(desk.writer.run(overtaken_twice))
            third = asyncio.create_task(desk.create("C"))
        answers = await asyncio.gather(first, second, third)
        assert answers[1] == 3
        assert len({transaction for transaction, _ in runs}) == 3
        assert runs[1][1] > runs[0][1], "it sees what was committed before it"
        assert desk.codes() == ["A", "B", "C"], "in order, and each of them once"

    at_work(books, work)


def test_a_call_that_always_meets_a_conflict_fails_no_other(
    books: TestShop, caplog: pytest.LogCaptureFixture
) -> None:
    def overtaken(transaction: Tx) -> None:
        raise Conflict

    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [
                asyncio.create_task(call)
                for call in (
                    desk.create("A"),
                    desk.writer.run(overtaken),
                    desk.create("B"),
                    desk.writer.run(overtaken),
                    desk.create("C"),
                )
            ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [
            Product,
            Unavailable,
            Product,
            Unavailable,
            Product,
        ]
        assert desk.codes() == ["A", "B", "C"]

    with caplog.at_level(logging.ERROR):
        at_work(books, work)


@pytest.mark.parametrize("conflicts", [1, MAX_RERUNS, MAX_RERUNS + 2])
def test_a_conflict_within_a_run_concerns_the_call_that_meets_it(
    books: TestShop, conflicts: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One of five calls in a row meets a conflict that often, when it runs alone."""
    alone: list[Tx] = []

    def create_all(transaction: Tx, codes: Sequence[str]) -> list[str | Refusal]:
        if "UNLUCKY" in codes:
            if len(codes) > 1:
                raise Conflict
            alone.append(transaction)
            if len(alone) <= conflicts:
                raise Conflict
        for code in codes:
            draft = ProductDraft(code=code, name="Cosa", price_minor=1)
            products.create(transaction, books.ana, draft)
        return list(codes)

    async def work(desk: Desk) -> None:
        codes = ["A", "B", "UNLUCKY", "C", "D"]
        async with desk.busy():
            futures = [desk.writer.enqueue(create_all, code) for code in codes]
        answers = await asyncio.gather(*futures, return_exceptions=True)
        assert len(set(alone)) == len(alone)
        if conflicts <= MAX_RERUNS:
            assert answers == desk.codes() == codes
        else:
            assert isinstance(answers[2], Unavailable)
            del answers[2]
            assert answers == desk.codes() == ["A", "B", "C", "D"]

    with caplog.at_level(logging.ERROR):
        at_work(books, work)


def test_a_group_whose_head_was_moved_runs_again_and_is_stored_once(
    books: TestShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Tx.finish
    finished: list[Tx] = []

    def overtaken_at_first(transaction: Tx) -> None:
        finish(transaction)
        if transaction.events:
            finished.append(transaction)
        if len(finished) == 1:
            raise Conflict

    monkeypatch.setattr(Tx, "finish", overtaken_at_first)

    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [asyncio.create_task(desk.create(code)) for code in "ABC"]
        made = await asyncio.gather(*calls)
        assert [product.id for product in made] == [1, 2, 3]
        assert desk.codes() == ["A", "B", "C"]
        assert len(finished) > 1

    at_work(books, work)


def test_a_database_where_somebody_else_is_always_faster_is_unavailable(
    books: TestShop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def overtaken(transaction: Tx) -> None:
        raise Conflict

    async def work(desk: Desk) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Tx, "finish", overtaken)
            calls = [asyncio.create_task(desk.create(code)) for code in "ABC"]
            answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        await desk.create("D")
        assert desk.codes() == ["D"]

    with caplog.at_level(logging.ERROR):
        at_work(books, work)


def test_a_connection_that_broke_within_a_transaction_is_replaced(
    books: TestShop, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(transaction: Tx) -> None:
        cut(transaction.connection)

    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [
                asyncio.create_task(call)
                for call in (
                    desk.create("A"),
                    desk.writer.run(break_down),
                    desk.create("B"),
                )
            ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        assert desk.codes() == [], "what was under way is not done by halves"
        assert (await desk.create("A")).id == 1
        assert desk.codes() == ["A"], "nor twice"

    with caplog.at_level(logging.CRITICAL):
        at_work(books, work)


def test_a_connection_that_broke_between_two_calls_costs_nobody_an_answer(
    books: TestShop,
) -> None:
    async def work(desk: Desk) -> None:
        connection = await desk.writer.run(lambda transaction: transaction.connection)
        cut(connection)
        await desk.create("A")
        assert desk.codes() == ["A"]

    at_work(books, work)


def test_while_the_database_cannot_be_reached_calls_are_refused(
    books: TestShop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def unreachable() -> Connection:
        raise sqlite3.OperationalError("unable to open database file")

    async def work(desk: Desk) -> None:
        connection = await desk.writer.run(lambda transaction: transaction.connection)
        with monkeypatch.context() as patch:
            patch.setattr(books.database, "connect", unreachable)
            cut(connection)
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await desk.create("A")
        await desk.create("A")
        assert desk.codes() == ["A"]

    with caplog.at_level(logging.CRITICAL):
        at_work(books, work)


def test_a_full_disk_is_told_as_such_and_leaves_the_books_whole(
    books: TestShop, caplog: pytest.LogCaptureFixture
) -> None:
    def limit(transaction: Tx, pages: int) -> int:
        return int(
            transaction.connection.sql.exec_driver_sql(
                f"PRAGMA max_page_count = {pages}"
            ).scalar_one()
        )

    async def work(desk: Desk) -> None:
        await desk.create("A", 1_000_000)
        full = await desk.writer.run(limit, 1)  # not below what there is
        refused: BaseException | None = None
        sold = 0
        while refused is None:
            answers = await asyncio.gather(
                *(desk.sell("A") for _ in range(20)), return_exceptions=True
            )
            sold += sum(isinstance(answer, Outcome) for answer in answers)
            refused = next(
                (answer for answer in answers if isinstance(answer, BaseException)),
                None,
            )
        assert isinstance(refused, Unavailable)
        assert books.look(verify) is None
        assert await desk.writer.run(limit, full + 1000) == full + 1000
        folio = (await desk.sell("A")).value.folio
        assert folio == sold + 1

    with caplog.at_level(logging.CRITICAL):
        at_work(books, work)


def test_what_was_acknowledged_survives_a_kill_in_the_next_moment(
    books: TestShop,
) -> None:
    for kill in range(5):
        with beside("stock-shelves", books.path, f"K{kill}-", 1000) as process:
            assert process.stdout is not None
            first_code = process.stdout.readline().strip()
            process.send_signal(signal.SIGKILL)
            last_code = [first_code, *process.stdout.read().split()][-1]
            process.wait(PATIENCE_S)
        books.look(
            lambda snapshot, code=last_code: products.look_up(  # type: ignore[misc]
                snapshot, books.ana, code
            )
        )
        assert books.look(verify) is None
