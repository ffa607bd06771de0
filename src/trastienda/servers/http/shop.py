"""``/tienda``."""

from trastienda.actions import shop
from trastienda.domain.people import Permission
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    json_answer,
    snapshot,
)
from trastienda.storage.transactions import Reading
from trastienda.wire import shop as wire


async def get(exchange: Exchange) -> Answer:
    """Return the shop's page."""

    def read(state: Reading) -> Answer:
        return snapshot(wire.shop_out(shop.get(state, exchange.actor)), state)

    return exchange.desk.reader.now(read)


async def change(exchange: Exchange) -> Answer:
    """Change the shop's page."""
    changes = wire.changes_in(await exchange.decoded(wire.decode_change))
    return json_answer(
        wire.shop_out(
            await exchange.desk.writer.run(shop.change, exchange.actor, changes)
        )
    )


ROUTES = (
    Route(
        method="GET",
        path="/tienda",
        handler=get,
        summary="La tienda",
        permission=Permission.LOOK,
        answer=wire.Tienda,
        snapshot=True,
        tag="Tienda",
    ),
    Route(
        method="PUT",
        path="/tienda",
        handler=change,
        summary="Cambia la tienda; país y moneda quedan fijos desde la primera venta",
        permission=Permission.MANAGE_SHOP,
        body=wire.TiendaCambio,
        answer=wire.Tienda,
        refusals=(409,),
        tag="Tienda",
    ),
)
