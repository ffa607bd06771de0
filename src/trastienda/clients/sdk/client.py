"""The two clients: the same methods, blocking or awaited."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Self, TypeVar

import httpx

from trastienda import __version__
from trastienda.clients.sdk.calls import Answer, Call, Request
from trastienda.clients.sdk.methods import Awaiting, Blocking
from trastienda.clients.sdk.people import PeopleMethods
from trastienda.clients.sdk.products import ProductMethods
from trastienda.clients.sdk.purchases import PurchaseMethods
from trastienda.clients.sdk.sales import SaleMethods
from trastienda.clients.sdk.session import Session
from trastienda.clients.sdk.shop import ShopMethods
from trastienda.clients.sdk.talk import (
    Alone,
    Failure,
    Outcome,
    Pause,
    Retry,
    Send,
    Talk,
    converse,
    enter,
    leave,
)
from trastienda.wire.people import Sesion, Usuario

T = TypeVar("T")

KEEP_ALIVE_S = 3.0
"""Less than the five seconds after which the shop drops an idle connection, so that no call goes into a closing one."""
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


def _address(base_url: str) -> str:
    if httpx.URL(base_url).scheme not in {"http", "https"}:
        raise ValueError(
            f"{base_url!r} is no address of a shop, as http://127.0.0.1:5000 is"
        )
    return base_url.rstrip("/")


def _settings(
    timeout_s: float, verify: bool | str | Path | ssl.SSLContext
) -> dict[str, Any]:
    if isinstance(verify, str | Path):
        verify = ssl.create_default_context(cafile=verify)
    return {
        "timeout": timeout_s,
        "verify": verify,
        "headers": {"User-Agent": f"trastienda-sdk/{__version__}"},
        "limits": httpx.Limits(keepalive_expiry=KEEP_ALIVE_S),
    }


def _untrusted(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _failure(error: httpx.RequestError) -> Failure:
    if isinstance(error, httpx.LocalProtocolError):  # a key with a line break, say
        raise ValueError(str(error)) from error
    return Failure(
        error, arrived=not isinstance(error, _NEVER_LEFT), hopeless=_untrusted(error)
    )


def _answer(response: httpx.Response) -> Answer:
    headers: Mapping[str, str] = dict(response.headers)
    return Answer(response.status_code, headers, response.content)


class Methods(ProductMethods, SaleMethods, PurchaseMethods, PeopleMethods, ShopMethods):
    """All that can be asked of a shop."""


class Client(Methods, Blocking):
    """A shop, for programs with threads or without; one client may serve many threads.

    ``base_url``
        The shop's address, as ``http://127.0.0.1:5000``; it may have a path.
    ``timeout_s``
        For each step of an attempt: connecting, sending, waiting for the next bytes.
    ``retry``
        How patiently calls are repeated.
    ``verify``
        The file of the certificate (or of its authority) that the shop's own HTTPS is to be trusted by; True for
        those that everybody trusts; or an ``ssl.SSLContext``.
    ``session``, ``on_session``
        Tokens kept from an earlier run, and what is called with each new ones (with None once there are none), in
        order to keep them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float = 15.0,
        retry: Retry | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        session: Sesion | None = None,
        on_session: Callable[[Sesion | None], object] | None = None,
    ) -> None:
        self._address = _address(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session)
        self._lock = Lock()
        self._http = httpx.Client(**_settings(timeout_s, verify))

    @property
    def me(self) -> Usuario | None:
        """Who is logged in, as of the last login or refresh."""
        return self._session.user

    def log_in(self, usuario: str, clave: str, *, remember: bool = True) -> Usuario:
        """Log in, by user name or RUT. Raises BadCredentials.

        The password is kept in memory, so that a session that was lost can be begun again; not with ``remember``
        False.
        """
        with self._lock:
            self._drive(
                enter(self._session, usuario, clave, self._retry, remember=remember)
            )
            user = self._session.user
        assert user is not None
        return user

    def log_out(self) -> None:
        """End the session, and forget tokens and password."""
        with self._lock:
            self._drive(leave(self._session, self._retry))

    def run(self, call: Call[T]) -> T:
        """Make a call."""
        return self._drive(converse(call, self._session, self._retry))

    def close(self) -> None:
        """Close the connections. The session stays, until it is logged out or runs out."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _drive(self, talk: Talk[T]) -> T:
        outcome: Outcome = None
        try:
            while True:
                step = talk.send(outcome)
                outcome = None
                match step:
                    case Send(request):
                        outcome = self._send(request)
                    case Pause(seconds):
                        time.sleep(seconds)
                    case Alone(inner):
                        with self._lock:
                            self._drive(inner)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            talk.close()

    def _send(self, request: Request) -> Outcome:
        url = self._address + request.path
        try:
            response = self._http.request(
                request.method,
                url,
                headers=dict(request.headers),
                content=request.content,
            )
        except httpx.RequestError as error:
            return _failure(error)
        return _answer(response)


class AsyncClient(Methods, Awaiting):
    """A shop, for programs with asyncio: as :class:`Client`, its methods awaited, its lists gone through by
    ``async for``. One client belongs to one event loop."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float = 15.0,
        retry: Retry | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        session: Sesion | None = None,
        on_session: Callable[[Sesion | None], object] | None = None,
    ) -> None:
        self._address = _address(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session)
        self._lock = asyncio.Lock()
        self._alone_now: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(**_settings(timeout_s, verify))

    @property
    def me(self) -> Usuario | None:
        """Who is logged in, as of the last login or refresh."""
        return self._session.user

    async def log_in(
        self, usuario: str, clave: str, *, remember: bool = True
    ) -> Usuario:
        """Log in, by user name or RUT. Raises BadCredentials.

        The password is kept in memory, so that a session that was lost can be begun again; not with ``remember``
        False.
        """
        await self._alone(
            enter(self._session, usuario, clave, self._retry, remember=remember)
        )
        user = self._session.user
        assert user is not None
        return user

    async def log_out(self) -> None:
        """End the session, and forget tokens and password."""
        await self._alone(leave(self._session, self._retry))

    async def run(self, call: Call[T]) -> T:
        """Make a call."""
        return await self._drive(converse(call, self._session, self._retry))

    async def aclose(self) -> None:
        """Close the connections. The session stays, until it is logged out or runs out."""
        if self._alone_now:
            await asyncio.wait(self._alone_now)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _drive(self, talk: Talk[T]) -> T:
        outcome: Outcome = None
        try:
            while True:
                step = talk.send(outcome)
                outcome = None
                match step:
                    case Send(request):
                        outcome = await self._send(request)
                    case Pause(seconds):
                        await asyncio.sleep(seconds)
                    case Alone(inner):
                        await self._alone(inner)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            talk.close()

    async def _alone(self, talk: Talk[None]) -> None:
        """Have a conversation under the lock, to its end even where its asker is cancelled meanwhile.

        A refresh given up half-way would use up the refresh token, and nobody would have the next one.
        """

        async def locked() -> None:
            async with self._lock:
                await self._drive(talk)

        task = asyncio.ensure_future(locked())
        self._alone_now.add(task)
        task.add_done_callback(self._alone_now.discard)
        await asyncio.shield(task)

    async def _send(self, request: Request) -> Outcome:
        url = self._address + request.path
        try:
            response = await self._http.request(
                request.method,
                url,
                headers=dict(request.headers),
                content=request.content,
            )
        except httpx.RequestError as error:
            return _failure(error)
        return _answer(response)
