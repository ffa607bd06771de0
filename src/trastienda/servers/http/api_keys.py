"""``/llaves``: what programs show instead of a password."""

from trastienda.actions import api_keys
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, json_answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import KeyPath
from trastienda.servers.http.proof import prove
from trastienda.wire import api_keys as wire


async def make(exchange: Exchange) -> Answer:
    """Make a key."""
    desk, actor = exchange.desk, exchange.actor
    draft, current_password, code = await exchange.read(wire.decode_draft)
    await prove(exchange, current_password, code)
    key, secret = await desk.auth.keys.make(actor, draft)
    maker = actor.person
    assert maker is not None
    shape = wire.made_out(key, maker, secret, desk.time_zone())
    return json_answer(shape, 201)


async def listed(exchange: Exchange) -> Answer:
    """Return all keys."""
    desk = exchange.desk
    reading = await desk.reader.read(api_keys.listed, exchange.actor)
    time_zone = desk.time_zone()
    rows = [wire.key_out(key, maker, time_zone) for key, maker in reading.value]
    return snapshot_answer(wire.Llaves(rows), reading.n)


async def withdraw(exchange: Exchange) -> Answer:
    """Withdraw a key."""
    key_id = exchange.path(KeyPath).key_id
    await exchange.desk.writer.run(api_keys.withdraw, exchange.actor, key_id)
    return Answer(204)


ROUTES = (
    Route(
        method="POST",
        path="/llaves",
        handler=make,
        summary="Crea una llave, con la que un programa llama sin clave",
        permission=Permission.MANAGE_KEYS,
        body=wire.LlaveNueva,
        example={
            "nombre": "Sitio web",
            "tipo": "Cajero",
            "clave_actual": "una-clave-larga",
        },
        answer=wire.LlaveCreada,
        status=201,
        refusals=(409, 429),
        tag="Personas",
    ),
    Route(
        method="GET",
        path="/llaves",
        handler=listed,
        summary="Las llaves de la tienda",
        permission=Permission.MANAGE_KEYS,
        answer=wire.Llaves,
        snapshot=True,
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path="/llaves/{id_llave}",
        path_parameters=KeyPath,
        handler=withdraw,
        summary="Retira una llave al instante",
        permission=Permission.MANAGE_KEYS,
        status=204,
        refusals=(404,),
        tag="Personas",
    ),
)
