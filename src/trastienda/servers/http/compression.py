"""Answers made smaller, for whoever takes them so."""

import gzip
from functools import cache
from http import HTTPStatus

from trastienda.servers.http.answers import Answer
from trastienda.servers.http.exchange import Exchange

MIN_BYTES = 2048
"""Below this an answer goes out in two packets at most, and packing it saves none."""

LEVEL = 5
"""Beyond it JSON gets hardly smaller and takes twice as long."""

_GZIP = (b"content-encoding", b"gzip")
_VARY = (b"vary", b"accept-encoding")


def pack(body: bytes) -> bytes:
    """Return the body as gzip. The same body always gives the same bytes."""
    return gzip.compress(body, LEVEL, mtime=0)


async def compress(
    exchange: Exchange,
    answer: Answer,
) -> None:
    """Pack what is read, where that pays and the caller takes it.

    Never the answer to a ``POST``: tokens are in some, and from the length of what is
    packed one can guess at a secret that stands beside a text of one's own.
    """
    is_worth = len(answer.body) >= MIN_BYTES and _is_text(answer.content_type)
    is_known = answer.status == HTTPStatus.NOT_MODIFIED
    if exchange.route.method != "GET" or not (is_worth or is_known):
        return

    answer.headers = [*answer.headers, _VARY]
    accept_encoding = exchange.headers.get(b"accept-encoding", b"")
    if is_known or not takes_gzip(accept_encoding):
        return

    body, packed = answer.body, answer.packed
    if packed is None:
        packed = await exchange.in_a_thread(lambda: pack(body))
    answer.body = packed
    answer.headers = [*answer.headers, _GZIP]


@cache
def _is_text(content_type: bytes) -> bool:
    """Tell whether a type is text of some kind; PDF and workbooks are packed already."""
    return content_type.startswith((b"text/", b"application/json"))


def takes_gzip(accept_encoding: bytes) -> bool:
    """Tell whether an ``Accept-Encoding`` admits gzip (RFC 9110, 12.5.3)."""
    admitted = {}
    for part in accept_encoding.lower().split(b","):
        coding, _, parameter = part.partition(b";")
        name, _, weight = parameter.strip().partition(b"=")
        try:
            is_admitted = name.strip() != b"q" or float(weight) > 0
        except ValueError:
            is_admitted = False
        admitted[coding.strip()] = is_admitted

    anything = admitted.get(b"*", False)
    return admitted.get(b"gzip", admitted.get(b"x-gzip", anything))
