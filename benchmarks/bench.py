"""What the benchmarks share: a server of its own process and core, a shop to sell from, and a client that costs little.

The client speaks just enough HTTP/1.1 (keep-alive, Content-Length) to keep one core busy with many connections.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import uvloop

SERVER_CORE, CLIENT_CORE = 0, 1
PASSWORD = "benchmark-password"


class Server(NamedTuple):
    """A shop that is being served."""

    process: "subprocess.Popen[str]"
    port: int
    data: Path

    def cpu_s(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


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
    environment = os.environ | {"TRASTIENDA_ADMIN_PASSWORD": PASSWORD, "TRASTIENDA_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "trastienda", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment, preexec_fn=_server_core
    )
    try:
        assert process.stdout is not None
        port = next(int(found[1]) for line in process.stdout if (found := re.search(r"http://127.0.0.1:(\d+)", line)))
        yield Server(process, port, data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _server_core() -> None:
    os.sched_setaffinity(0, {SERVER_CORE})


def on_client_core() -> None:
    """Keep this process off the server's core."""
    os.sched_setaffinity(0, {CLIENT_CORE % (os.cpu_count() or 1)})


def request(method: str, path: str, token: str = "", body: Any = None, headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a request."""
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(content)}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Client(asyncio.Protocol):
    """One keep-alive connection; sends the next request when the answer is whole."""

    def __init__(self, following: Callable[[], bytes | None], seconds: list[float], statuses: dict[int, int]) -> None:
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
    cpu_us: float
    """The server's processor time a request."""
    statuses: dict[int, int]


def load(server: Server, clients: int, seconds: float, following: Callable[[], bytes]) -> Load:
    """Have ``clients`` connections send requests one after another for about ``seconds``."""
    times: list[float] = []
    statuses: dict[int, int] = {}

    async def run() -> float:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        until = began + seconds

        def take() -> bytes | None:
            return following() if time.perf_counter() < until else None

        connections = [
            (await loop.create_connection(lambda: Client(take, times, statuses), "127.0.0.1", server.port))[1]
            for _ in range(clients)
        ]
        await asyncio.gather(*(one.done for one in connections))
        return time.perf_counter() - began

    cpu_before = server.cpu_s()
    took = uvloop.run(run())
    cpu = server.cpu_s() - cpu_before
    times.sort()
    return Load(
        len(times) / took,
        statistics.median(times) * 1e3,
        times[int(len(times) * 0.99)] * 1e3,
        cpu / len(times) * 1e6,
        statuses,
    )


def ask(server: Server, content: bytes) -> Any:
    """Send one request and return its answer as JSON."""
    bodies: list[bytes] = []

    async def run() -> None:
        requests = iter([content])
        loop = asyncio.get_running_loop()
        _, one = await loop.create_connection(
            lambda: Client(lambda: next(requests, None), [], {}), "127.0.0.1", server.port
        )
        await one.done
        bodies.append(one.last_body)

    uvloop.run(run())
    return json.loads(bodies[0])


def log_in(server: Server) -> str:
    """Return a token of the administrator."""
    answer = ask(server, request("POST", "/login", body={"usuario": "admin", "clave": PASSWORD}))
    return str(answer["token"])


def create_products(server: Server, token: str, count: int) -> list[str]:
    """Create products with plenty in stock and return their codes."""
    codes = [f"P{number:06d}" for number in range(count)]
    waiting = iter(codes)

    def following() -> bytes | None:
        code = next(waiting, None)
        if code is None:
            return None
        body = {"codigo_barras": code, "nombre": f"Producto {code}", "precio": 990, "stock": 100_000_000}
        return request("POST", "/product", token, body)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        connections = [
            (await loop.create_connection(lambda: Client(following, [], {}), "127.0.0.1", server.port))[1]
            for _ in range(32)
        ]
        await asyncio.gather(*(one.done for one in connections))

    uvloop.run(run())
    return codes
