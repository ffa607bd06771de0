"""A storm: tills fight for the last units while the server is killed again and again."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cast import BETO_RUT, PASSWORD
from tests.harness.clients import client, client_of_one_token, replayed
from tests.harness.server import Server, free_port
from tests.harness.shell import shell
from tests.harness.tiers import storm as storm_mark
from tests.harness.tiers import tier
from tests.harness.waiting import eventually
from tests.journeys.storm import (
    BY_WEIGHT,
    CUSTOMER,
    PRICES,
    SALE,
    Stocker,
    Storm,
    Till,
)

from trastienda.clients.sdk import Client, Compra, Devolucion, ShopError, Venta
from trastienda.wire.products import Unidad

KILLS = tier(6, full=50)
TILLS = 12
OPENING_STOCK = 5
MOST_SALES_BETWEEN = 30
"""Sales acknowledged before the next kill: at least one, at most so many and those that come
meanwhile."""
FIXED = (
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


def open_shop(server: Server, stack: ExitStack) -> list[Client]:
    """Fill the shelves, hire two cashiers, and return a client for each who sells, Ana first."""
    with client(server, "ana") as ana:
        for code, price in PRICES.items():
            unit: Unidad = "kg" if code == BY_WEIGHT else "un"
            ana.create_product(code, code, price, unidad=unit, stock=OPENING_STOCK)
        for rut, username in ((BETO_RUT, "beto"), ("44444444-4", "dora")):
            ana.register(
                rut=rut,
                nombre=username.title(),
                usuario=username,
                clave=PASSWORD,
                tipo="Cajero",
            )
    clients = [client_of_one_token(server, name) for name in ("ana", "beto", "dora")]
    for one in clients:
        stack.callback(one.close)
    return clients


@contextmanager
def raging(storm: Storm) -> Iterator[None]:
    """Let the tills loose; at the end they finish what they have begun, or leave where the
    test has failed."""
    threads = [Stocker(storm), *(Till(storm, number) for number in range(TILLS))]
    for thread in threads:
        thread.start()
    try:
        yield
    except BaseException:
        storm.over.set()
        raise
    finally:
        storm.enough.set()
        for thread in threads:
            thread.join()


def wait_for_sales(storm: Storm, count: int, when: str) -> None:
    """Wait until so many sales were answered, or something has gone wrong."""
    eventually(
        lambda: bool(storm.mistakes) or len(storm.sales) >= count, f"sales {when}"
    )
    assert storm.mistakes == []


def survive(data: Path, port: int, storm: Storm) -> Server:
    """Kill the server as often as it takes, with sales between every two kills; return the
    last one, still up."""
    dice = random.Random(7)
    server = Server(data, port=port)
    try:
        for kill in range(KILLS):
            more = dice.randrange(1, MOST_SALES_BETWEEN)
            wait_for_sales(storm, len(storm.sales) + more, f"before kill {kill}")
            server.kill()
            server = Server(data, port=port)

        wait_for_sales(storm, len(storm.sales) + 5, "after the last kill")
        assert server.stop() == 0
        return Server(data, port=port)
    except BaseException:
        server.kill()
        raise


def finish_abandoned_deeds(storm: Storm) -> int:
    """Ask once more for what was given up; return how much of it had been done."""
    done_unknown = 0
    abandoned = {deed.key: deed for deed in storm.abandoned}
    for key, deed in abandoned.items():
        if key in storm.done:
            continue
        try:
            answer = storm.ask(deed)
        except ShopError as error:
            storm.note_error(deed, error)
        else:
            storm.note(deed, answer)
            done_unknown += replayed(answer)
    return done_unknown


def assert_every_answer_stands(storm: Storm) -> None:
    """The same key gives the same answer, and no new one."""
    for key, first in storm.done.items():
        deed = storm.deeds[key]
        again = storm.ask(deed)
        assert replayed(again), (deed, again)
        assert (again.status, again.json()) == (first.status, first.json()), deed


def assert_every_sale_is_there_once(
    storm: Storm, ana: Client, listed: Sequence[Venta]
) -> None:
    answered = Counter(sale.id_venta for sale in storm.sales)
    assert max(answered.values()) == 1
    assert Counter(sale.id_venta for sale in listed) == answered
    assert sorted(sale.folio or 0 for sale in listed) == list(range(1, len(listed) + 1))

    by_id = {sale.id_venta: sale for sale in listed}
    for sale in storm.sales:
        now = ana.sale(sale.id_venta)
        assert now == by_id[sale.id_venta]
        for name in FIXED:
            assert getattr(now, name) == getattr(sale, name)
        if not sale.pendiente:
            assert now == sale


def quantities(
    documents: Sequence[Venta] | Sequence[Devolucion] | Sequence[Compra],
) -> Counter[str]:
    """How many thousandths of each product the documents moved."""
    moved: Counter[str] = Counter()
    for document in documents:
        for line in document.detalle:
            moved[line.codigo_barras] += int(Fraction(str(line.cantidad)) * 1000)
    return moved


def assert_no_unit_was_sold_twice(
    ana: Client,
    sold: Sequence[Venta],
    returned: Sequence[Devolucion],
    bought: Sequence[Compra],
) -> None:
    """What is left and what went out is what came in; and at no moment had more gone out than
    was there."""
    went_out = quantities(sold)
    came_in = quantities(bought)
    came_in += quantities([document for document in returned if document.reponer])
    left = {product.codigo_barras: product.stock for product in ana.products()}

    for code in PRICES:
        left_milli = int(Fraction(str(left[code])) * 1000)
        opening_milli = OPENING_STOCK * 1000
        assert left_milli + went_out[code] == opening_milli + came_in[code], code

        balances = [movement.saldo for movement in ana.movements(code)]
        assert balances[0] == left[code]
        assert min(balances) >= 0, code


def assert_debts_are_right(
    sold: Sequence[Venta], returned: Sequence[Devolucion]
) -> None:
    """What is owed is what was, less what was settled and what came back; nobody is given more
    than they paid."""
    reduced: defaultdict[int | None, int] = defaultdict(int)
    refunded: defaultdict[int | None, int] = defaultdict(int)
    for document in returned:
        for payment in document.pagos:
            amounts = reduced if payment.medio == "pendiente" else refunded
            amounts[document.id_venta] += payment.monto

    for sale in sold:
        owed = sum(one.monto for one in sale.pagos if one.medio == "pendiente")
        paid = sum(one.monto for one in sale.pagos if one.medio != "pendiente")
        paid -= sale.vuelto
        assert owed + paid == sale.total + sale.ajuste_redondeo, sale
        assert sale.pendiente == owed - reduced[sale.id_venta], sale
        assert refunded[sale.id_venta] <= paid, sale


@storm_mark
@pytest.mark.timeout(900)
def test_a_storm_of_crashes_loses_nothing_and_sells_nothing_twice(
    tmp_path: Path, record_property: Any
) -> None:
    data, port = tmp_path / "shop", free_port()
    with ExitStack() as stack:
        with Server(data, port=port) as server:
            storm = Storm(open_shop(server, stack))
        with raging(storm):
            server = survive(data, port, storm)

        with server:
            ana = storm.clients[0]
            assert storm.mistakes == []
            done_unknown = finish_abandoned_deeds(storm)
            assert_every_answer_stands(storm)
            sold, returned = list(ana.sales()), list(ana.returns())
            bought = list(ana.purchases())
            assert_every_sale_is_there_once(storm, ana, sold)
            assert_no_unit_was_sold_twice(ana, sold, returned, bought)
            assert_debts_are_right(sold, returned)
            assert storm.mistakes == []
            assert server.stop() == 0

    assert "Traceback" not in server.log
    verified = shell("verify", "--data", data, cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    figures = {
        "kills": KILLS,
        "sales": len(storm.sales),
        "returns": len(returned),
        "purchases": len(bought),
        "answers": storm.answers,
        "answers lost": storm.lost,
        "done though nobody was answered": done_unknown,
        "refused": dict(storm.refused),
    }
    record_property("figures", figures)

    # A storm in which nothing of this has come about has tried nothing.
    assert returned
    assert bought
    assert storm.lost
    assert storm.refused["stock_insuficiente"]
    assert CUSTOMER in {sale.cliente for sale in sold}
    assert {deed.call.path for deed in storm.deeds.values()} > {SALE}
