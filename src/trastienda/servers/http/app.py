"""The ASGI application: it finds a request's route, and answers whatever happens."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from time import perf_counter

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Route as Path
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from trastienda.domain.errors import Refusal, Unavailable
from trastienda.domain.people import require
from trastienda.servers import request_ids
from trastienda.servers.http import (
    api_keys,
    audit,
    events,
    notifications,
    people,
    problems,
    products,
    purchases,
    receipts,
    reports,
    returns,
    sales,
    second_factors,
    sessions,
    shop,
    system,
    webhooks,
)
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.compression import compress
from trastienda.servers.http.exchange import Exchange, Route, Site
from trastienda.servers.http.headers import Keep, repeated_header, usual_headers
from trastienda.servers.http.hosts import Hosts
from trastienda.servers.http.media import choose_media
from trastienda.servers.http.origins import Origins, adding
from trastienda.servers.http.problems import origin_answer
from trastienda.servers.http.proxies import TrustedProxies, is_forwarded
from trastienda.servers.http.states import answer_by_state
from trastienda.servers.http.streaming import go_on
from trastienda.servers.http.unfit_requests import (
    GoneError,
    PayloadTooLargeError,
    UnsupportedMediaError,
)
from trastienda.servers.incidents import Incident
from trastienda.wire.bodies import UnreadableError

log = logging.getLogger(__name__)


class _CodeConvertor(StringConvertor):
    """Takes a code from a path, with the slashes of a web address in it."""

    regex = ".+"

    def to_string(self, value: str) -> str:
        """Return the code as it stands in a path."""
        return value


register_url_convertor("code", _CodeConvertor())

ROUTES: tuple[Route, ...] = (
    *products.ROUTES,
    *sales.ROUTES,
    *receipts.ROUTES,
    *returns.ROUTES,
    *purchases.ROUTES,
    *people.ROUTES,
    *sessions.ROUTES,
    *api_keys.ROUTES,
    *second_factors.ROUTES,
    *notifications.ROUTES,
    *reports.ROUTES,
    *shop.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *audit.ROUTES,
    *system.ROUTES,
)
"""The table of routes."""

PART_BYTES = 64 * 1024
"""What of an answer is handed on before the client has to read."""
LIVE_PATH = "/socket.io/"
_LIVE_HEADERS = usual_headers(b"", Keep.NOBODY)
_VARY = (b"vary", b"accept")
"""Goes with answers that come in several media, so that caches keep them apart."""


class _Endpoint:
    """The routes of one path, by method."""

    def __init__(
        self,
        app: "HttpApp",
        routes: Mapping[str, Route],
    ) -> None:
        self._app = app
        self._routes = dict(routes)
        if "GET" in self._routes:
            self._routes["HEAD"] = self._routes["GET"]

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        began = perf_counter()
        method = scope["method"]
        route = self._routes.get(method)
        answer: Answer | None
        if route is None:
            path = ""
            answer = problems.method_answer(sorted(self._routes))
        else:
            path = route.path
            answer = await self._app.serve(route, scope, receive)

        if answer is None:
            return

        keep = Keep.NOBODY if route is None else route.keep
        await _send(answer, method, send, keep)
        seconds = perf_counter() - began
        self._app.site.metrics.answered(path, method, answer.status, seconds)
        if answer.stream is not None and method != "HEAD":
            await go_on(answer.stream, scope, send)


async def _send(
    answer: Answer,
    method: str,
    send: Send,
    keep: Keep = Keep.NOBODY,
) -> None:
    headers = list(answer.headers)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        keep = Keep.NOBODY
        headers += request_ids.headers()
    headers += usual_headers(answer.content_type, keep)
    goes_on = answer.stream is not None
    # Of 304 it would be that of the body; what goes on has none.
    if answer.status != HTTPStatus.NOT_MODIFIED and not goes_on:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    if answer.body or goes_on:
        headers.append((b"content-type", answer.content_type))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers,
        }
    )

    # HEAD has the headers of GET, the length among them, and no body.
    body = b"" if method == "HEAD" else answer.body
    if goes_on and method != "HEAD":
        return

    # A large one goes on as the client reads it. Its parts are no copies: what many are
    # sent at once is in memory once.
    rest = memoryview(body)
    while len(rest) > PART_BYTES:
        part = rest[:PART_BYTES]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        rest = rest[PART_BYTES:]
    await send({"type": "http.response.body", "body": rest})


async def _refuse_websocket(
    answer: Answer,
    send: Send,
) -> None:
    """Answer as to a request what wanted to go on as a WebSocket."""
    headers = [*answer.headers, *usual_headers(answer.content_type, Keep.NOBODY)]
    headers.append((b"content-type", answer.content_type))
    await send(
        {
            "type": "websocket.http.response.start",
            "status": answer.status,
            "headers": headers,
        }
    )
    await send({"type": "websocket.http.response.body", "body": answer.body})


class HttpApp:
    """The ASGI application of the shop."""

    def __init__(
        self,
        site: Site,
        live: ASGIApp,
        hosts: Hosts,
        origins: Origins,
        proxies: TrustedProxies,
    ) -> None:
        self.site = site
        self._live = live
        self._hosts = hosts
        self._origins = origins
        self._proxies = proxies
        site.routes = ROUTES

        routes_by_path: dict[str, dict[str, Route]] = {}
        for route in ROUTES:
            routes_of_path = routes_by_path.setdefault(route.path, {})
            routes_of_path[route.method] = route

        paths = []
        # Paths that say more come first, since a code may go on over slashes.
        for path in sorted(routes_by_path, key=len, reverse=True):
            endpoint = _Endpoint(self, routes_by_path[path])
            pattern = path.replace("{codigo_barras}", "{codigo_barras:code}")
            paths.append(Path(pattern, endpoint=endpoint))

        async def no_such_path(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await _send(problems.NO_SUCH_PATH, scope["method"], send)

        self._router = Router(paths, redirect_slashes=False, default=no_such_path)

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        if scope["type"] == "http":
            # Cancelled while it answers: nobody is there to hear it.
            with contextlib.suppress(asyncio.CancelledError):
                await self._let_in(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._let_in(scope, receive, send)

    async def _let_in(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        headers = scope["headers_by_name"] = dict(scope["headers"])
        request_ids.begin(scope)
        # Before anything else: what is asked for under another name is not for this shop.
        answer = self._hosts.refusal(scope)
        if answer is None and len(headers) < len(scope["headers"]):
            repeated = repeated_header(scope["headers"])
            if repeated is not None:
                answer = problems.repeated_answer(repeated)
        if answer is not None:
            await self._send_at_the_door(answer, scope, send)
            return

        if is_forwarded(headers):
            peer, port = scope["client"]
            scope["client"] = self._proxies.caller(peer, scope["headers"]), port

        origin = headers.get(b"origin")
        if origin is not None:
            origin_text = origin.decode("latin-1")
            send = adding(self._origins.headers(origin_text), send)
            is_preflight = b"access-control-request-method" in headers
            if is_preflight and scope["method"] == "OPTIONS":
                answer = self._origins.preflight_answer(origin_text)
                await self._send_at_the_door(answer, scope, send)
                return

        if scope["path"] == LIVE_PATH:
            await self._go_live(scope, receive, send)
        else:
            await self._router(scope, receive, send)

    async def _go_live(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Hand a request on to what is live, which may refuse it as the domain does."""
        origin = scope["headers_by_name"].get(b"origin")
        # Of a request, the browser keeps the answer from a foreign page. A WebSocket is no
        # request to it.
        if origin is not None and scope["type"] == "websocket":
            site = origin.decode("latin-1")
            if not self._origins.admits(site, scope["headers_by_name"].get(b"host")):
                await self._send_at_the_door(origin_answer(site), scope, send)
                return
        try:
            await self._live(scope, receive, adding(_LIVE_HEADERS, send))
        except Refusal as error:
            answer = problems.refusal_answer(error)
            await self._send_at_the_door(answer, scope, send)

    async def _send_at_the_door(
        self,
        answer: Answer,
        scope: Scope,
        send: Send,
    ) -> None:
        if scope["type"] == "websocket":
            await _refuse_websocket(answer, send)
            return

        method = scope["method"]
        await _send(answer, method, send)
        self.site.metrics.answered("", method, answer.status, 0)

    async def serve(
        self,
        route: Route,
        scope: Scope,
        receive: Receive,
    ) -> Answer | None:
        """Return the answer to a request, whatever happens.

        None where the client has left.
        """
        exchange = Exchange(
            self.site,
            route,
            scope,
            receive,
            scope["headers_by_name"],
        )
        try:
            return await self._serve(exchange)
        except Refusal as error:
            answer = problems.refusal_answer(error)
            if answer.status == HTTPStatus.FORBIDDEN and exchange.identity is not None:
                self.site.desk.auth.incidents.log(
                    Incident.FORBIDDEN,
                    exchange.address,
                    rut=exchange.actor.rut,
                    route=f"{route.method} {route.path}",
                )
            return answer
        except UnreadableError:
            return problems.UNREADABLE
        except PayloadTooLargeError:
            return problems.TOO_LARGE
        except UnsupportedMediaError:
            return problems.UNSUPPORTED_MEDIA
        except GoneError:
            return None
        except asyncio.CancelledError:
            # The shop stops, or the client has left.
            return problems.refusal_answer(Unavailable())
        except Exception:
            # People say the number, and whoever looks after the shop finds it.
            number = secrets.token_hex(2).upper()
            fields = {"number": number, "address": exchange.address}
            extra = {"fields": fields}
            log.exception("%s %s failed", route.method, route.path, extra=extra)
            return problems.failed_answer(number)

    async def _serve(
        self,
        exchange: Exchange,
    ) -> Answer:
        route = exchange.route
        accept = exchange.headers.get(b"accept")
        if accept is not None and accept != b"*/*" and route.media:
            media = choose_media(accept, (route.media, *route.also))
            if media is None:
                return problems.NOT_ACCEPTABLE
            exchange.media = media

        if self.site.draining and route.guarded:
            raise Unavailable

        # Who may not call learns nothing of what is wrong with the query or the body.
        if route.guarded and route.bearer == "early":
            await exchange.identify()
        if route.permission is not None:
            identity = exchange.identity
            actor = None if identity is None else identity.actor
            require(actor, route.permission)

        if exchange.scope["query_string"]:
            exchange.split_query()

        if route.by_state:
            answer = await answer_by_state(exchange)
        else:
            answer = await route.handler(exchange)
        if route.also:
            answer.headers = [*answer.headers, _VARY]
        await compress(exchange, answer)
        return answer
