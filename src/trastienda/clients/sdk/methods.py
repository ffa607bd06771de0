"""Methods of both clients, each written once.

A method builds a :class:`Call`; what it becomes depends on the client that it is asked of. On a :class:`Blocking` one
``shop.sale(7)`` is a ``Venta``; on an :class:`Awaiting` one it is awaited and then is one. Type checkers see the same,
with every parameter, since the two ``__get__`` tell them.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from trastienda.clients.sdk.calls import Call, Listing

P = ParamSpec("P")
T = TypeVar("T")


class Blocking(ABC):
    """A client whose methods return when the answer is there."""

    @abstractmethod
    def run(self, call: Call[T]) -> T:
        """Make a call."""


class Awaiting(ABC):
    """A client whose methods are awaited."""

    @abstractmethod
    async def run(self, call: Call[T]) -> T:
        """Make a call."""


class endpoint(Generic[P, T]):
    """Make a method that calls a route out of a function that builds the call."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]  # for help() and inspect

    @overload
    def __get__(
        self, client: None, owner: type
    ) -> Callable[Concatenate[Any, P], Call[T]]: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, client: Awaiting, owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(
        self, client: Blocking | Awaiting | None, owner: type
    ) -> Callable[..., Any]:
        build = self.build
        if client is None:
            return build
        run: Callable[[Call[T]], Any] = client.run

        @wraps(build)
        def method(*arguments: P.args, **named: P.kwargs) -> Any:
            return run(build(client, *arguments, **named))

        return method


class rows(Generic[P, T]):
    """Make a method that goes through a list, page by page, out of a function that says which list."""

    def __init__(self, build: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        self.build = build
        update_wrapper(self, build)  # type: ignore[arg-type]

    @overload
    def __get__(
        self, client: None, owner: type
    ) -> Callable[Concatenate[Any, P], Listing[T]]: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(
        self, client: Awaiting, owner: type
    ) -> Callable[P, AsyncIterator[T]]: ...

    def __get__(
        self, client: Blocking | Awaiting | None, owner: type
    ) -> Callable[..., Any]:
        build = self.build
        if client is None:
            return build
        through: Callable[..., Any] = (
            through_now if isinstance(client, Blocking) else through_later
        )

        @wraps(build)
        def method(*arguments: P.args, **named: P.kwargs) -> Any:
            return through(client, build(client, *arguments, **named))

        return method


def through_now(client: Blocking, listing: Listing[T]) -> Iterator[T]:
    """Go through a list, holding one page at a time."""
    page = client.run(listing.first)
    yield from page.items
    while page.following is not None:
        page = client.run(listing.after(page.following))
        yield from page.items


async def through_later(client: Awaiting, listing: Listing[T]) -> AsyncIterator[T]:
    """Go through a list, holding one page at a time."""
    page = await client.run(listing.first)
    for item in page.items:
        yield item
    while page.following is not None:
        page = await client.run(listing.after(page.following))
        for item in page.items:
            yield item
