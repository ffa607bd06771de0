"""Listening with the SDK: what is heard, in which order, and over which lines."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.clients.conftest import Connect, logged_in
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD
from tests.harness.clients import client
from tests.harness.http import Caller
from tests.harness.login import forged
from tests.harness.proxy import Proxy
from tests.harness.screens import Screen
from tests.harness.server import Server
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

from trastienda.clients.sdk import (
    AsyncClient,
    Client,
    CodigoDeProducto,
    Compra,
    ConnectionLost,
    Devolucion,
    Event,
    InvalidData,
    Mensaje,
    NotAuthenticated,
    Producto,
    ProductoFuera,
    Retry,
    Sesion,
    SnapshotNeeded,
    Stock,
    StockBajo,
    UnexpectedAnswer,
    Usuario,
    Venta,
)
from trastienda.clients.sdk.events import MAX_EVENT_BYTES, Feed, Reader, Told
from trastienda.clients.sdk.listening import Hearing
from trastienda.wire.announced import SHAPES
from trastienda.wire.event_names import NAMES

QUICK = Retry(first_s=0.01, most_s=0.05)


def last_n(caller: Caller) -> int:
    return int(caller.get("/tienda").headers["trastienda-n"])


def until(events: Iterator[Any], is_last: Callable[[Any], bool]) -> list[Any]:
    """What is heard up to an event, and that."""
    heard = []
    for event in events:
        heard.append(event)
        if is_last(event):
            return heard
    raise AssertionError(heard)


def is_sale(number: int) -> Callable[[Any], bool]:
    return lambda heard: isinstance(heard.body, Venta) and heard.body.id_venta == number


def sales_in(heard: list[Any]) -> list[int]:
    return [one.body.id_venta for one in heard if isinstance(one.body, Venta)]


def test_every_announcement_has_a_shape() -> None:
    assert set(SHAPES) == set(NAMES.values())


def test_what_happens_is_heard_as_what_http_answers(
    shop: RunningShop, as_ana: Any
) -> None:
    n = last_n(shop.ana)
    code = shop.code(stock=100, stock_minimo=98, costo=400)
    gone = shop.code(stock=0)
    owed = [{"medio": "pendiente", "monto": 3000}]
    sale = shop.sell((code, 3), pagos=owed, cliente=CLARA_RUT)
    back = {"motivo": "roto", "detalle": [{"codigo_barras": code, "cantidad": 1}]}
    shop.beto.ok("POST", f"/ventas/{sale['id_venta']}/devoluciones", back)
    line = {"codigo_barras": code, "cantidad": 5, "costo": 390}
    shop.ana.ok("POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]})
    shop.somebody()
    with Screen.of(shop, shop.beto) as screen:
        screen.ok("mensaje", sala="general", texto="hola")
    shop.ana.ok("DELETE", f"/product/barcode/{gone}", params={"definitivo": "si"})

    heard = until(
        as_ana.listen(since=n), lambda one: one.body == CodigoDeProducto(gone)
    )
    kinds = {type(one.body) for one in heard}
    assert kinds >= {
        Producto,
        Stock,
        StockBajo,
        Venta,
        Devolucion,
        Compra,
        Usuario,
        Mensaje,
        CodigoDeProducto,
    }
    first_sale = next(one for one in heard if one.kind == "venta")
    assert first_sale.body == as_ana.sale(sale["id_venta"]) or first_sale.body.pendiente
    assert [one.n for one in heard] == sorted({one.n for one in heard})


def test_a_customer_hears_that_a_retired_product_is_gone(
    shop: RunningShop, connect: Connect
) -> None:
    clara = connect(shop.server.url, session=logged_in(shop.clara, CLARA_RUT))
    n = last_n(shop.ana)
    code = shop.code()
    shop.ana.ok("DELETE", f"/product/barcode/{code}")
    is_gone = lambda one: isinstance(one.body, ProductoFuera)  # noqa: E731
    assert until(clara.listen(since=n), is_gone)[-1].body.codigo_barras == code


def test_only_what_is_asked_for_is_heard(shop: RunningShop, as_ana: Any) -> None:
    n = last_n(shop.ana)
    numbers = [shop.sell((shop.code(), 1))["id_venta"] for _ in range(3)]
    heard = until(as_ana.listen(since=n, kinds=["venta"]), is_sale(numbers[-1]))
    assert [one.body.id_venta for one in heard] == numbers
    with pytest.raises(ValueError, match="vetna"):
        as_ana.listen(kinds=["vetna"])


def test_what_happens_once_it_listens_is_heard(shop: RunningShop) -> None:
    code = shop.code()
    with client(shop.server, "beto") as beto, beto.listen() as events:
        number = beto.sell([(code, 1)]).id_venta
        until(events, is_sale(number))
        assert events.n is not None
        assert events.n <= last_n(shop.ana)

    async def listen() -> None:
        async with AsyncClient(shop.server.url) as beto:
            await beto.log_in("beto", PASSWORD)
            async with beto.listen() as events:
                sale = await beto.sell([(code, 1)])
                async for event in events:
                    if is_sale(sale.id_venta)(event):
                        return

    asyncio.run(listen())


def test_where_not_all_is_known_a_snapshot_is_needed(
    shop: RunningShop, as_ana: Any
) -> None:
    events = as_ana.listen(since=10**15, kinds=["venta"])
    gap = next(events)
    assert isinstance(gap, SnapshotNeeded)
    number = shop.sell((shop.code(), 1))["id_venta"]
    event = next(events)
    assert event.n > gap.n
    assert event.body.id_venta == number


def test_a_bad_number_is_refused(as_ana: Any) -> None:
    with pytest.raises(InvalidData):
        next(as_ana.listen(since=-1))


class TestBrokenLines:
    """Each event once and in order, whatever happens on the way."""

    @pytest.mark.parametrize("seed", range(3))
    def test_over_a_line_that_is_cut(
        self, shop: RunningShop, connect: Connect, seed: int
    ) -> None:
        code = shop.code(stock=1000)
        with Proxy(lambda: f"127.0.0.1:{shop.server.port}", seed) as line:
            session = logged_in(shop.beto, BETO_RUT)
            beto = connect(f"http://{line.address}", session=session)
            events = beto.listen(since=last_n(shop.ana))
            sold: list[int] = []
            heard: list[Any] = []
            while len(sold) < 40 or line.cuts < 3:
                sold += [shop.sell((code, 1))["id_venta"] for _ in range(5)]
                heard += until(events, is_sale(sold[-1]))
        assert sales_in(heard) == sold
        numbers = [one.n for one in heard]
        assert numbers == sorted(set(numbers))

    def test_over_restarts_and_kill_9(
        self, open_shop: OpenShop, connect: Connect
    ) -> None:
        own = open_shop()
        code = own.code(stock=1000)
        with Proxy(lambda: f"127.0.0.1:{own.server.port}", 1) as line:
            line.calm = True
            session = logged_in(own.beto, BETO_RUT)
            beto = connect(f"http://{line.address}", session=session)
            events = beto.listen(since=last_n(own.ana))
            sold: list[int] = []
            heard: list[Any] = []
            for kill in (True, False, True):
                sold += [own.sell((code, 1))["id_venta"] for _ in range(5)]
                heard += until(events, is_sale(sold[-3]))
                own.restart(kill=kill)
                sold += [own.sell((code, 1))["id_venta"] for _ in range(5)]
                heard += until(events, is_sale(sold[-1]))
        assert sales_in(heard) == sold

    def test_the_first_connection_is_not_waited_for_without_end(
        self, connect: Connect
    ) -> None:
        nowhere = connect("http://127.0.0.1:9", retry=Retry(attempts=1))
        with pytest.raises(ConnectionLost):
            next(nowhere.listen())


class TestSessions:
    """Whose token is sent, when it goes on."""

    def test_a_token_that_has_run_out_is_renewed(
        self, shop: RunningShop, connect: Connect
    ) -> None:
        kept: list[Sesion | None] = []
        with Client(shop.server.url, on_session=kept.append) as first:
            first.log_in("beto", PASSWORD)
        session = kept[-1]
        assert session is not None
        old = replace(session, token=forged(shop, session.token, exp=1_700_000_000))
        beto = connect(shop.server.url, session=old)
        n = last_n(shop.ana)
        number = shop.sell((shop.code(), 1))["id_venta"]
        until(beto.listen(since=n), is_sale(number))

    def test_the_end_of_the_session_is_the_end(
        self, shop: RunningShop, connect: Connect
    ) -> None:
        user, caller = shop.somebody("Cajero")
        session = Sesion(str(caller.token), "", 900, session_user(shop, user["rut"]))
        listener = connect(shop.server.url, session=session)
        events = listener.listen(since=last_n(shop.ana))
        number = shop.code()
        until(
            events,
            lambda one: one.kind == "producto" and one.body.codigo_barras == number,
        )
        shop.ana.ok("DELETE", f"/users/{user['rut']}")
        with pytest.raises(NotAuthenticated):
            until(events, lambda one: False)


def session_user(shop: RunningShop, rut: str) -> Usuario:
    return logged_in(shop.ana, rut).usuario


class TestClosing:
    """It ends when it is closed, whoever waits for the next event."""

    @pytest.mark.parametrize("whole", [False, True], ids=["itself", "its client"])
    def test_from_another_thread(self, shop: RunningShop, whole: bool) -> None:
        beto = client(shop.server, "beto")
        events = beto.listen()
        heard: list[Any] = []
        listening = threading.Thread(target=lambda: heard.extend(events))
        listening.start()
        number = shop.sell((shop.code(), 1))["id_venta"]
        eventually(lambda: sales_in(list(heard)) == [number], "the sale")
        (beto if whole else events).close()
        listening.join(60)
        assert not listening.is_alive()
        assert list(events) == []
        beto.close()

    def test_while_it_waits_for_a_shop_that_is_away(self, open_shop: OpenShop) -> None:
        own = open_shop()
        with client(own.server, "beto", retry=Retry(first_s=60, most_s=60)) as beto:
            events = beto.listen()
            heard: list[Any] = []
            listening = threading.Thread(target=lambda: heard.extend(events))
            listening.start()
            assert own.server.stop() == 0
            events.close()
            listening.join(30)
            assert not listening.is_alive()
        own.restart(kill=True)

    def test_in_asyncio(self, shop: RunningShop) -> None:
        async def listen() -> list[Event | SnapshotNeeded]:
            async with AsyncClient(shop.server.url) as beto:
                await beto.log_in("beto", PASSWORD)
                events = beto.listen()

                async def hear() -> list[Event | SnapshotNeeded]:
                    return [event async for event in events]

                async with events:
                    hearing = asyncio.create_task(hear())
                    await asyncio.sleep(0)
                    await beto.sell([(shop.code(), 1)])
                return await hearing

        asyncio.run(listen())

    def test_a_task_that_is_cancelled_is_cancelled(self, shop: RunningShop) -> None:
        async def listen() -> None:
            async with AsyncClient(shop.server.url) as beto:
                await beto.log_in("beto", PASSWORD)
                events = beto.listen()
                hearing = asyncio.ensure_future(anext(events))
                await asyncio.sleep(0.1)
                hearing.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await hearing

        asyncio.run(listen())


def test_over_tls_it_ends_when_it_is_closed_too(tmp_path: Path) -> None:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with (
        Server(tmp_path / "data", cheap_passwords=True, https="si") as server,
        client(server, "ana", verify=trusting) as ana,
    ):
        events = ana.listen()
        heard: list[Any] = []
        listening = threading.Thread(target=lambda: heard.extend(events))
        listening.start()
        ana.create_product("PAN", "Pan", 1000, stock=9)
        number = ana.sell({"PAN": 1}).id_venta
        eventually(lambda: sales_in(list(heard)) == [number], "the sale")
        events.close()
        listening.join(60)
        assert not listening.is_alive()


STREAM = (
    b"retry: 3000\n\n:\nid: 7\n\nid: 8\nevent: stock\n"
    b'data: {"n":8,"codigo_barras":"x","stock":2}\n\n'
    b'event: cierre\ndata: {"motivo":"detenida"}\n\n'
    b'id: 9\r\nevent: nuevo\r\ndata: {"n":9,"cosa":1}\r\n\r\n'
    b'id: 12\nevent: hueco\ndata: {"n":12}\n\nid: 13\nevent: st'
)


def test_pauses_grow_while_nothing_comes_of_a_connection() -> None:
    hearing = Hearing(Feed(since=None), Retry(first_s=1, most_s=8))
    pauses = [hearing.pause_s() for _ in range(6)]
    for pause, most in zip(pauses, [1, 2, 4, 8, 8, 8], strict=True):
        assert most / 2 <= pause <= most
    assert [hearing.pause_s() for _ in range(2000)][-1] <= 8
    # A sign of life that says nothing new is no progress.
    for n, most in ((7, 1), (7, 2), (8, 1)):
        hearing.begin()
        hearing.take(b":\nid: %d\n\n" % n)
        assert hearing.next() is None
        assert hearing.n == n
        assert most / 2 <= hearing.pause_s() <= most
    assert hearing.begin().query == {"desde": 8}


class TestReading:
    """How a stream is taken apart."""

    @given(st.lists(st.integers(0, len(STREAM))))
    def test_wherever_it_is_cut_it_reads_alike(self, places: list[int]) -> None:
        reader = Reader()
        bounds = [0, *sorted(places), len(STREAM)]
        heard = [
            one
            for begin, end in pairwise(bounds)
            for one in reader.read(STREAM[begin:end])
        ]
        assert heard == [
            Told(7),
            Event(8, "stock", Stock("x", 2)),
            Event(9, "nuevo", {"n": 9, "cosa": 1}),
            SnapshotNeeded(12),
        ]

    def test_what_no_shop_sends_is_told(self) -> None:
        with pytest.raises(UnexpectedAnswer):
            list(Reader().read(b"x" * (MAX_EVENT_BYTES + 1)))
        with pytest.raises(UnexpectedAnswer):
            list(Reader().read(b'id: 1\nevent: stock\ndata: {"n":1}\n\n'))
