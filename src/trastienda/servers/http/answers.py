"""Answers: what a handler returns, and the usual kinds of it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.lists import Page
from trastienda.reader import Reading

Item = TypeVar("Item")

Headers = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"


class Answer(Struct):
    """A status, a body, and the headers beside its length and type."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    content_type: bytes = JSON


def json_answer(value: Any, status: int = 200, headers: Headers = ()) -> Answer:
    """Return an answer with a value as JSON."""
    return Answer(status, msgspec.json.encode(value), headers)


def snapshot_answer(value: Any, n: int, headers: Headers = ()) -> Answer:
    """Return an answer with data of the shop as of the state with this number."""
    headers = [snapshot_number(n), *headers]
    return Answer(200, msgspec.json.encode(value), headers)


def page_answer(reading: Reading[Page[Item]], render: Callable[[Item], Any]) -> Answer:
    """Return an answer with a page of a list."""
    page = reading.value
    rows = [render(item) for item in page.items]
    return snapshot_answer({"datos": rows, "siguiente": page.following}, reading.n)


def snapshot_number(n: int) -> tuple[bytes, bytes]:
    """Return the header with the number of the last announcement that a state contains."""
    return b"trastienda-n", b"%d" % n


def etag(revision: str) -> tuple[bytes, bytes]:
    """Return the header with a version."""
    return b"etag", f'"{revision}"'.encode()


def replayed(is_replay: bool) -> Headers:
    """Return the header that marks the answer to a repeated request."""
    return [(b"idempotency-replayed", b"true")] if is_replay else []
