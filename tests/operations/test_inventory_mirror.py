"""``inventario.json`` beside a shop that sells: soon, whole and not too often."""

import asyncio
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.harness.books import TestShop
from tests.harness.waiting import eventually_async

from trastienda.actions import products, sales
from trastienda.actions.product_import import import_products
from trastienda.domain.imports import ImportSource
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.product_lists import ListTerms
from trastienda.domain.products import ProductChange, ProductDraft
from trastienda.live.bus import Bus
from trastienda.operations import atomic_files
from trastienda.operations import inventory_mirror as module
from trastienda.operations.inventory_mirror import mirroring
from trastienda.reader import Reader
from trastienda.storage.transactions import last_n
from trastienda.writer import Writer

PATIENCE_S = 60
"""Far more than anything here takes: a test that waits so long has failed."""


class Desk:
    """A shop at work, and the file beside it."""

    def __init__(self, books: TestShop, path: Path) -> None:
        self.books, self.path = books, path
        self.reader = Reader(books.database, books.clock)
        self.bus = Bus(books.look(last_n))
        self.writer = Writer(books.database, self.bus, books.clock)

    async def create(self, name: str, stock_milli: int = 5000) -> None:
        draft = ProductDraft(
            code=name.upper(), name=name, price_minor=1990, stock_milli=stock_milli
        )
        await self.writer.run(products.create, self.books.ana, draft)

    async def sell(self, name: str) -> None:
        await self.writer.run_many(sales.sell, self.books.selling((name.upper(), 1000)))

    def stocks(self) -> dict[str, Any] | None:
        """The stock in the file by product; None without a whole file."""
        try:
            content = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        return {name: product["cantidad"] for name, product in content.items()}

    async def says(self, stocks: dict[str, Any]) -> None:
        await eventually_async(lambda: self.stocks() == stocks, f"{stocks} in the file")


def beside(
    books: TestShop, path: Path, work: Callable[[Desk], Awaitable[None]]
) -> None:
    """Run ``work`` in a shop whose file is kept, and end as the shop does."""

    async def run() -> None:
        desk = Desk(books, path)
        try:
            async with mirroring(desk.bus, desk.reader, path):
                try:
                    await asyncio.wait_for(work(desk), PATIENCE_S)
                finally:
                    await desk.writer.close()
        finally:
            desk.reader.close()

    asyncio.run(run())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inventario.json"


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moments at which the file was written, by the real thing."""
    moments: list[float] = []
    write = atomic_files.write

    def counted(where: Path, content: bytes, mode: int) -> None:
        moments.append(time.monotonic())
        write(where, content, mode)

    monkeypatch.setattr(atomic_files, "write", counted)
    return moments


def test_the_file_is_there_from_the_start_and_follows_every_change(
    books: TestShop, path: Path
) -> None:
    path.write_text("of yesterday")

    async def work(desk: Desk) -> None:
        await eventually_async(lambda: path.read_text() == "{}\n", "the first file")
        await desk.create("Pan")
        await desk.says({"Pan": 5})
        await desk.sell("Pan")
        await desk.says({"Pan": 4})
        await desk.writer.run(
            products.change, books.ana, "PAN", ProductChange(name="Pan amasado")
        )
        await desk.says({"Pan amasado": 4})
        await desk.writer.run(products.retire, books.ana, "PAN")
        await desk.says({})

    beside(books, path, work)


def test_a_change_is_in_the_file_within_a_second(books: TestShop, path: Path) -> None:
    """The best of some tries counts, since this machine may do other things, too."""

    async def work(desk: Desk) -> None:
        await desk.create("Pan", 100_000)
        waits = []
        for sold in range(1, 6):
            began = time.monotonic()
            await desk.sell("Pan")
            await desk.says({"Pan": 100 - sold})
            waits.append(time.monotonic() - began)
        assert min(waits) < 1

    beside(books, path, work)


def test_changes_by_another_process_reach_the_file(books: TestShop, path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.says({})
        draft = ProductDraft(code="P", name="Pan", price_minor=1990)
        await asyncio.to_thread(
            books.do, lambda transaction: products.create(transaction, books.ana, draft)
        )
        await desk.writer.run(
            lambda transaction: None
        )  # has it announced, as the shop does four times a second
        await desk.says({"Pan": 0})

    beside(books, path, work)


def test_the_file_equals_the_products_when_the_shop_stops(
    books: TestShop, path: Path
) -> None:
    async def work(desk: Desk) -> None:
        await desk.says({})
        await desk.create("Pan")
        for _ in range(3):
            await desk.sell("Pan")

    beside(books, path, work)
    assert json.loads(path.read_text("utf-8"))["Pan"]["cantidad"] == 2


def test_changes_nobody_announced_are_in_the_last_write(
    books: TestShop, path: Path
) -> None:
    async def work(desk: Desk) -> None:
        await desk.says({})
        draft = ProductDraft(code="P", name="Pan", price_minor=1990)
        await asyncio.to_thread(
            books.do, lambda transaction: products.create(transaction, books.ana, draft)
        )

    beside(books, path, work)
    assert list(json.loads(path.read_text("utf-8"))) == ["Pan"]


def test_a_burst_of_changes_is_written_together(
    books: TestShop, path: Path, writes: list[float]
) -> None:
    async def work(desk: Desk) -> None:
        await desk.says({})
        for number in range(200):
            rows = [
                ListedProduct(
                    line,
                    f"C{number}-{line}",
                    ProductChange(name=f"Cosa {number}-{line}", price_minor=100),
                )
                for line in range(5)
            ]
            await desk.writer.run(
                import_products, books.ana, rows, ListTerms(), ImportSource("lista.csv")
            )
        await eventually_async(lambda: len(desk.stocks() or ()) == 1000, "all of them")

    began = time.monotonic()
    beside(books, path, work)
    took_s = time.monotonic() - began
    assert len(writes) <= 3 + took_s / module.GATHER_S


def test_a_large_shop_is_written_less_often(
    books: TestShop, path: Path, writes: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LITTLE_S", 0.0)  # any shop is as large as that now
    monkeypatch.setattr(module, "SHARE", 1e-6)

    async def work(desk: Desk) -> None:
        await desk.says({})
        for number in range(20):
            await desk.create(f"Cosa-{number}")
            await asyncio.sleep(0.05)

    beside(books, path, work)
    assert len(writes) <= 2, "one at the start, and one at the end"
    assert len(json.loads(path.read_text("utf-8"))) == 20


def test_readers_never_see_half_a_file(
    books: TestShop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    monkeypatch.setattr(module, "GATHER_S", 0.0)

    async def work(desk: Desk) -> None:
        await desk.create("Pan", 300_000)
        await desk.says({"Pan": 300})
        seen = set()
        for _ in range(60):
            await desk.sell("Pan")
            for _ in range(20):
                seen.add((desk.stocks() or {})["Pan"])
                await asyncio.sleep(0)
        assert len(seen) > 2

    beside(books, path, work)


def test_a_refusing_disk_is_logged_once_and_tried_again(
    books: TestShop,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_S", (0.01,))
    folder = tmp_path / "unplugged"
    path = folder / "inventario.json"

    async def work(desk: Desk) -> None:
        await desk.create("Pan")
        await eventually_async(
            lambda: "cannot be kept up to date" in caplog.text, "the warning"
        )
        await asyncio.sleep(0.3)  # several attempts
        assert caplog.text.count("cannot be kept up to date") == 1
        folder.mkdir()
        await desk.says({"Pan": 5})
        await eventually_async(
            lambda: "up to date again" in caplog.text, "the good news"
        )
        path.unlink()
        folder.rmdir()
        await desk.sell("Pan")
        await eventually_async(
            lambda: caplog.text.count("cannot be kept up to date") == 2,
            "the second warning",
        )

    with caplog.at_level(logging.INFO):
        beside(books, path, work)
    assert "Traceback" not in caplog.text


def test_a_hanging_disk_delays_neither_the_shop_nor_its_end(
    books: TestShop,
    path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CLOSE_S", 0.2)
    os.mkfifo(path.with_name("inventario.json.pipe"))

    def hang(where: Path, content: bytes, mode: int) -> None:
        path.with_name("inventario.json.pipe").read_bytes()  # nobody writes into it

    monkeypatch.setattr(atomic_files, "write", hang)

    async def work(desk: Desk) -> None:
        await desk.create("Pan")
        await desk.sell("Pan")

    began = time.monotonic()
    beside(books, path, work)
    assert time.monotonic() - began < PATIENCE_S / 2
    assert "takes too long" in caplog.text
    with path.with_name("inventario.json.pipe").open("wb"):
        pass  # the thread may end


@pytest.mark.skipif(os.name == "nt", reason="rights of Windows are other ones")
def test_the_file_keeps_its_rights_and_a_link_stays_one(
    books: TestShop, path: Path, tmp_path: Path
) -> None:
    real = tmp_path / "elsewhere" / "productos.json"
    real.parent.mkdir()
    real.write_text("{}")
    real.chmod(0o664)
    path.symlink_to(real)

    async def work(desk: Desk) -> None:
        await desk.create("Pan")
        await desk.says({"Pan": 5})

    beside(books, path, work)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o664
    assert [path.name for path in real.parent.iterdir()] == ["productos.json"]


@pytest.mark.skipif(os.name == "nt", reason="rights of Windows are other ones")
def test_a_new_file_is_private(books: TestShop, path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.says({})

    beside(books, path, work)
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_the_setting_there_is_no_file(books: TestShop, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())

    async def run() -> None:
        desk = Desk(books, tmp_path)
        async with mirroring(desk.bus, desk.reader, None):
            await desk.create("Pan")
        await desk.writer.close()
        desk.reader.close()

    asyncio.run(run())
    assert {
        path for path in set(tmp_path.iterdir()) - before if path.suffix == ".json"
    } == set()
