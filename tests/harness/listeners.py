"""Listeners: programs that read server-sent events, as the standard says they are read."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

import httpx
import msgspec
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S


class Heard(NamedTuple):
    """An event: its name, its id and its data."""

    name: str
    last_id: str
    body: Any


class Listener:
    """Somebody who listens; what they hear is kept in order until the stream ends."""

    def __init__(
        self,
        shop: RunningShop,
        token: str | None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, int] | None = None,
    ) -> None:
        self.heard: list[Heard] = []
        self.last_id = ""
        self.retry: str | None = None
        self.signs = 0
        """Comments, which nobody hears."""
        self.is_over = False
        self._news = threading.Condition()
        self._client = httpx.Client(timeout=PATIENCE_S, verify=False)
        request = self._client.build_request(
            "GET",
            f"{shop.server.url}/eventos",
            params=dict(query or {}),
            headers={"Authorization": f"Bearer {token}"} | dict(headers or {}),
        )
        self.answer = self._client.send(request, stream=True)
        if not self.answer.is_success:
            self.answer.read()
            self.is_over = True
        self._reading = threading.Thread(target=self._read, daemon=True)
        if not self.is_over:
            self._reading.start()
            # Until its first line has come it may not have begun.
            self._wait(lambda: bool(self.last_id) or self.is_over)

    def _read(self) -> None:
        name, data = "message", ""
        try:
            for line in self.answer.iter_lines():
                with self._news:
                    field, _, value = line.partition(":")
                    value = value.removeprefix(" ")
                    match field:
                        case "" if line:
                            self.signs += 1
                        case "id":
                            self.last_id = value
                        case "event":
                            name = value
                        case "data":
                            data += value
                        case "retry":
                            self.retry = value
                        case _ if data:
                            body = msgspec.json.decode(data)
                            self.heard.append(Heard(name, self.last_id, body))
                            name, data = "message", ""
                    self._news.notify_all()
        except (httpx.HTTPError, httpx.StreamError):
            pass
        finally:
            with self._news:
                self.is_over = True
                self._news.notify_all()

    def _wait(self, condition: Callable[[], Any]) -> Any:
        with self._news:
            found = self._news.wait_for(condition, PATIENCE_S)
        assert found, self.heard
        return found

    def wait_for(self, name: str, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the data of the first event of this name that is meant."""
        found = self._wait(lambda: [b for b in self.of_name(name) if is_it(b)])
        return found[0]

    def wait_for_end(self) -> None:
        """Wait until the stream has ended."""
        self._wait(lambda: self.is_over)

    def wait_for_sign(self) -> None:
        """Wait until one more sign of life has come."""
        signs = self.signs
        self._wait(lambda: self.signs > signs)

    def wait_for_number(self, n: int) -> None:
        """Wait until it was told of everything up to a number."""
        self._wait(lambda: int(self.last_id or 0) >= n)

    def of_name(self, name: str) -> list[Any]:
        """Return the data of all events of this name so far."""
        return [one.body for one in list(self.heard) if one.name == name]

    def numbers(self) -> list[int]:
        """Return the numbers of the events that came, in the order of their coming."""
        return [one.body["n"] for one in list(self.heard) if "n" in one.body]

    def close(self) -> None:
        """Hang up."""
        stream = self.answer.extensions["network_stream"]
        connected = stream.get_extra_info("socket")
        if not self.is_over:
            connected.shutdown(2)
            self._reading.join()
        self.answer.close()
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
