"""A good shop, and a copy of it to be damaged."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.damage import Damaged
from tests.harness.past import fill

from trastienda.storage import dialects


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "shop.db"
    shop = TestShop(path)
    fill(shop)
    with dialects.connect(shop.engine) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shop.close()
    return path


@pytest.fixture(scope="module")
def damaged(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Damaged]:
    path = tmp_path_factory.mktemp("damaged") / "shop.db"
    shutil.copyfile(good, path)
    copy = Damaged(path)
    yield copy
    copy.close()
