"""The ASGI application: from a request to its route, and from whatever happens to one answer."""

import logging
from collections.abc import Mapping, Sequence
from time import perf_counter

from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route as Path
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from trastienda.domain.errors import Refusal, Unavailable
from trastienda.domain.people import require
from trastienda.servers.http import (
    audit,
    people,
    problems,
    products,
    purchases,
    receipts,
    reports,
    returns,
    sales,
    shop,
    system,
)
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    GoneError,
    PayloadTooLargeError,
    Route,
    Site,
    UnsupportedMediaError,
)
from trastienda.wire.bodies import UnreadableError

log = logging.getLogger(__name__)

ROUTES: tuple[Route, ...] = (
    *products.ROUTES,
    *sales.ROUTES,
    *receipts.ROUTES,
    *returns.ROUTES,
    *purchases.ROUTES,
    *people.ROUTES,
    *reports.ROUTES,
    *shop.ROUTES,
    *audit.ROUTES,
    *system.ROUTES,
)
"""The public table."""

EXPOSED = ["ETag", "Idempotency-Replayed", "Retry-After", "Trastienda-N"]
"""Headers that a page from elsewhere may read."""


_VARY = (b"vary", b"accept")
"""Goes with every answer that comes in several media, or a cache gives one who asked for another."""


class _Endpoint:
    """Everything under one path, by method."""

    def __init__(self, app: "HttpApp", routes: Mapping[str, Route]) -> None:
        self._app = app
        self._routes = dict(routes)
        if "GET" in self._routes:
            self._routes["HEAD"] = self._routes["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        method = scope["method"]
        route = self._routes.get(method)
        answer = (
            problems.not_allowed(sorted(self._routes))
            if route is None
            else await self._app.serve(route, scope, receive)
        )
        if answer is None:
            return
        await _send(answer, send, with_body=method != "HEAD")
        self._app.site.metrics.answered(
            route.path if route else "", method, answer.status, perf_counter() - began
        )


async def _send(answer: Answer, send: Send, *, with_body: bool = True) -> None:
    headers = [(b"content-length", b"%d" % len(answer.body)), *answer.headers]
    if answer.body:
        headers.append((b"content-type", answer.content_type))
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": headers}
    )
    await send(
        {"type": "http.response.body", "body": answer.body if with_body else b""}
    )


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await _send(problems.NOT_FOUND, send, with_body=scope["method"] != "HEAD")


def chosen(accept: bytes, offered: Sequence[str]) -> str | None:
    """Return the medium that an ``Accept`` header likes best, the earlier of equals; None where it admits none."""
    liking = {media: _liking(accept, media.encode()) for media in offered}
    best = max(offered, key=liking.__getitem__)
    return best if liking[best] > 0 else None


def _liking(accept: bytes, media: bytes) -> float:
    """Return the weight of ``media`` in an ``Accept`` header (RFC 9110, 12.5.1: the most specific range decides)."""
    kind = media.partition(b"/")[0]
    best = (-1, 0.0)
    for part in accept.lower().split(b","):
        name, *parameters = (piece.strip() for piece in part.split(b";"))
        rank = {b"*/*": 0, kind + b"/*": 1, media: 2}.get(name, -1)
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith(b"q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        best = max(best, (rank, weight))
    return best[1] if best[0] >= 0 else 0.0


class HttpApp:
    """The whole of HTTP."""

    def __init__(self, site: Site, origins: tuple[str, ...] = ()) -> None:
        self.site = site
        site.routes = ROUTES
        by_path: dict[str, dict[str, Route]] = {}
        for route in ROUTES:
            by_path.setdefault(route.path, {})[route.method] = route
        router = Router(
            [
                Path(path, endpoint=_Endpoint(self, routes))
                for path, routes in by_path.items()
            ],
            redirect_slashes=False,
            default=_nothing_here,
        )
        self._app: ASGIApp = router
        if origins:
            self._app = CORSMiddleware(
                router,
                allow_origins=["*"] if "*" in origins else list(origins),
                allow_methods=["GET", "POST", "PUT", "DELETE"],
                allow_headers=[
                    "Authorization",
                    "Content-Type",
                    "Idempotency-Key",
                    "If-Match",
                ],
                expose_headers=EXPOSED,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._app(scope, receive, send)

    async def serve(
        self, route: Route, scope: Scope, receive: Receive
    ) -> Answer | None:
        """Return the answer to a request, whatever happens; None where nobody is there any more to hear it."""
        try:
            return await self._serve(route, scope, receive)
        except Refusal as error:
            return problems.refusal(error)
        except UnreadableError:
            return problems.UNREADABLE
        except PayloadTooLargeError:
            return problems.TOO_LARGE
        except UnsupportedMediaError:
            return problems.UNSUPPORTED
        except GoneError:
            return None
        except Exception:
            log.exception("%s %s failed", route.method, route.path)
            return problems.FAILED

    async def _serve(self, route: Route, scope: Scope, receive: Receive) -> Answer:
        headers = dict(scope["headers"])
        accept = headers.get(b"accept")
        exchange = Exchange(self.site, route, scope, receive, headers)
        if accept is not None and accept != b"*/*" and route.media:
            media = chosen(accept, (route.media, *route.also))
            if media is None:
                return problems.NOT_ACCEPTABLE
            exchange.media = media
        if self.site.draining and route.guarded:
            raise Unavailable
        if route.guarded and route.bearer == "early":
            exchange.identify()
        if route.permission is not None:
            require(
                None if exchange.identity is None else exchange.identity.actor,
                route.permission,
            )
        if scope["query_string"] and not route.listed:
            exchange.query()
        answer = await route.handler(exchange)
        if route.also:
            answer.headers = [*answer.headers, _VARY]
        return answer
