"""``/compras-detalle`` and ``/compras``."""

from trastienda.actions import purchases
from trastienda.domain.people import Permission
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    json_answer,
    page_answer,
    replayed,
    snapshot_answer,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire import bodies
from trastienda.wire import purchases as wire


async def buy(exchange: Exchange) -> Answer:
    """Take in what a supplier brought."""
    body = await exchange.body()
    order = wire.order_in(bodies.decode(wire.decode_order, body))
    outcome = await exchange.desk.writer.run(
        purchases.buy, exchange.actor, order, exchange.key(body)
    )
    shown = wire.purchase_out(outcome.value, exchange.desk.zone())
    return json_answer(shown, 201, replayed(outcome.replayed))


async def get(exchange: Exchange) -> Answer:
    """Return one purchase."""
    purchase_id = exchange.number("id_compra")

    def read(snapshot: Snapshot) -> Answer:
        purchase = purchases.get(snapshot, exchange.actor, purchase_id)
        return snapshot_answer(
            wire.purchase_out(purchase, snapshot.shop.zone), snapshot
        )

    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of purchases."""
    query = exchange.query()

    def read(snapshot: Snapshot) -> Answer:
        page = purchases.listed(snapshot, exchange.actor, window(query, snapshot))
        zone = snapshot.shop.zone
        return page_answer(page, lambda one: wire.purchase_out(one, zone), snapshot)

    return await exchange.desk.reader.run(read)


ROUTES = (
    Route(
        method="POST",
        path="/compras-detalle",
        handler=buy,
        summary="Registra una compra a un proveedor: suma stock y actualiza costos",
        permission=Permission.PURCHASE,
        body=wire.CompraPedida,
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
        handler=get,
        summary="Una compra",
        permission=Permission.PURCHASE,
        answer=wire.Compra,
        snapshot=True,
        refusals=(404,),
        tag="Compras",
    ),
)
