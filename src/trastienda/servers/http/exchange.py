"""One request and its answer: what the handlers see of HTTP."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.types import Receive, Scope

from trastienda.devices.printer import Printer
from trastienda.domain.days import ONE_DAY, day_start_ms
from trastienda.domain.errors import Invalid, NotAuthenticated, NotFound, Unavailable
from trastienda.domain.lists import DEFAULT_LIMIT, MAX_LIMIT, Page, Window
from trastienda.domain.people import Actor, Permission
from trastienda.servers.auth import Identity
from trastienda.servers.desk import Desk
from trastienda.servers.http.metrics import Metrics
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.transactions import Snapshot
from trastienda.wire import bodies
from trastienda.wire.names import Verbatim
from trastienda.wire.receipts.media import Paper
from trastienda.wire.values import day_in

T = TypeVar("T")
Item = TypeVar("Item")

Headers = Sequence[tuple[bytes, bytes]]

MAX_BODY_BYTES = 256 * 1024
"""A sale of 500 lines takes some 30 kB; whatever is far larger is no request of a shop."""
MAX_QUERY_VALUE = 200
"""Characters in a query parameter. Each word of a search is one more condition on every row."""
JSON = b"application/json"


SYSTEM, WEB = "Sistema", "Web"
"""Tags of what is answered to anybody, and while the shop stops, too."""


class Site:
    """What the HTTP server has beside the desk that it shares with the other servers."""

    def __init__(
        self, desk: Desk, metrics: Metrics, printer: Printer, paper: Paper
    ) -> None:
        self.desk = desk
        self.metrics = metrics
        self.printer = printer
        self.paper = paper
        self.routes: tuple[Route, ...] = ()
        """The public table, for the page that describes it."""
        self.draining = False
        """No new work is taken: the shop stops."""
        self.certificate: bytes | None = None
        """The shop's own certificate authority (PEM), where it has one."""


class Answer(Struct):
    """An answer: a status, a body, and headers beside its type."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    content_type: bytes = JSON


class Route(Struct, frozen=True, kw_only=True):
    """A row of the public table: what is called how, by whom, with what, for what.

    ``permission`` None means that nobody has to be known. ``refusals`` are the statuses that documents name beside
    those that every route shares.
    """

    method: str
    path: str
    handler: "Callable[[Exchange], Awaitable[Answer]]"
    summary: str
    tag: str
    permission: Permission | None = None
    body: type | None = None
    answer: Any = None
    status: int = 200
    filters: tuple[str, ...] = ()
    listed: bool = False
    idempotent: bool = False
    versioned: bool = False
    snapshot: bool = False
    refusals: tuple[int, ...] = ()
    media: str = "application/json"
    also: tuple[str, ...] = ()
    """Further media of the same thing, for who asks for them; ``media`` is for who does not care."""
    bearer: Literal["early", "late", "never"] = "early"
    """When a token that comes along is looked at: before the body, by the handler, or not at all, since who logs in
    may carry an old one."""

    @property
    def guarded(self) -> bool:
        """Whether this is the shop's own business."""
        return self.tag not in {SYSTEM, WEB}


class PayloadTooLargeError(Exception):
    """The body is larger than any that a shop sends."""


class UnsupportedMediaError(Exception):
    """The body is not what the route reads."""


class GoneError(Exception):
    """The client has left before the request was whole."""


_PRINTABLE = re.compile(r"[ -~]{1,200}", re.ASCII)


class Exchange:
    """A request as its handler sees it."""

    __slots__ = (
        "_receive",
        "desk",
        "headers",
        "identity",
        "media",
        "route",
        "scope",
        "site",
    )

    def __init__(
        self,
        site: Site,
        route: Route,
        scope: Scope,
        receive: Receive,
        headers: Mapping[bytes, bytes],
    ) -> None:
        self.site = site
        self.desk = site.desk
        self.route = route
        self.scope = scope
        self.headers = headers
        self.identity: Identity | None = None
        self.media = route.media
        """The one of the route's media that the answer is to have."""
        self._receive = receive

    def identify(self) -> None:
        """Look at the token that came along, if one did; raise NotAuthenticated where it is not good."""
        authorization = self.headers.get(b"authorization")
        if authorization is None:
            return
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise NotAuthenticated
        self.identity = self.desk.auth.authenticate(
            token.strip().decode("latin-1"), self.origin
        )

    @property
    def actor(self) -> Actor:
        """Whoever calls; the route has made sure that somebody is known."""
        assert self.identity is not None
        return self.identity.actor

    @property
    def address(self) -> str:
        """Where the call comes from."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def origin(self) -> str:
        """Where the call comes from, for the audit trail."""
        return f"http {self.address}"

    def parameter(self, name: str) -> str:
        """Return a part of the path."""
        value: str = self.scope["path_params"][name]
        return value

    def number(self, name: str) -> int:
        """Return a part of the path as a number; raise NotFound where it is none that a row could have."""
        text = self.parameter(name)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise NotFound
        return int(text)

    async def body(self) -> bytes:
        """Read the body; raise PayloadTooLargeError, UnsupportedMediaError, GoneError or Unavailable."""
        headers = self.headers
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            raise PayloadTooLargeError
        media = headers.get(b"content-type", JSON)
        if media != JSON and not _is_json(media):
            raise UnsupportedMediaError
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise UnsupportedMediaError
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                message = await self._receive()
            except (
                asyncio.CancelledError
            ) as error:  # the shop stops, and what never came was never accepted
                raise Unavailable from error
            if message["type"] == "http.disconnect":
                raise GoneError
            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise PayloadTooLargeError
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def decoded(self, decoder: "msgspec.json.Decoder[T]") -> T:
        """Read the body and decode it."""
        return bodies.decode(decoder, await self.body())

    def key(self, body: bytes) -> IdempotencyKey | None:
        """Return the caller's key for this request, if one was sent; raise Invalid for one that is none."""
        given = self.headers.get(b"idempotency-key")
        if given is None:
            return None
        text = given.decode("latin-1")
        if not _PRINTABLE.fullmatch(text):
            raise Invalid(
                "Idempotency-Key",
                "body_shape",
                problem="de 1 a 200 caracteres ASCII imprimibles",
            )
        place = f"{self.route.method} {self.route.path}"
        content = bodies.fingerprint(self.scope["path"], body)
        user_id = self.actor.user_id
        return IdempotencyKey(
            user_id if user_id is not None else 0, place, text, content
        )

    def revisions(self) -> list[str] | None:
        """Return the versions that ``If-Match`` allows, or None where any will do."""
        given = self.headers.get(b"if-match")
        if given is None or given.strip() == b"*":
            return None
        return re.findall(r'(?<!W/)"([^"]*)"', given.decode("latin-1"))

    def query(self) -> dict[str, str]:
        """Return the query parameters; raise Invalid for one that the route does not know or that comes twice."""
        raw = self.scope["query_string"]
        if not raw:
            return {}
        known = {
            *self.route.filters,
            *(("limite", "cursor", "desde", "hasta", "q") if self.route.listed else ()),
        }
        found: dict[str, str] = {}
        try:
            pairs = parse_qsl(
                raw.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=50,
            )
        except ValueError as error:
            raise Invalid(
                "consulta", "body_shape", problem="debe ser texto UTF-8 codificado"
            ) from error
        for name, value in pairs:
            if name not in known:
                raise Invalid(Verbatim(name), "unknown")
            if name in found:
                raise Invalid(Verbatim(name), "repeated")
            if "\x00" in value:
                raise Invalid(Verbatim(name), "control_characters")
            if len(value) > MAX_QUERY_VALUE:
                raise Invalid(Verbatim(name), "too_long", limit=MAX_QUERY_VALUE)
            found[name] = value
        return found


def _is_json(media: bytes) -> bool:
    kind, _, rest = media.partition(b";")
    charset = rest.strip().lower().replace(b'"', b"")
    return kind.strip().lower() == JSON and charset in {
        b"",
        b"charset=utf-8",
        b"charset=utf8",
    }


def window(query: Mapping[str, str], snapshot: Snapshot) -> Window:
    """Return the part of a list that the query asks for; days are the shop's own."""
    limit = DEFAULT_LIMIT
    if "limite" in query:
        text = query["limite"]
        if not (
            text.isascii()
            and text.isdigit()
            and len(text) < 9
            and 1 <= int(text) <= MAX_LIMIT
        ):
            raise Invalid("limit", "limit_range")
        limit = int(text)
    from_ms = until_ms = None
    if "desde" in query:
        from_ms = day_start_ms(day_in(query["desde"], "from"), snapshot.shop.zone)
    if "hasta" in query:
        last = day_in(query["hasta"], "until")
        until_ms = (
            day_start_ms(last + ONE_DAY, snapshot.shop.zone)
            if last.year < 9999
            else None
        )
    return Window(
        limit=limit,
        cursor=query.get("cursor"),
        from_ms=from_ms,
        until_ms=until_ms,
        search=query.get("q"),
    )


def json_answer(value: Any, status: int = 200, headers: Headers = ()) -> Answer:
    """Answer with a value as JSON."""
    return Answer(status, msgspec.json.encode(value), headers)


def snapshot_answer(value: Any, snapshot: Snapshot, headers: Headers = ()) -> Answer:
    """Answer with shop data as of one state, which ``Trastienda-N`` names."""
    return json_answer(
        value, headers=[(b"trastienda-n", b"%d" % snapshot.n), *(headers)]
    )


def page_answer(
    page: Page[Item], show: Callable[[Item], Any], snapshot: Snapshot
) -> Answer:
    """Answer with a page of a list."""
    return snapshot_answer(
        {"datos": [show(item) for item in page.items], "siguiente": page.following},
        snapshot,
    )


def etag(revision: str) -> tuple[bytes, bytes]:
    """Return the header that names a version."""
    return b"etag", f'"{revision}"'.encode()


def replayed(is_replay: bool) -> Headers:
    """Return the header that tells a repeated answer from a first one."""
    return [(b"idempotency-replayed", b"true")] if is_replay else []
