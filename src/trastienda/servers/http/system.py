"""What machines and newcomers ask: health, metrics, the description of the interface, the first page."""

from functools import cache
from importlib.resources import files

from msgspec import Struct

from trastienda.domain.errors import NotFound, Unavailable
from trastienda.servers.http.exchange import (
    SYSTEM,
    WEB,
    Answer,
    Exchange,
    Route,
    json_answer,
)
from trastienda.servers.http.openapi import document

_HTML = b"text/html; charset=utf-8"
_POLICY = (
    b"content-security-policy",
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
)
_ASSETS = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "docs.js": b"text/javascript; charset=utf-8",
}


async def alive(exchange: Exchange) -> Answer:
    """The process is alive."""
    return json_answer({"estado": "viva"})


async def ready(exchange: Exchange) -> Answer:
    """The shop can serve: it is not stopping, and its database answers."""
    if exchange.site.draining:
        raise Unavailable
    exchange.desk.reader.now(lambda state: state.n)
    return json_answer({"estado": "lista"})


async def metrics(exchange: Exchange) -> Answer:
    """Counters for Prometheus."""
    return Answer(
        200,
        exchange.site.metrics.text(),
        content_type=b"text/plain; version=0.0.4; charset=utf-8",
    )


async def openapi(exchange: Exchange) -> Answer:
    """The description of the interface."""
    return Answer(200, document(exchange.site.routes))


async def certificate(exchange: Exchange) -> Answer:
    """The certificate that a phone has to trust, where the shop has one of its own."""
    if exchange.site.certificate is None:
        raise NotFound
    # no attachment: a phone is to take it in, not to keep it among its files
    name = (b"content-disposition", b'inline; filename="trastienda.crt"')
    return Answer(200, exchange.site.certificate, [name], b"application/x-x509-ca-cert")


@cache
def _file(name: str) -> bytes:
    return files("trastienda.servers.http").joinpath("static", name).read_bytes()


async def docs(exchange: Exchange) -> Answer:
    """The description of the interface, to read and try."""
    return Answer(200, _file("docs.html"), [_POLICY], _HTML)


async def asset(exchange: Exchange) -> Answer:
    """A file that the pages above need."""
    name = exchange.parameter("archivo")
    if name not in _ASSETS:
        raise NotFound
    return Answer(
        200, _file(name), [(b"cache-control", b"max-age=86400")], _ASSETS[name]
    )


async def home(exchange: Exchange) -> Answer:
    """The first page."""
    return Answer(200, _file("home.html"), [_POLICY], _HTML)


async def root(exchange: Exchange) -> Answer:
    """To the first page."""
    return Answer(307, headers=[(b"location", b"/app/")])


class Estado(Struct):
    """Cómo está el proceso."""

    estado: str


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
        answer=Estado,
        refusals=(503,),
        tag=SYSTEM,
        bearer="never",
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
        summary="Esta descripción",
        answer=dict,
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/docs",
        handler=docs,
        summary="Para leer y probar",
        media="text/html",
        tag=SYSTEM,
        bearer="never",
    ),
    Route(
        method="GET",
        path="/docs/{archivo}",
        handler=asset,
        summary="",
        media="",
        tag=WEB,
    ),
    Route(
        method="GET", path="/app/", handler=home, summary="", media="text/html", tag=WEB
    ),
    Route(
        method="GET", path="/", handler=root, summary="", status=307, media="", tag=WEB
    ),
)
