"""``/ventas-detalle`` and ``/ventas``."""

from trastienda.actions import sales
from trastienda.actions.sales import Selling
from trastienda.domain.people import Permission
from trastienda.domain.rut import normalise
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
from trastienda.wire import sales as wire
from trastienda.wire.values import flag_in


async def sell(exchange: Exchange) -> Answer:
    """Sell."""
    body = await exchange.body()
    order = wire.order_in(bodies.decode(wire.decode_order, body))
    call = Selling(exchange.actor, order, exchange.key(body))
    outcome = await exchange.desk.writer.run_many(sales.sell, call)
    zone = exchange.desk.zone()
    return json_answer(
        wire.sale_out(outcome.value, zone), 201, replayed(outcome.replayed)
    )


async def settle(exchange: Exchange) -> Answer:
    """Settle what is owed."""
    body = await exchange.body()
    payments = wire.payments_in(bodies.decode(wire.decode_payments, body).pagos)
    outcome = await exchange.desk.writer.run(
        sales.settle,
        exchange.actor,
        exchange.number("id_venta"),
        payments,
        exchange.key(body),
    )
    return json_answer(
        wire.sale_out(outcome.value, exchange.desk.zone()),
        200,
        replayed(outcome.replayed),
    )


async def get(exchange: Exchange) -> Answer:
    """Return one sale."""

    def read(snapshot: Snapshot) -> Answer:
        sale = sales.get(snapshot, exchange.actor, exchange.number("id_venta"))
        return snapshot_answer(wire.sale_out(sale, snapshot.shop.zone), snapshot)

    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of sales."""
    query = exchange.query()
    owed = flag_in(query["pendientes"], "owed") if "pendientes" in query else None
    customer_rut = (
        normalise(query["cliente"], "customer") if "cliente" in query else None
    )

    def read(snapshot: Snapshot) -> Answer:
        page = sales.listed(
            snapshot,
            exchange.actor,
            window(query, snapshot),
            owed=owed,
            customer_rut=customer_rut,
        )
        zone = snapshot.shop.zone
        return page_answer(page, lambda sale: wire.sale_out(sale, zone), snapshot)

    return await exchange.desk.reader.run(read)


ROUTES = (
    Route(
        method="POST",
        path="/ventas-detalle",
        handler=sell,
        summary="Vende: todo o nada",
        permission=Permission.SELL,
        body=wire.Pedido,
        answer=wire.Venta,
        status=201,
        idempotent=True,
        refusals=(404, 409),
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/ventas",
        handler=listed,
        summary="Las ventas: Administrador todas, Cajero las propias, Cliente sus compras",
        permission=Permission.LOOK,
        answer=wire.Venta,
        listed=True,
        filters=("pendientes", "cliente"),
        snapshot=True,
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/ventas/{id_venta}",
        handler=get,
        summary="Una venta",
        permission=Permission.LOOK,
        answer=wire.Venta,
        snapshot=True,
        refusals=(404,),
        tag="Ventas",
    ),
    Route(
        method="POST",
        path="/ventas/{id_venta}/pagos",
        handler=settle,
        summary="Salda lo pendiente de una venta, todo o en parte",
        permission=Permission.SELL,
        body=wire.Pagos,
        answer=wire.Venta,
        idempotent=True,
        refusals=(404, 409),
        tag="Ventas",
    ),
)
