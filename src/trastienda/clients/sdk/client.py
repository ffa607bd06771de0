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
from trastienda.clients.sdk import conversation
from trastienda.clients.sdk.api_keys import ApiKeyMethods
from trastienda.clients.sdk.calls import Answer, Call, Request
from trastienda.clients.sdk.conversation import (
    Conversation,
    Exclusive,
    Failure,
    Outcome,
    Pause,
    Retry,
    Send,
    converse,
)
from trastienda.clients.sdk.methods import Awaiting, Blocking
from trastienda.clients.sdk.people import PeopleMethods
from trastienda.clients.sdk.products import ProductMethods
from trastienda.clients.sdk.purchases import PurchaseMethods
from trastienda.clients.sdk.sales import SaleMethods
from trastienda.clients.sdk.second_factors import SecondFactorMethods
from trastienda.clients.sdk.session import Session
from trastienda.clients.sdk.sessions import SessionMethods
from trastienda.clients.sdk.shop import ShopMethods
from trastienda.wire.people import Sesion, Usuario

T = TypeVar("T")

KEEP_ALIVE_S = 3.0
"""Less than the five seconds after which the shop closes an idle connection, so that no
call is sent on one that is just being closed."""
_NEVER_SENT = (
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


def _http_settings(
    timeout_s: float,
    verify: bool | str | Path | ssl.SSLContext,
) -> dict[str, Any]:
    if isinstance(verify, str | Path):
        verify = ssl.create_default_context(cafile=verify)
    return {
        "timeout": timeout_s,
        "verify": verify,
        "headers": {"User-Agent": f"trastienda-sdk/{__version__}"},
        "limits": httpx.Limits(keepalive_expiry=KEEP_ALIVE_S),
    }


def _failure(error: httpx.RequestError) -> Failure:
    """Return what an error of the connection means; raise ValueError for an invalid
    request."""
    if isinstance(error, httpx.LocalProtocolError):  # such as a key with a line break
        raise ValueError(str(error)) from error
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    is_untrusted = cause is not None
    return Failure(
        error, arrived=not isinstance(error, _NEVER_SENT), hopeless=is_untrusted
    )


def _answer(response: httpx.Response) -> Answer:
    headers: Mapping[str, str] = dict(response.headers)
    return Answer(response.status_code, headers, response.content)


class Methods(
    ProductMethods,
    SaleMethods,
    PurchaseMethods,
    PeopleMethods,
    SessionMethods,
    ApiKeyMethods,
    SecondFactorMethods,
    ShopMethods,
):
    """The methods of both clients."""


class Client(Methods, Blocking):
    """A client for programs with threads or without; many threads may share one.

    ``base_url``
        The shop's address, such as ``http://127.0.0.1:5000``; it may have a path.
    ``timeout_s``
        For each step of an attempt: connecting, sending, waiting for the next bytes.
    ``retry``
        How patiently calls are repeated.
    ``verify``
        The file of the shop's own certificate, or of its authority; True for the authorities that
        the system trusts; or an ``ssl.SSLContext``.
    ``key``
        An API key (``tk_…``), with which nothing has to be logged in.
    ``session``
        Tokens saved by an earlier run.
    ``on_session``
        Called with new tokens to be saved, and with None when the session has ended.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float = 15.0,
        retry: Retry | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        key: str | None = None,
        session: Sesion | None = None,
        on_session: Callable[[Sesion | None], object] | None = None,
    ) -> None:
        self._address = _address(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session, key)
        self._lock = Lock()
        self._http = httpx.Client(**_http_settings(timeout_s, verify))

    @property
    def me(self) -> Usuario | None:
        """The user who is logged in, as of the last login or refresh."""
        return self._session.user

    def log_in(
        self,
        usuario: str,
        clave: str,
        codigo: str | None = None,
        *,
        remember: bool = True,
    ) -> Usuario:
        """Log in, by user name or RUT. Raises BadCredentials.

        Raises SecondFactorRequired where ``codigo`` is needed too: of the telephone, or a
        recovery code. The password is kept in memory to log in again if the session is
        lost, unless ``remember`` is False.
        """
        login = conversation.log_in(
            self._session,
            usuario,
            clave,
            self._retry,
            remember=remember,
            code=codigo,
        )
        with self._lock:
            self._hold(login)
            user = self._session.user
        assert user is not None
        return user

    def log_out(self) -> None:
        """End the session, and forget tokens, password and key."""
        with self._lock:
            self._hold(conversation.log_out(self._session, self._retry))

    def run(self, call: Call[T]) -> T:
        """Make a call."""
        return self._hold(converse(call, self._session, self._retry))

    def close(self) -> None:
        """Close the connections. The session stays until it is logged out or
        expires."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(self, talk: Conversation[T]) -> T:
        """Carry out the steps of a conversation, and return its result."""
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
                    case Exclusive(inner):
                        with self._lock:
                            self._hold(inner)
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
    """A client for programs with asyncio, which belongs to one event loop.

    It is like :class:`Client`, but its methods are awaited, its lists iterated by
    ``async for``.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float = 15.0,
        retry: Retry | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        key: str | None = None,
        session: Sesion | None = None,
        on_session: Callable[[Sesion | None], object] | None = None,
    ) -> None:
        self._address = _address(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session, key)
        self._lock = asyncio.Lock()
        self._exclusive_tasks: set[asyncio.Task[None]] = set()
        self._http = httpx.AsyncClient(**_http_settings(timeout_s, verify))

    @property
    def me(self) -> Usuario | None:
        """The user who is logged in, as of the last login or refresh."""
        return self._session.user

    async def log_in(
        self,
        usuario: str,
        clave: str,
        codigo: str | None = None,
        *,
        remember: bool = True,
    ) -> Usuario:
        """Log in, by user name or RUT. Raises BadCredentials.

        Raises SecondFactorRequired where ``codigo`` is needed too: of the telephone, or a
        recovery code. The password is kept in memory to log in again if the session is
        lost, unless ``remember`` is False.
        """
        login = conversation.log_in(
            self._session,
            usuario,
            clave,
            self._retry,
            remember=remember,
            code=codigo,
        )
        await self._hold_exclusively(login)
        user = self._session.user
        assert user is not None
        return user

    async def log_out(self) -> None:
        """End the session, and forget tokens, password and key."""
        logout = conversation.log_out(self._session, self._retry)
        await self._hold_exclusively(logout)

    async def run(self, call: Call[T]) -> T:
        """Make a call."""
        return await self._hold(converse(call, self._session, self._retry))

    async def aclose(self) -> None:
        """Close the connections. The session stays until it is logged out or
        expires."""
        if self._exclusive_tasks:
            await asyncio.wait(self._exclusive_tasks)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _hold(self, talk: Conversation[T]) -> T:
        """Carry out the steps of a conversation, and return its result."""
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
                    case Exclusive(inner):
                        await self._hold_exclusively(inner)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            talk.close()

    async def _hold_exclusively(self, talk: Conversation[None]) -> None:
        """Hold a conversation under the lock, to its end even if the caller is
        cancelled.

        A refresh given up half-way would use up the refresh token, and lose the next
        one.
        """

        async def hold_locked() -> None:
            async with self._lock:
                await self._hold(talk)

        task = asyncio.ensure_future(hold_locked())
        self._exclusive_tasks.add(task)
        task.add_done_callback(self._exclusive_tasks.discard)
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
