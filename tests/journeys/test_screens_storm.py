"""Screens on a bad line to a server that is killed: each hears what the journal holds for it,
in order, and once."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT
from tests.harness.http import Caller, order
from tests.harness.proxy import Proxy
from tests.harness.screens import Screen
from tests.harness.shell import shell
from tests.harness.shop import RunningShop
from tests.harness.tiers import storm, tier
from tests.harness.waiting import eventually
from tests.journeys.watchers import Watcher, Watching

from trastienda.domain.events import Event, may_hear
from trastienda.domain.people import User
from trastienda.storage import journal, people
from trastienda.storage.dialects import open_file
from trastienda.wire.event_names import NAMES

SEED = 11
WATCHERS = tier(24, full=200)
KILLS = tier(8, full=20)
SALES_BETWEEN = 3
TILLS = 2
POLLING_ONE_IN = 6
PAUSE_S = 0.03
"""Between the sales of a till: on a bad line hundreds of screens keep up with no more."""


def sell_until(enough: threading.Event, shop: RunningShop, code: str) -> None:
    """Sell without end, whether or not anybody answers: kills fall anywhere in between."""
    while not enough.wait(PAUSE_S):
        # A caller's own connection: the server that answered it may be no more.
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            shop.ana.request(
                "POST", "/ventas-detalle", json=order((code, 1), cliente=CLARA_RUT)
            )


@contextmanager
def selling(shop: RunningShop, code: str) -> Iterator[None]:
    enough = threading.Event()
    tills = [
        threading.Thread(target=sell_until, args=(enough, shop, code), daemon=True)
        for _ in range(TILLS)
    ]
    for till in tills:
        till.start()
    try:
        yield
    finally:
        enough.set()
        for till in tills:
            till.join()


def kill_behind_answers(
    shop: RunningShop, code: str, watchers: Sequence[Watcher]
) -> None:
    """Kill the server right behind the answer to a sale, again and again: it is committed, and
    not told to all yet."""
    for _ in range(KILLS):
        for _ in range(SALES_BETWEEN):
            shop.sell((code, 1))
        shop.server.process.kill()
        before = [one.connections for one in watchers]
        shop.restart(kill=True)
        came_back = lambda before=before: all(  # noqa: E731
            one.connections > count for one, count in zip(watchers, before, strict=True)
        )
        eventually(came_back, "all of them back")


def events_of(data: Path) -> tuple[list[Event], dict[str, User]]:
    """Everything in the journal, and the people, by RUT."""
    with open_file(data / "trastienda.db").connect() as connection:
        events: list[Event] = []
        while more := journal.after(connection, events[-1].n if events else 0, 1000):
            events += more
        found = {
            rut: people.by_rut(connection, rut)
            for rut in (ANA_RUT, BETO_RUT, CLARA_RUT)
        }
    return events, {rut: user for rut, user in found.items() if user is not None}


def truth(events: list[Event], user: User, since_n: int) -> list[tuple[int, str]]:
    """What somebody should have heard, by number and name."""
    return [
        (event.n, NAMES[event.kind])
        for event in events
        if event.n > since_n
        and event.kind in NAMES
        and may_hear(
            event, user_id=user.id, role=user.role, rut=user.rut, verified=user.verified
        )
    ]


def last_n(caller: Caller) -> int:
    """How far a look over HTTP reaches."""
    return int(caller.get("/products?limite=1").headers["Trastienda-N"])


@storm
@pytest.mark.timeout(600)
def test_after_cuts_and_kills_every_screen_has_heard_the_journal_in_order_and_once(
    open_shop: OpenShop, record_property: Any
) -> None:
    shop = open_shop()
    code = shop.code(stock=1_000_000)
    since_n = last_n(shop.ana)
    with Proxy(lambda: shop.server.url.removeprefix("http://"), SEED) as proxy:
        everybody = [
            (shop.ana, ANA_RUT),
            (shop.beto, BETO_RUT),
            (shop.clara, CLARA_RUT),
        ]
        watchers = [
            (Watcher(lambda: f"http://{proxy.address}", str(who.token), since_n), rut)
            for number in range(WATCHERS)
            for who, rut in [everybody[number % 3]]
        ]
        alone = [one for one, _ in watchers]
        with Watching(alone, POLLING_ONE_IN):
            with selling(shop, code):
                kill_behind_answers(shop, code, alone)
            proxy.calm = True
            shop.product()
            end_n = last_n(shop.ana)
            eventually(
                lambda: all(one.n >= end_n for one in alone),
                "all of them at the end",
            )
        cuts = proxy.cuts

    events, users = events_of(shop.server.data)
    for watcher, rut in watchers:
        assert watcher.heard == truth(events, users[rut], since_n)
        assert watcher.gaps == 0
    connections = sorted(one.connections for one in alone)
    assert connections[0] > KILLS
    assert cuts
    sales = sum(1 for event in events if event.kind == "sale")
    figures = {"connections": connections, "cuts": cuts, "sales": sales}
    record_property("figures", figures)


def test_after_a_restore_what_the_copy_does_not_know_is_a_gap_and_numbers_go_on(
    open_shop: OpenShop,
) -> None:
    shop = open_shop()
    data = shop.server.data
    code, copy = shop.code(), data.parent / "copia"
    done: Callable[..., Any] = lambda *words: shell(*words, cwd=data.parent)  # noqa: E731
    shop.sell((code, 1))
    known_n = last_n(shop.ana)
    assert done("backup", copy, "--data", data).returncode == 0
    with Screen.of(shop, shop.beto) as screen:
        shop.sell((code, 1))
        lost_n = screen.wait_for("venta")["n"]
    assert shop.server.stop() == 0
    assert done("restore", copy, "--data", data, "--force").returncode == 0
    shop.restart(kill=True)

    with Screen.of(shop, shop.beto, live=False) as screen:
        reached = screen.ok("reanudar", desde=lost_n)
        assert reached["hueco"] is True
        assert reached["n"] > lost_n
        sale = shop.sell((code, 1))
        heard = screen.wait_for("venta")
        assert (heard["id_venta"], heard["n"] > reached["n"]) == (
            sale["id_venta"],
            True,
        )
    with Screen.of(shop, shop.beto, live=False) as screen:
        assert "hueco" not in screen.ok("reanudar", desde=known_n)
        (heard,) = screen.of_name("venta")
        assert heard["id_venta"] == sale["id_venta"], "what was lost is not told"
        assert heard["n"] > lost_n
        assert screen.ok("reanudar", desde=reached["n"])["n"] >= heard["n"]
