"""``/compras-detalle`` and ``/compras``."""

from trastienda.actions import purchases
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import PurchasePath
from trastienda.wire import purchases as wire


async def buy(exchange: Exchange) -> Answer:
    """Take in what a supplier brought."""
    purchase_order, idempotency_key = await exchange.read_keyed(
        wire.decode_order,
        wire.render_purchase,
    )
    outcome = await exchange.desk.writer.run(
        purchases.buy,
        exchange.actor,
        purchase_order,
        idempotency_key,
    )
    return exchange.keyed_answer(outcome, wire.render_purchase, 201)


async def get(exchange: Exchange) -> Answer:
    """Return a purchase."""
    desk = exchange.desk
    purchase_id = exchange.path(PurchasePath).purchase_id
    reading = await desk.reader.read(purchases.get, exchange.actor, purchase_id)
    shape = wire.purchase_out(reading.value, desk.time_zone())
    return snapshot_answer(shape, reading.n)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of purchases."""
    reading = await exchange.desk.reader.read(
        purchases.listed,
        exchange.actor,
        exchange.window(),
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda purchase: wire.purchase_out(purchase, time_zone),
    )


ROUTES = (
    Route(
        method="POST",
        path="/compras-detalle",
        handler=buy,
        summary="Registra una compra a un proveedor: suma stock y actualiza costos",
        permission=Permission.PURCHASE,
        body=wire.CompraPedida,
        example={
            "proveedor": "Lechera",
            "detalle": [
                {"codigo_barras": "7802800013210", "cantidad": 24, "costo": 690}
            ],
        },
        answer=wire.Compra,
        status=201,
        idempotent=True,
        refusals=(404, 409),
        tag="Compras",
    ),
    Route(
        method="GET",
        path="/compras",
        handler=listed,
        summary="Las compras",
        permission=Permission.PURCHASE,
        answer=wire.Compra,
        listed=True,
        snapshot=True,
        by_state=True,
        tag="Compras",
    ),
    Route(
        method="GET",
        path="/compras/{id_compra}",
        path_parameters=PurchasePath,
        handler=get,
        summary="Una compra",
        permission=Permission.PURCHASE,
        answer=wire.Compra,
        snapshot=True,
        refusals=(404,),
        tag="Compras",
    ),
)
