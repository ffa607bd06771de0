"""What machines and newcomers ask for.

Health, metrics, the description of the interface, the first page.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, field

from trastienda.domain.errors import (
    DatabaseLost,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from trastienda.domain.people import STAFF
from trastienda.servers.http.answers import JSON, Answer, Headers, json_answer
from trastienda.servers.http.assets import DOCS_FILES, PAGES, Asset
from trastienda.servers.http.exchange import SYSTEM, WEB, Exchange, Route
from trastienda.servers.http.headers import Keep
from trastienda.servers.http.openapi import document
from trastienda.servers.http.parameters import text
from trastienda.storage.transactions import last_n
from trastienda.wire.condition import Condicion, condition_out

_POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_POLICY = (b"content-security-policy", _POLICY)


class Estado(Struct):
    """Cómo está el proceso."""

    estado: str


class Listo(Struct, omit_defaults=True):
    """Si la tienda puede atender. ``detalles`` es para el personal."""

    estado: str
    tareas: str
    """``en_marcha``, o ``detenidas`` si la limpieza y las copias no corren."""
    detalles: Condicion | UnsetType = UNSET


async def alive(exchange: Exchange) -> Answer:
    """The process is alive."""
    return json_answer({"estado": "viva"})


async def ready(exchange: Exchange) -> Answer:
    """The shop can serve: it is not stopping, its database answers and takes writes."""
    if exchange.site.draining:
        raise Unavailable
    if exchange.desk.reader.is_lost():
        raise DatabaseLost
    await exchange.desk.reader.read(last_n)
    fault = exchange.desk.writer.fault
    if fault is not None:
        raise fault

    # It can serve without its daily tasks, too, but somebody has to know.
    tasks = "en_marcha" if exchange.site.tasks_run() else "detenidas"
    readiness = Listo("lista", tasks)
    # A machine asks with whatever token it has; the answer is the same.
    with suppress(NotAuthenticated):
        await exchange.identify()
    identity = exchange.identity
    if identity is not None and identity.actor.role in STAFF:
        time_zone = exchange.desk.time_zone()
        readiness.detalles = condition_out(exchange.site.condition, time_zone)
    return json_answer(readiness)


async def metrics(exchange: Exchange) -> Answer:
    """Counters for Prometheus."""
    content = exchange.site.metrics.render()
    content_type = b"text/plain; version=0.0.4; charset=utf-8"
    return Answer(200, content, content_type=content_type)


@cache
def _description(routes: Sequence[Route]) -> Asset:
    content = document(routes)
    return Asset.of(content, JSON)


async def openapi(exchange: Exchange) -> Answer:
    """The description of the interface."""
    return await _asset_answer(exchange, lambda: _description(exchange.site.routes))


async def certificate(exchange: Exchange) -> Answer:
    """The certificate that a phone has to trust, where the shop has one of its own."""
    if exchange.site.certificate is None:
        raise NotFound
    # Not as an attachment: a phone is to install it, not to store it among its files.
    disposition = (b"content-disposition", b'inline; filename="trastienda.crt"')
    return Answer(
        200,
        exchange.site.certificate,
        headers=[disposition],
        content_type=b"application/x-x509-ca-cert",
    )


async def _asset_answer(
    exchange: Exchange,
    get: Callable[[], Asset],
    headers: Headers = (),
) -> Answer:
    """Answer with a file, which takes a while to be packed the first time."""
    asset = await exchange.in_a_thread(get)
    if_none_match = exchange.headers.get(b"if-none-match")
    return asset.answer(if_none_match, headers)


async def docs(exchange: Exchange) -> Answer:
    """The description of the interface, to read and try."""
    return await _asset_answer(
        exchange,
        lambda: PAGES.get("docs.html"),
        [_PAGE_POLICY],
    )


class DocsPath(Struct, frozen=True):
    """A file that the page of documents needs."""

    name: Annotated[str, text(example="docs.js")] = field(name="archivo")


async def asset(exchange: Exchange) -> Answer:
    """A file that the page of documents needs."""
    name = exchange.path(DocsPath).name
    return await _asset_answer(exchange, lambda: DOCS_FILES.get(name))


async def home(exchange: Exchange) -> Answer:
    """The first page."""
    return await _asset_answer(
        exchange,
        lambda: PAGES.get("home.html"),
        [_PAGE_POLICY],
    )


async def root(exchange: Exchange) -> Answer:
    """To the first page."""
    location = (b"location", b"/app/")
    return Answer(307, headers=[location])


ROUTES = (
    Route(
        method="GET",
        path="/salud",
        handler=alive,
        summary="El proceso vive",
        answer=Estado,
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/listo",
        handler=ready,
        summary="La tienda puede atender",
        answer=Listo,
        refusals=(503,),
        tag=SYSTEM,
        bearer="late",
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=metrics,
        summary="Contadores",
        media="text/plain",
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/certificado",
        handler=certificate,
        summary="El certificado propio de la tienda, para confiar en él",
        media="application/x-x509-ca-cert",
        refusals=(404,),
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/openapi.json",
        handler=openapi,
        keep=Keep.ASKING,
        summary="Esta descripción",
        answer=dict,
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/docs",
        handler=docs,
        keep=Keep.ASKING,
        summary="Para leer y probar",
        media="text/html",
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/docs/{archivo}",
        path_parameters=DocsPath,
        handler=asset,
        keep=Keep.A_DAY,
        summary="",
        media="",
        tag=WEB,
    ),
    Route(
        method="GET",
        path="/app/",
        handler=home,
        keep=Keep.ASKING,
        summary="",
        media="text/html",
        tag=WEB,
    ),
    Route(
        method="GET", path="/", handler=root, summary="", status=307, media="", tag=WEB
    ),
)
