"""Ids of requests: on the answers that refuse, and in the log beside what was refused."""

import re
import secrets
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

HEADER = b"x-request-id"
ID_BYTES = 6
_FIT = re.compile(rb"[\w.-]{1,64}", re.ASCII)

_REQUEST: ContextVar[MutableMapping[str, Any] | None] = ContextVar(
    "request", default=None
)


def begin(scope: MutableMapping[str, Any]) -> None:
    """Take note that what happens from here on in this task is for this request."""
    _REQUEST.set(scope)


def current() -> str | None:
    """Return the id of the request that is being answered; None where there is none.

    It is the one that a proxy or a client gave it, or else one made now: most requests
    need none.
    """
    scope = _REQUEST.get()
    if scope is None:
        return None
    request_id = scope.get("request_id")
    if request_id is None:
        sent_id = scope["headers_by_name"].get(HEADER, b"")
        is_fit = _FIT.fullmatch(sent_id) is not None
        request_id = sent_id.decode() if is_fit else secrets.token_hex(ID_BYTES)
        scope["request_id"] = request_id
    return str(request_id)


def headers() -> list[tuple[bytes, bytes]]:
    """Return the header that tells the id of the request that is being answered."""
    request_id = current()
    return [] if request_id is None else [(HEADER, request_id.encode())]
