"""Calls as values: the request to be sent, and how its answer is read.

Nothing here touches a network.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec
from msgspec import Struct


class Versioned(Protocol):
    """Something that comes with an ETag."""

    revision: str


T = TypeVar("T")
V = TypeVar("V", bound=Versioned)

JSON = "application/json"


class Repeat(Enum):
    """When a call may be sent a second time without asking."""

    ALWAYS = "always"
    """It reads, it carries an Idempotency-Key, or it sets the same values again: a
    repeat does no more than the first attempt."""
    UNSENT = "unsent"
    """Only if the shop has certainly not done it: there was no connection, or it
    answered 429 or 503."""


class Request(Struct, frozen=True):
    """An HTTP request, ready to be sent."""

    method: str
    path: str
    """With its query, relative to the shop's address."""
    headers: Mapping[str, str]
    content: bytes | None


class Answer(Struct, frozen=True):
    """An HTTP answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Return the body as plain values."""
        return msgspec.json.decode(self.content)

    @property
    def media(self) -> str:
        """The type of the body, without parameters."""
        content_type = self.headers.get("content-type", "")
        media, _, _ = content_type.partition(";")
        return media.strip().lower()


class Call(Struct, Generic[T], frozen=True, kw_only=True):
    """One call of one route; its answer is read as a ``T``."""

    method: str
    path: str
    """The template, as the routes are listed: ``/ventas/{id_venta}``."""
    read: Callable[[Answer], T]
    names: Mapping[str, str | int] = {}
    """The values for the names in the template."""
    query: Mapping[str, str | int] = {}
    body: Any = None
    key: str | None = None
    if_match: str | None = None
    accept: str = JSON
    repeat: Repeat = Repeat.ALWAYS
    signed: bool = True
    """Whether the caller's token is sent, if there is one."""

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    def request(self, token: str | None) -> Request:
        """Return the request of this call."""
        headers = {"Accept": self.accept}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        if self.if_match is not None:
            headers["If-Match"] = f'"{self.if_match}"'
        content = None
        if self.body is not None:
            headers["Content-Type"] = JSON
            content = msgspec.json.encode(self.body)

        path = self.path
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        if self.query:
            path = f"{path}?{urlencode(self.query)}"
        return Request(self.method, path, headers, content)


class Page(
    Struct,
    Generic[T],
    frozen=True,
    rename={"items": "datos", "next_cursor": "siguiente"},
):
    """A page of a list, and the cursor of the next one."""

    items: list[T]
    next_cursor: str | None


class Listing(Struct, Generic[T], frozen=True):
    """A list that is fetched page by page."""

    first: Call[Page[T]]

    def after(self, cursor: str) -> Call[Page[T]]:
        """Return the call for the page behind ``cursor``."""
        query = {**self.first.query, "cursor": cursor}
        return msgspec.structs.replace(self.first, query=query)


def read_as(kind: type[T]) -> Callable[[Answer], T]:
    """Return a reader of JSON answers of that type."""

    def read(answer: Answer) -> T:
        return msgspec.json.decode(answer.content, type=kind)

    return read


def read_with_revision(kind: type[V]) -> Callable[[Answer], V]:
    """Return a reader of JSON answers of that type, with their ``revision`` from the
    ETag."""

    def read(answer: Answer) -> V:
        result = msgspec.json.decode(answer.content, type=kind)
        # A proxy that compresses makes an ETag weak.
        etag = answer.headers.get("etag", "").removeprefix("W/")
        result.revision = etag.strip('"')
        return result

    return read


def read_content(answer: Answer) -> bytes:
    """Read an answer as the bytes of its body."""
    return answer.content


def listing(
    kind: type[T],
    path: str,
    page_size: int,
    names: Mapping[str, str | int] | None = None,
    **filters: object,
) -> Listing[T]:
    """Return the list at ``path``. Filters that are None are left out."""
    query: dict[str, str | int] = {"limite": page_size}
    for name, value in filters.items():
        if isinstance(value, bool):
            query[name] = "si" if value else "no"
        elif value is not None:
            query[name] = str(value)
    page_type: Any = Page[kind]  # type: ignore[valid-type]
    first = Call(
        method="GET",
        path=path,
        names=names or {},
        query=query,
        read=read_as(page_type),
    )
    return Listing(first)


def key_for(own_key: str | None) -> str:
    """Return the caller's own Idempotency-Key, or a new one."""
    return str(uuid4()) if own_key is None else own_key
