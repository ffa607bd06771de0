"""``/ventas/<id>/devoluciones`` and ``/devoluciones``."""

from trastienda.actions import returns
from trastienda.domain.people import Permission
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    json_answer,
    page_answer,
    replayed,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire import bodies
from trastienda.wire import returns as wire


async def take_back(exchange: Exchange) -> Answer:
    """Take back part of a sale, or all that is left of it."""
    body = await exchange.body()
    order = wire.order_in(bodies.decode(wire.decode_order, body))
    sale_id = exchange.number("id_venta")
    outcome = await exchange.desk.writer.run(
        returns.take_back, exchange.actor, sale_id, order, exchange.key(body)
    )
    shown = wire.return_out(outcome.value, exchange.desk.zone())
    return json_answer(shown, 201, replayed(outcome.replayed))


async def listed(exchange: Exchange) -> Answer:
    """Return a page of returns."""
    query = exchange.query()

    def read(snapshot: Snapshot) -> Answer:
        page = returns.listed(snapshot, exchange.actor, window(query, snapshot))
        zone = snapshot.shop.zone
        return page_answer(page, lambda one: wire.return_out(one, zone), snapshot)

    return await exchange.desk.reader.run(read)


ROUTES = (
    Route(
        method="POST",
        path="/ventas/{id_venta}/devoluciones",
        handler=take_back,
        summary="Devuelve parte de una venta, o todo lo que queda de ella",
        permission=Permission.SELL,
        body=wire.DevolucionPedida,
        answer=wire.Devolucion,
        status=201,
        idempotent=True,
        refusals=(404, 409),
        tag="Ventas",
    ),
    Route(
        method="GET",
        path="/devoluciones",
        handler=listed,
        summary="Las devoluciones de las ventas que uno puede ver",
        permission=Permission.LOOK,
        answer=wire.Devolucion,
        listed=True,
        snapshot=True,
        tag="Ventas",
    ),
)
