"""The write path: what is answered is committed, what fails leaves nothing, and all are told in one order."""

import asyncio
import logging
import signal
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.harness.books import TestShop, cut
from tests.journeys.another_process import beside
from tests.journeys.replaying import replayed

from trastienda.actions import audit, products, sales
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.errors import (
    AlreadyExists,
    Forbidden,
    InsufficientStock,
    NotFound,
    Refusal,
    Unavailable,
)
from trastienda.domain.events import Event, Kind
from trastienda.domain.lists import Window
from trastienda.domain.people import Actor, Role
from trastienda.domain.products import Product, ProductDraft
from trastienda.domain.sales import Sale
from trastienda.live.bus import Bus
from trastienda.storage.dialects import Connection
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import Tx
from trastienda.writer import MAX_GROUP, MAX_RERUNS, Writer

PATIENCE_S = 60


class Desk:
    """A writer at work, and everything that was heard and measured of it."""

    def __init__(self, books: TestShop) -> None:
        self.books = books
        self.bus = Bus(books.look(lambda snapshot: snapshot.n))
        self.heard: list[Event] = []
        self.commits: list[int] = []
        self.bus.listen(self.heard.extend)
        self.writer = Writer(
            books.database,
            self.bus,
            books.clock,
            lambda calls, seconds: self.commits.append(calls),
        )

    async def create(self, code: str, stock_milli: int = 0) -> Product:
        draft = ProductDraft(
            code=code,
            name=f"Producto {code}",
            price_minor=1000,
            stock_milli=stock_milli,
        )
        return (await self.writer.run(products.create, self.books.ana, draft)).value

    async def sell(
        self, code: str, *, key: str | None = None, by: Actor | None = None
    ) -> Outcome[Sale]:
        return await self.writer.run_many(
            sales.sell, self.books.selling((code, 1000), key=key, by=by)
        )

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Keep the writer at a commit, so that all calls made meanwhile wait together for the next."""
        reached, released = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def hold(transaction: Tx) -> None:
            loop.call_soon_threadsafe(reached.set)
            released.wait(PATIENCE_S)

        holding = asyncio.create_task(self.writer.run(hold))
        await reached.wait()
        try:
            yield
            await asyncio.sleep(
                0
            )  # the tasks begun in the block put their calls into the queue
        finally:
            released.set()
            await holding

    def codes(self) -> list[str]:
        """What another connection sees on the shelves, oldest first."""
        page = self.books.look(
            lambda snapshot: products.listed(
                snapshot, self.books.ana, Window(limit=200)
            )
        )
        return [product.code for product in reversed(page.items)]


def at_work(books: TestShop, work: Callable[[Desk], Any]) -> None:
    """Run ``work`` with a writer; its books are sound afterwards, and what was heard is the journal's end."""

    async def main() -> None:
        desk = Desk(books)
        began = desk.bus.n
        try:
            await asyncio.wait_for(work(desk), PATIENCE_S)
        finally:
            await desk.writer.close()
        assert [event.n for event in desk.heard] == list(
            range(began + 1, began + 1 + len(desk.heard))
        )
        assert desk.writer.waiting == 0

    asyncio.run(main())
    assert books.look(verify) is None


def test_what_is_answered_is_there_for_everybody(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        product = await desk.create("A")
        assert desk.codes() == ["A"]
        assert desk.heard[-1].subject == product

    at_work(books, work)


def test_calls_that_wait_share_one_commit(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        async with desk.busy():
            waiting = [
                asyncio.create_task(desk.create(f"P{number}")) for number in range(50)
            ]
        made = await asyncio.gather(*waiting)
        assert desk.commits == [1, 50]
        assert [product.id for product in made] == list(range(1, 51))

    at_work(books, work)


def test_a_commit_takes_no_more_than_its_limit(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        await desk.create("A", 1_000_000)
        async with desk.busy():
            waiting = [
                asyncio.create_task(desk.sell("A")) for _ in range(MAX_GROUP + 10)
            ]
        await asyncio.gather(*waiting)
        assert desk.commits == [1, 1, MAX_GROUP, 10]

    at_work(books, work)


def test_a_call_that_fails_leaves_no_trace_among_those_that_do_not(
    books: TestShop,
) -> None:
    def fail(transaction: Tx, after: Exception) -> None:
        draft = ProductDraft(code="NO", name="Nunca", price_minor=1, stock_milli=5000)
        products.create(transaction, books.ana, draft, None)
        raise after

    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [
                asyncio.create_task(one)
                for one in (
                    desk.create("A"),
                    desk.writer.run(fail, NotFound()),
                    desk.create("B"),
                    desk.writer.run(fail, ZeroDivisionError()),
                    desk.create("A"),
                    desk.create("C"),
                )
            ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [
            Product,
            NotFound,
            Product,
            ZeroDivisionError,
            AlreadyExists,
            Product,
        ]
        assert desk.codes() == ["A", "B", "C"]
        assert [answer.id for answer in answers if isinstance(answer, Product)] == [
            1,
            2,
            3,
        ]
        assert [event.subject for event in desk.heard] == [
            answers[0],
            answers[2],
            answers[5],
        ]
        rows = books.look(
            lambda snapshot: audit.listed(snapshot, books.ana, Window(limit=200))
        ).items
        assert sum(row.action == "product_created" for row, _ in rows) == 3

    at_work(books, work)


def test_sales_that_wait_are_sold_as_one_run(books: TestShop) -> None:
    """Three units, five buyers, and one who may not sell: each gets the answer that is theirs."""

    async def work(desk: Desk) -> None:
        await desk.create("A", 3000)
        async with desk.busy():
            buyers = [None, books.clara, None, None, None, None]
            calls = [asyncio.create_task(desk.sell("A", by=by)) for by in buyers]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [
            Outcome,
            Forbidden,
            Outcome,
            Outcome,
            InsufficientStock,
            InsufficientStock,
        ]
        assert [
            answer.value.folio for answer in answers if isinstance(answer, Outcome)
        ] == [1, 2, 3]
        stock = [event for event in desk.heard if event.kind is Kind.STOCK]
        assert len(stock) == 2, "the opening stock, and what the whole run left"

    at_work(books, work)


def test_twins_in_one_run_are_one_sale(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        await desk.create("A", 1000)
        async with desk.busy():
            calls = [asyncio.create_task(desk.sell("A", key="twin")) for _ in range(4)]
        first, *others = await asyncio.gather(*calls)
        assert not first.replayed
        assert others == [Outcome(first.value, replayed=True)] * 3

    at_work(books, work)


def test_where_the_database_refuses_a_run_its_calls_run_one_by_one(
    books: TestShop,
) -> None:
    """A seller whom no row knows breaks a foreign key; the others in the run do not pay for it."""
    ghost = Actor(user_id=999, rut="1-9", name="Nadie", role=Role.CASHIER)

    async def work(desk: Desk) -> None:
        await desk.create("A", 10_000)
        async with desk.busy():
            sellers = [None, ghost, None]
            calls = [asyncio.create_task(desk.sell("A", by=by)) for by in sellers]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert "FOREIGN KEY" in str(answers[1])
        assert [one.value.folio for one in answers if isinstance(one, Outcome)] == [
            1,
            2,
        ]
        assert (
            books.look(
                lambda snapshot: products.look_up(snapshot, books.ana, "A")
            ).product.stock_milli
            == 8000
        )

    at_work(books, work)


def test_all_hear_of_a_commit_after_it_and_in_its_order(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        def on_the_disk(events: Sequence[Event]) -> None:
            assert events[-1].n <= books.look(lambda snapshot: snapshot.n)

        desk.bus.listen(on_the_disk)
        await desk.create("A", 1_000_000)
        await asyncio.gather(*(desk.sell("A") for _ in range(100)))
        folios = [
            event.subject.folio
            for event in desk.heard
            if isinstance(event.subject, Sale)
        ]
        assert folios == list(range(1, 101))

    at_work(books, work)


def test_a_listener_that_fails_keeps_nobody_back(
    books: TestShop, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(desk: Desk) -> None:
        later: list[Event] = []
        desk.bus.listen(lambda events: 1 // 0)  # type: ignore[arg-type]
        desk.bus.listen(later.extend)
        await desk.create("A")
        assert later == desk.heard != []

    at_work(books, work)
    assert "a listener failed" in caplog.text


def test_what_another_connection_wrote_is_told_first_and_once(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        for number in range(3):
            draft = ProductDraft(
                code=f"F{number}", name="De otro", price_minor=1, stock_milli=1000
            )
            books.do(
                lambda transaction, draft=draft: products.create(  # type: ignore[misc]
                    transaction, books.ana, draft
                )
            )
            await desk.create(f"P{number}")
            await desk.writer.run(lambda transaction: None)
        told = [
            event.subject.code
            for event in desk.heard
            if isinstance(event.subject, Product)
        ]
        assert told == ["F0", "P0", "F1", "P1", "F2", "P2"]

    at_work(books, work)


def test_what_another_process_wrote_at_length_is_told_in_order(
    books: TestShop, monkeypatch: Any
) -> None:
    monkeypatch.setattr("trastienda.writer.JOURNAL_CHUNK", 7)

    async def work(desk: Desk) -> None:
        with beside("stock-shelves", books.path, "F", 60) as process:
            assert process.stdout is not None
            while await asyncio.to_thread(process.stdout.readline):
                await desk.create(f"P{len(desk.commits)}")
            assert process.wait(PATIENCE_S) == 0
        await desk.writer.run(lambda transaction: None)
        told = [
            event.subject.code
            for event in desk.heard
            if isinstance(event.subject, Product)
        ]
        assert [code for code in told if code.startswith("F")] == [
            f"F{number}" for number in range(60)
        ]
        assert sorted(told) == sorted(desk.codes())
        heard = books.look(lambda snapshot: replayed(snapshot.connection))
        assert list(heard.products) == told

    at_work(books, work)


def test_too_many_calls_are_refused_at_once_and_the_others_answered(
    books: TestShop, monkeypatch: Any
) -> None:
    monkeypatch.setattr("trastienda.writer.MAX_WAITING", 10)

    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [
                asyncio.create_task(desk.create(f"P{number}")) for number in range(12)
            ]
            await asyncio.wait(calls, timeout=0)
            await asyncio.sleep(0)
            assert [call.done() for call in calls] == [False] * 9 + [True] * 3
            assert desk.writer.waiting == 10
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Product] * 9 + [Unavailable] * 3
        await desk.create("AFTER")

    at_work(books, work)


def test_closing_finishes_what_waits_and_takes_no_more(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        await desk.create("A", 10_000_000)
        async with desk.busy():
            calls = [
                asyncio.create_task(desk.sell("A")) for _ in range(2 * MAX_GROUP + 1)
            ]
            await asyncio.sleep(0)
            closing = asyncio.create_task(desk.writer.close())
            await asyncio.sleep(0)
            with pytest.raises(Unavailable):
                await desk.create("B")
        answers = await asyncio.gather(*calls)
        await closing
        assert [answer.value.folio for answer in answers] == list(
            range(1, 2 * MAX_GROUP + 2)
        )
        with pytest.raises(Unavailable):
            await desk.create("C")

    at_work(books, work)


def test_a_caller_who_leaves_holds_nobody_up(books: TestShop) -> None:
    async def work(desk: Desk) -> None:
        async with desk.busy():
            calls = [asyncio.create_task(desk.create(code)) for code in "ABC"]
            await asyncio.sleep(0)
            calls[1].cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [
            Product,
            asyncio.CancelledError,
            Product,
        ]
        assert desk.codes() == ["A", "B", "C"], "it had been accepted"

    at_work(books, work)


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
    for round_ in range(5):
        with beside("stock-shelves", books.path, f"K{round_}-", 1000) as process:
            assert process.stdout is not None
            told = process.stdout.readline().strip()
            process.send_signal(signal.SIGKILL)
            told = [told, *process.stdout.read().split()][-1]
            process.wait(PATIENCE_S)
        books.look(
            lambda snapshot, told=told: products.look_up(snapshot, books.ana, told)  # type: ignore[misc]
        )
        assert books.look(verify) is None
