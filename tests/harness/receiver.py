"""A system of somebody else's that is told what happens in the shop, over real HTTP."""

import base64
import hmac
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from tests.harness.cast import PASSWORD
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


class Delivered(NamedTuple):
    """What came in one request."""

    headers: Mapping[str, str]
    content: bytes
    path: str

    @property
    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.content)
        return told

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """Tell whether one of its signatures is right, worked out as the page says."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode()
        digest = hmac.digest(key, signed + self.content, "sha256")
        right = "v1," + base64.b64encode(digest).decode()
        return right in self.headers["webhook-signature"].split(" ")


class Answering(NamedTuple):
    """How a request is answered."""

    status: int = 204
    content: bytes = b""
    headers: Mapping[str, str] = {}


Decide = Callable[[Delivered], Answering | None]
"""None breaks the connection without an answer."""


class Receiver:
    """Takes everything, unless ``decide`` says otherwise; what came is in ``came``, what was
    taken in ``taken``."""

    def __init__(
        self,
        decide: Decide = lambda _: Answering(),
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.decide = decide
        self.callers: set[Any] = set()
        """The other ends of the connections on which something came."""
        self.came: list[Delivered] = []
        self.taken: list[Delivered] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                delivered = Delivered(headers, content, self.path)
                receiver.callers.add(self.client_address)
                receiver.came.append(delivered)
                answering = receiver.decide(delivered)
                if answering is None:
                    self.close_connection = True
                    return
                if 200 <= answering.status < 300:
                    receiver.taken.append(delivered)
                self.send_response(answering.status)
                for name, value in answering.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answering.content)))
                self.end_headers()
                self.wfile.write(answering.content)

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Quiet(("127.0.0.1", port), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/avisos"

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What was taken, repeats left out as a receiver does it, by the id."""
        told = {delivered.id: delivered.body for delivered in self.taken}
        return [body for body in told.values() if name in {None, body["evento"]}]

    def has(self, count: int, name: str | None = None) -> list[dict[str, Any]]:
        """Wait until so many things were taken, and return them."""
        eventually(
            lambda: len(self.events(name)) >= count,
            f"{count} things to be taken",
        )
        return self.events(name)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def draft(url: str, **more: Any) -> dict[str, Any]:
    """An address to be added, as one of the cast sends it."""
    return {"url": url, "clave_actual": PASSWORD} | more


def connect(shop: RunningShop, receiver: Receiver, **more: Any) -> dict[str, Any]:
    """Have the shop send to a receiver; return the address as Ana sees it."""
    made: dict[str, Any] = shop.ana.ok("POST", "/avisos", draft(receiver.url, **more))
    return made


def shown(shop: RunningShop, made: dict[str, Any]) -> dict[str, Any]:
    """An address as it stands now."""
    one: dict[str, Any] = shop.ana.ok("GET", f"/avisos/{made['id_aviso']}")
    return one


def change(shop: RunningShop, made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change an address, as Ana does."""
    body = {"clave_actual": PASSWORD} | changes
    changed: dict[str, Any] = shop.ana.ok("PUT", f"/avisos/{made['id_aviso']}", body)
    return changed
