"""Crowds: many connections that want nothing, or more than their share."""

import contextlib
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.harness.lines import address
from tests.harness.server import Server

HEAD_OF_LOGIN = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
)
LARGE_FILE = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
HELLO_BEGUN = b"\x16\x03\x01"
"""What a TLS handshake begins with."""

Opening = tuple[Callable[[Server], tuple[str, int]], bytes]


def _http(server: Server) -> tuple[str, int]:
    return "127.0.0.1", server.port


def _chat(server: Server) -> tuple[str, int]:
    return address(server.chat)


CROWDS: dict[str, Opening] = {
    "bodies without an end": (
        _http,
        HEAD_OF_LOGIN + b"Content-Length: 100\r\n\r\n{",
    ),
    "answers that nobody reads": (_http, LARGE_FILE * 30),
    "lines that nobody says": (_chat, b""),
    "handshakes of HTTPS without an end": (_http, HELLO_BEGUN),
    "handshakes of lines without an end": (_chat, HELLO_BEGUN),
}
"""What connections of each kind send, and where to; then they are silent."""


@contextlib.contextmanager
def crowd(server: Server, kind: str, count: int) -> Iterator[list[socket.socket]]:
    """Hold so many connections of a kind."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    where, opening = CROWDS[kind]
    with contextlib.ExitStack() as hung_up:
        held = []
        for _ in range(count):
            one = hung_up.enter_context(socket.socket())
            held.append(one)
            one.settimeout(10)
            with contextlib.suppress(OSError):  # the shop may have hung up already
                one.connect(where(server))
                one.sendall(opening)
        yield held


def memory_mb(server: Server) -> float:
    """What a server has in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def open_files(server: Server) -> int:
    """How many files a server has open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
