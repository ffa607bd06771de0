"""One request: the table of routes describes it, and handlers see it as an exchange."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Literal, TypeVar

from msgspec import Struct
from starlette.types import Receive, Scope

from trastienda.actions.once import Outcome
from trastienda.devices.printer import Printer
from trastienda.domain.condition import Condition
from trastienda.domain.errors import Invalid, NotAuthenticated
from trastienda.domain.lists import Page, Window
from trastienda.domain.networks import network_of
from trastienda.domain.people import Actor, Permission
from trastienda.fair_pool import FairPool
from trastienda.live.reserved_names import ReservedNames
from trastienda.reader import Reading
from trastienda.servers.access_tokens import Identity
from trastienda.servers.desk import Desk
from trastienda.servers.http.answers import JSON, Answer, page_answer, replayed
from trastienda.servers.http.headers import Keep
from trastienda.servers.http.metrics import Metrics
from trastienda.servers.http.parameters import (
    ListQuery,
    NoParameters,
    known_names,
    read_path,
    read_query,
    split_query,
)
from trastienda.servers.http.unfit_requests import (
    GoneError,
    PayloadTooLargeError,
    UnsupportedMediaError,
)
from trastienda.servers.streams import Listen
from trastienda.servers.turns import Turn
from trastienda.servers.webhooks import WebhookDoor
from trastienda.storage.idempotency import IdempotencyKey, Render
from trastienda.wire import bodies
from trastienda.wire.names import Verbatim
from trastienda.wire.receipts.media import Paper

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
Item = TypeVar("Item")

MAX_BODY_BYTES = 256 * 1024
"""A sale of 500 lines takes some 30 kB. A shop sends nothing that is far larger."""

MAX_DRAWING = 4
"""Files and pages drawn at once. Each takes a core for up to two seconds."""

SYSTEM, WEB = "Sistema", "Web"
"""Tags of the routes that anybody may call, even while the shop stops."""

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[ -~]{1,200}", re.ASCII)
_STRONG_ETAG = re.compile(r'(?<!W/)"([^"]*)"')
_NO_TEXTS: dict[str, str] = {}


class Site:
    """What the HTTP server has beside the desk that all servers share."""

    def __init__(
        self,
        desk: Desk,
        metrics: Metrics,
        printer: Printer,
        paper: Paper,
        condition: Condition,
        reserved_names: ReservedNames,
        listen: Listen,
        webhooks: WebhookDoor,
        *,
        is_registration_open: bool,
    ) -> None:
        self.desk = desk
        self.condition = condition
        self.metrics = metrics
        self.printer = printer
        self.paper = paper
        self.reserved_names = reserved_names
        self.listen = listen
        """Tells somebody what is announced."""
        self.is_registration_open = is_registration_open
        """Whether strangers make accounts for themselves."""
        self.routes: tuple[Route, ...] = ()
        """The table of routes, for the page that describes it."""
        self.draining = False
        """Whether the shop is stopping and takes no new work."""
        self.tasks_run: Callable[[], bool] = lambda: False
        """Whether the shop's own tasks run at their times."""
        self.certificate: bytes | None = None
        """The shop's own certificate authority (PEM), where it has one."""
        self.drawing = FairPool(MAX_DRAWING, "drawing")
        self.webhooks = webhooks


class Route(Struct, frozen=True, kw_only=True, eq=False):
    """A row of the table of routes: who may call what, with which parameters and body,
    and what is answered."""

    method: str
    path: str
    """With its parameters in braces, by the names that ``path_parameters`` declares."""
    handler: "Callable[[Exchange], Awaitable[Answer]]"
    summary: str
    """In Spanish, for documents. A route without one is not described."""
    tag: str
    permission: Permission | None = None
    """None means that whoever calls need not be known."""
    path_parameters: type[Struct] = NoParameters
    query: type[Struct] = NoParameters
    """The route's own parameters, beside those of every list."""
    body: type | None = None
    example: Mapping[str, Any] | None = None
    """A body to begin with, for somebody who tries the interface."""
    answer: Any = None
    """The shape of the answer, or of each item of a list."""
    other_items: tuple[type, ...] = ()
    """Further shapes that items of the list may have."""
    status: int = 200
    listed: bool = False
    """Whether it answers a page of a list, and takes the parameters of every list."""
    idempotent: bool = False
    """Whether it takes an Idempotency-Key."""
    versioned: bool = False
    """Whether it takes an If-Match."""
    snapshot: bool = False
    """Whether the answer has a Trastienda-N."""
    by_state: bool = False
    """Whether all that changes the answer is announced: 304 for whoever has it."""
    refusals: tuple[int, ...] = ()
    """Statuses of refusals that documents name beside those that every route shares."""
    media: str = "application/json"
    """The medium of the answer, where the caller does not mind."""
    also: tuple[str, ...] = ()
    """Further media of the same answer, for callers who ask for them."""
    keep: Keep = Keep.NOBODY
    """Who may keep an answer that is no refusal."""
    bearer: Literal["early", "late", "never"] = "early"
    """When a token is looked at: before the body, by the handler, or not at all.

    Never where people log in: they may still send an old token along.
    """
    changes_password: bool = False
    """Whether who has to change their password may call it: to do that, or to leave."""

    @property
    def guarded(self) -> bool:
        """Whether the route is about the shop's own business."""
        return self.tag != SYSTEM and self.tag != WEB

    @property
    def refusal_statuses(self) -> set[int]:
        """The statuses of its own refusals and of those that routes share."""
        statuses = {*self.refusals, 406, 422}
        if self.permission is not None:
            statuses |= {401, 403}
        if self.body is not None:
            statuses |= {400, 413, 415}
        if self.versioned:
            statuses |= {412}
        if self.guarded:
            statuses |= {503}
        return statuses


class Exchange:
    """A request as its handler sees it."""

    __slots__ = (
        "_query_texts",
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
        self._query_texts = _NO_TEXTS

    async def identify(self) -> None:
        """Look at the token or key that came along; raise NotAuthenticated for a bad one."""
        authorization = self.headers.get(b"authorization")
        if authorization is None:
            return

        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise NotAuthenticated

        self.identity = await self.desk.auth.authenticate(
            token.strip().decode("latin-1"),
            self.origin,
            self.address,
            changes_password=self.route.changes_password,
        )

    @property
    def actor(self) -> Actor:
        """Whoever calls.

        Only for routes with a permission: nobody unknown gets as far as their handler.
        """
        assert self.identity is not None
        return self.identity.actor

    @property
    def address(self) -> str:
        """The network address from which the call comes."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def turn(self) -> Turn:
        """Whoever calls, where they have to wait for their turn."""
        identity = self.identity
        who = None if identity is None else identity.actor.user_id
        return Turn((network_of(self.address), who is not None), who)

    @property
    def origin(self) -> str:
        """Where the call comes from, as the audit trail records it."""
        return f"http {self.address}"

    def path(self, shape: type[S]) -> S:
        """Return the parameters of the path.

        Raises NotFound where they name nothing that could exist.
        """
        assert shape is self.route.path_parameters
        path_texts = self.scope["path_params"]
        return read_path(shape, path_texts)

    def split_query(self) -> None:
        """Take the query apart.

        Raises Invalid for a parameter that the route does not know.
        """
        route = self.route
        known = known_names(route.query, listed=route.listed)
        query_string = self.scope["query_string"]
        self._query_texts = split_query(query_string, known)

    def query(self, shape: type[S]) -> S:
        """Return the route's own parameters of the query.

        Raises Invalid for a value that is not fit.
        """
        assert shape is self.route.query
        return read_query(shape, self._query_texts)

    def window(self) -> Window:
        """Return the part of a list that the query asks for, by the days of the shop.

        Raises Invalid.
        """
        query = read_query(ListQuery, self._query_texts)
        time_zone = self.desk.time_zone()
        return query.window(time_zone)

    async def page_answer(
        self,
        reading: Reading[Page[Item]],
        render: Callable[[Item], Any],
    ) -> Answer:
        """Answer with a page of a list.

        It is rendered in a thread: it may have thousands of lines.
        """
        draw = partial(page_answer, reading, render)
        return await self.in_a_thread(draw)

    async def in_a_thread(self, draw: Callable[[], T]) -> T:
        """Draw a file or a page in a thread: it takes too long for the event loop."""
        identity = self.identity
        caller = None if identity is None else identity.actor.user_id
        return await self.site.drawing.run(caller, draw)

    async def body(self) -> bytes:
        """Read the body.

        Raises PayloadTooLargeError, UnsupportedMediaError or GoneError.
        """
        headers = self.headers
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            raise PayloadTooLargeError

        # A foreign page may send any body without asking, but not as JSON. So one whose
        # type is left out is not taken for it.
        has_body = length != b"0" or b"transfer-encoding" in headers
        media = headers.get(b"content-type", b"" if has_body else JSON)
        if media != JSON:  # JSON in UTF-8 may be spelled otherwise
            kind, _, parameters = media.lower().partition(b";")
            charset = parameters.strip().replace(b'"', b"")
            is_utf8 = charset in {b"", b"charset=utf-8", b"charset=utf8"}
            if kind.strip() != JSON or not is_utf8:
                raise UnsupportedMediaError

        encoding = headers.get(b"content-encoding", b"identity")
        if encoding != b"identity":
            raise UnsupportedMediaError

        # The header need not tell the true length: the bytes are counted, too.
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise GoneError

            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise PayloadTooLargeError

            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def read(self, decode: Callable[[bytes], T]) -> T:
        """Read the body and decode it."""
        return decode(await self.body())

    async def read_keyed(
        self,
        decode: Callable[[bytes], T],
        render: Render,
    ) -> tuple[T, IdempotencyKey | None]:
        """Read the body and decode it.

        Return it with the caller's key for repeats, if one was sent. ``render`` writes the
        answer that is kept under it.
        """
        body = await self.body()
        value = decode(body)
        header = self.headers.get(b"idempotency-key")
        if header is None:
            return value, None

        key_text = header.decode("latin-1")
        if not _KEY.fullmatch(key_text):
            raise Invalid(Verbatim(KEY_HEADER), "key_shape")

        user_id = self.actor.user_id or 0
        place = f"{self.route.method} {self.route.path}"
        fingerprint = bodies.fingerprint(self.scope["path"], body)
        return value, IdempotencyKey(user_id, place, key_text, fingerprint, render)

    def keyed_answer(
        self,
        outcome: Outcome[Any],
        render: Render,
        status: int = 200,
    ) -> Answer:
        """Answer what may come again under a key: with the bytes kept, if there are any."""
        body = outcome.body
        if body is None:
            body = render(outcome.value, self.desk.time_zone(), self.desk.clock())
        return Answer(status, body, replayed(outcome.replayed))

    def revisions(self) -> list[str] | None:
        """Return the versions that ``If-Match`` allows, or None where it allows any."""
        header = self.headers.get(b"if-match")
        if header is None or header.strip() == b"*":
            return None

        # What stands behind a point is how the version was shown.
        etags = _STRONG_ETAG.findall(header.decode("latin-1"))
        return [etag.partition(".")[0] for etag in etags]
