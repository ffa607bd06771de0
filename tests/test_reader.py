"""The read path: one state a reading, beside the writer and never behind it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.harness.books import TestShop

from trastienda.actions import products
from trastienda.domain.errors import NotFound
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.reader import THREADS, Reader
from trastienda.storage.transactions import Snapshot, Tx

PATIENCE_S = 60


def create(books: TestShop, code: str) -> None:
    draft = ProductDraft(code=code, name="Cosa", price_minor=100)
    books.do(lambda tx: products.create(tx, SHELL, draft))


def codes(snapshot: Snapshot) -> list[str]:
    return sorted(
        one.code for one in products.listed(snapshot, SHELL, Window(limit=200)).items
    )


def read_snapshot(books: TestShop, work: Callable[[Reader], Any]) -> None:
    """Run ``work`` with a reader."""

    async def main() -> None:
        reader = Reader(books.engine, books.clock)
        try:
            await asyncio.wait_for(work(reader), PATIENCE_S)
        finally:
            reader.close()

    asyncio.run(main())


def test_both_ways_of_reading_see_what_was_committed_before(books: TestShop) -> None:
    async def work(reader: Reader) -> None:
        assert (reader.now(codes), await reader.run(codes)) == ([], [])
        create(books, "A")
        assert (reader.now(codes), await reader.run(codes)) == (["A"], ["A"])

    read_snapshot(books, work)


def test_arguments_and_refusals_go_through(books: TestShop) -> None:
    create(books, "A")

    async def work(reader: Reader) -> None:
        assert reader.now(products.look_up, books.ana, "A").product.code == "A"
        assert (
            await reader.run(products.look_up, books.ana, code="A")
        ).product.code == "A"
        with pytest.raises(NotFound):
            reader.now(products.look_up, books.ana, "B")
        with pytest.raises(NotFound):
            await reader.run(products.look_up, books.ana, "B")
        assert reader.now(codes) == ["A"], "a refusal leaves no reading open"
        create(books, "B")
        assert (reader.now(codes), await reader.run(codes)) == (["A", "B"], ["A", "B"])

    read_snapshot(books, work)


def test_a_long_reading_keeps_its_state_and_holds_nobody_up(books: TestShop) -> None:
    """It goes on while others write, read at once, and begin long readings of their own."""
    begun, go_on = threading.Event(), threading.Event()

    def long(snapshot: Snapshot) -> tuple[int, list[str]]:
        before = snapshot.n
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return before, codes(snapshot)

    async def work(reader: Reader) -> None:
        n = reader.now(lambda snapshot: snapshot.n)
        waiting = asyncio.create_task(reader.run(long))
        await asyncio.to_thread(begun.wait, PATIENCE_S)
        create(books, "A")
        assert (reader.now(codes), await reader.run(codes)) == (["A"], ["A"])
        go_on.set()
        assert await waiting == (n, [])

    read_snapshot(books, work)


def test_a_reading_does_not_wait_for_a_transaction_that_is_open(
    books: TestShop,
) -> None:
    async def work(reader: Reader) -> None:
        inside, go_on = threading.Event(), threading.Event()

        def write(tx: Tx) -> None:
            products.create(
                tx, SHELL, ProductDraft(code="A", name="Cosa", price_minor=1)
            )
            inside.set()
            go_on.wait(PATIENCE_S)

        writing = asyncio.create_task(asyncio.to_thread(books.do, write))
        await asyncio.to_thread(inside.wait, PATIENCE_S)
        assert (reader.now(codes), await reader.run(codes)) == ([], [])
        go_on.set()
        await writing
        assert reader.now(codes) == ["A"]

    read_snapshot(books, work)


def test_more_readings_than_threads_all_get_their_turn(books: TestShop) -> None:
    create(books, "A")

    async def work(reader: Reader) -> None:
        assert (
            await asyncio.gather(*(reader.run(codes) for _ in range(10 * THREADS)))
            == [["A"]] * 10 * THREADS
        )

    read_snapshot(books, work)


def test_it_notices_that_another_has_written(books: TestShop) -> None:
    async def work(reader: Reader) -> None:
        before = reader.change_counter()
        assert reader.change_counter() == before
        create(books, "A")
        assert reader.change_counter() != before

    read_snapshot(books, work)
