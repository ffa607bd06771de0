"""A screen, a shop in which one may talk fast, and windows on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.proxy import Proxy
from tests.harness.shop import RunningShop
from tests.harness.windows import Desk, Screen

OpenDesk = Callable[..., Desk]


@pytest.fixture(scope="module")
def talk(open_shop: OpenShop) -> RunningShop:
    """A shop in which one may talk as fast as one likes."""
    return open_shop(chat_rate=0)


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A screen that this worker's windows share, one test after the other."""
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def desk(screen: Screen, tmp_path: Path) -> Iterator[OpenDesk]:
    """Opens the program on a shop's chat port."""
    with ExitStack() as stack:

        def open_one(to: str) -> Desk:
            return stack.enter_context(Desk(screen, to, tmp_path / "ventana.json"))

        yield open_one


@pytest.fixture
def line(talk: RunningShop) -> Iterator[Proxy]:
    """A line to the shop that the test cuts, and mends by ``is_down = False``."""
    with Proxy(lambda: talk.server.chat, 1) as proxy:
        proxy.calm = True
        yield proxy


@pytest.fixture
def cut_off(line: Proxy, desk: OpenDesk) -> Desk:
    """Beto's window, whose line has just been cut."""
    one = desk(line.address)
    one.log_in("beto", PASSWORD)
    line.cut()
    one.until("window.strip.winfo_ismapped()")
    return one
