"""Answers: what a handler returns, and the usual kinds of it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.lists import Page
from trastienda.reader import Reading
from trastienda.servers.streams import Stream

Item = TypeVar("Item")

Headers = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"


class State(Struct, frozen=True):
    """The state of the shop that an answer shows."""

    n: int
    """The number of the last announcement in it."""
    from_ms: int = 0
    until_ms: int | None = None
    """Between these moments the same state is shown alike; None is for ever."""


class Answer(Struct):
    """A status, a body, and the headers beside its length and type."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    content_type: bytes = JSON
    packed: bytes | None = None
    """The body as gzip, where it was packed beforehand."""
    state: State | None = None
    stream: Stream | None = None
    """What follows the head in place of a body, without an end."""


def json_answer(
    value: Any,
    status: int = 200,
    headers: Headers = (),
) -> Answer:
    """Return an answer with a value as JSON."""
    content = msgspec.json.encode(value)
    return Answer(status, content, headers)


def snapshot_answer(
    value: Any,
    n: int,
    headers: Headers = (),
) -> Answer:
    """Return an answer with data of the shop as of the state with this number."""
    content = msgspec.json.encode(value)
    return Answer(200, content, [snapshot_number(n), *headers], state=State(n))


def page_answer(
    reading: Reading[Page[Item]],
    render: Callable[[Item], Any],
) -> Answer:
    """Return an answer with a page of a list."""
    page = reading.value
    shapes = [render(item) for item in page.items]
    content: dict[str, Any] = {"datos": shapes, "siguiente": page.following}
    if page.total is not None:
        content["total"] = page.total
    return snapshot_answer(content, reading.n)


def snapshot_number(n: int) -> tuple[bytes, bytes]:
    """Return the header with the number of the last announcement in a state."""
    return b"trastienda-n", b"%d" % n


def etag(revision: str) -> tuple[bytes, bytes]:
    """Return the header with a version."""
    quoted = f'"{revision}"'
    return b"etag", quoted.encode()


def replayed(is_replay: bool) -> Headers:
    """Return the header that marks the answer to a repeated request."""
    if not is_replay:
        return []
    return [(b"idempotency-replayed", b"true")]
