"""Headers: of requests, those that come once; of every answer, what a browser may do with
it, and who may keep it.
"""

from collections.abc import Iterable
from enum import Enum
from functools import cache

from trastienda.servers.http.answers import Headers


class Keep(Enum):
    """Who may keep an answer, as ``Cache-Control`` says it."""

    NOBODY = b"no-store"
    """What it says is somebody's own, or true for this moment only."""
    ASKING = b"private, no-cache"
    """The browser, which asks every time whether it is still good."""
    A_DAY = b"max-age=86400"
    """Anybody, and need not ask."""


_EVERY_ANSWER: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_PAGE = (
    b"content-security-policy",
    b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
"""For data that a browser may be made to show: it loads nothing and runs nothing."""
_PDF = (b"content-security-policy", b"frame-ancestors 'none'")
"""Browsers draw a PDF by a page of their own, which a stricter policy would break."""


_COMES_ONCE = frozenset({b"authorization", b"content-type", b"idempotency-key"})
"""No lists: of two, a proxy may go by the first and the shop by the last. ``Host`` is looked
at apart, and ``Content-Length`` is by the parser."""


def repeated_header(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the first header that comes again and must not."""
    names: set[bytes] = set()
    for name, _ in headers:
        if name in names:
            return name.decode()
        if name in _COMES_ONCE:
            names.add(name)
    return None


@cache
def usual_headers(
    content_type: bytes,
    keep: Keep,
) -> Headers:
    """Return the headers that every answer of this type has.

    The policy of a page is not among them: the page itself knows what it loads.
    """
    headers = [*_EVERY_ANSWER, (b"cache-control", keep.value)]
    if content_type == b"application/pdf":
        headers.append(_PDF)
    elif not content_type.startswith(b"text/html"):
        headers.append(_NO_PAGE)
    return tuple(headers)
