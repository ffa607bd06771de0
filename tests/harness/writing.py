"""A writer at work, and what was heard of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.harness.books import TestShop

from trastienda.actions import products, sales
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.events import Event
from trastienda.domain.lists import Window
from trastienda.domain.people import Actor
from trastienda.domain.products import Product, ProductDraft
from trastienda.domain.sales import Sale
from trastienda.live.bus import Bus
from trastienda.storage.transactions import Tx
from trastienda.writer import Writer

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
        outcome = await self.writer.run(products.create, self.books.ana, draft)
        return outcome.value

    async def sell(
        self,
        code: str,
        *,
        key: str | None = None,
        by: Actor | None = None,
    ) -> Outcome[Sale]:
        selling = self.books.selling((code, 1000), key=key, by=by)
        return await self.writer.run_many(sales.sell, selling)

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Keep the writer at a commit.

        All calls that are made meanwhile wait together for the next one.
        """
        reached, released = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def hold(transaction: Tx) -> None:
            loop.call_soon_threadsafe(reached.set)
            released.wait(PATIENCE_S)

        holding = asyncio.create_task(self.writer.run(hold))
        await reached.wait()
        try:
            yield
            # The tasks begun in the block put their calls into the queue.
            await asyncio.sleep(0)
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
    """Run ``work`` with a writer.

    Its books are sound afterwards, and what was heard is the end of the journal.
    """

    async def main() -> None:
        desk = Desk(books)
        began = desk.bus.n
        try:
            await asyncio.wait_for(work(desk), PATIENCE_S)
        finally:
            await desk.writer.close()

        first = began + 1
        journal_end = range(first, first + len(desk.heard))
        assert [event.n for event in desk.heard] == list(journal_end)
        assert desk.writer.waiting == 0

    asyncio.run(main())
    assert books.look(verify) is None
