"""What is exported, as rows of a table: header and cells of each kind, before any file's own way of writing them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.audit import AuditRow
from trastienda.domain.days import moment
from trastienda.domain.movements import Movement
from trastienda.domain.past_sales import number_of
from trastienda.domain.people import Person
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.quantities import MILLI
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.files.cells.numbers import decimal_comma
from trastienda.files.cells.payments import paid_out
from trastienda.wire import audit, products
from trastienda.wire.sales import MEDIOS
from trastienda.wire.values import percent_out, time_out

Cell = str | Decimal | int | date | bool | None


class Terms(Struct, frozen=True):
    """How the shop counts: its zone, and the decimals of its currency."""

    zone: ZoneInfo
    exponent: int

    def money(self, amount_minor: int) -> Decimal:
        """Return an amount in units, with the decimals of the currency."""
        return Decimal(amount_minor).scaleb(-self.exponent)

    def clock(self, at_ms: int) -> tuple[date, str]:
        """Return the day, and the time with as much as it takes to find the moment again."""
        local = moment(at_ms, self.zone)
        text = local.strftime("%H:%M:%S")
        if at_ms % 1000:
            text += f".{at_ms % 1000:03d}"
        if local.fold:  # an hour that the clocks go through twice
            text += local.strftime("%z")
        return local.date(), text


PRODUCT_HEADER = (
    "codigo_barras", "interno", "nombre", "precio", "costo", "stock", "stock_minimo", "categoria", "unidad", "exento",
    "estado", "descuento_porcentaje", "descuento_monto", "descuento_desde", "descuento_hasta",
)  # fmt: skip
SALE_HEADER = (
    "numero", "fecha", "hora", "codigo_barras", "nombre", "cantidad", "precio_unitario", "descuento", "total_linea",
    "exento", "cliente", "pagos", "vendedor", "venta_origen", "motivo",
)  # fmt: skip
PURCHASE_HEADER = (
    "id_compra", "fecha", "hora", "proveedor", "documento", "codigo_barras", "nombre", "cantidad", "costo",
    "total_linea", "comprador",
)  # fmt: skip
MOVEMENT_HEADER = (
    "id_movimiento", "fecha", "hora", "codigo_barras", "nombre", "causa", "cantidad", "saldo", "referencia", "motivo",
)  # fmt: skip
AUDIT_HEADER = (
    "id_registro", "fecha", "hora", "rut", "quien", "origen", "accion", "detalle", "canonico", "hash_anterior", "hash",
)  # fmt: skip


def _quantity(quantity_milli: int) -> Decimal:
    return Decimal(quantity_milli) / MILLI


def _name(person: Person | None) -> str | None:
    return None if person is None else person.name


def product_rows(product: Product, terms: Terms) -> list[tuple[Cell, ...]]:
    """Return the one row of a product."""
    discount = product.discount
    share: Decimal | None = None
    amount: Decimal | None = None
    if discount is not None and discount.share_bp is not None:
        share = Decimal(str(percent_out(discount.share_bp)))
    if discount is not None and discount.amount_minor is not None:
        amount = terms.money(discount.amount_minor)
    row = (
        product.code,
        product.in_house,
        product.name,
        terms.money(product.price_minor),
        terms.money(product.cost_minor),
        _quantity(product.stock_milli),
        _quantity(product.min_stock_milli),
        product.category,
        product.unit.value,
        product.exempt,
        "Activo" if product.active else "Inactivo",
        share,
        amount,
        None if discount is None else time_out(discount.from_ms, terms.zone),
        None if discount is None else time_out(discount.until_ms, terms.zone),
    )
    return [row]


def sale_rows(sale: Sale, terms: Terms) -> list[tuple[Cell, ...]]:
    """Return a row for each line of a sale."""
    number = number_of(sale.folio, sale.origin_number, is_return=False)
    paid = paid_out(
        sale.payments,
        sale.change_minor,
        lambda amount: decimal_comma(terms.money(amount)),
    )
    return [
        (
            number,
            *terms.clock(sale.at_ms),
            line.code,
            line.name,
            _quantity(line.quantity_milli),
            terms.money(line.unit_price_minor),
            terms.money(line.discount_minor),
            terms.money(line.total_minor),
            line.exempt,
            sale.customer_rut,
            paid,
            _name(sale.seller),
            None,
            None,
        )
        for line in sale.lines
    ]


def return_rows(
    returned: tuple[Return, str | None], terms: Terms
) -> list[tuple[Cell, ...]]:
    """Return a row for each line of a return, its quantity below zero."""
    one, sale_number = returned
    number = number_of(one.id, one.origin_number, is_return=True)
    return [
        (
            number,
            *terms.clock(one.at_ms),
            line.code,
            line.name,
            _quantity(-line.quantity_milli),
            None,
            None,
            terms.money(-line.total_minor),
            line.exempt,
            None,
            MEDIOS[one.method],
            _name(one.seller),
            sale_number,
            one.reason,
        )
        for line in one.lines
    ]


def purchase_rows(purchase: Purchase, terms: Terms) -> list[tuple[Cell, ...]]:
    """Return a row for each line of a purchase."""
    return [
        (
            purchase.id,
            *terms.clock(purchase.at_ms),
            purchase.supplier,
            purchase.document,
            line.code,
            line.name,
            _quantity(line.quantity_milli),
            terms.money(line.cost_minor),
            terms.money(line.total_minor),
            _name(purchase.buyer),
        )
        for line in purchase.lines
    ]


def movement_rows(
    moved: tuple[Movement, str, str], terms: Terms
) -> list[tuple[Cell, ...]]:
    """Return the one row of a movement."""
    movement, code, name = moved
    shown = products.movement_out(movement, terms.zone)
    quantity, balance = (
        _quantity(movement.quantity_milli),
        _quantity(movement.balance_milli),
    )
    clock = terms.clock(movement.at_ms)
    return [
        (
            movement.id,
            *clock,
            code,
            name,
            shown.causa,
            quantity,
            balance,
            movement.reference_id,
            movement.reason,
        )
    ]


def audit_rows(
    row: tuple[AuditRow, Person | None], terms: Terms
) -> list[tuple[Cell, ...]]:
    """Return the one row of a registro."""
    kept, person = row
    shown = audit.row_out(kept, person, terms.zone)
    detail: Any = shown.detalle
    text = detail if isinstance(detail, str) else msgspec.json.encode(detail).decode()
    rut = None if person is None else person.rut
    what = (
        rut,
        _name(person),
        shown.origen,
        shown.accion,
        text,
        shown.canonico,
        shown.hash_anterior,
        shown.hash,
    )
    return [(kept.id, *terms.clock(kept.at_ms), *what)]


Rows = Callable[[Any, Terms], list[tuple[Cell, ...]]]
HEADERS = {
    "productos": PRODUCT_HEADER,
    "ventas": SALE_HEADER,
    "devoluciones": SALE_HEADER,
    "compras": PURCHASE_HEADER,
    "movimientos": MOVEMENT_HEADER,
    "registros": AUDIT_HEADER,
}
"""The columns of each kind of export."""
