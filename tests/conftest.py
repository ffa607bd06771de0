"""What any test may ask for: a shop in a database file, or one that runs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.harness.books import TestShop
from tests.harness.http import Caller
from tests.harness.shop import RunningShop
from tests.harness.tiers import load_hypothesis_profile

from trastienda.storage.transactions import Tx, writing

OpenShop = Callable[..., RunningShop]

load_hypothesis_profile()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A running shop that the whole session shares: leave its page, and Ana, Beto and Clara,
    as they are."""
    running = RunningShop(tmp_path_factory.mktemp("shop") / "data")
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _cast_is_logged_in(request: pytest.FixtureRequest) -> None:
    if "shop" in request.fixturenames:
        shop = request.getfixturevalue("shop")
        if isinstance(shop, RunningShop):
            shop.keep_logged_in()


@pytest.fixture(scope="session")
def ana(shop: RunningShop) -> Caller:
    """The Administrador."""
    return shop.ana


@pytest.fixture(scope="session")
def beto(shop: RunningShop) -> Caller:
    """The Cajero."""
    return shop.beto


@pytest.fixture(scope="session")
def clara(shop: RunningShop) -> Caller:
    """The Cliente, verified."""
    return shop.clara


@pytest.fixture(scope="session")
def nobody(shop: RunningShop) -> Caller:
    """Somebody without a token."""
    return shop.nobody


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenShop]:
    """Opens running shops of a module's own, with settings (``timezone="Asia/Tokyo"``), and
    closes them."""
    opened: list[RunningShop] = []

    def open_one(**settings: Any) -> RunningShop:
        opened.append(RunningShop(tmp_path_factory.mktemp("own") / "data", **settings))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def books(tmp_path: Path) -> TestShop:
    """A shop in a database file, without a server."""
    return TestShop(tmp_path / "shop.db")


@pytest.fixture
def transaction(books: TestShop) -> Iterator[Tx]:
    """A transaction on ``books`` that is committed when the test ends well."""
    with (
        books.database.connect() as connection,
        writing(connection, books.clock) as one,
    ):
        yield one
