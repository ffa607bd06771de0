"""Whoever read everything once and listens since knows what a fresh look would show.

Tills write meanwhile, the lines are bad, and the server is killed again and again.
"""

import contextlib
import random
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD
from tests.harness.clients import client
from tests.harness.http import Caller, order
from tests.harness.proxy import Proxy
from tests.harness.shop import RunningShop
from tests.harness.tiers import storm, tier
from tests.harness.waiting import eventually

from trastienda.clients.sdk import (
    CodigoDeProducto,
    Compra,
    Devolucion,
    Event,
    Listening,
    Producto,
    ProductoFuera,
    Retry,
    SnapshotNeeded,
    Stock,
    Usuario,
    Venta,
)

Things = dict[str, dict[Any, Any]]
LISTS = {
    "/products": "codigo_barras",
    "/ventas": "id_venta",
    "/devoluciones": "id_devolucion",
    "/compras": "id_compra",
    "/users": "rut",
}
"""What there is, and by what each is known."""
FOR_ALL = ("/products", "/ventas", "/devoluciones")
WRITERS, WRITES, KILLS = 3, 60, 3


def look(caller: Caller, *, whole: bool) -> tuple[Things, int]:
    """All that somebody may see, and the number of the state where that began."""
    n = int(caller.get("/tienda").headers["trastienda-n"])
    things: Things = {}
    for path, key in LISTS.items():
        rows = caller.all(path, limite=200) if whole or path in FOR_ALL else []
        things[path] = {row[key]: row for row in rows}
    for product in things["/products"].values():
        del product["precio_final"]  # it changes with time alone
    return things, n


class Copy:
    """What somebody knows who has looked once, and has listened since."""

    def __init__(self, caller: Caller, name: str) -> None:
        self.name = name
        self.things, self.since = look(caller, whole=name == "ana")
        self.numbers: list[int] = []
        self.events: Listening | None = None

    def hear(self, heard: Event | SnapshotNeeded) -> None:
        """Take in one more event."""
        assert isinstance(heard, Event), heard
        self.numbers.append(heard.n)
        products, body = self.things["/products"], heard.body
        row = msgspec.to_builtins(body)
        match body:
            case Stock(code, stock):
                if code in products:  # the opening stock is told before the product
                    products[code]["stock"] = stock
            case Producto():
                del row["precio_final"]
                products[body.codigo_barras] = row
            case ProductoFuera(code):
                products.pop(code, None)
            case CodigoDeProducto(code) if heard.kind == "producto_eliminado":
                products.pop(code, None)
            case Venta():
                self._take_sale(body, row)
            case Devolucion():
                self.things["/devoluciones"][body.id_devolucion] = row
            case Compra():
                self.things["/compras"][body.id_compra] = row
            case Usuario():
                self.things["/users"][body.rut] = row

    def _take_sale(self, sale: Venta, row: Any) -> None:
        number = sale.id_venta
        seller = None if sale.vendedor is None else sale.vendedor.rut
        is_left = self.name == "beto" and seller != BETO_RUT and not sale.pendiente
        if not is_left:
            self.things["/ventas"][number] = row
            return
        # The rule of the page of events: what leaves the list takes its returns along.
        self.things["/ventas"].pop(number, None)
        returns = self.things["/devoluciones"]
        for key in [key for key, one in returns.items() if one["id_venta"] == number]:
            del returns[key]


def write(
    shop: RunningShop, caller: Caller, dice: random.Random, codes: list[str]
) -> None:
    """Change something, as whoever is at the till might."""
    code = dice.choice(codes)
    owed = [{"medio": "pendiente", "monto": 1000 * (count := dice.randint(1, 3))}]
    sales = f"/ventas/{dice.randint(1, 60)}"
    match dice.randrange(10):
        case 0 | 1 | 2:
            caller.post("/ventas-detalle", json=order((code, count)))
        case 3:
            body = order((code, count), pagos=owed, cliente=CLARA_RUT)
            caller.post("/ventas-detalle", json=body)
        case 4:
            paid = {"pagos": [{"medio": "debito", "monto": 1000}]}
            caller.post(f"{sales}/pagos", json=paid)
        case 5:
            caller.post(f"{sales}/devoluciones", json={"motivo": "todo"})
        case 6:
            stock = {"stock": dice.randint(50, 90), "motivo": "conteo"}
            shop.ana.put(f"/product/barcode/{code}", json=stock)
        case 7:
            state = {"estado": dice.choice(["Activo", "Inactivo"])}
            shop.ana.put(f"/product/barcode/{code}", json=state)
        case 8:
            line = {"codigo_barras": code, "cantidad": count, "costo": 400}
            body = {"proveedor": "P", "detalle": [line]}
            shop.ana.post("/compras-detalle", json=body)
        case 9:
            name = {"nombre": f"Clara {dice.randrange(100)}"}
            shop.ana.put(f"/users/{CLARA_RUT}", json=name)


def has_at_least(rows: list[int], count: int) -> bool:
    return len(rows) >= count


@contextlib.contextmanager
def listening(copy: Copy, url: str) -> Iterator[threading.Thread]:
    """Let a copy hear what happens, over a line, in a thread of its own."""
    patient = Retry(attempts=1000, first_s=0.01, most_s=0.2)
    with client(url, copy.name, PASSWORD, retry=patient) as shop:
        events = copy.events = shop.listen(since=copy.since)

        def hear() -> None:
            for event in events:
                copy.hear(event)

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        yield thread
        events.close()
        thread.join(60)


@storm
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(tier(1, full=12)))
def test_a_snapshot_and_what_was_heard_since_are_a_fresh_snapshot(
    open_shop: OpenShop, seed: int
) -> None:
    shop = open_shop()
    codes = [shop.code(costo=100) for _ in range(6)]
    callers = {"ana": shop.ana, "beto": shop.beto, "clara": shop.clara}
    for number in range(20):
        write(shop, shop.beto, random.Random(f"{seed} {number}"), codes)
    copies = [Copy(caller, name) for name, caller in callers.items()]
    done: list[int] = []

    def write_on(number: int) -> None:
        dice = random.Random(f"{seed} writer {number}")
        caller = shop.caller((shop.ana, shop.beto)[number % 2].token)
        while len(done) < WRITERS * WRITES:
            with contextlib.suppress(httpx.HTTPError):  # the server was just killed
                write(shop, caller, dice, codes)
                done.append(number)

    with (
        Proxy(lambda: f"127.0.0.1:{shop.server.port}", seed) as line,
        contextlib.ExitStack() as hearing,
    ):
        threads = [
            hearing.enter_context(listening(copy, f"http://{line.address}"))
            for copy in copies
        ]
        writers = [
            threading.Thread(target=write_on, args=[number], daemon=True)
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for kill in range(1, KILLS + 1):
            some = kill * WRITERS * WRITES // (KILLS + 1)
            eventually(partial(has_at_least, done, some), "writes")
            shop.restart(kill=True)
        for writer in writers:
            writer.join(60)

        # The last thing that happens is one that everybody hears of.
        last = shop.code()
        for copy in copies:
            products = copy.things["/products"]
            eventually(partial(products.__contains__, last), "the last product")
        assert all(thread.is_alive() for thread in threads)

    for copy in copies:
        fresh, _ = look(callers[copy.name], whole=copy.name == "ana")
        for path in LISTS if copy.name == "ana" else FOR_ALL:
            assert copy.things[path] == fresh[path], (copy.name, path)
        assert copy.numbers == sorted(set(copy.numbers))
