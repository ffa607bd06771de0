"""``/product`` and ``/products``."""

from trastienda.actions import products
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.domain.products import Product
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Headers,
    Route,
    etag,
    json_answer,
    page_answer,
    replayed,
    snapshot_answer,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire import bodies
from trastienda.wire import products as wire
from trastienda.wire.values import flag_in


async def create(exchange: Exchange) -> Answer:
    """Create a product."""
    body = await exchange.body()
    draft = wire.draft_in(bodies.decode(wire.decode_new, body))
    outcome = await exchange.desk.writer.run(
        products.create, exchange.actor, draft, exchange.key(body)
    )
    return _shown(exchange, outcome.value, 201, replayed(outcome.replayed))


async def look_up(exchange: Exchange) -> Answer:
    """Return what a code names."""
    zone = exchange.desk.zone()  # not inside the reading: it may have to read itself

    def read(snapshot: Snapshot) -> Answer:
        pick = products.look_up(
            snapshot, exchange.actor, exchange.parameter("codigo_barras")
        )
        shown = wire.pick_out(
            pick, snapshot.now_ms, zone, staff=exchange.actor.is_staff
        )
        return snapshot_answer(shown, snapshot, [etag(pick.product.revision)])

    return exchange.desk.reader.now(read)


async def change(exchange: Exchange) -> Answer:
    """Change a product."""
    wanted = wire.change_in(await exchange.decoded(wire.decode_change))
    code = exchange.parameter("codigo_barras")
    changed = await exchange.desk.writer.run(
        products.change, exchange.actor, code, wanted, exchange.revisions()
    )
    return _shown(exchange, changed)


async def retire(exchange: Exchange) -> Answer:
    """Retire a product."""
    code = exchange.parameter("codigo_barras")
    retired = await exchange.desk.writer.run(
        products.retire, exchange.actor, code, exchange.revisions()
    )
    return _shown(exchange, retired)


def _shown(
    exchange: Exchange, product: Product, status: int = 200, headers: Headers = ()
) -> Answer:
    desk = exchange.desk
    shown = wire.product_out(
        product, desk.clock(), desk.zone(), staff=exchange.actor.is_staff
    )
    return json_answer(shown, status, [etag(product.revision), *headers])


async def listed(exchange: Exchange) -> Answer:
    """Return a page of products."""
    query = exchange.query()
    below = (
        flag_in(query["bajo_minimo"], "below_minimum")
        if "bajo_minimo" in query
        else None
    )
    active = None
    if "estado" in query:
        if query["estado"] not in {"Activo", "Inactivo"}:
            raise Invalid("estado", "not_an_option", options="Activo, Inactivo")
        active = query["estado"] == "Activo"

    def read(snapshot: Snapshot) -> Answer:
        page = products.listed(
            snapshot,
            exchange.actor,
            window(query, snapshot),
            category=query.get("categoria"),
            below_minimum=below,
            active=active,
        )
        zone, staff = snapshot.shop.zone, exchange.actor.is_staff
        return page_answer(
            page,
            lambda item: wire.product_out(item, snapshot.now_ms, zone, staff=staff),
            snapshot,
        )

    return await exchange.desk.reader.run(read)


async def ledger(exchange: Exchange) -> Answer:
    """Return a page of a product's stock ledger."""
    query = exchange.query()

    def read(snapshot: Snapshot) -> Answer:
        code = exchange.parameter("codigo_barras")
        _, page = products.ledger(
            snapshot, exchange.actor, code, window(query, snapshot)
        )
        return page_answer(
            page, lambda item: wire.movement_out(item, snapshot.shop.zone), snapshot
        )

    return await exchange.desk.reader.run(read)


_BY_CODE = "/product/barcode/{codigo_barras}"

ROUTES = (
    Route(
        method="GET",
        path=_BY_CODE,
        handler=look_up,
        summary="Un producto por su código o por su etiqueta de balanza",
        permission=Permission.LOOK,
        answer=wire.Producto,
        snapshot=True,
        refusals=(404,),
        tag="Productos",
    ),
    Route(
        method="PUT",
        path=_BY_CODE,
        handler=change,
        summary="Cambia un producto; un stock es un conteo y pide motivo",
        permission=Permission.MANAGE_PRODUCTS,
        body=wire.ProductoCambio,
        answer=wire.Producto,
        versioned=True,
        refusals=(404,),
        tag="Productos",
    ),
    Route(
        method="DELETE",
        path=_BY_CODE,
        handler=retire,
        summary="Retira un producto; su historia y su código quedan",
        permission=Permission.MANAGE_PRODUCTS,
        answer=wire.Producto,
        versioned=True,
        refusals=(404,),
        tag="Productos",
    ),
    Route(
        method="POST",
        path="/product",
        handler=create,
        summary="Crea un producto",
        permission=Permission.MANAGE_PRODUCTS,
        body=wire.ProductoNuevo,
        answer=wire.Producto,
        status=201,
        idempotent=True,
        refusals=(409,),
        tag="Productos",
    ),
    Route(
        method="GET",
        path="/products",
        handler=listed,
        summary="Busca productos por nombre o código",
        permission=Permission.LOOK,
        answer=wire.Producto,
        listed=True,
        filters=("categoria", "bajo_minimo", "estado"),
        snapshot=True,
        tag="Productos",
    ),
    Route(
        method="GET",
        path=_BY_CODE + "/movimientos",
        handler=ledger,
        summary="El libro de stock de un producto",
        permission=Permission.SEE_LEDGER,
        answer=wire.Movimiento,
        listed=True,
        snapshot=True,
        refusals=(404,),
        tag="Productos",
    ),
)
