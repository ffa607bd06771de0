"""Calls as values: what is asked for, and how its answer is read. Nothing here touches a network."""

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
    """When a call may be sent a second time by itself."""

    ALWAYS = "always"
    """It reads, it carries an Idempotency-Key, or it sets the same again: a repeat does no more than the first."""
    UNSENT = "unsent"
    """Only where the shop has certainly not done it: no connection came about, or it said 429 or 503."""


class Request(Struct, frozen=True):
    """What a shell sends."""

    method: str
    path: str
    """With its query, from behind the shop's address."""
    headers: Mapping[str, str]
    content: bytes | None


class Answer(Struct, frozen=True):
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Return the body as plain values."""
        return msgspec.json.decode(self.content)

    @property
    def media(self) -> str:
        """The type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Call(Struct, Generic[T], frozen=True, kw_only=True):
    """One call of one route, ready to be sent; its answer is a ``T``."""

    method: str
    path: str
    """The template, as the routes are listed: ``/ventas/{id_venta}``."""
    read: Callable[[Answer], T]
    names: Mapping[str, str | int] = {}
    """What stands in the template's places."""
    query: Mapping[str, str | int] = {}
    body: Any = None
    key: str | None = None
    if_match: str | None = None
    accept: str = JSON
    repeat: Repeat = Repeat.ALWAYS
    signed: bool = True
    """Whether the caller's token goes along, where there is one."""

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    def request(self, token: str | None) -> Request:
        """Return what is to be sent."""
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
    Struct, Generic[T], frozen=True, rename={"items": "datos", "following": "siguiente"}
):
    """A page of a list, and the cursor of the next one."""

    items: list[T]
    following: str | None


class Listing(Struct, Generic[T], frozen=True):
    """A list, asked for page by page."""

    first: Call[Page[T]]

    def after(self, cursor: str) -> Call[Page[T]]:
        """Return the call for the page behind ``cursor``."""
        return msgspec.structs.replace(
            self.first, query={**self.first.query, "cursor": cursor}
        )


def shown_as(kind: type[T]) -> Callable[[Answer], T]:
    """Read the JSON of an answer as ``kind``."""

    def read(answer: Answer) -> T:
        return msgspec.json.decode(answer.content, type=kind)

    return read


def with_revision(kind: type[V]) -> Callable[[Answer], V]:
    """Read the JSON of an answer as ``kind``, its ``revision`` out of the ETag."""

    def read(answer: Answer) -> V:
        shown = msgspec.json.decode(answer.content, type=kind)
        shown.revision = (
            answer.headers.get("etag", "").removeprefix("W/").strip('"')
        )  # a proxy that packs makes it weak
        return shown

    return read


def listing(
    kind: type[T],
    path: str,
    page_size: int,
    names: Mapping[str, str | int] | None = None,
    **filters: object,
) -> Listing[T]:
    """Return the list at ``path``; filters that are None are left out, yes and no are written as on the wire."""
    query: dict[str, str | int] = {"limite": page_size}
    for name, value in filters.items():
        if isinstance(value, bool):
            query[name] = "si" if value else "no"
        elif value is not None:
            query[name] = str(value)
    page: Any = Page[kind]  # type: ignore[valid-type]
    return Listing(
        Call(
            method="GET", path=path, names=names or {}, query=query, read=shown_as(page)
        )
    )


def key_for(given: str | None) -> str:
    """Return the caller's own Idempotency-Key, or one that nobody has used."""
    return str(uuid4()) if given is None else given
