"""``/ventas/<id>/devoluciones`` and ``/devoluciones``."""

from trastienda.actions import returns
from trastienda.domain.people import Permission
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import SalePath
from trastienda.wire import returns as wire


async def take_back(exchange: Exchange) -> Answer:
    """Take back part of a sale, or all that is left of it."""
    return_order, idempotency_key = await exchange.read_keyed(
        wire.decode_order,
        wire.render_return,
    )
    sale_id = exchange.path(SalePath).sale_id
    outcome = await exchange.desk.writer.run(
        returns.take_back,
        exchange.actor,
        sale_id,
        return_order,
        idempotency_key,
    )
    return exchange.keyed_answer(outcome, wire.render_return, 201)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of returns."""
    reading = await exchange.desk.reader.read(
        returns.listed,
        exchange.actor,
        exchange.window(),
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda sale_return: wire.return_out(sale_return, time_zone),
    )


ROUTES = (
    Route(
        method="POST",
        path="/ventas/{id_venta}/devoluciones",
        path_parameters=SalePath,
        handler=take_back,
        summary="Devuelve parte de una venta, o todo lo que queda de ella",
        permission=Permission.SELL,
        body=wire.DevolucionPedida,
        example={
            "motivo": "venía roto",
            "detalle": [{"codigo_barras": "7802800013210", "cantidad": 1}],
        },
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
        by_state=True,
        tag="Ventas",
    ),
)
