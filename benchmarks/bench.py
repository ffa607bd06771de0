"""What the benchmarks share: a server of its own process and core, a client that costs little, and a table.

The client speaks just enough HTTP/1.1 (keep-alive, Content-Length) to keep one core busy with many connections. Figures
of a machine on which other work goes on mean little; ratios of what ran in turn in the same minute mean more.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import uvloop

SERVER_CORE, CLIENT_CORE = 0, 1
PASSWORD = "benchmark-password"
TICKS = os.sysconf("SC_CLK_TCK")
SERVER_LIFE_S = 900
"""No server outlives this, whatever becomes of the benchmark."""

Following = Callable[[], bytes | None]
"""Gives the next request, or None when that was all."""


class Server(NamedTuple):
    """A shop that is being served."""

    process: "subprocess.Popen[str]"
    port: int
    data: Path

    def cpu_s(self) -> tuple[float, float]:
        """Processor time used so far by the event loop's thread, and by all the others: the writer's, in the main."""
        whole = _cpu_s(Path(f"/proc/{self.process.pid}/stat"))
        loop = _cpu_s(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/stat"))
        return loop, whole - loop

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Resident memory now, or at its highest (``VmHWM``)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{field}:")[2].split()[0]) * 1024 / 1e6


def _cpu_s(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def shop_folder() -> Iterator[Path]:
    """A folder for a shop that goes with the benchmark."""
    folder = Path(tempfile.mkdtemp(prefix="trastienda-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Server]:
    """Serve the shop in ``data`` on a free port, on one core."""
    command = [
        sys.executable,
        "-m",
        "trastienda",
        "serve",
        "--data",
        str(data),
        "--port",
        "0",
    ]
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = next(
            int(found[1])
            for line in process.stdout
            if (found := re.search(r"http://127.0.0.1:(\d+)", line))
        )
        yield Server(process, port, data)


@contextlib.contextmanager
def running(command: Sequence[str], **more: Any) -> Iterator["subprocess.Popen[str]"]:
    """Run a server on its core, and stop it; ``timeout`` stops it where nobody is left to do so."""
    environment = os.environ | {
        "TRASTIENDA_ADMIN_PASSWORD": PASSWORD,
        "TRASTIENDA_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
        preexec_fn=_as_server,  # noqa: PLW1509 - no threads here
        **more,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _as_server() -> None:
    on_server_core()
    signal.alarm(SERVER_LIFE_S)  # survives exec, unlike whoever started this


def on_server_core() -> None:
    """Keep this process on the server's core."""
    os.sched_setaffinity(0, {SERVER_CORE})


def on_client_core() -> None:
    """Keep this process off the server's core."""
    os.sched_setaffinity(0, {CLIENT_CORE % (os.cpu_count() or 1)})


def request(
    method: str,
    path: str,
    token: str = "",
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return the bytes of a request."""
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        f"Content-Length: {len(content)}",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Client(asyncio.Protocol):
    """One keep-alive connection; sends the next request when the answer is whole."""

    def __init__(
        self, following: Following, seconds: list[float], statuses: dict[int, int]
    ) -> None:
        self._following = following
        self._seconds = seconds
        self._statuses = statuses
        self._buffer = b""
        self._began = 0.0
        self.last_body = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        content = self._following()
        if content is None:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self._began = time.perf_counter()
        self._transport.write(content)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        at = head.find(b"content-length: ") + 16
        stop = head.find(b"\r\n", at)
        length = int(head[at : stop if stop > 0 else end])
        if len(self._buffer) < end + 4 + length:
            return
        self._seconds.append(time.perf_counter() - self._began)
        status = int(head[9:12])
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self.last_body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server hung up"))


class Load(NamedTuple):
    """What a load came to."""

    per_second: float
    median_ms: float
    p99_ms: float
    loop_us: float
    writer_us: float
    """The server's processor time a request: of the thread of the event loop, and of the others."""
    statuses: dict[int, int]

    @property
    def cpu_us(self) -> float:
        """All of the server's processor time a request."""
        return self.loop_us + self.writer_us


def load(server: Server, clients: int, seconds: float, following: Following) -> Load:
    """Have ``clients`` connections send one request after another for ``seconds``, or until there are no more."""
    times: list[float] = []
    statuses: dict[int, int] = {}

    async def run() -> float:
        began = time.perf_counter()
        until = began + seconds

        def take() -> bytes | None:
            return following() if time.perf_counter() < until else None

        await _converse(server, clients, take, times, statuses)
        return time.perf_counter() - began

    loop_before, writer_before = server.cpu_s()
    took = uvloop.run(run())
    loop_after, writer_after = server.cpu_s()
    if set(statuses) - {200, 201}:
        raise SystemExit(f"answers that should not be: {statuses}")
    times.sort()
    return Load(
        len(times) / took,
        statistics.median(times) * 1e3,
        times[int(len(times) * 0.99)] * 1e3,
        (loop_after - loop_before) / len(times) * 1e6,
        (writer_after - writer_before) / len(times) * 1e6,
        statuses,
    )


async def _converse(
    server: Server,
    clients: int,
    following: Following,
    times: list[float],
    statuses: dict[int, int],
) -> list[bytes]:
    """Hold ``clients`` connections until each is told that there is no more; return the last body of each."""
    loop = asyncio.get_running_loop()
    connections = [
        (
            await loop.create_connection(
                lambda: Client(following, times, statuses), "127.0.0.1", server.port
            )
        )[1]
        for _ in range(clients)
    ]
    await asyncio.gather(*(one.done for one in connections))
    return [one.last_body for one in connections]


def ask(server: Server, content: bytes) -> bytes:
    """Send one request and return the body of its answer."""
    requests = iter([content])
    return uvloop.run(_converse(server, 1, lambda: next(requests, None), [], {}))[0]


def log_in(server: Server) -> str:
    """Return a token of the administrator."""
    answer = json.loads(
        ask(
            server,
            request("POST", "/login", body={"usuario": "admin", "clave": PASSWORD}),
        )
    )
    return str(answer["token"])


def committed(server: Server) -> tuple[float, float]:
    """Return how many commits the server has made, and how many calls were in them."""
    text = ask(server, request("GET", "/metrics")).decode()
    commits, calls = (
        float(text.partition(f"\ntrastienda_{name} ")[2].split()[0])
        for name in ("commit_seconds_count", "committed_calls_total")
    )
    return commits, calls


def sales_of(
    codes: Sequence[str], token: str, lines: int = 5, different: int = 5_000
) -> Following:
    """Return what gives sales of products taken by chance, prepared beforehand."""
    chance = random.Random(5)
    prepared = [
        request(
            "POST",
            "/ventas-detalle",
            token,
            {"detalle": [_line(code) for code in chance.sample(codes, lines)]},
        )
        for _ in range(different)
    ]
    return lambda: chance.choice(prepared)


def _line(code: str) -> dict[str, Any]:
    return {"codigo_barras": code, "cantidad": 1}


def look_ups_of(codes: Sequence[str], token: str, different: int = 5_000) -> Following:
    """Return what gives look-ups of products taken by chance, prepared beforehand."""
    chance = random.Random(5)
    prepared = [
        request("GET", f"/product/barcode/{code}", token)
        for code in chance.choices(codes, k=different)
    ]
    return lambda: chance.choice(prepared)


def many(following: Following, count: int) -> Following:
    """Return what gives as many requests and no more."""
    left = iter(range(count))
    return lambda: None if next(left, None) is None else following()


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(list(values))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under columns, as Markdown; numbers with the digits that mean something."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max(3, *(len(row[at]) for row in (columns, *texts)))
        for at in range(len(columns))
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print(f"\n{title}\n")
    for row in (columns, rule, *texts):
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print(
            "| " + " | ".join([row[0].ljust(widths[0]), *cells[1:]]) + " |", flush=True
        )


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return (
        f"{cell:,.0f}"
        if abs(cell) >= 100
        else f"{cell:.1f}"
        if abs(cell) >= 10
        else f"{cell:.2f}"
    )
