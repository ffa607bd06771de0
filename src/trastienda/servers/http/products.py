"""``/product`` and ``/products``."""

from hashlib import blake2b
from typing import Annotated

from msgspec import Struct, field

from trastienda.actions import product_changes, products
from trastienda.domain.errors import Invalid
from trastienda.domain.events import Code
from trastienda.domain.lists import Window
from trastienda.domain.people import Permission
from trastienda.domain.products import Order, Product
from trastienda.domain.shown_prices import shown_alike
from trastienda.servers.http.answers import (
    Answer,
    State,
    etag,
    json_answer,
    snapshot_answer,
)
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.headers import Keep
from trastienda.servers.http.parameters import announcement, flag, option, text
from trastienda.servers.http.paths import ProductPath
from trastienda.wire import products as wire
from trastienda.wire.names import Verbatim


async def create(exchange: Exchange) -> Answer:
    """Create a product."""
    draft, idempotency_key = await exchange.read_keyed(
        wire.decode_draft,
        wire.render_product,
    )
    outcome = await exchange.desk.writer.run(
        products.create,
        exchange.actor,
        draft,
        idempotency_key,
    )
    answer = exchange.keyed_answer(outcome, wire.render_product, 201)
    return _with_etag(exchange, answer, draft.revision)


async def look_up(exchange: Exchange) -> Answer:
    """Return the product that a code names."""
    desk, actor = exchange.desk, exchange.actor
    product_code = exchange.path(ProductPath).code
    reading = await desk.reader.read(products.look_up, actor, product_code)
    pick = reading.value

    shape = wire.pick_out(
        pick,
        reading.now_ms,
        desk.time_zone(),
        staff=actor.is_staff,
    )
    answer = snapshot_answer(shape, reading.n)
    return _with_etag(exchange, answer, pick.product.revision)


async def change(exchange: Exchange) -> Answer:
    """Change a product."""
    wanted = await exchange.read(wire.decode_change)
    product_code = exchange.path(ProductPath).code
    product = await exchange.desk.writer.run(
        products.change,
        exchange.actor,
        product_code,
        wanted,
        exchange.revisions(),
    )
    return _product_answer(exchange, product)


class DeletionQuery(Struct, frozen=True, kw_only=True):
    """Whether a product is to be gone for good."""

    for_good: Annotated[
        bool | None, flag("Lo elimina, si nunca se vendió ni se movió")
    ] = field(default=None, name="definitivo")


async def delete(exchange: Exchange) -> Answer:
    """Retire a product, or delete it for good."""
    product_code = exchange.path(ProductPath).code
    for_good = exchange.query(DeletionQuery).for_good
    product = await exchange.desk.writer.run(
        products.delete if for_good else products.retire,
        exchange.actor,
        product_code,
        exchange.revisions(),
    )
    return _product_answer(exchange, product)


def _product_answer(
    exchange: Exchange,
    product: Product,
) -> Answer:
    """Return the answer to a write: the product as it is now, with its version."""
    desk = exchange.desk
    shape = wire.product_out(
        product,
        desk.clock(),
        desk.time_zone(),
        staff=exchange.actor.is_staff,
    )
    return _with_etag(exchange, json_answer(shape), product.revision)


def _with_etag(
    exchange: Exchange,
    answer: Answer,
    revision: str,
) -> Answer:
    """Return the answer with its ETag, or 304 where the caller has this very answer.

    The version alone would not do: a price changes with time, customers are shown less,
    and another product may come by the same code.
    """
    digest = blake2b(answer.body, digest_size=6).hexdigest()
    tag = etag(f"{revision}.{digest}")
    answer.headers = [*answer.headers, tag]
    known = exchange.headers.get(b"if-none-match")
    if exchange.route.method == "GET" and known is not None and tag[1] in known:
        return Answer(304, headers=answer.headers)
    return answer


class ProductsQuery(Struct, frozen=True, kw_only=True):
    """Which products are listed."""

    category: Annotated[str | None, text("Solo esta categoría")] = field(
        default=None, name="categoria"
    )
    below_minimum: Annotated[
        bool | None, flag("Solo los que están bajo su mínimo, o solo los demás")
    ] = field(default=None, name="bajo_minimo")
    active: Annotated[bool | None, option(wire.ACTIVE, "Solo los de este estado")] = (
        field(default=None, name="estado")
    )
    order: Annotated[Order, option(wire.ORDERS, "En qué orden")] = field(
        default=Order.NEWEST, name="orden"
    )
    since_n: Annotated[
        int | None,
        announcement("Solo lo que cambió después de este Trastienda-N"),
    ] = field(default=None, name="desde_n")


async def listed(exchange: Exchange) -> Answer:
    """Return a page of products."""
    query = exchange.query(ProductsQuery)
    if query.since_n is not None:
        return await _changed(exchange, query, query.since_n)
    reading = await exchange.desk.reader.read(
        products.listed,
        exchange.actor,
        exchange.window(),
        category=query.category,
        below_minimum=query.below_minimum,
        active=query.active,
        order=query.order,
    )
    now_ms = reading.now_ms
    time_zone = exchange.desk.time_zone()
    staff = exchange.actor.is_staff
    answer = await exchange.page_answer(
        reading,
        lambda product: wire.product_out(product, now_ms, time_zone, staff=staff),
    )
    answer.state = State(reading.n, *shown_alike(reading.value.items, now_ms))
    return answer


async def _changed(
    exchange: Exchange,
    query: ProductsQuery,
    since_n: int,
) -> Answer:
    """Return a page of the products that changed, and the codes of those that are out."""
    window = exchange.window()
    is_alone = query == ProductsQuery(since_n=since_n) and window == Window(
        limit=window.limit, cursor=window.cursor
    )
    if not is_alone:
        raise Invalid(Verbatim("desde_n"), "since_alone")

    reading = await exchange.desk.reader.read(
        product_changes.changed_since,
        exchange.actor,
        since_n,
        window,
    )
    now_ms = reading.now_ms
    time_zone = exchange.desk.time_zone()
    staff = exchange.actor.is_staff

    def render(item: Product | Code) -> wire.Producto | wire.ProductoFuera:
        if isinstance(item, Code):
            return wire.ProductoFuera(item.code)
        return wire.product_out(item, now_ms, time_zone, staff=staff)

    answer = await exchange.page_answer(reading, render)
    in_list = [item for item in reading.value.items if isinstance(item, Product)]
    answer.state = State(reading.n, *shown_alike(in_list, now_ms))
    return answer


async def categories(exchange: Exchange) -> Answer:
    """Return the categories of products."""
    reading = await exchange.desk.reader.read(products.categories, exchange.actor)
    return snapshot_answer(wire.categories_out(reading.value), reading.n)


async def ledger(exchange: Exchange) -> Answer:
    """Return a page of a product's stock ledger."""
    product_code = exchange.path(ProductPath).code
    reading = await exchange.desk.reader.read(
        products.ledger,
        exchange.actor,
        product_code,
        exchange.window(),
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda movement: wire.movement_out(movement, time_zone),
    )


_BY_CODE = "/product/barcode/{codigo_barras}"

ROUTES = (
    Route(
        method="GET",
        path=_BY_CODE,
        path_parameters=ProductPath,
        handler=look_up,
        keep=Keep.ASKING,
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
        path_parameters=ProductPath,
        handler=change,
        summary="Cambia un producto; un stock es un conteo y pide motivo",
        permission=Permission.MANAGE_PRODUCTS,
        body=wire.ProductoCambio,
        example={"precio": 1190, "stock": 12, "motivo": "conteo"},
        answer=wire.Producto,
        versioned=True,
        refusals=(404,),
        tag="Productos",
    ),
    Route(
        method="DELETE",
        path=_BY_CODE,
        path_parameters=ProductPath,
        handler=delete,
        summary="Retira un producto, o lo elimina si nunca se movió",
        permission=Permission.MANAGE_PRODUCTS,
        answer=wire.Producto,
        query=DeletionQuery,
        versioned=True,
        refusals=(404, 409),
        tag="Productos",
    ),
    Route(
        method="POST",
        path="/product",
        handler=create,
        summary="Crea un producto",
        permission=Permission.MANAGE_PRODUCTS,
        body=wire.ProductoNuevo,
        example={
            "codigo_barras": "7801234000018",
            "nombre": "Pan de molde",
            "precio": 1990,
            "stock": 24,
        },
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
        keep=Keep.ASKING,
        summary="Busca productos por nombre o código",
        permission=Permission.LOOK,
        answer=wire.Producto,
        other_items=(wire.ProductoFuera,),
        refusals=(410,),
        listed=True,
        query=ProductsQuery,
        snapshot=True,
        by_state=True,
        tag="Productos",
    ),
    Route(
        method="GET",
        path="/categorias",
        handler=categories,
        keep=Keep.ASKING,
        summary="Las categorías, en orden, cada una como más se escribe",
        permission=Permission.LOOK,
        answer=wire.Categorias,
        snapshot=True,
        by_state=True,
        tag="Productos",
    ),
    Route(
        method="GET",
        path=_BY_CODE + "/movimientos",
        path_parameters=ProductPath,
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
