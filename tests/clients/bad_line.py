"""A bad line to a shop: a proxy on real sockets that loses requests and answers on demand."""

import threading
from collections.abc import Mapping
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx

PATIENCE_S = 60.0


class Fault(Enum):
    """What happens to a request."""

    BEFORE = "cut before it reached the shop"
    AFTER = "done by the shop, its answer lost"
    STALLED = "done by the shop, its answer held back until the line is released"


class Canned(NamedTuple):
    """The answer of a proxy in between."""

    status: int
    body: str = "<html>no shop</html>"
    media: str = "text/html"
    headers: Mapping[str, str] = {}


BUSY = Canned(
    503,
    '{"type": "x", "title": "x", "status": 503, '
    '"detail": "La tienda se está deteniendo.", "codigo": "no_disponible"}',
    "application/problem+json",
)


class Seen(NamedTuple):
    """A request that came through."""

    method: str
    path: str
    key: str | None
    authorization: str | None


class BadLine:
    """Stands between a client and a shop; ``faults`` are used up in order, by method and path."""

    def __init__(self, upstream: str) -> None:
        self.faults: dict[tuple[str, str], list[Fault | Canned]] = {}
        self.seen: list[Seen] = []
        self.stalled = threading.Event()
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._upstream = httpx.Client(
            base_url=upstream, timeout=PATIENCE_S, verify=False
        )
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the client has gone
                    self.close_connection = True

            def do_GET(self) -> None:
                line.pass_on(self)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def lose(self, method: str, path: str, *faults: Fault | Canned) -> None:
        """Let the next requests of this kind run into these faults."""
        self.faults[method, path] = list(faults)

    def requests(self, method: str, path: str) -> list[Seen]:
        """The requests of this kind that came through."""
        return [
            request
            for request in self.seen
            if (request.method, request.path) == (method, path)
        ]

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        """Pass a request on to the shop, and its answer back, unless a fault is due."""
        content = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        path = handler.path.partition("?")[0]
        with self._lock:
            self.seen.append(
                Seen(
                    handler.command,
                    path,
                    handler.headers["Idempotency-Key"],
                    handler.headers["Authorization"],
                )
            )
            faults = self.faults.get((handler.command, path), [])
            fault = faults.pop(0) if faults else None
        if isinstance(fault, Canned):
            headers = dict(fault.headers) | {"Content-Type": fault.media}
            self._answer(handler, fault.status, headers, fault.body.encode())
            return
        handler.close_connection = fault in {Fault.BEFORE, Fault.AFTER}
        if fault is Fault.BEFORE:
            return
        headers = {
            name: value for name, value in handler.headers.items() if name != "Host"
        }
        answer = self._upstream.request(
            handler.command, handler.path, headers=headers, content=content
        )
        if fault is Fault.AFTER:
            return
        if fault is Fault.STALLED:
            self.stalled.set()
            self.released.wait(PATIENCE_S)
        passed_on = {
            "content-type",
            "etag",
            "retry-after",
            "trastienda-n",
            "idempotency-replayed",
        }
        headers = {
            name: value for name, value in answer.headers.items() if name in passed_on
        }
        self._answer(handler, answer.status_code, headers, answer.content)

    @staticmethod
    def _answer(
        handler: BaseHTTPRequestHandler,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        """Stop the proxy."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)
        self._upstream.close()
