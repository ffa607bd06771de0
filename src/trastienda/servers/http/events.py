"""``/eventos``: what is announced, as server-sent events."""

from typing import Annotated

from msgspec import Struct, field

from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import announcement, declared
from trastienda.servers.http.streaming import EVENT_STREAM
from trastienda.servers.streams import Listener
from trastienda.wire.names import Verbatim

_HEADERS = (
    # A proxy that gathers what it passes on would hold the events back.
    (b"x-accel-buffering", b"no"),
)


class EventsQuery(Struct, frozen=True, kw_only=True):
    """From where on events are told."""

    since_n: Annotated[
        int | None,
        announcement("Cuenta también lo anunciado después de este Trastienda-N"),
    ] = field(default=None, name="desde")


def _last_event_id(exchange: Exchange) -> int | None:
    """Return what a browser that comes back says it heard last; raise Invalid."""
    header = exchange.headers.get(b"last-event-id", b"")
    if not header:
        return None
    (since,) = declared(EventsQuery)
    try:
        number: int = since.read(header.decode("latin-1"))
    except Invalid as error:
        raise Invalid(Verbatim("Last-Event-ID"), "whole_number") from error
    return number


async def listen(exchange: Exchange) -> Answer:
    """Tell what is announced, and first what was since a number."""
    since_n = exchange.query(EventsQuery).since_n
    last_n = _last_event_id(exchange)
    assert exchange.identity is not None
    listener = Listener(
        identity=exchange.identity,
        address=exchange.address,
        is_secure=exchange.scope["scheme"] == "https",
        since_n=since_n if last_n is None else last_n,
    )
    return Answer(
        200,
        headers=_HEADERS,
        content_type=EVENT_STREAM.encode(),
        stream=exchange.site.listen(listener),
    )


ROUTES = (
    Route(
        method="GET",
        path="/eventos",
        handler=listen,
        summary="Lo que se anuncia, a medida que ocurre",
        permission=Permission.LOOK,
        query=EventsQuery,
        media=EVENT_STREAM,
        tag="Eventos",
    ),
)
