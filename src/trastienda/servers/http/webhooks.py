"""``/avisos``: other systems' addresses, to which the shop sends what it announces."""

import secrets

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from trastienda.actions import webhooks
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, json_answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import WebhookPath
from trastienda.servers.http.proof import prove
from trastienda.servers.webhooks import ID_BYTES
from trastienda.wire import webhooks as wire


async def make(exchange: Exchange) -> Answer:
    """Add an address."""
    door = exchange.site.webhooks
    draft, proof = await exchange.read(wire.decode_draft)
    await prove(exchange, *proof)
    draft = replace(draft, url=await door.check(draft.url))
    webhook_id = secrets.token_hex(ID_BYTES)
    secret, sealed = door.make_secret(webhook_id)
    await exchange.desk.writer.run(
        webhooks.make, exchange.actor, draft, webhook_id, sealed
    )
    return await _shown(exchange, webhook_id, wire.secret_out(secret), 201)


async def listed(exchange: Exchange) -> Answer:
    """Return all addresses."""
    desk = exchange.desk
    reading = await desk.reader.read(webhooks.listed, exchange.actor)
    time_zone = desk.time_zone()
    rows = [wire.webhook_out(*row, time_zone) for row in reading.value]
    return snapshot_answer(wire.Avisos(rows), reading.n)


async def get(exchange: Exchange) -> Answer:
    """Return an address."""
    return await _shown(exchange, exchange.path(WebhookPath).webhook_id)


async def change(exchange: Exchange) -> Answer:
    """Change an address."""
    door = exchange.site.webhooks
    webhook_id = exchange.path(WebhookPath).webhook_id
    changes, has_new_secret, proof = await exchange.read(wire.decode_change)
    await exchange.desk.reader.read(webhooks.get, exchange.actor, webhook_id)
    await prove(exchange, *proof)
    if changes.url is not UNSET:
        changes = replace(changes, url=await door.check(changes.url))

    shown_secret: str | UnsetType = UNSET
    if has_new_secret:
        secret, sealed = door.make_secret(webhook_id)
        changes = replace(changes, secret=sealed)
        shown_secret = wire.secret_out(secret)
    await exchange.desk.writer.run(webhooks.change, exchange.actor, webhook_id, changes)
    return await _shown(exchange, webhook_id, shown_secret)


async def remove(exchange: Exchange) -> Answer:
    """Remove an address."""
    webhook_id = exchange.path(WebhookPath).webhook_id
    await exchange.desk.writer.run(webhooks.remove, exchange.actor, webhook_id)
    return Answer(204)


async def test(exchange: Exchange) -> Answer:
    """Send something to an address now, to see what it answers."""
    webhook_id = exchange.path(WebhookPath).webhook_id
    reading = await exchange.desk.reader.read(webhooks.get, exchange.actor, webhook_id)
    webhook, _ = reading.value
    reply = await exchange.site.webhooks.send_test(webhook)
    answer = wire.answer_out(reply.status, reply.answer)
    return json_answer(wire.PruebaDeAviso(reply.is_taken, reply.status, answer))


async def _shown(
    exchange: Exchange,
    webhook_id: str,
    secret: str | UnsetType = UNSET,
    status: int = 200,
) -> Answer:
    desk = exchange.desk
    reading = await desk.reader.read(webhooks.get, exchange.actor, webhook_id)
    shape = wire.webhook_out(*reading.value, desk.time_zone(), secret)
    if exchange.route.snapshot:
        return snapshot_answer(shape, reading.n)
    return json_answer(shape, status)


ROUTES = (
    Route(
        method="POST",
        path="/avisos",
        handler=make,
        summary="Agrega una dirección de otro sistema, a la que se envían los anuncios",
        permission=Permission.MANAGE_WEBHOOKS,
        body=wire.AvisoNuevo,
        example={
            "url": "https://contabilidad.cl/avisos",
            "eventos": ["venta", "devolucion"],
            "clave_actual": "una-clave-larga",
        },
        answer=wire.Aviso,
        status=201,
        refusals=(409, 429),
        tag="Tienda",
    ),
    Route(
        method="GET",
        path="/avisos",
        handler=listed,
        summary="Las direcciones a las que se envían los anuncios",
        permission=Permission.MANAGE_WEBHOOKS,
        answer=wire.Avisos,
        snapshot=True,
        tag="Tienda",
    ),
    Route(
        method="GET",
        path="/avisos/{id_aviso}",
        path_parameters=WebhookPath,
        handler=get,
        summary="Una dirección, y hasta dónde va",
        permission=Permission.MANAGE_WEBHOOKS,
        answer=wire.Aviso,
        refusals=(404,),
        snapshot=True,
        tag="Tienda",
    ),
    Route(
        method="PUT",
        path="/avisos/{id_aviso}",
        path_parameters=WebhookPath,
        handler=change,
        summary="Cambia una dirección, lo que se le envía o su secreto, o la apaga",
        permission=Permission.MANAGE_WEBHOOKS,
        body=wire.AvisoCambio,
        example={"clave_actual": "una-clave-larga", "activo": False},
        answer=wire.Aviso,
        refusals=(404, 409, 429),
        tag="Tienda",
    ),
    Route(
        method="DELETE",
        path="/avisos/{id_aviso}",
        path_parameters=WebhookPath,
        handler=remove,
        summary="Retira una dirección",
        permission=Permission.MANAGE_WEBHOOKS,
        status=204,
        refusals=(404,),
        tag="Tienda",
    ),
    Route(
        method="POST",
        path="/avisos/{id_aviso}/prueba",
        path_parameters=WebhookPath,
        handler=test,
        summary="Envía una prueba ahora, y dice qué contestó la dirección",
        permission=Permission.MANAGE_WEBHOOKS,
        answer=wire.PruebaDeAviso,
        refusals=(404,),
        tag="Tienda",
    ),
)
