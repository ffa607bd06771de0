"""``/ventas-detalle`` and ``/ventas``."""

from typing import Annotated

from msgspec import Struct, field

from trastienda.actions import sales
from trastienda.actions.sales import Selling
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import flag, rut
from trastienda.servers.http.paths import SalePath
from trastienda.wire import sales as wire


async def sell(exchange: Exchange) -> Answer:
    """Sell."""
    order, idempotency_key = await exchange.read_keyed(
        wire.decode_order,
        wire.render_sale,
    )
    selling = Selling(exchange.actor, order, idempotency_key)
    outcome = await exchange.desk.writer.run_many(sales.sell, selling)
    return exchange.keyed_answer(outcome, wire.render_sale, 201)


async def settle(exchange: Exchange) -> Answer:
    """Settle what is owed of a sale."""
    payments, idempotency_key = await exchange.read_keyed(
        wire.decode_payments,
        wire.render_sale,
    )
    sale_id = exchange.path(SalePath).sale_id
    outcome = await exchange.desk.writer.run(
        sales.settle,
        exchange.actor,
        sale_id,
        payments,
        idempotency_key,
    )
    return exchange.keyed_answer(outcome, wire.render_sale)


async def get(exchange: Exchange) -> Answer:
    """Return a sale."""
    desk = exchange.desk
    sale_id = exchange.path(SalePath).sale_id
    reading = await desk.reader.read(sales.get, exchange.actor, sale_id)
    shape = wire.sale_out(reading.value, desk.time_zone())
    return snapshot_answer(shape, reading.n)


class SalesQuery(Struct, frozen=True, kw_only=True):
    """Which sales are listed."""

    owed: Annotated[
        bool | None,
        flag("Solo las ventas con dinero pendiente, o solo las saldadas"),
    ] = field(default=None, name="pendientes")
    customer_rut: Annotated[str | None, rut("RUT del cliente")] = field(
        default=None, name="cliente"
    )


async def listed(exchange: Exchange) -> Answer:
    """Return a page of sales."""
    query = exchange.query(SalesQuery)
    reading = await exchange.desk.reader.read(
        sales.listed,
        exchange.actor,
        exchange.window(),
        owed=query.owed,
        customer_rut=query.customer_rut,
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda sale: wire.sale_out(sale, time_zone),
    )


ROUTES = (
    Route(
        method="POST",
        path="/ventas-detalle",
        handler=sell,
        summary="Vende: todo o nada",
        permission=Permission.SELL,
        body=wire.Pedido,
        example={"detalle": [{"codigo_barras": "7802800013210", "cantidad": 2}]},
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
        query=SalesQuery,
        snapshot=True,
        by_state=True,
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/ventas/{id_venta}",
        path_parameters=SalePath,
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
        path_parameters=SalePath,
        handler=settle,
        summary="Salda lo pendiente de una venta, todo o en parte",
        permission=Permission.SELL,
        body=wire.Pagos,
        example={"pagos": [{"medio": "efectivo", "monto": 1000}]},
        answer=wire.Venta,
        idempotent=True,
        refusals=(404, 409),
        tag="Ventas",
    ),
)
