"""A storm: clients fight for the last units while the server is killed again and again."""

import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import free_port
from tests.harness.shell import shell
from tests.harness.waiting import eventually
from tests.journeys.serving import ADMIN_PASSWORD, STAFF_PASSWORD, Caller, Served, hire
from tests.journeys.storm import (
    BY_WEIGHT,
    CUSTOMER,
    PRICES,
    Body,
    Client,
    Stocker,
    Storm,
)

KILLS = 50
CLIENTS = 12
OPENING_STOCK = 5
MOST_SALES_BETWEEN = 30
"""Sales acknowledged before the next kill: at least one, at most so many and those that come meanwhile."""
TELLING = (
    "id_venta",
    "folio",
    "fecha",
    "vendedor",
    "cliente",
    "detalle",
    "neto",
    "iva",
    "exento",
    "total",
)
"""What never changes of a sale; its payments do, where it is owed."""


def opened(admin: Caller) -> list[str]:
    """Fill the shelves, hire two cashiers, and return the tokens of those who sell."""
    admin.login("admin", ADMIN_PASSWORD)
    for code, price in PRICES.items():
        unit = "kg" if code == BY_WEIGHT else "un"
        product = {
            "codigo_barras": code,
            "nombre": code,
            "precio": price,
            "unidad": unit,
            "stock": OPENING_STOCK,
        }
        admin.post("/product", product)
    assert admin.token is not None
    tokens = [admin.token]
    for rut, username in (("22222222-2", "beto"), ("44444444-4", "dora")):
        hire(admin, rut, username)
        with Caller(admin.port) as cashier:
            cashier.login(username, STAFF_PASSWORD)
            tokens.append(str(cashier.token))
    return tokens


@contextmanager
def raging(storm: Storm, tokens: list[str]) -> Iterator[None]:
    """Let the clients loose; at the end they finish what they have begun, or leave where the test has failed."""
    crowd = [
        Stocker(storm, tokens[0]),
        *(Client(storm, one, tokens[one % len(tokens)]) for one in range(CLIENTS)),
    ]
    for one in crowd:
        one.start()
    try:
        yield
    except BaseException:
        storm.over.set()
        raise
    finally:
        storm.enough.set()
        for one in crowd:
            one.join()


def survive(data: Path, port: int, storm: Storm) -> Served:
    """Kill the server as often as it takes, sales acknowledged between every two; return the last one, still up."""
    dice = random.Random(7)
    server = Served(data, port=port).started()
    try:
        for kill in range(KILLS):
            wanted = len(storm.sales) + dice.randrange(1, MOST_SALES_BETWEEN)
            eventually(
                lambda wanted=wanted: (
                    bool(storm.mistakes) or len(storm.sales) >= wanted
                ),  # type: ignore[misc]
                f"sales after kill {kill}",
            )
            assert storm.mistakes == []
            server.kill()
            server.__exit__(None, None, None)
            server = Served(data, port=port).started()
        wanted = len(storm.sales) + 5
        eventually(
            lambda: bool(storm.mistakes) or len(storm.sales) >= wanted,
            "sales after the last kill",
        )
        assert server.stop(signal.SIGTERM) == 0
        server.__exit__(None, None, None)
        server = Served(data, port=port).started()
    except BaseException:
        server.__exit__(None, None, None)
        raise
    return server


def finish_what_was_abandoned(storm: Storm, caller: Caller) -> tuple[int, int]:
    """Ask once more for what was given up; return how much of it had been done, and how much of that were sales."""
    found = sales = 0
    for deed in {
        deed.key: deed for deed in storm.abandoned if deed.key not in storm.done
    }.values():
        caller.token = deed.token
        reply = caller.ask("POST", deed.path, deed.body, key=deed.key)
        storm.note(deed, reply)
        found += reply.replayed
        sales += reply.replayed and deed.path == "/ventas-detalle"
    return found, sales


def assert_every_answer_stands(storm: Storm, caller: Caller) -> None:
    """The same key gives the same answer, and no new one."""
    for key, first in storm.done.items():
        deed = storm.deeds[key]
        caller.token = deed.token
        again = caller.ask("POST", deed.path, deed.body, key=key)
        assert again.replayed, (deed, again)
        assert (again.status, again.value) == (first.status, first.value), deed


def assert_every_sale_is_there_once(
    storm: Storm, admin: Caller, listed: list[Body]
) -> None:
    assert len({sale["id_venta"] for sale in storm.sales}) == len(storm.sales)
    assert Counter(sale["id_venta"] for sale in listed) == Counter(
        sale["id_venta"] for sale in storm.sales
    )
    assert sorted(sale["folio"] for sale in listed) == list(range(1, len(listed) + 1))
    by_id = {sale["id_venta"]: sale for sale in listed}
    for sale in storm.sales:
        now = admin.get(f"/ventas/{sale['id_venta']}")
        assert now == by_id[sale["id_venta"]]
        assert [now[name] for name in TELLING] == [sale[name] for name in TELLING]
        if not sale["pendiente"]:
            assert now == sale


def quantities(documents: list[Body]) -> Counter[str]:
    """How many thousandths of each product the documents moved."""
    moved: Counter[str] = Counter()
    for document in documents:
        for line in document["detalle"]:
            moved[line["codigo_barras"]] += int(Fraction(str(line["cantidad"])) * 1000)
    return moved


def assert_no_unit_was_sold_twice(
    admin: Caller, sold: list[Body], returned: list[Body], bought: list[Body]
) -> None:
    """What is left and what went out is what came in; and at no moment had more gone out than was there."""
    went, came = (
        quantities(sold),
        quantities(bought) + quantities([one for one in returned if one["reponer"]]),
    )
    left = {one["codigo_barras"]: one["stock"] for one in admin.every("/products")}
    for code in PRICES:
        assert left[code] * 1000 + went[code] == OPENING_STOCK * 1000 + came[code], code
        balances = [
            one["saldo"] for one in admin.every(f"/product/barcode/{code}/movimientos")
        ]
        assert balances[0] == left[code]
        assert min(balances) >= 0, code


def assert_debts_are_right(
    sold: list[Body], returned: list[Body], storm: Storm
) -> None:
    """What is owed is what was, less what was settled and what came back; nobody is given more than they paid."""
    reduced: defaultdict[int, int] = defaultdict(int)
    refunded: defaultdict[int, int] = defaultdict(int)
    for one in returned:
        for payment in one["pagos"]:
            (reduced if payment["medio"] == "pendiente" else refunded)[
                one["id_venta"]
            ] += payment["monto"]
    first = {sale["id_venta"]: sale for sale in storm.sales}
    for sale in sold:
        number = sale["id_venta"]
        settled = (
            sum(one["monto"] for one in sale["pagos"])
            - sale["vuelto"]
            - sale["total"]
            - sale["ajuste_redondeo"]
        )
        assert settled == 0, sale
        covered = sum(
            one["monto"] for one in sale["pagos"] if one["medio"] == "pendiente"
        )
        assert sale["pendiente"] == covered - reduced[number], (first[number], sale)
        paid = (
            sum(one["monto"] for one in sale["pagos"] if one["medio"] != "pendiente")
            - sale["vuelto"]
        )
        assert refunded[number] <= paid, sale


@pytest.mark.timeout(900)
def test_a_storm_with_fifty_crashes_loses_nothing_and_sells_nothing_twice(
    tmp_path: Path, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data, port = tmp_path / "shop", free_port()
    with Served(data, port=port), Caller(port) as admin:
        tokens = opened(admin)
    storm = Storm(port)
    with raging(storm, tokens):
        server = survive(data, port, storm)
    with server, Caller(port, tokens[0]) as admin, Caller(port) as anybody:
        assert storm.mistakes == []
        found, sales_found = finish_what_was_abandoned(storm, anybody)
        assert_every_answer_stands(storm, anybody)
        sold, returned, bought = (
            admin.every(f"/{name}") for name in ("ventas", "devoluciones", "compras")
        )
        assert_every_sale_is_there_once(storm, admin, sold)
        assert_no_unit_was_sold_twice(admin, sold, returned, bought)
        assert_debts_are_right(sold, returned, storm)
        assert storm.mistakes == []
        assert server.stop() == 0
    assert "Traceback" not in server.complained
    verified = shell("verify", "--data", data, cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    figures = {
        "kills": KILLS,
        "sales": len(storm.sales),
        "returns": len(returned),
        "purchases": len(bought),
        "answers lost": storm.lost,
        "found done though nobody was told": found,
        "statuses": dict(storm.statuses),
        "refused": dict(storm.refused),
    }
    assert sales_found <= len(storm.sales)
    assert all(
        reached >= 1
        for reached in (
            len(returned),
            len(bought),
            storm.lost,
            storm.refused["stock_insuficiente"],
        )
    )
    record_property("figures", figures)
    with capsys.disabled():
        sys.stdout.write(f"\nstorm: {figures}\n")
    assert CUSTOMER in {sale["cliente"] for sale in sold}
