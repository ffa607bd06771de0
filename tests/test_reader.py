"""The read path: one state a reading, beside the writer and never behind it."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from tests.harness.books import TestShop, cut

from trastienda.actions import products
from trastienda.domain.errors import NotFound, Unavailable
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.reader import THREADS, Reader
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Snapshot, Tx, last_n, lookup

PATIENCE_S = 60


def create(books: TestShop, code: str) -> None:
    draft = ProductDraft(code=code, name="Cosa", price_minor=100)
    books.do(lambda transaction: products.create(transaction, SHELL, draft))


def codes(snapshot: Snapshot) -> list[str]:
    page = products.listed(snapshot, SHELL, Window(limit=200))
    return sorted(product.code for product in page.items)


@lookup
def codes_at_once(snapshot: Snapshot) -> list[str]:
    return codes(snapshot)


def in_thread(query: Callable[..., Any]) -> Callable[..., Any]:
    """Return the query as one that is no look-up."""
    return partial(query)


async def both(reader: Reader) -> tuple[list[str], list[str]]:
    """Read the codes in the event loop's thread, and in one of the reader's."""
    return (await reader.read(codes_at_once)).value, (await reader.read(codes)).value


def with_reader(books: TestShop, work: Callable[[Reader], Any]) -> None:
    """Run ``work`` with a reader."""

    async def main() -> None:
        reader = Reader(books.database, books.clock)
        try:
            await asyncio.wait_for(work(reader), PATIENCE_S)
        finally:
            reader.close()

    asyncio.run(main())


def test_look_ups_and_long_readings_see_what_was_committed_before(
    books: TestShop,
) -> None:
    async def work(reader: Reader) -> None:
        assert await both(reader) == ([], [])
        create(books, "A")
        assert await both(reader) == (["A"], ["A"])

    with_reader(books, work)


def test_arguments_and_refusals_go_through(books: TestShop) -> None:
    create(books, "A")

    async def work(reader: Reader) -> None:
        look_up = products.look_up
        for query in (look_up, in_thread(look_up)):
            reading = await reader.read(query, books.ana, code="A")
            assert reading.value.product.code == "A"
            with pytest.raises(NotFound):
                await reader.read(query, books.ana, "B")
        assert await both(reader) == (["A"], ["A"]), "a refusal leaves no snapshot open"
        create(books, "B")
        assert await both(reader) == (["A", "B"], ["A", "B"])

    with_reader(books, work)


def test_a_look_up_is_answered_without_a_change_of_threads(books: TestShop) -> None:
    def thread(_: Snapshot) -> int:
        return threading.get_ident()

    async def work(reader: Reader) -> None:
        here = threading.get_ident()
        assert (await reader.read(thread)).value != here
        assert (await reader.read(lookup(thread))).value == here

    with_reader(books, work)


def test_a_reading_names_its_state_and_its_moment(books: TestShop) -> None:
    create(books, "A")

    def state(snapshot: Snapshot) -> tuple[int, int]:
        return snapshot.n, snapshot.now_ms

    async def work(reader: Reader) -> None:
        for query in (state, lookup(partial(state))):
            reading = await reader.read(query)
            assert reading.value == (reading.n, reading.now_ms)

    with_reader(books, work)


def test_a_long_reading_keeps_its_state_and_holds_nobody_up(books: TestShop) -> None:
    """It goes on while others write, read at once, and begin long readings of their own."""
    begun, go_on = threading.Event(), threading.Event()

    def long(snapshot: Snapshot) -> tuple[int, list[str]]:
        before = snapshot.n
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return before, codes(snapshot)

    async def work(reader: Reader) -> None:
        n = (await reader.read(last_n)).value
        waiting = asyncio.create_task(reader.read(long))
        await asyncio.to_thread(begun.wait, PATIENCE_S)
        create(books, "A")
        assert await both(reader) == (["A"], ["A"])
        go_on.set()
        reading = await waiting
        assert (reading.n, reading.value) == (n, (n, []))

    with_reader(books, work)


def test_a_reading_does_not_wait_for_a_transaction_that_is_open(
    books: TestShop,
) -> None:
    async def work(reader: Reader) -> None:
        inside, go_on = threading.Event(), threading.Event()

        def write(transaction: Tx) -> None:
            products.create(
                transaction, SHELL, ProductDraft(code="A", name="Cosa", price_minor=1)
            )
            inside.set()
            go_on.wait(PATIENCE_S)

        writing = asyncio.create_task(asyncio.to_thread(books.do, write))
        await asyncio.to_thread(inside.wait, PATIENCE_S)
        assert await both(reader) == ([], [])
        go_on.set()
        await writing
        assert await both(reader) == (["A"], ["A"])

    with_reader(books, work)


def test_more_readings_than_threads_all_get_their_turn(books: TestShop) -> None:
    create(books, "A")

    async def work(reader: Reader) -> None:
        count = 10 * THREADS
        readings = await asyncio.gather(*(reader.read(codes) for _ in range(count)))
        assert [reading.value for reading in readings] == [["A"]] * count

    with_reader(books, work)


def test_it_notices_that_another_has_written(books: TestShop) -> None:
    async def work(reader: Reader) -> None:
        before = await reader.change_counter()
        assert await reader.change_counter() == before
        create(books, "A")
        assert await reader.change_counter() != before

    with_reader(books, work)


@pytest.mark.parametrize("declare", [lookup, in_thread])
def test_a_connection_that_broke_is_replaced(
    books: TestShop, declare: Callable[..., Any]
) -> None:
    """Within a reading and between two: the reading is done again on a new one."""
    connections: list[Connection] = []

    def cut_at_first(snapshot: Snapshot) -> list[str]:
        connections.append(snapshot.connection)
        if len(connections) == 1:
            cut(snapshot.connection)
        return codes(snapshot)

    async def work(reader: Reader) -> None:
        query = declare(cut_at_first)
        assert (await reader.read(query)).value == ["A"]
        assert len(set(connections)) == 2
        cut(connections[-1])
        create(books, "B")
        assert (await reader.read(query)).value == ["A", "B"]

    create(books, "A")
    with_reader(books, work)


def test_while_the_database_cannot_be_reached_reading_is_refused(
    books: TestShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> Connection:
        raise sqlite3.OperationalError("unable to open database file")

    async def work(reader: Reader) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(books.database, "connect", unreachable)
            for query in (codes, codes_at_once):
                with pytest.raises(Unavailable):
                    await reader.read(query)
        assert await both(reader) == ([], [])

    with_reader(books, work)


def test_an_error_of_a_query_is_no_broken_connection(books: TestShop) -> None:
    def nonsense(snapshot: Snapshot) -> None:
        snapshot.connection.execute(sa.text("SELECT nothing FROM nowhere"))

    async def work(reader: Reader) -> None:
        with pytest.raises(sa.exc.OperationalError):
            await reader.read(nonsense)
        assert await both(reader) == ([], [])

    with_reader(books, work)
