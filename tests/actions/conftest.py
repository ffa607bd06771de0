"""A good shop, and a copy of it to be damaged."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.damage import Damaged
from tests.harness.past import fill


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
    yield copy
    copy.close()
