"""Listening: what a shop announces comes as an iterator, over however many connections."""

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import update_wrapper, wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, overload

import httpx

from trastienda.clients import pauses
from trastienda.clients.sdk.calls import Call
from trastienda.clients.sdk.conversation import TEMPORARY_STATUSES, Retry
from trastienda.clients.sdk.errors import (
    ApiError,
    ConnectionLost,
    ShopError,
    UnexpectedAnswer,
)
from trastienda.clients.sdk.events import Feed, Heard, Kind, Reader, Told, feed
from trastienda.clients.sdk.methods import Awaiting, Blocking

P = ParamSpec("P")


def passes(error: ShopError) -> bool:
    """Tell whether what went wrong may be over when it is tried again."""
    if isinstance(error, ApiError):
        return error.status in TEMPORARY_STATUSES
    if isinstance(error, UnexpectedAnswer):
        return error.answer.status in TEMPORARY_STATUSES
    return isinstance(error, ConnectionLost)


class Hearing:
    """How far a program has heard, and what has come and is not handed on yet."""

    def __init__(
        self,
        feed: Feed,
        retry: Retry,
    ) -> None:
        self.n = feed.since
        self._feed = feed
        self._retry = retry
        self._reader = Reader()
        self._come: deque[Heard | Told] = deque()
        self._failures = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come that was not handed on."""
        return not self._come

    def begin(self) -> Call[None]:
        """Return the call that goes on behind what was heard, on a new connection."""
        self._reader = Reader()
        return self._feed.after(self.n)

    def take(self, piece: bytes) -> None:
        """Take what has come."""
        self._come.extend(self._reader.read(piece))

    def next(self) -> Heard | None:
        """Return what is to be handed on next, if it is there."""
        while self._come:
            heard = self._come.popleft()
            if heard.n != self.n:
                self.n = heard.n
                self._failures = 0
            if not isinstance(heard, Told) and self._feed.wants(heard):
                return heard
        return None

    def pause_s(self) -> float:
        """Return how long to wait after a connection has ended: longer each time that
        nothing came of it."""
        retry = self._retry
        pause_s = pauses.pause_s(self._failures, retry.first_s, retry.most_s)
        self._failures += 1
        return pause_s


class Opener(Protocol):
    """A client that waits."""

    def open_stream(
        self,
        call: Call[None],
        *,
        patient: bool,
    ) -> httpx.Response:
        """Begin an answer without an end."""


class AwaitedOpener(Protocol):
    """A client that is awaited."""

    async def open_stream(
        self,
        call: Call[None],
        *,
        patient: bool,
    ) -> httpx.Response:
        """Begin an answer without an end."""


class Listening:
    """What a shop announces, one after the other: an iterator without an end of its own.

    It is connected when it is made, and again by itself whenever the line breaks or the shop
    starts anew. It ends when it is closed, from whichever thread.
    """

    def __init__(
        self,
        client: Opener,
        feed: Feed,
        retry: Retry,
    ) -> None:
        self._client = client
        self._hearing = Hearing(feed, retry)
        self._closing = threading.Event()
        self._busy = threading.Lock()
        self._response = client.open_stream(self._hearing.begin(), patient=True)
        self._pieces = self._response.iter_bytes()
        # What happens from now on is heard, so it has to be known where that is.
        while self._hearing.is_empty and feed.since is None:
            self._read_on()

    @property
    def n(self) -> int | None:
        """The number up to which everything was handed on: a later ``since``."""
        return self._hearing.n

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Heard:
        with self._busy:
            while not self._closing.is_set():
                heard = self._hearing.next()
                if heard is not None:
                    return heard
                self._read_on()
            self._response.close()
        raise StopIteration

    def _read_on(self) -> None:
        piece = None
        with contextlib.suppress(httpx.RequestError, httpx.StreamError, OSError):
            piece = next(self._pieces, None)
        if piece is not None:
            self._hearing.take(piece)
        elif not self._closing.is_set():
            self._response.close()
            self._come_back()

    def _come_back(self) -> None:
        while not self._closing.wait(self._hearing.pause_s()):
            call = self._hearing.begin()
            try:
                self._response = self._client.open_stream(call, patient=False)
            except ShopError as error:
                if not passes(error):
                    raise
            else:
                self._pieces = self._response.iter_bytes()
                return

    def close(self) -> None:
        """Hear nothing more."""
        self._closing.set()
        if self._busy.acquire(blocking=False):
            self._response.close()
            self._busy.release()
            return
        # Another thread waits for what comes: it is let go, and closes.
        stream = self._response.extensions["network_stream"]
        with contextlib.suppress(OSError):
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AwaitedListening:
    """As :class:`Listening`, for asyncio: it is iterated by ``async for``.

    It is connected on entering ``async with``, or else with the first step.
    """

    def __init__(
        self,
        client: AwaitedOpener,
        feed: Feed,
        retry: Retry,
    ) -> None:
        self._client = client
        self._since = feed.since
        self._hearing = Hearing(feed, retry)
        self._is_closing = False
        self._response: httpx.Response | None = None
        self._pieces: Any = None
        self._step: asyncio.Task[None] | None = None

    @property
    def n(self) -> int | None:
        """The number up to which everything was handed on: a later ``since``."""
        return self._hearing.n

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Heard:
        await self._connect()
        while not self._is_closing:
            heard = self._hearing.next()
            if heard is not None:
                return heard
            await self._take_step()
        raise StopAsyncIteration

    async def _connect(self) -> None:
        if self._response is not None or self._is_closing:
            return
        await self._open(patient=True)
        while self._hearing.is_empty and self._since is None and not self._is_closing:
            await self._take_step()

    async def _open(
        self,
        *,
        patient: bool,
    ) -> None:
        call = self._hearing.begin()
        self._response = await self._client.open_stream(call, patient=patient)
        self._pieces = self._response.aiter_bytes()

    async def _take_step(self) -> None:
        """Read on, in a task that closing may cancel."""
        self._step = asyncio.ensure_future(self._read_on())
        try:
            await self._step
        except asyncio.CancelledError:
            if not self._is_closing:
                raise
        finally:
            self._step = None

    async def _read_on(self) -> None:
        piece = None
        with contextlib.suppress(httpx.RequestError, httpx.StreamError, OSError):
            piece = await anext(self._pieces, None)
        if piece is not None:
            self._hearing.take(piece)
            return
        await self._hang_up()
        while True:
            await asyncio.sleep(self._hearing.pause_s())
            try:
                await self._open(patient=False)
            except ShopError as error:
                if not passes(error):
                    raise
            else:
                return

    async def _hang_up(self) -> None:
        if self._response is not None:
            await self._response.aclose()

    async def aclose(self) -> None:
        """Hear nothing more."""
        self._is_closing = True
        step = self._step
        if step is not None:
            step.cancel()
            await asyncio.wait({step})
        await self._hang_up()

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class listened(Generic[P]):
    """Turns a function that builds a feed into a method that listens to it."""

    def __init__(self, build: Callable[Concatenate[Any, P], Feed]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]  # for help() and inspect

    @overload
    def __get__(
        self,
        client: None,
        owner: type,
    ) -> Callable[Concatenate[Any, P], Feed]: ...
    @overload
    def __get__(
        self,
        client: Blocking,
        owner: type,
    ) -> Callable[P, Listening]: ...
    @overload
    def __get__(
        self,
        client: Awaiting,
        owner: type,
    ) -> Callable[P, AwaitedListening]: ...

    def __get__(
        self,
        client: Any,
        owner: type,
    ) -> Callable[..., Any]:
        build = self.build
        if client is None:
            return build

        @wraps(build)
        def method(
            *arguments: P.args,
            **keywords: P.kwargs,
        ) -> Any:
            return client._listen_to(build(client, *arguments, **keywords))

        return method


class EventMethods:
    """Methods about what the shop announces."""

    @listened
    def listen(
        self,
        since: int | None = None,
        kinds: Iterable[Kind] | None = None,
    ) -> Feed:
        """Hear what happens in the shop, from now on or after number ``since``.

        It yields an ``Event`` for each announcement that the caller may hear, in order and
        once each, over broken lines and restarts; and ``SnapshotNeeded`` where not all is
        known any more. ``kinds`` are those that are wanted; all without.
        """
        return feed(since, kinds)
