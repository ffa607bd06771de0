"""``/registros``."""

from trastienda.actions import audit
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, json_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.wire import audit as wire


async def listed(exchange: Exchange) -> Answer:
    """Return a page of the audit trail."""
    window = exchange.window()
    searched = window.search or ""
    actions = wire.actions_named(searched)
    reading = await exchange.desk.reader.read(
        audit.listed,
        exchange.actor,
        window,
        actions,
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda audit_row: wire.row_out(*audit_row, time_zone),
    )


async def note(exchange: Exchange) -> Answer:
    """Add a row to the audit trail by hand."""
    desk, actor = exchange.desk, exchange.actor
    note = await exchange.read(wire.decode_note)
    # The shop's own actions have names that nobody may write by hand.
    action = note.accion.strip().casefold()
    if action in wire.ACTIONS.values():
        raise Invalid("action", "reserved_name")

    audit_row = await desk.writer.run(
        audit.note,
        actor,
        note.accion,
        note.detalle,
    )
    shape = wire.row_out(audit_row, actor.person, desk.time_zone())
    return json_answer(shape, 201)


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
        example={"accion": "apertura de caja", "detalle": "Con $50.000 en monedas"},
        answer=wire.RegistroEscrito,
        status=201,
        tag="Registros",
    ),
)
