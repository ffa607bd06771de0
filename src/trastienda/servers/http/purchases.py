"""``/compras-detalle`` and ``/compras``."""

from trastienda.actions import purchases
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import (
    Answer,
    json_answer,
    page_answer,
    replayed,
    snapshot_answer,
)
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import PurchasePath
from trastienda.storage.transactions import Snapshot
from trastienda.wire import purchases as wire


async def buy(exchange: Exchange) -> Answer:
    """Take in what a supplier brought."""
    order, key = await exchange.read_keyed(wire.decode_order)
    outcome = await exchange.desk.writer.run(purchases.buy, exchange.actor, order, key)
    shape = wire.purchase_out(outcome.value, exchange.desk.zone())
    return json_answer(shape, 201, replayed(outcome.replayed))


async def get(exchange: Exchange) -> Answer:
    """Return a purchase."""
    purchase_id = exchange.path(PurchasePath).purchase_id

    def read(snapshot: Snapshot) -> Answer:
        purchase = purchases.get(snapshot, exchange.actor, purchase_id)
        return snapshot_answer(
            wire.purchase_out(purchase, snapshot.shop.zone), snapshot
        )

    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of purchases."""

    def read(snapshot: Snapshot) -> Answer:
        page = purchases.listed(snapshot, exchange.actor, exchange.window(snapshot))
        zone = snapshot.shop.zone
        return page_answer(page, lambda row: wire.purchase_out(row, zone), snapshot)

    return await exchange.desk.reader.run(read)


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
