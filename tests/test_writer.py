"""The write path: what is answered is committed, and all are told of it in one order."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.harness.books import TestShop
from tests.harness.writing import PATIENCE_S, Desk, at_work
from tests.journeys.another_process import beside
from tests.journeys.replaying import replayed

from trastienda.actions import audit, products
from trastienda.actions.once import Outcome
from trastienda.domain.errors import (
    AlreadyExists,
    Forbidden,
    InsufficientStock,
    NotFound,
    Unavailable,
)
from trastienda.domain.events import Event, Kind
from trastienda.domain.lists import Window
from trastienda.domain.people import Actor, Role
from trastienda.domain.products import Product, ProductDraft
from trastienda.domain.sales import Sale
from trastienda.storage.transactions import Tx
from trastienda.writer import MAX_GROUP


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
        assert others == [Outcome(None, first.body, replayed=True)] * 3

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
