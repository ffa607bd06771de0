"""``/registros``."""

from trastienda.actions import audit
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    json_answer,
    page_answer,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire import audit as wire


async def listed(exchange: Exchange) -> Answer:
    """Return a page of the trail."""
    query = exchange.query()

    def read(snapshot: Snapshot) -> Answer:
        named = wire.actions_named(query.get("q", ""))
        page = audit.listed(snapshot, exchange.actor, window(query, snapshot), named)
        zone = snapshot.shop.zone
        return page_answer(page, lambda row: wire.row_out(*row, zone), snapshot)

    return await exchange.desk.reader.run(read)


async def note(exchange: Exchange) -> Answer:
    """Add a row of one's own."""
    given = await exchange.decoded(wire.decode_note)
    if given.accion.strip().casefold() in wire.ACTIONS.values():
        raise Invalid("action", "reserved_name")
    row = await exchange.desk.writer.run(
        audit.note, exchange.actor, given.accion, given.detalle
    )
    return json_answer(
        wire.row_out(row, exchange.actor.person, exchange.desk.zone()), 201
    )


ROUTES = (
    Route(
        method="GET",
        path="/registros",
        handler=listed,
        summary="Los registros: quién hizo qué, cuándo y desde dónde",
        permission=Permission.AUDIT,
        answer=wire.RegistroEscrito,
        listed=True,
        snapshot=True,
        tag="Registros",
    ),
    Route(
        method="POST",
        path="/registros",
        handler=note,
        summary="Agrega un registro",
        permission=Permission.WRITE_NOTE,
        body=wire.RegistroNuevo,
        answer=wire.RegistroEscrito,
        status=201,
        tag="Registros",
    ),
)
