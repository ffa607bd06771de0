"""A good shop, a copy of it to be damaged, and one with goods on its shelves."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.damage import Damaged
from tests.harness.past import BREAD, CHEESE, MILK, OLD, STAMP, fill
from tests.harness.self_service import UPC

from trastienda.actions import products
from trastienda.domain.products import Discount, ProductDraft, Unit
from trastienda.storage.verification import streams


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "shop.db"
    shop = TestShop(path)
    fill(shop)
    with shop.database.connect() as connection:
        connection.sql.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="module")
def damaged(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    path = tmp_path_factory.mktemp("damaged") / "shop.db"
    shutil.copyfile(good, path)
    copy = Damaged(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "DOCUMENTS", 5)  # so that not all of them are walked
        yield copy
    copy.close()


@pytest.fixture
def stocked(books: TestShop) -> TestShop:
    discount = Discount(share_bp=1250, from_ms=0, until_ms=2**52)
    for draft in (
        ProductDraft(code=BREAD, name="Pan", price_minor=1990, stock_milli=300_000),
        ProductDraft(
            code=MILK,
            name="Leche",
            price_minor=1093,
            stock_milli=10_000,
            discount=discount,
        ),
        ProductDraft(
            code=CHEESE,
            name="Queso",
            price_minor=8990,
            unit=Unit.KILOGRAM,
            stock_milli=5000,
        ),
        ProductDraft(code=STAMP, name="Estampilla", price_minor=0, stock_milli=10_000),
        ProductDraft(code=OLD, name="Radio", price_minor=24_990, stock_milli=1000),
        ProductDraft(code=UPC, name="Pañuelos", price_minor=500, stock_milli=5000),
    ):
        books.do(
            lambda transaction, draft=draft: products.create(  # type: ignore[misc]
                transaction, books.ana, draft
            )
        )
    return books
