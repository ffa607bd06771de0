"""Lines as bytes: for people, and as JSON for programs."""

from typing import Any

import msgspec

from trastienda.domain.errors import Refusal
from trastienda.wire.refusals import refusal_fields


def people(text: str) -> bytes:
    """Return a text for people; it may have several lines."""
    return text.encode("utf-8", "replace") + b"\n"


def answer(
    request_id: Any,
    data: Any,
) -> bytes:
    """Return the answer to a request."""
    encoded_id = msgspec.json.encode(request_id)
    return b'{"id":' + encoded_id + b',"ok":true' + _rest(data)


def refusal(
    request_id: Any,
    refused: Refusal,
) -> bytes:
    """Return the answer to a request that was refused, with the data of the refusal."""
    data = refusal_fields(refused)
    encoded_id = msgspec.json.encode(request_id)
    return b'{"id":' + encoded_id + b',"ok":false' + _rest(data)


def unreadable(code: str) -> bytes:
    """Return the answer to a line in which no request can be read, and so no ``id``."""
    return b'{"id":null,"ok":false,"codigo":"%s"}\n' % code.encode()


def announcement(
    event_name: str,
    n: int | None,
    body: Any,
) -> bytes:
    """Return an announcement; one of the moment only has no number ``n``."""
    number = b""
    if n is not None:
        number = b',"n":%d' % n

    return b'{"evento":"' + event_name.encode() + b'"' + number + _rest(body)


def _rest(body: Any) -> bytes:
    """Return the fields of ``body``, an object, as the rest of a line of JSON."""
    fields = msgspec.json.encode(body)[1:]
    comma = b"," if len(fields) > 1 else b""
    return comma + fields + b"\n"
