"""Many at once, and one who does not read: what it costs in memory, and that the others do not
notice."""

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.lines import Person, address, new_alias
from tests.harness.tiers import storm, tier
from tests.harness.waiting import PATIENCE_S, eventually

SPOKEN_BYTES = tier(24_000_000, full=100_000_000)
LINE = "ñ" * 4000
LISTENERS, TALKERS = 4, 4
WINDOW = 30
"""Lines of one talker that nobody has heard yet: they speak as fast as they are heard, and no
faster."""
CEILING_BYTES = 60_000_000
"""What the server may grow by meanwhile. Without a limit it would, in full, keep 100 MB for
whoever does not read."""
SLOW_BUFFER_BYTES = 64 * 1024
"""What the system takes in for whoever does not read, so that the server has to keep the rest,
or close."""
CROWD = tier(1000, full=5000)
BYTES_EACH = 20_000
BATCH = 100
"""So few come at once that what waits for the slow ones is not counted as their cost."""

pytestmark = [storm, pytest.mark.timeout(300)]


def rss_bytes(pid: int) -> int:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.fixture(autouse=True)
def linux() -> None:
    """Memory is read where Linux shows it."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc to read the memory of a process from")


class Listener(threading.Thread):
    """Reads all that comes to somebody, and counts the lines."""

    def __init__(self, person: Person) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.count = 0
        self.closed = False

    def run(self) -> None:
        """Read until the other side closes."""
        self.person.socket.settimeout(None)
        try:
            while data := self.person.socket.recv(1 << 20):
                self.count += data.count(b"\n")
        except OSError:
            pass
        self.closed = True


def bytes_until_closed(connection: socket.socket) -> int:
    """Read what the system took in for whoever did not read, up to the close; return how much
    it was."""
    count = 0
    try:
        while data := connection.recv(1 << 20):
            count += len(data)
    except ConnectionError:
        pass
    return count


def test_who_does_not_read_is_closed_and_costs_nobody_anything(
    open_shop: OpenShop,
) -> None:
    server = open_shop(chat_rate=0).server
    slow = Person(server.chat, "lento")
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
    readers = [
        Listener(Person(server.chat, f"lector{number}")) for number in range(LISTENERS)
    ]
    talkers = [
        Listener(Person(server.chat, f"hablador{number}")) for number in range(TALKERS)
    ]
    present = readers + talkers
    for listener in present:
        listener.person.heard()
    for listener in present:
        listener.start()

    def readers_have_heard(count: int) -> bool:
        return min(reader.count for reader in readers) >= count

    before = most = rss_bytes(server.process.pid)
    data = f"{LINE}\n".encode()
    spoken = 0
    try:
        while spoken * len(data) < SPOKEN_BYTES:
            for talker in talkers:
                talker.person.raw(data)
                spoken += 1
            most = max(most, rss_bytes(server.process.pid))
            unheard = WINDOW * TALKERS
            eventually(
                lambda: readers_have_heard(spoken - unheard + 1),  # noqa: B023
                "the readers hear what is said",
            )
        eventually(lambda: readers_have_heard(spoken), "the readers hear all")
        assert not any(listener.closed for listener in present)

        most = max(most, rss_bytes(server.process.pid))
        assert most - before < CEILING_BYTES
        assert bytes_until_closed(slow.socket) < SPOKEN_BYTES / 4
        with Person(server.chat, "despues") as late:
            (names,) = late.asks("/usuarios")
        assert "lento" not in names
        assert names.startswith(f"Usuarios conectados ({len(present) + 1})")
    finally:
        slow.close()
        for listener in present:
            listener.person.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Lets this process, and those it starts, have a socket for each of the crowd."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CROWD + 1000
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"a process may have {hard} open files here, and needs {needed}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_crowd_that_is_only_there_costs_little_and_hears_everything(
    open_shop: OpenShop,
) -> None:
    server, text = open_shop(chat_rate=0).server, new_alias("hola")
    with Person(server.chat, "primero") as first:
        before = rss_bytes(server.process.pid)
        crowd: list[socket.socket] = []
        try:
            for start in range(0, CROWD, BATCH):
                batch = [
                    socket.create_connection(address(server.chat)) for _ in range(BATCH)
                ]
                crowd += batch
                for number, connection in enumerate(batch, start):
                    connection.sendall(f"gente{number}\n".encode())
                last = f"gente{start + BATCH - 1} se ha unido al chat.\n"
                first.until(last.strip())
                wait_for_all(crowd[:-1], last.encode())

            grown = rss_bytes(server.process.pid) - before
            assert grown / CROWD < BYTES_EACH
            first.send(text)
            wait_for_all(crowd, f"primero: {text}\n".encode())
        finally:
            for connection in crowd:
                connection.close()


def wait_for_all(crowd: list[socket.socket], expected: bytes) -> None:
    """Read what comes to each of them until it holds ``expected``."""
    ends: dict[Any, bytes] = dict.fromkeys(crowd, b"")
    """What came last to those who still wait."""
    deadline = time.monotonic() + PATIENCE_S
    with selectors.DefaultSelector() as selector:
        for connection in crowd:
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)

        while ends:
            assert time.monotonic() < deadline, (
                f"{len(ends)} have not heard {expected!r}"
            )
            for key, _ in selector.select(1):
                connection = key.fileobj  # type: ignore[assignment]
                data = connection.recv(1 << 20)
                assert data, "one of the crowd was closed"
                if connection not in ends:
                    continue
                received = ends.pop(connection) + data
                if expected not in received:
                    ends[connection] = received[-len(expected) :]
