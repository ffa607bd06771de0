"""Clients of both kinds, on a good line and on a bad one."""

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
import pytest
from tests.clients.bad_line import PATIENCE_S, BadLine
from tests.harness.cast import ANA_RUT, BETO_RUT
from tests.harness.http import Caller
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import AsyncClient, Client, Retry, Sesion, Usuario

QUICK = Retry(first_s=0.01, most_s=0.05)
Connect = Callable[..., Any]


NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and is not read from a file for every client."""


def logged_in(caller: Caller, rut: str) -> Sesion:
    """The session of a user who is logged in already."""
    user = msgspec.convert(caller.ok("GET", f"/users/{rut}"), Usuario)
    return Sesion(str(caller.token), "", 900, user)


class Waited:
    """An AsyncClient whose methods wait for their results: one test runs on both clients."""

    def __init__(self, runner: asyncio.Runner, client: AsyncClient) -> None:
        self._runner = runner
        self.client = client

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.client, name)
        if not callable(attribute):
            return attribute

        def call(*arguments: Any, **keywords: Any) -> Any:
            result = attribute(*arguments, **keywords)
            if inspect.iscoroutine(result):
                return self._runner.run(result)
            return self._each(result)

        return call

    def _each(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        async def next_item() -> Any:
            return await anext(items, None)

        while (item := self._runner.run(next_item())) is not None:
            yield item

    def close(self) -> None:
        self._runner.run(self.client.aclose())


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes a client of either kind; it is closed afterwards."""
    with asyncio.Runner() as runner:
        opened: list[Any] = []

        def open_client(url: str, **arguments: Any) -> Any:
            settings: dict[str, Any] = {
                "retry": QUICK,
                "timeout_s": PATIENCE_S,
                "verify": NO_AUTHORITIES,
                **arguments,
            }
            if request.param == "blocking":
                opened.append(Client(url, **settings))
            else:
                opened.append(Waited(runner, AsyncClient(url, **settings)))
            return opened[-1]

        yield open_client
        for client in opened:
            client.close()


@pytest.fixture
def line(shop: RunningShop) -> Iterator[BadLine]:
    """A bad line to the shop."""
    line = BadLine(shop.server.url)
    yield line
    line.close()


@pytest.fixture
def as_ana(connect: Connect, shop: RunningShop) -> Any:
    """Ana's client, on a good line."""
    return connect(shop.server.url, session=logged_in(shop.ana, ANA_RUT))


@pytest.fixture
def as_beto(connect: Connect, line: BadLine, shop: RunningShop) -> Any:
    """Beto's client, on the bad line."""
    return connect(line.url, session=logged_in(shop.beto, BETO_RUT))
