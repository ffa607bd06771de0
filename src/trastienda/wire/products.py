"""Products on the wire."""

from collections.abc import Iterable
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.movements import Cause, Movement, StockLevel
from trastienda.domain.products import (
    Category,
    Discount,
    Order,
    Pick,
    Product,
    ProductChange,
    ProductDraft,
    Unit,
)
from trastienda.wire import bodies
from trastienda.wire.values import (
    Quantity,
    percent_in,
    percent_out,
    quantity_in,
    quantity_out,
    time_in,
    time_out,
)

Estado = Literal["Activo", "Inactivo"]
ACTIVE: dict[Estado, bool] = {"Activo": True, "Inactivo": False}
Orden = Literal["nuevos", "antiguos", "nombre", "precio", "-precio", "stock", "-stock"]
ORDERS: dict[Orden, Order] = {
    "nuevos": Order.NEWEST,
    "antiguos": Order.OLDEST,
    "nombre": Order.NAME,
    "precio": Order.CHEAPEST,
    "-precio": Order.DEAREST,
    "stock": Order.LEAST_STOCK,
    "-stock": Order.MOST_STOCK,
}
Unidad = Literal["un", "kg", "g", "l", "ml", "m"]


class Descuento(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Un descuento con fechas: ``porcentaje`` o ``monto``, válido desde ≤ ahora < hasta."""

    desde: str
    hasta: str
    porcentaje: Quantity | None = None
    monto: int | None = None


class Producto(Struct, kw_only=True):
    """Un producto. ``costo`` solo lo ve el personal."""

    codigo_barras: str
    interno: bool
    nombre: str
    precio: int
    costo: int | UnsetType = UNSET
    stock: Quantity
    stock_minimo: Quantity
    categoria: str | None
    unidad: Unidad
    exento: bool
    estado: Estado
    descuento: Descuento | None
    precio_final: int
    cantidad: Quantity | UnsetType = UNSET


class ProductoFuera(Struct):
    """Un producto que cambió y que ya no está en la lista de quien pregunta."""

    codigo_barras: str
    estado: Literal["Inactivo"] = "Inactivo"


class ProductoNuevo(Struct, kw_only=True, forbid_unknown_fields=True):
    """Un producto por crear."""

    codigo_barras: str
    nombre: str
    precio: int
    interno: bool = False
    costo: int = 0
    stock: Quantity = 0
    stock_minimo: Quantity = 0
    categoria: str | None = None
    unidad: Unidad = "un"
    exento: bool = False
    estado: Estado = "Activo"
    descuento: Descuento | None = None


class ProductoCambio(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que cambia de un producto; ``stock`` es un conteo y pide ``motivo``."""

    nombre: str | UnsetType = UNSET
    precio: int | UnsetType = UNSET
    interno: bool | UnsetType = UNSET
    costo: int | UnsetType = UNSET
    stock: Quantity | UnsetType = UNSET
    stock_minimo: Quantity | UnsetType = UNSET
    categoria: str | None | UnsetType = UNSET
    unidad: Unidad | UnsetType = UNSET
    exento: bool | UnsetType = UNSET
    estado: Estado | UnsetType = UNSET
    descuento: Descuento | None | UnsetType = UNSET
    motivo: str | UnsetType = UNSET


class Movimiento(Struct):
    """Un cambio de stock, su causa y el saldo que dejó."""

    id: int
    fecha: str
    causa: Literal[
        "apertura", "venta", "devolucion", "compra", "correccion", "historia"
    ]
    cantidad: Quantity
    saldo: Quantity
    referencia: int | None
    motivo: str | None


_CAUSES: dict[
    Cause,
    Literal["apertura", "venta", "devolucion", "compra", "correccion", "historia"],
] = {
    Cause.OPENING: "apertura",
    Cause.SALE: "venta",
    Cause.RETURN: "devolucion",
    Cause.PURCHASE: "compra",
    Cause.CORRECTION: "correccion",
    Cause.HISTORY: "historia",
}
_UNIDADES: dict[Unit, Unidad] = {
    Unit.PIECE: "un",
    Unit.KILOGRAM: "kg",
    Unit.GRAM: "g",
    Unit.LITRE: "l",
    Unit.MILLILITRE: "ml",
    Unit.METRE: "m",
}

_NEW = msgspec.json.Decoder(ProductoNuevo)
_CHANGE = msgspec.json.Decoder(ProductoCambio)


def discount_in(descuento: Descuento) -> Discount:
    """Return a discount as the shop keeps it."""
    share_bp = None
    if descuento.porcentaje is not None:
        share_bp = percent_in(
            descuento.porcentaje, "discount.percentage", "percentage_range"
        )

    return Discount(
        share_bp=share_bp,
        amount_minor=descuento.monto,
        from_ms=time_in(descuento.desde, "discount.from"),
        until_ms=time_in(descuento.hasta, "discount.until"),
    )


def draft_in(producto: ProductoNuevo) -> ProductDraft:
    """Return the product to be created."""
    stock_milli = quantity_in(producto.stock, "stock")
    min_stock_milli = quantity_in(producto.stock_minimo, "min_stock")
    discount = None
    if producto.descuento is not None:
        discount = discount_in(producto.descuento)

    return ProductDraft(
        code=producto.codigo_barras,
        name=producto.nombre,
        price_minor=producto.precio,
        in_house=producto.interno,
        cost_minor=producto.costo,
        stock_milli=stock_milli,
        min_stock_milli=min_stock_milli,
        category=producto.categoria,
        unit=Unit(producto.unidad),
        exempt=producto.exento,
        active=ACTIVE[producto.estado],
        discount=discount,
    )


def change_in(cambio: ProductoCambio) -> ProductChange:
    """Return what is to change; a field that was not sent stays UNSET."""
    stock_milli: int | UnsetType = UNSET
    if cambio.stock is not UNSET:
        stock_milli = quantity_in(cambio.stock, "stock")

    min_stock_milli: int | UnsetType = UNSET
    if cambio.stock_minimo is not UNSET:
        min_stock_milli = quantity_in(cambio.stock_minimo, "min_stock")

    unit: Unit | UnsetType = UNSET
    if cambio.unidad is not UNSET:
        unit = Unit(cambio.unidad)

    active: bool | UnsetType = UNSET
    if cambio.estado is not UNSET:
        active = ACTIVE[cambio.estado]

    discount: Discount | None | UnsetType
    if isinstance(cambio.descuento, Descuento):
        discount = discount_in(cambio.descuento)
    else:
        discount = cambio.descuento

    return ProductChange(
        name=cambio.nombre,
        price_minor=cambio.precio,
        in_house=cambio.interno,
        cost_minor=cambio.costo,
        stock_milli=stock_milli,
        min_stock_milli=min_stock_milli,
        category=cambio.categoria,
        unit=unit,
        exempt=cambio.exento,
        active=active,
        discount=discount,
        reason=cambio.motivo,
    )


def decode_draft(body: bytes) -> ProductDraft:
    """Decode a new product; raise UnreadableError or Invalid."""
    producto = bodies.decode(_NEW, body)
    return draft_in(producto)


def decode_change(body: bytes) -> ProductChange:
    """Decode a change of a product; raise UnreadableError or Invalid."""
    cambio = bodies.decode(_CHANGE, body)
    return change_in(cambio)


def product_out(
    product: Product,
    now_ms: int,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> Producto:
    """Return the product as it is shown at the moment ``now_ms``."""
    descuento = None
    discount = product.shown_at(now_ms).discount
    if discount is not None:
        share_bp = discount.share_bp
        descuento = Descuento(
            desde=time_out(discount.from_ms, time_zone),
            hasta=time_out(discount.until_ms, time_zone),
            porcentaje=None if share_bp is None else percent_out(share_bp),
            monto=discount.amount_minor,
        )

    return Producto(
        codigo_barras=product.code,
        interno=product.in_house,
        nombre=product.name,
        precio=product.price_minor,
        costo=product.cost_minor if staff else UNSET,
        stock=quantity_out(product.stock_milli),
        stock_minimo=quantity_out(product.min_stock_milli),
        categoria=product.category,
        unidad=_UNIDADES[product.unit],
        exento=product.exempt,
        estado="Activo" if product.active else "Inactivo",
        descuento=descuento,
        precio_final=product.final_price(now_ms),
    )


def pick_out(
    pick: Pick,
    now_ms: int,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> Producto:
    """Return the product that a code names.

    The weight or the price on a scale's label is filled in.
    """
    producto = product_out(pick.product, now_ms, time_zone, staff=staff)

    if pick.quantity_milli is not None:
        producto.cantidad = quantity_out(pick.quantity_milli)

    if pick.total_minor is not None:
        producto.precio = pick.total_minor
        producto.precio_final = pick.total_minor

    return producto


def movement_out(
    movement: Movement,
    time_zone: ZoneInfo,
) -> Movimiento:
    """Return a row of the ledger as it is shown."""
    return Movimiento(
        id=movement.id,
        fecha=time_out(movement.at_ms, time_zone),
        causa=_CAUSES[movement.cause],
        cantidad=quantity_out(movement.quantity_milli),
        saldo=quantity_out(movement.balance_milli),
        referencia=movement.reference_id,
        motivo=movement.reason,
    )


class Categoria(Struct):
    """Una categoría como más se escribe, y cuántos productos tiene."""

    categoria: str
    productos: int


class Categorias(Struct):
    """Las categorías, en orden; ``siguiente`` es siempre null."""

    datos: list[Categoria]
    siguiente: None = None


def categories_out(categories: Iterable[Category]) -> Categorias:
    """Return the categories as they are shown."""
    return Categorias(
        [Categoria(category.name, category.products) for category in categories]
    )


class Stock(Struct):
    """Lo que queda de un producto."""

    codigo_barras: str
    stock: Quantity


def stock_out(level: StockLevel) -> Stock:
    """Return what is left of a product as it is announced."""
    return Stock(level.code, quantity_out(level.stock_milli))


def render_product(
    product: Product,
    time_zone: ZoneInfo,
    now_ms: int,
) -> bytes:
    """Return the answer to whoever made a product."""
    shape = product_out(product, now_ms, time_zone, staff=True)
    return msgspec.json.encode(shape)
