"""Load over HTTP: a client that costs little, and requests prepared beforehand.

The client speaks just enough HTTP/1.1 (keep-alive, Content-Length) to keep one core
busy with many connections.
"""

import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import uvloop

from servers import PASSWORD, Server
from tables import medians

NextRequest = Callable[[], bytes | None]
"""Gives the next request, or None when that was all."""

DIFFERENT = 5_000
"""Requests prepared beforehand; each that is sent is one of them, taken by chance."""
LINES_A_SALE = 5


def request(method: str, path: str, token: str = "", body: Any = None) -> bytes:
    """Return the bytes of a request."""
    content = b""
    if body is not None:
        content = json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(content)}",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines.append("Content-Type: application/json")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Answers:
    """What came back: how long each answer took, and how many there were of each status."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.last_body = b""


class Client(asyncio.Protocol):
    """One keep-alive connection; sends the next request when the answer is whole."""

    def __init__(self, next_request: NextRequest, answers: Answers) -> None:
        self._next_request = next_request
        self._answers = answers
        self._buffer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        content = self._next_request()
        if content is None:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(content)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end]
        length_start = head.find(b"content-length: ") + 16
        length_end = head.find(b"\r\n", length_start)
        length = int(head[length_start : length_end if length_end > 0 else head_end])
        body_start = head_end + 4
        body_end = body_start + length
        if len(self._buffer) < body_end:
            return

        self._answers.seconds.append(time.perf_counter() - self._sent_at)
        self._answers.statuses[int(head[9:12])] += 1
        self._answers.last_body = self._buffer[body_start:body_end]
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("it hung up"))


class Load(NamedTuple):
    """What a load came to."""

    per_second: float
    median_ms: float
    p99_ms: float
    cpu_us: float
    """The server's processor time a request, of all its threads."""
    loop_us: float
    """Of that, what the event loop's thread took; the rest is the writer's, in the main."""


def median_load(rounds: Sequence[Load]) -> Load:
    """Return the median of each figure."""
    return Load(*medians(rounds))


def load(
    server: Server, clients: int, seconds: float, next_request: NextRequest
) -> Load:
    """Have ``clients`` connections send one request after another for ``seconds``.

    They stop sooner if there are no more requests.

    Raises `ServerFailed` if a connection breaks, or an answer is not a success.
    """
    answers = Answers()
    stop_at = time.perf_counter() + seconds

    def until_stop() -> bytes | None:
        return next_request() if time.perf_counter() < stop_at else None

    cpu_before, loop_before = server.cpu_s(), server.loop_cpu_s()
    began = time.perf_counter()
    with server.blamed():
        uvloop.run(_converse(server.port, clients, until_stop, answers))
    took = time.perf_counter() - began
    cpu_s = server.cpu_s() - cpu_before
    loop_s = server.loop_cpu_s() - loop_before
    if set(answers.statuses) - {200, 201}:
        raise server.failure(f"it answered {dict(answers.statuses)}")

    count = len(answers.seconds)
    answers.seconds.sort()
    return Load(
        per_second=count / took,
        median_ms=statistics.median(answers.seconds) * 1e3,
        p99_ms=answers.seconds[int(count * 0.99)] * 1e3,
        cpu_us=cpu_s / count * 1e6,
        loop_us=loop_s / count * 1e6,
    )


async def _converse(
    port: int, clients: int, next_request: NextRequest, answers: Answers
) -> None:
    """Hold ``clients`` connections until each is told that there are no more requests."""
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(clients):
        _, client = await loop.create_connection(
            lambda: Client(next_request, answers), "127.0.0.1", port
        )
        connections.append(client)
    ends = await asyncio.gather(
        *(client.done for client in connections), return_exceptions=True
    )
    for end in ends:
        if end is not None:
            raise end


def ask(server: Server, content: bytes) -> bytes:
    """Send one request and return the body of its answer."""
    answers = Answers()
    with server.blamed():
        uvloop.run(_converse(server.port, 1, limited(lambda: content, 1), answers))
    return answers.last_body


def log_in(server: Server) -> str:
    """Return a token of the administrator."""
    body = {"usuario": "admin", "clave": PASSWORD}
    answer = json.loads(ask(server, request("POST", "/login", body=body)))
    return str(answer["token"])


def committed(server: Server) -> tuple[float, float]:
    """Return how many commits the server has made, and how many calls were in them."""
    text = ask(server, request("GET", "/metrics")).decode()

    def value_of(name: str) -> float:
        return float(text.partition(f"\ntrastienda_{name} ")[2].split()[0])

    return value_of("commit_seconds_count"), value_of("committed_calls_total")


def sales_of(
    codes: Sequence[str], token: str, different: int = DIFFERENT
) -> NextRequest:
    """Return what gives sales of products taken by chance."""
    chance = random.Random(5)
    prepared = []
    for _ in range(different):
        lines = [
            {"codigo_barras": code, "cantidad": 1}
            for code in chance.sample(codes, LINES_A_SALE)
        ]
        prepared.append(request("POST", "/ventas-detalle", token, {"detalle": lines}))
    return lambda: chance.choice(prepared)


def marked_sales_of(
    server: Server, codes: Sequence[str], token: str, mark: str
) -> NextRequest:
    """Return what gives sales in each of which one product has ``mark`` in its name."""
    code = "M000001"
    body = {
        "codigo_barras": code,
        "nombre": f"Caja {mark}",
        "precio": 990,
        "stock": 10_000_000,
    }
    ask(server, request("POST", "/product", token, body))
    chance = random.Random(5)
    prepared = []
    for _ in range(DIFFERENT):
        sold = [code, *chance.sample(codes, LINES_A_SALE - 1)]
        lines = [{"codigo_barras": each, "cantidad": 1} for each in sold]
        prepared.append(request("POST", "/ventas-detalle", token, {"detalle": lines}))
    return lambda: chance.choice(prepared)


def look_ups_of(codes: Sequence[str], token: str) -> NextRequest:
    """Return what gives look-ups of products taken by chance."""
    chance = random.Random(5)
    prepared = [
        request("GET", f"/product/barcode/{code}", token)
        for code in chance.choices(codes, k=DIFFERENT)
    ]
    return lambda: chance.choice(prepared)


def limited(next_request: NextRequest, count: int) -> NextRequest:
    """Return what gives as many requests and no more."""
    left = iter(range(count))

    def next_of_few() -> bytes | None:
        return None if next(left, None) is None else next_request()

    return next_of_few
