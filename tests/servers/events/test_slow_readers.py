"""Server-sent events: those who do not read, and those who take many places."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from tests.conftest import OpenShop
from tests.harness.clients import client
from tests.harness.crowds import LARGE_FILE, memory_mb
from tests.harness.http import order
from tests.harness.listeners import Listener
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S, eventually

from trastienda.operations.file_limit import share_out

LINES = 300
"""Of one sale: some 50 kB of an event."""
GROWTH_MB = 40


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that gives up slow answers after two seconds."""
    return open_shop(impatient=True)


def request_of(shop: RunningShop, since: int | None = None) -> bytes:
    """What Ana's program sends to listen."""
    query = "" if since is None else f"?desde={since}"
    lines = [
        f"GET /eventos{query} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {shop.ana.token}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@contextlib.contextmanager
def unread(shop: RunningShop, request: bytes) -> Iterator[socket.socket]:
    """A connection that asks for something and takes hardly any of it."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(PATIENCE_S)
        one.connect(("127.0.0.1", shop.server.port))
        one.sendall(request)
        yield one


def read_until(one: socket.socket, text: bytes) -> None:
    """Read on, a little at a time, until this has come."""
    heard = b""
    while text not in heard:
        part = one.recv(1 << 14)
        assert part, "it was let go"
        heard = heard[-len(text) :] + part


def large_sales(shop: RunningShop, count: int) -> list[int]:
    codes = [shop.code(stock=10_000, nombre="x" * 100) for _ in range(LINES)]
    body = order(*((code, 1) for code in codes))
    return [
        shop.beto.ok("POST", "/ventas-detalle", body)["id_venta"] for _ in range(count)
    ]


def streams(shop: RunningShop) -> int:
    """How many listen."""
    text = shop.nobody.get("/metrics").text
    line = next(
        line
        for line in text.splitlines()
        if line.startswith("trastienda_event_streams ")
    )
    return int(float(line.split()[1]))


def test_whoever_does_not_read_is_let_go_and_takes_little_memory(
    own: RunningShop,
) -> None:
    with contextlib.ExitStack() as held:
        reader = held.enter_context(Listener(own, own.ana.token))
        for _ in range(20):
            held.enter_context(unread(own, request_of(own)))
        eventually(lambda: streams(own) == 21, "those who listen")
        before_mb = memory_mb(own.server)
        sold = large_sales(own, 60)
        # The system itself would find out after a minute.
        eventually(lambda: streams(own) == 1, "their end", patience_s=30)
        reader.wait_for("venta", lambda body: body["id_venta"] == sold[-1])
        assert [body["id_venta"] for body in reader.of_name("venta")][-60:] == sold
        assert memory_mb(own.server) - before_mb < GROWTH_MB


def test_a_stream_is_no_slow_answer(own: RunningShop) -> None:
    with unread(own, request_of(own)) as stream:
        eventually(lambda: streams(own) == 1, "the one who listens")
        sold = large_sales(own, 8)[-1]
        with unread(own, LARGE_FILE) as answer:

            def was_cut() -> bool:
                with contextlib.suppress(OSError):
                    answer.sendall(b"\r\n")
                    return False
                return True

            # What was asked for later, and is read as little, is let go.
            eventually(was_cut, "the end of a slow answer")
        assert streams(own) == 1
        read_until(stream, b'"id_venta":%d,' % sold)


def test_whoever_has_much_to_catch_up_on_is_not_let_go(own: RunningShop) -> None:
    n = int(own.ana.get("/tienda").headers["trastienda-n"])
    large_sales(own, 60)
    with unread(own, request_of(own, since=n)) as stream:
        eventually(lambda: streams(own) == 1, "the one who listens")
        sold = large_sales(own, 40)
        read_until(stream, b'"id_venta":%d,' % sold[-1])
    eventually(lambda: streams(own) == 0, "its end")


def test_customers_who_listen_make_way_and_staff_do_not(open_shop: OpenShop) -> None:
    shop = open_shop(file_limit=128)
    code = shop.code()
    with contextlib.ExitStack() as held:
        till = held.enter_context(Listener(shop, shop.beto.token))
        customers = [
            held.enter_context(Listener(shop, shop.clara.token))
            for _ in range(2 * share_out(128).http)
        ]
        # Whoever comes finds a place, and not in that of a till.
        with client(shop.server, "beto") as late:
            sale = late.sell([(code, 1)])
        till.wait_for("venta", lambda body: body["id_venta"] == sale.id_venta)
        customers[0].wait_for_end()
        assert any(not customer.is_over for customer in customers)
        last_id = {"Last-Event-ID": customers[0].last_id}
        back = held.enter_context(Listener(shop, shop.clara.token, headers=last_id))
        back.wait_for("stock", lambda body: body["codigo_barras"] == code)
        assert not till.is_over


def test_whoever_hangs_up_is_no_longer_there(own: RunningShop) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(3):
            held.enter_context(Listener(own, own.ana.token))
        assert streams(own) == 3
    eventually(lambda: streams(own) == 0, "the end of those who hung up")
