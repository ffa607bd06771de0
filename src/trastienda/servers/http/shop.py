"""``/tienda``."""

from trastienda.actions import shop
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, json_answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.headers import Keep
from trastienda.wire import shop as wire


async def get(exchange: Exchange) -> Answer:
    """Return the shop's page."""
    reading = await exchange.desk.reader.read(shop.get, exchange.actor)
    shape = wire.shop_out(reading.value)
    return snapshot_answer(shape, reading.n)


async def change(exchange: Exchange) -> Answer:
    """Change the shop's page."""
    changes = await exchange.read(wire.decode_changes)
    changed_shop = await exchange.desk.writer.run(
        shop.change,
        exchange.actor,
        changes,
    )
    shape = wire.shop_out(changed_shop)
    return json_answer(shape)


ROUTES = (
    Route(
        method="GET",
        path="/tienda",
        handler=get,
        keep=Keep.ASKING,
        summary="La tienda",
        permission=Permission.LOOK,
        answer=wire.Tienda,
        snapshot=True,
        by_state=True,
        tag="Tienda",
    ),
    Route(
        method="PUT",
        path="/tienda",
        handler=change,
        summary="Cambia la tienda; país y moneda quedan fijos desde la primera venta",
        permission=Permission.MANAGE_SHOP,
        body=wire.TiendaCambio,
        example={"giro": "Almacén"},
        answer=wire.Tienda,
        refusals=(409,),
        tag="Tienda",
    ),
)
