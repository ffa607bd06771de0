"""What the server says, as bytes: lines for people, and JSON lines for programs."""

from typing import Any

import msgspec

from trastienda.domain.errors import Refusal
from trastienda.wire.refusals import refusal_out


def people(text: str) -> bytes:
    """Return one line, or several, for people."""
    return text.encode("utf-8", "replace") + b"\n"


def refusal_line(refusal: Refusal) -> str:
    """Return a refusal for people: the sentence, and its stable word in parentheses."""
    told = refusal_out(refusal)
    return f"{told.detail} ({told.code})"


def answer(request_id: Any, data: Any) -> bytes:
    """Return the answer to a request that was done."""
    return b'{"id":' + msgspec.json.encode(request_id) + b',"ok":true' + _rest(data)


def refusal(request_id: Any, refused: Refusal) -> bytes:
    """Return the answer to a request that was refused, with the data of that refusal."""
    told = refusal_out(refused)
    data: dict[str, Any] = {"codigo": told.code, "detail": told.detail} | told.data
    if told.retry_after_s is not None:
        data["reintentar_en"] = told.retry_after_s
    return b'{"id":' + msgspec.json.encode(request_id) + b',"ok":false' + _rest(data)


def unreadable(code: str) -> bytes:
    """Return the answer to a line that is no request, in which no ``id`` could be read."""
    return b'{"id":null,"ok":false,"codigo":"%s"}\n' % code.encode()


def announcement(name: str, n: int | None, body: Any) -> bytes:
    """Return an announcement; those without a number are of the moment only."""
    number = b"" if n is None else b',"n":%d' % n
    return b'{"evento":"' + name.encode() + b'"' + number + _rest(body)


def _rest(body: Any) -> bytes:
    """Return the fields of ``body`` (an object) behind those that are written already, and the end of the line."""
    fields = msgspec.json.encode(body)[1:]
    return (b"," if len(fields) > 1 else b"") + fields + b"\n"
