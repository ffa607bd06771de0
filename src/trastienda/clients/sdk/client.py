"""The two clients: the same methods, blocking or awaited."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar
from weakref import WeakSet

import httpx

from trastienda.clients.sdk import conversation
from trastienda.clients.sdk.api_keys import ApiKeyMethods
from trastienda.clients.sdk.calls import Call, Request
from trastienda.clients.sdk.conversation import (
    ONCE,
    Conversation,
    Exclusive,
    Outcome,
    Pause,
    Retry,
    Send,
    converse,
)
from trastienda.clients.sdk.events import Feed
from trastienda.clients.sdk.listening import (
    AwaitedListening,
    EventMethods,
    Listening,
)
from trastienda.clients.sdk.methods import Awaiting, Blocking
from trastienda.clients.sdk.notifications import NotificationMethods
from trastienda.clients.sdk.people import PeopleMethods
from trastienda.clients.sdk.products import ProductMethods
from trastienda.clients.sdk.purchases import PurchaseMethods
from trastienda.clients.sdk.sales import SaleMethods
from trastienda.clients.sdk.second_factors import SecondFactorMethods
from trastienda.clients.sdk.session import Session
from trastienda.clients.sdk.sessions import SessionMethods
from trastienda.clients.sdk.shop import ShopMethods
from trastienda.clients.sdk.transport import (
    address_of,
    answer,
    failure,
    http_settings,
    is_stream,
    stream_request,
)
from trastienda.clients.sdk.webhooks import WebhookMethods
from trastienda.wire.people import Sesion, Usuario

T = TypeVar("T")


class Methods(
    ProductMethods,
    SaleMethods,
    PurchaseMethods,
    PeopleMethods,
    SessionMethods,
    ApiKeyMethods,
    SecondFactorMethods,
    NotificationMethods,
    ShopMethods,
    EventMethods,
    WebhookMethods,
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
        The file of the shop's own certificate or authority; True: the system's; or an SSLContext.
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
        self._address = address_of(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session, key)
        self._lock = Lock()
        self._listenings: WeakSet[Listening] = WeakSet()
        self._http = httpx.Client(**http_settings(timeout_s, verify))

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

    def _listen_to(self, feed: Feed) -> Listening:
        """Listen, until this client is closed at the latest."""
        listening = Listening(self, feed, self._retry)
        self._listenings.add(listening)
        return listening

    def open_stream(
        self,
        call: Call[None],
        *,
        patient: bool,
    ) -> httpx.Response:
        """Begin an answer without an end; where it is not ``patient``, by one attempt."""
        opened: list[httpx.Response] = []

        def send(request: Request) -> Outcome:
            try:
                asked = stream_request(self._http, self._address, request)
                response = self._http.send(asked, stream=True)
                if not is_stream(response):
                    response.read()
            except httpx.RequestError as error:
                return failure(error)
            opened.append(response)
            return answer(response)

        retry = self._retry if patient else ONCE
        self._hold(converse(call, self._session, retry), send)
        return opened[-1]

    def close(self) -> None:
        """Close the connections, and end what listens. The session stays until it is
        logged out or expires."""
        for listening in list(self._listenings):
            listening.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(
        self,
        talk: Conversation[T],
        send: Callable[[Request], Outcome] | None = None,
    ) -> T:
        """Carry out the steps of a conversation, and return its result."""
        send = send or self._send
        outcome: Outcome = None
        try:
            while True:
                step = talk.send(outcome)
                outcome = None
                match step:
                    case Send(request):
                        outcome = send(request)
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
            return failure(error)
        return answer(response)


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
        self._address = address_of(base_url)
        self._retry = retry or Retry()
        self._session = Session(session, on_session, key)
        self._lock = asyncio.Lock()
        self._exclusive_tasks: set[asyncio.Task[None]] = set()
        self._listenings: WeakSet[AwaitedListening] = WeakSet()
        self._http = httpx.AsyncClient(**http_settings(timeout_s, verify))

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

    def _listen_to(self, feed: Feed) -> AwaitedListening:
        """Listen, until this client is closed at the latest."""
        listening = AwaitedListening(self, feed, self._retry)
        self._listenings.add(listening)
        return listening

    async def open_stream(
        self,
        call: Call[None],
        *,
        patient: bool,
    ) -> httpx.Response:
        """Begin an answer without an end; where it is not ``patient``, by one attempt."""
        opened: list[httpx.Response] = []

        async def send(request: Request) -> Outcome:
            try:
                asked = stream_request(self._http, self._address, request)
                response = await self._http.send(asked, stream=True)
                if not is_stream(response):
                    await response.aread()
            except httpx.RequestError as error:
                return failure(error)
            opened.append(response)
            return answer(response)

        retry = self._retry if patient else ONCE
        await self._hold(converse(call, self._session, retry), send)
        return opened[-1]

    async def aclose(self) -> None:
        """Close the connections, and end what listens. The session stays until it is
        logged out or expires."""
        for listening in list(self._listenings):
            await listening.aclose()
        if self._exclusive_tasks:
            await asyncio.wait(self._exclusive_tasks)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _hold(
        self,
        talk: Conversation[T],
        send: Callable[[Request], Awaitable[Outcome]] | None = None,
    ) -> T:
        """Carry out the steps of a conversation, and return its result."""
        send = send or self._send
        outcome: Outcome = None
        try:
            while True:
                step = talk.send(outcome)
                outcome = None
                match step:
                    case Send(request):
                        outcome = await send(request)
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
            return failure(error)
        return answer(response)
