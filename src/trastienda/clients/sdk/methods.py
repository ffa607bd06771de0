"""Methods of both clients, each written once.

A method builds a :class:`Call`. What it becomes depends on the client: on a
:class:`Blocking` one ``shop.sale(7)`` is a ``Venta``, on an :class:`Awaiting` one it
has to be awaited. Type checkers see the same, with every parameter, by the overloads of
``__get__``.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from trastienda.clients.sdk.calls import Call, Listing

P = ParamSpec("P")
T = TypeVar("T")


class Blocking(ABC):
    """A client whose methods return when the answer has arrived."""

    @abstractmethod
    def run(self, call: Call[T]) -> T:
        """Make a call."""


class Awaiting(ABC):
    """A client whose methods are awaited."""

    @abstractmethod
    async def run(self, call: Call[T]) -> T:
        """Make a call."""


class endpoint(Generic[P, T]):
    """Turns a function that builds a call into a method that makes it."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]  # for help() and inspect

    @overload
    def __get__(
        self,
        client: None,
        owner: type,
    ) -> Callable[Concatenate[Any, P], Call[T]]: ...
    @overload
    def __get__(
        self,
        client: Blocking,
        owner: type,
    ) -> Callable[P, T]: ...
    @overload
    def __get__(
        self,
        client: Awaiting,
        owner: type,
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(
        self,
        client: Blocking | Awaiting | None,
        owner: type,
    ) -> Callable[..., Any]:
        build = self.build
        if client is None:
            return build
        run: Callable[[Call[T]], Any] = client.run

        @wraps(build)
        def method(
            *arguments: P.args,
            **keywords: P.kwargs,
        ) -> Any:
            call = build(client, *arguments, **keywords)
            return run(call)

        return method


class paged(Generic[P, T]):
    """Turns a function that builds a listing into a method that iterates over its
    items."""

    def __init__(self, build: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(
        self,
        client: None,
        owner: type,
    ) -> Callable[Concatenate[Any, P], Listing[T]]: ...
    @overload
    def __get__(
        self,
        client: Blocking,
        owner: type,
    ) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(
        self,
        client: Awaiting,
        owner: type,
    ) -> Callable[P, AsyncIterator[T]]: ...

    def __get__(
        self,
        client: Blocking | Awaiting | None,
        owner: type,
    ) -> Callable[..., Any]:
        build = self.build
        if client is None:
            return build
        is_blocking = isinstance(client, Blocking)
        iterate: Callable[..., Any] = iterate_now if is_blocking else iterate_later

        @wraps(build)
        def method(
            *arguments: P.args,
            **keywords: P.kwargs,
        ) -> Any:
            listing = build(client, *arguments, **keywords)
            return iterate(client, listing)

        return method


def iterate_now(
    client: Blocking,
    listing: Listing[T],
) -> Iterator[T]:
    """Yield the items of a list, holding one page at a time."""
    page = client.run(listing.first)
    yield from page.items
    while page.next_cursor is not None:
        page = client.run(listing.after(page.next_cursor))
        yield from page.items


async def iterate_later(
    client: Awaiting,
    listing: Listing[T],
) -> AsyncIterator[T]:
    """Yield the items of a list, holding one page at a time."""
    page = await client.run(listing.first)
    for item in page.items:
        yield item
    while page.next_cursor is not None:
        page = await client.run(listing.after(page.next_cursor))
        for item in page.items:
            yield item
