"""The ASGI application: it finds the route of a request, and answers whatever happens there."""

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
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.exchange import (
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
"""The table of routes."""

EXPOSED = ["ETag", "Idempotency-Replayed", "Retry-After", "Trastienda-N"]
"""Headers that pages of other origins may read."""

_VARY = (b"vary", b"accept")
"""Goes with every answer that comes in several media, so that caches keep them apart."""


class _Endpoint:
    """The routes of one path, by method."""

    def __init__(self, app: "HttpApp", routes: Mapping[str, Route]) -> None:
        self._app = app
        self._routes = dict(routes)
        if "GET" in self._routes:
            self._routes["HEAD"] = self._routes["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        method = scope["method"]
        route = self._routes.get(method)
        answer: Answer | None
        if route is None:
            path, answer = "", problems.method_answer(sorted(self._routes))
        else:
            path, answer = route.path, await self._app.serve(route, scope, receive)
        if answer is None:
            return

        await _send(answer, send, with_body=method != "HEAD")
        seconds = perf_counter() - began
        self._app.site.metrics.answered(path, method, answer.status, seconds)


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


async def _no_such_path(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        with_body = scope["method"] != "HEAD"
        await _send(problems.NO_SUCH_PATH, send, with_body=with_body)


def choose_media(accept: bytes, offered: Sequence[str]) -> str | None:
    """Return the medium that an ``Accept`` header prefers, the earlier of equals.

    None where the header admits none of them.
    """
    weights = {media: accept_weight(accept, media.encode()) for media in offered}
    best = max(offered, key=weights.__getitem__)
    return best if weights[best] > 0 else None


def accept_weight(accept: bytes, media: bytes) -> float:
    """Return the weight of ``media`` in an ``Accept`` header.

    As RFC 9110 (12.5.1) says, of several ranges that admit it the most specific one decides.
    """
    kind = media.partition(b"/")[0]
    ranks = {b"*/*": 0, kind + b"/*": 1, media: 2}

    best_rank, best_weight = -1, 0.0
    for part in accept.lower().split(b","):
        name, *parameters = (piece.strip() for piece in part.split(b";"))
        if name not in ranks:
            continue
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith(b"q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        best_rank, best_weight = max((best_rank, best_weight), (ranks[name], weight))
    return best_weight


class HttpApp:
    """The ASGI application of the shop."""

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
            default=_no_such_path,
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
        """Return the answer to a request, whatever happens; None where the client has left."""
        try:
            return await self._serve(route, scope, receive)
        except Refusal as error:
            return problems.refusal_answer(error)
        except UnreadableError:
            return problems.UNREADABLE
        except PayloadTooLargeError:
            return problems.TOO_LARGE
        except UnsupportedMediaError:
            return problems.UNSUPPORTED_MEDIA
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
            media = choose_media(accept, (route.media, *route.also))
            if media is None:
                return problems.NOT_ACCEPTABLE
            exchange.media = media
        if self.site.draining and route.guarded:
            raise Unavailable
        if route.guarded and route.bearer == "early":
            await exchange.identify()
        if route.permission is not None:
            identity = exchange.identity
            require(None if identity is None else identity.actor, route.permission)

        if scope["query_string"]:
            exchange.split_query()
        answer = await route.handler(exchange)
        if route.also:
            answer.headers = [*answer.headers, _VARY]
        return answer
