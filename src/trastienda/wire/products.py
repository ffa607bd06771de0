"""Products on the wire."""

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.events import StockLevel
from trastienda.domain.movements import Cause, Movement
from trastienda.domain.products import (
    Discount,
    Product,
    ProductChange,
    ProductDraft,
    Unit,
)
from trastienda.domain.sales import Pick
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


def discount_in(given: Descuento) -> Discount:
    """Return the discount that was given."""
    share_bp = None
    if given.porcentaje is not None:
        share_bp = percent_in(
            given.porcentaje, "discount.percentage", "percentage_range"
        )
    return Discount(
        share_bp=share_bp,
        amount_minor=given.monto,
        from_ms=time_in(given.desde, "discount.from"),
        until_ms=time_in(given.hasta, "discount.until"),
    )


def _discount_out(discount: Discount, time_zone: ZoneInfo) -> Descuento:
    return Descuento(
        desde=time_out(discount.from_ms, time_zone),
        hasta=time_out(discount.until_ms, time_zone),
        porcentaje=None
        if discount.share_bp is None
        else percent_out(discount.share_bp),
        monto=discount.amount_minor,
    )


def draft_in(given: ProductoNuevo) -> ProductDraft:
    """Return the product to be created."""
    return ProductDraft(
        code=given.codigo_barras,
        name=given.nombre,
        price_minor=given.precio,
        in_house=given.interno,
        cost_minor=given.costo,
        stock_milli=quantity_in(given.stock, "stock"),
        min_stock_milli=quantity_in(given.stock_minimo, "min_stock"),
        category=given.categoria,
        unit=Unit(given.unidad),
        exempt=given.exento,
        active=given.estado == "Activo",
        discount=None if given.descuento is None else discount_in(given.descuento),
    )


def change_in(given: ProductoCambio) -> ProductChange:
    """Return what is to change."""
    discount = given.descuento
    return ProductChange(
        name=given.nombre,
        price_minor=given.precio,
        in_house=given.interno,
        cost_minor=given.costo,
        stock_milli=UNSET
        if given.stock is UNSET
        else quantity_in(given.stock, "stock"),
        min_stock_milli=UNSET
        if given.stock_minimo is UNSET
        else quantity_in(given.stock_minimo, "min_stock"),
        category=given.categoria,
        unit=UNSET if given.unidad is UNSET else Unit(given.unidad),
        exempt=given.exento,
        active=UNSET if given.estado is UNSET else given.estado == "Activo",
        discount=discount_in(discount) if isinstance(discount, Descuento) else discount,
        reason=given.motivo,
    )


def decode_draft(body: bytes) -> ProductDraft:
    """Decode a new product; raise UnreadableError or Invalid."""
    return draft_in(bodies.decode(_NEW, body))


def decode_change(body: bytes) -> ProductChange:
    """Decode a change of a product; raise UnreadableError or Invalid."""
    return change_in(bodies.decode(_CHANGE, body))


def product_out(
    product: Product, now_ms: int, time_zone: ZoneInfo, *, staff: bool
) -> Producto:
    """Return the product as it is shown at the moment ``now_ms``."""
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
        descuento=None
        if product.discount is None
        else _discount_out(product.discount, time_zone),
        precio_final=product.final_price(now_ms),
    )


def pick_out(pick: Pick, now_ms: int, time_zone: ZoneInfo, *, staff: bool) -> Producto:
    """Return what a code names: the product, with the weight or the price of its label filled in."""
    shown = product_out(pick.product, now_ms, time_zone, staff=staff)
    if pick.quantity_milli is not None:
        shown.cantidad = quantity_out(pick.quantity_milli)
    if pick.total_minor is not None:
        shown.precio = shown.precio_final = pick.total_minor
    return shown


def movement_out(movement: Movement, time_zone: ZoneInfo) -> Movimiento:
    """Return a row of the ledger as it is shown."""
    return Movimiento(
        movement.id,
        time_out(movement.at_ms, time_zone),
        _CAUSES[movement.cause],
        quantity_out(movement.quantity_milli),
        quantity_out(movement.balance_milli),
        movement.reference_id,
        movement.reason,
    )


class Stock(Struct):
    """Lo que queda de un producto."""

    codigo_barras: str
    stock: Quantity


def stock_out(level: StockLevel) -> Stock:
    """Return what is left of a product as it is announced."""
    return Stock(level.code, quantity_out(level.stock_milli))
