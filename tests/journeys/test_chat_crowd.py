"""Many at once, and one who does not read: what it costs in memory, and that the others do not notice."""

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.lines import Person, address, new_alias
from tests.harness.waiting import eventually

SPOKEN_BYTES = 100_000_000
LINE = "ñ" * 4000
LISTENERS, TALKERS = 4, 4
WINDOW = 30
"""Lines of one talker that nobody has heard yet: they speak as fast as they are heard, and no faster."""
CEILING_MB = 100
"""What the server may grow by meanwhile; without a limit it would keep 100 MB for the one who does not read alone."""
IDLE = 5000
IDLE_KB = 20
BATCH = 1000
LONG_S = 100


def rss_bytes(pid: int) -> int:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.fixture(autouse=True)
def linux() -> None:
    """Memory is read where Linux tells it."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc to read the memory of a process from")


class Listener(threading.Thread):
    """Reads all that comes, counts the lines, and keeps the end."""

    def __init__(self, one: Person) -> None:
        super().__init__(daemon=True)
        self.one = one
        self.count = 0
        self.closed = False

    def run(self) -> None:
        """Read until the other side closes."""
        self.one.socket.settimeout(None)
        try:
            while data := self.one.socket.recv(1 << 20):
                self.count += data.count(b"\n")
        except OSError:
            pass
        self.closed = True


def swallowed_bytes(one: socket.socket) -> int:
    """Read what the system took in for whoever did not read, up to the close; return how much it was."""
    count = 0
    try:
        while data := one.recv(1 << 20):
            count += len(data)
    except ConnectionError:
        pass
    return count


@pytest.mark.timeout(300)
def test_one_who_does_not_read_is_closed_and_costs_nobody_anything(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)
    server = shop.server
    slow = Person(server.chat, "lento")
    readers = [
        Listener(Person(server.chat, f"lector{number}")) for number in range(LISTENERS)
    ]
    talkers = [
        Listener(Person(server.chat, f"hablador{number}")) for number in range(TALKERS)
    ]
    for one in readers + talkers:
        one.one.heard()
    for it in readers + talkers:
        it.start()
    before = most = rss_bytes(server.process.pid)
    data, said = f"{LINE}\n".encode(), 0
    try:
        while said * len(data) < SPOKEN_BYTES:
            for talker in talkers:
                talker.one.raw(data)
                said += 1
            most = max(most, rss_bytes(server.process.pid))
            eventually(
                lambda: min(it.count for it in readers) > said - WINDOW * TALKERS,  # noqa: B023
                "the readers hear what is said",
                LONG_S,
            )
        eventually(
            lambda: min(it.count for it in readers) >= said,
            "the readers hear all",
            LONG_S,
        )
        assert not any(it.closed for it in readers + talkers)
        grown_mb = (max(most, rss_bytes(server.process.pid)) - before) / 1e6
        assert grown_mb < CEILING_MB
        assert swallowed_bytes(slow.socket) < SPOKEN_BYTES / 4
        with Person(server.chat, "despues") as late:
            (present,) = late.asks("/usuarios")
        assert "lento" not in present
        assert present.startswith(f"Usuarios conectados ({LISTENERS + TALKERS + 1})")
    finally:
        for line in [slow, *(it.one for it in readers + talkers)]:
            line.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Lets this process, and those it starts, have a socket for each of the crowd."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 1000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(
            f"this machine lets a process have {hard} open files, and {wanted} are needed"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("many_files")
def test_a_crowd_that_is_only_there_costs_little_and_hears_everything(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)
    server, text = shop.server, new_alias("hola")
    with Person(server.chat, "primero") as one:
        before = rss_bytes(server.process.pid)
        crowd: list[socket.socket] = []
        try:
            for start in range(0, IDLE, BATCH):
                come = [
                    socket.create_connection(address(server.chat)) for _ in range(BATCH)
                ]
                crowd += come
                for number, it in enumerate(come, start):
                    it.sendall(f"gente{number}\n".encode())
                last = f"gente{start + BATCH - 1} se ha unido al chat.\n"
                one.until(last.strip())
                wait_for_all(crowd[:-1], last.encode())
            kb_each = (rss_bytes(server.process.pid) - before) / 1e3 / IDLE
            assert kb_each < IDLE_KB
            one.send(text)
            wait_for_all(crowd, f"primero: {text}\n".encode())
        finally:
            for it in crowd:
                it.close()


def wait_for_all(crowd: list[socket.socket], wanted: bytes) -> None:
    """Read what comes to each of them until it holds ``wanted``."""
    rest: dict[socket.socket, bytes] = dict.fromkeys(crowd, b"")
    deadline = time.monotonic() + LONG_S
    with selectors.DefaultSelector() as selector:
        for one in crowd:
            one.setblocking(False)
            selector.register(one, selectors.EVENT_READ)
        while rest:
            assert time.monotonic() < deadline, (
                f"{len(rest)} have not heard {wanted!r}: {next(iter(rest.values()))!r}"
            )
            for key, _ in selector.select(1):
                one = key.fileobj  # type: ignore[assignment]
                data = one.recv(1 << 20)
                assert data, "one of the crowd was closed"
                if one in rest:
                    rest[one] += data
                    if wanted in rest[one]:
                        del rest[one]
                    else:
                        rest[one] = rest[one][-len(wanted) :]
