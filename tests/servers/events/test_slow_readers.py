"""Server-sent events: those who do not read, and those who take many places."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from tests.conftest import OpenShop
from tests.harness.crowds import LARGE_FILE, memory_mb
from tests.harness.http import order
from tests.harness.listeners import Listener
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S, eventually

LINES = 300
"""Of one sale: some 50 kB of an event."""
GROWTH_MB = 40


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that gives up slow answers after two seconds."""
    return open_shop(impatient=True)


@contextlib.contextmanager
def unread(shop: RunningShop, request: bytes = b"") -> Iterator[socket.socket]:
    """A connection that asks for something, for the events if nothing else is said, and does
    not read it."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(PATIENCE_S)
        one.connect(("127.0.0.1", shop.server.port))
        one.sendall(
            request
            or b"GET /eventos HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer %s\r\n\r\n"
            % str(shop.ana.token).encode()
        )
        yield one


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
            held.enter_context(unread(own))
        eventually(lambda: streams(own) == 21, "those who listen")
        before_mb = memory_mb(own.server)
        sold = large_sales(own, 60)
        eventually(lambda: streams(own) == 1, "the end of those who do not read")
        reader.wait_for("venta", lambda body: body["id_venta"] == sold[-1])
        assert [body["id_venta"] for body in reader.of_name("venta")][-60:] == sold
        assert memory_mb(own.server) - before_mb < GROWTH_MB


def test_a_stream_is_no_slow_answer(own: RunningShop) -> None:
    with unread(own) as stream, unread(own, LARGE_FILE) as answer:
        eventually(lambda: streams(own) == 1, "the one who listens")
        sold = large_sales(own, 8)[-1]

        def was_cut() -> bool:
            with contextlib.suppress(OSError):
                answer.sendall(b"\r\n")
                return False
            return True

        # What was asked for later, and is read as little, is let go.
        eventually(was_cut, "the end of a slow answer")
        assert streams(own) == 1
        heard = b""
        while b'"id_venta":%d,' % sold not in heard:
            part = stream.recv(1 << 16)
            assert part
            heard = heard[-100:] + part


def test_whoever_hangs_up_is_no_longer_there(own: RunningShop) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(3):
            held.enter_context(Listener(own, own.ana.token))
        assert streams(own) == 3
    eventually(lambda: streams(own) == 0, "the end of those who hung up")
