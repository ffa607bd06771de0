"""Clients that keep HTTP waiting: each is let go in time, with an answer where one is due."""

import socket
import time
from collections.abc import Iterator
from itertools import repeat

import pytest
from tests.harness.crowds import HEAD_OF_LOGIN, LARGE_FILE, memory_mb
from tests.harness.http import PROBLEM
from tests.harness.server import Server
from tests.harness.waiting import PATIENCE_S, eventually

UNREAD = 400
GROWTH_MB = 40
"""Far less than these would take with one such answer each: 680 MB."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A shop that waits two seconds for a head, and for a body that makes no progress."""
    data = tmp_path_factory.mktemp("slow") / "data"
    with Server(data, impatient=True, cheap_passwords=True) as running:
        yield running


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)


def all_of(one: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    parts = []
    while part := one.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def dripped(one: socket.socket, pieces: Iterator[bytes]) -> bytes:
    """Send a piece every tenth of a second until there is an answer; return all of it."""
    one.settimeout(0.1)
    for piece in pieces:
        one.sendall(piece)
        try:
            begin = one.recv(1 << 16)
        except TimeoutError:
            continue
        one.settimeout(PATIENCE_S)
        return begin + all_of(one)
    raise AssertionError("no answer")


@pytest.mark.parametrize(
    ("length", "drip"),
    [
        (b"Content-Length: 100000", b"x"),
        (b"Content-Length: 100000", b""),
        (b"Transfer-Encoding: chunked", b"1\r\nx\r\n"),
    ],
    ids=["a drip", "nothing", "chunks without an end"],
)
def test_a_body_that_makes_no_progress_is_answered_and_cut(
    server: Server, length: bytes, drip: bytes
) -> None:
    with connected(server) as one:
        one.sendall(HEAD_OF_LOGIN + length + b"\r\n\r\n")
        answer = dripped(one, repeat(drip))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"content-type: " + PROBLEM.encode() in answer
    assert b'"codigo":"solicitud_lenta"' in answer


def test_a_slow_body_that_goes_on_is_read(server: Server) -> None:
    """Over twice the time that is given to one that does not."""
    pieces = 40
    with connected(server) as one:
        head = HEAD_OF_LOGIN + b"Content-Length: %d\r\n" % (pieces * 1000)
        one.sendall(head + b"Connection: close\r\n\r\n")
        for _ in range(pieces):
            one.sendall(b" " * 1000)
            time.sleep(0.1)
        assert all_of(one).startswith(b"HTTP/1.1 400 ")


def test_half_a_head_is_answered_and_silence_is_not(server: Server) -> None:
    with connected(server) as half, connected(server) as silent:
        half.sendall(b"GET /salud HTTP/1.1\r\nHo")
        assert all_of(silent) == b""
        assert all_of(half).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_is_kept_for_later_is_let_go(server: Server) -> None:
    with connected(server) as one:
        one.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began = time.monotonic()
        assert all_of(one).endswith(b'{"estado":"viva"}')
        assert 1 < time.monotonic() - began < PATIENCE_S


def test_answers_that_nobody_reads_take_no_memory_and_are_let_go(
    server: Server,
) -> None:
    with connected(server) as one:
        one.sendall(LARGE_FILE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        whole = len(all_of(one))
    before_mb = memory_mb(server)

    unread = [connected(server) for _ in range(UNREAD)]
    for one in unread:
        one.sendall(LARGE_FILE * 30)
    with connected(server) as honest:
        honest.sendall(
            b"GET /salud HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert all_of(honest).startswith(b"HTTP/1.1 200 ")
    assert memory_mb(server) - before_mb < GROWTH_MB

    for one in unread:
        ended(one)
        one.close()
    assert memory_mb(server) - before_mb < GROWTH_MB
    assert whole > 1_000_000


def ended(one: socket.socket) -> None:
    """Wait, without reading, until the other side has ended a connection."""

    def is_over() -> bool:
        error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            return True
        try:
            one.send(b"\r\n")
        except OSError:
            return True
        return False

    eventually(is_over, "the end of a connection that does not read")
