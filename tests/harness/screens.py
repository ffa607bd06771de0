"""Screens: programs that listen over Socket.IO, with the library's own client."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import socketio
import websocket
from tests.harness.http import Caller
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S

Heard = tuple[str, Any]
"""An event by its name, and what came with it."""


class Screen:
    """A connected client; what it hears is kept in order."""

    def __init__(
        self,
        url: str,
        token: Any,
        *,
        transports: tuple[str, ...] = ("websocket",),
        auth: Any = None,
    ) -> None:
        self.heard: list[Heard] = []
        self._news = threading.Condition()
        self._client = socketio.Client(reconnection=False, ssl_verify=False)
        self._client.on("*", self._hear)
        self._client.on("disconnect", lambda *_: self._hear("disconnect", None))
        self._client.on("connect_error", lambda data: self._hear("connect_error", data))
        self._client.connect(
            url,
            auth={"token": token} if auth is None else auth,
            transports=list(transports),
            wait_timeout=PATIENCE_S,
        )

    @classmethod
    def of(
        cls,
        shop: RunningShop,
        caller: Caller,
        *,
        live: bool = True,
        **more: Any,
    ) -> Self:
        """A screen of somebody who has logged in; ``live``: it already hears what is new."""
        screen = cls(shop.server.url, caller.token, **more)
        if live:
            screen.ok("salas")
        return screen

    def _hear(self, name: str, body: Any = None, *_: Any) -> None:
        with self._news:
            self.heard.append((name, body))
            self._news.notify_all()

    def send(self, name: str, **fields: Any) -> dict[str, Any]:
        """Send an event; return its acknowledgement."""
        answer = self._client.call(name, fields, timeout=PATIENCE_S)
        assert isinstance(answer, dict)
        return answer

    def ok(self, name: str, **fields: Any) -> dict[str, Any]:
        """Send an event that is done; return its acknowledgement without its ``ok``."""
        answer = self.send(name, **fields)
        assert answer.pop("ok") is True, answer
        return answer

    def refused(self, name: str, code: str, **fields: Any) -> dict[str, Any]:
        """Send an event that is refused with this code; return its acknowledgement."""
        answer = self.send(name, **fields)
        assert (answer["ok"], answer["codigo"]) == (False, code), answer
        return answer

    def wait_for(self, name: str, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return what came with the first event of this name that is meant."""
        with self._news:
            found = self._news.wait_for(lambda: self._find(name, is_it), PATIENCE_S)
        assert found, f"no {name}, but {self.heard}"
        return found[0]

    def _find(self, name: str, is_it: Callable[[Any], bool]) -> list[Any]:
        return [
            body for heard, body in list(self.heard) if heard == name and is_it(body)
        ]

    def of_name(self, name: str) -> list[Any]:
        """Return what came with all events of this name so far."""
        return self._find(name, lambda _: True)

    def numbers(self) -> list[int]:
        """Return the numbers of the announcements that came, in the order of their coming."""
        return [
            body["n"]
            for _, body in list(self.heard)
            if isinstance(body, dict) and "n" in body
        ]

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        # The library leaves them open where the other side has hung up first.
        for connection in (self._client.eio.ws, self._client.eio.http):
            if connection is not None:
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def bare(url: str, **options: Any) -> Iterator[websocket.WebSocket]:
    """A WebSocket to a shop, without a client of Socket.IO on it."""
    path = "/socket.io/?EIO=4&transport=websocket"
    one = websocket.create_connection(
        url.replace("http", "ws") + path, timeout=PATIENCE_S, **options
    )
    try:
        assert str(one.recv()).startswith("0{")
        yield one
    finally:
        one.shutdown()  # type: ignore[no-untyped-call]


def refusal(url: str, auth: Any) -> Any:
    """What somebody hears who is not let in: the data of ``connect_error``."""
    with bare(url) as one:
        one.send("40" + json.dumps(auth))
        answer = str(one.recv())
    assert answer.startswith("44"), answer
    return json.loads(answer[2:])["data"]
