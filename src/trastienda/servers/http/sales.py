"""``/ventas-detalle``, ``/ventas`` and ``/boletas``."""

from trastienda.actions import returns, sales
from trastienda.actions.sales import Selling
from trastienda.domain.errors import NotFound
from trastienda.domain.people import Permission
from trastienda.domain.rut import normalise
from trastienda.domain.sales import Sale
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    json_answer,
    page_answer,
    replayed,
    snapshot,
    window,
)
from trastienda.storage.transactions import Reading
from trastienda.wire import bodies
from trastienda.wire import receipts as receipts_wire
from trastienda.wire import sales as wire
from trastienda.wire.values import flag_in


async def sell(exchange: Exchange) -> Answer:
    """Sell."""
    body = await exchange.body()
    order = wire.order_in(bodies.decode(wire.decode_order, body))
    call = Selling(exchange.actor, order, exchange.key(body))
    outcome = await exchange.desk.writer.run_many(sales.sell, call)
    zone = exchange.desk.zone()
    return json_answer(wire.sale_out(outcome.value, zone), 201, replayed(outcome.replayed))


async def settle(exchange: Exchange) -> Answer:
    """Settle what is owed."""
    body = await exchange.body()
    payments = wire.payments_in(bodies.decode(wire.decode_payments, body).pagos)
    outcome = await exchange.desk.writer.run(
        sales.settle, exchange.actor, _sale_id(exchange), payments, exchange.key(body)
    )
    return json_answer(wire.sale_out(outcome.value, exchange.desk.zone()), 200, replayed(outcome.replayed))


def _sale_id(exchange: Exchange) -> int:
    sale_id = exchange.number("id_venta")
    if sale_id is None:
        raise NotFound
    return sale_id


async def get(exchange: Exchange) -> Answer:
    """Return one sale."""

    def read(state: Reading) -> Answer:
        sale = sales.get(state, exchange.actor, _sale_id(exchange))
        return snapshot(wire.sale_out(sale, state.shop.zone), state)

    return exchange.desk.reader.now(read)


async def receipt(exchange: Exchange) -> Answer:
    """Return one receipt."""

    def read(state: Reading) -> Answer:
        sale = sales.get(state, exchange.actor, _sale_id(exchange))
        back = returns.of_sales(state, [sale]).get(sale.id, [])
        return snapshot(receipts_wire.receipt_out(sale, back, state.shop), state)

    return exchange.desk.reader.now(read)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of sales."""
    query = exchange.query()
    owed = flag_in(query["pendientes"], "owed") if "pendientes" in query else None
    customer_rut = normalise(query["cliente"], "customer") if "cliente" in query else None

    def read(state: Reading) -> Answer:
        page = sales.listed(state, exchange.actor, window(query, state), owed=owed, customer_rut=customer_rut)
        zone = state.shop.zone
        return page_answer(page, lambda sale: wire.sale_out(sale, zone), state)

    return await exchange.desk.reader.run(read)


async def receipts(exchange: Exchange) -> Answer:
    """Return a page of receipts."""
    query = exchange.query()

    def read(state: Reading) -> Answer:
        page = sales.listed(state, exchange.actor, window(query, state))
        back = returns.of_sales(state, page.items)

        def show(sale: Sale) -> receipts_wire.Boleta:
            return receipts_wire.receipt_out(sale, back.get(sale.id, []), state.shop)

        return page_answer(page, show, state)

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
    Route(
        method="GET",
        path="/boleta/{id_venta}",
        handler=receipt,
        summary="El comprobante de una venta",
        permission=Permission.LOOK,
        answer=receipts_wire.Boleta,
        snapshot=True,
        refusals=(404,),
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/boletas",
        handler=receipts,
        summary="Los comprobantes",
        permission=Permission.LOOK,
        answer=receipts_wire.Boleta,
        listed=True,
        snapshot=True,
        tag="Ventas",
    ),
)
