"""Which sites elsewhere may call from a browser (CORS), and what the others hear."""

import logging
import re
from collections.abc import Collection

from starlette.types import Message, Send

from trastienda.servers.http.answers import Answer, Headers
from trastienda.servers.http.problems import origin_answer

log = logging.getLogger(__name__)

EVERYBODY = "*"
EXPOSED = b"ETag, Idempotency-Replayed, Retry-After, Trastienda-N, X-Request-Id"
"""Headers that pages of other origins may read."""
PREFLIGHT_S = b"600"
"""How long a browser need not ask again."""
MAX_LOGGED = 100
"""Refused origins that are logged, each once."""

_REQUEST_HEADERS = (
    b"Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    b"Last-Event-ID"
)
"""Headers that they may send."""
_MAY_ASK: Headers = (
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (b"access-control-allow-headers", _REQUEST_HEADERS),
    (b"access-control-max-age", PREFLIGHT_S),
)


_EXPOSE = (b"access-control-expose-headers", EXPOSED)
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._:\[\]-]{1,255}|null", re.IGNORECASE)


class Origins:
    """The origins that may call."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)
        self._logged: set[str] = set()

    def headers(self, origin: str) -> Headers:
        """Return the headers by which a page of this origin may read an answer."""
        if EVERYBODY in self._allowed:
            return [(b"access-control-allow-origin", b"*"), _EXPOSE]
        if origin not in self._allowed:
            return []
        return [
            (b"access-control-allow-origin", origin.encode()),
            _EXPOSE,
            (b"vary", b"Origin"),
        ]

    def admits(
        self,
        origin: str,
        host: bytes | None,
    ) -> bool:
        """Tell whether a page may open a WebSocket: one of the shop's own, or of these."""
        _, _, own_host = origin.partition("://")
        is_own = host is not None and own_host == host.decode("latin-1")
        return is_own or bool(self.headers(origin))

    def preflight_answer(self, origin: str) -> Answer:
        """Return the answer to a browser that asks whether a page may call."""
        headers = self.headers(origin)
        if headers:
            return Answer(204, headers=_MAY_ASK)

        site = origin if _ORIGIN.fullmatch(origin) else "?"
        if site not in self._logged and len(self._logged) < MAX_LOGGED:
            self._logged.add(site)
            log.warning(
                "a page of %s may not call: TRASTIENDA_CORS_ORIGINS does not name it",
                site,
            )
        return origin_answer(site)


def adding(
    headers: Headers,
    send: Send,
) -> Send:
    """Return ``send`` with these headers on the answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers
