"""What is exported, as rows of a table.

Each kind has its header and its cells here; how a file writes them is the file's own
business.
"""

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
from trastienda.domain.returns import ReturnOfSale
from trastienda.domain.sales import Sale
from trastienda.files.cells.codes import dressed
from trastienda.files.cells.numbers import render_decimal_comma
from trastienda.files.cells.payments import payments_out
from trastienda.files.tables.own_columns import PRODUCT_HEADER
from trastienda.wire import audit, products
from trastienda.wire.values import percent_out, time_out

Cell = str | Decimal | int | date | bool | None
Cells = tuple[Cell, ...]


class ShopLocale(Struct, frozen=True):
    """The shop's zone, and the number of decimals of its currency."""

    time_zone: ZoneInfo
    exponent: int

    def money(self, amount_minor: int) -> Decimal:
        """Return an amount in units, with the decimals of the currency."""
        return Decimal(amount_minor).scaleb(-self.exponent)

    def render_money(self, amount_minor: int) -> str:
        """Return an amount as a text, for a cell that tells more than the amount."""
        return render_decimal_comma(self.money(amount_minor))

    def clock(self, at_ms: int) -> tuple[date, str]:
        """Return the day, and the time with all that it takes to find the moment
        again."""
        local = moment(at_ms, self.time_zone)
        text = local.strftime("%H:%M:%S")
        if at_ms % 1000:
            text += f".{at_ms % 1000:03d}"
        if local.fold:  # an hour that the clocks go through twice
            text += local.strftime("%z")
        return local.date(), text


SALE_HEADER = (
    "numero",
    "fecha",
    "hora",
    "codigo_barras",
    "nombre",
    "cantidad",
    "precio_unitario",
    "descuento",
    "total_linea",
    "exento",
    "cliente",
    "pagos",
    "vendedor",
    "venta_origen",
    "motivo",
)
DOCUMENT_HEADER = (
    "tipo",
    "numero",
    "fecha",
    "hora",
    "cliente",
    "neto",
    "iva",
    "exento",
    "total",
    "ajuste_redondeo",
    "pagos",
    "vendedor",
    "venta_origen",
)
PURCHASE_HEADER = (
    "id_compra",
    "fecha",
    "hora",
    "proveedor",
    "documento",
    "codigo_barras",
    "nombre",
    "cantidad",
    "costo",
    "total_linea",
    "comprador",
)
MOVEMENT_HEADER = (
    "id_movimiento",
    "fecha",
    "hora",
    "codigo_barras",
    "nombre",
    "causa",
    "cantidad",
    "saldo",
    "referencia",
    "motivo",
)
AUDIT_HEADER = (
    "id_registro",
    "fecha",
    "hora",
    "rut",
    "quien",
    "origen",
    "accion",
    "detalle",
    "canonico",
    "hash_anterior",
    "hash",
)


def _quantity(quantity_milli: int) -> Decimal:
    return Decimal(quantity_milli) / MILLI


def _name(person: Person | None) -> str | None:
    return None if person is None else person.name


def product_rows(
    product: Product,
    locale: ShopLocale,
) -> list[Cells]:
    """Return the one row of a product."""
    percent: Decimal | None = None
    amount: Decimal | None = None
    from_time: str | None = None
    until_time: str | None = None
    discount = product.discount
    if discount is not None:
        if discount.share_bp is not None:
            percent = Decimal(str(percent_out(discount.share_bp)))
        if discount.amount_minor is not None:
            amount = locale.money(discount.amount_minor)
        from_time = time_out(discount.from_ms, locale.time_zone)
        until_time = time_out(discount.until_ms, locale.time_zone)
    row = (
        dressed(product.code),
        product.in_house,
        product.name,
        locale.money(product.price_minor),
        locale.money(product.cost_minor),
        _quantity(product.stock_milli),
        _quantity(product.min_stock_milli),
        product.category,
        product.unit.value,
        product.exempt,
        "Activo" if product.active else "Inactivo",
        percent,
        amount,
        from_time,
        until_time,
    )
    return [row]


def sale_rows(
    sale: Sale,
    locale: ShopLocale,
) -> list[Cells]:
    """Return a row for each line of a sale."""
    number = number_of(sale.folio, sale.origin_number, is_return=False)
    payments = payments_out(sale.payments, sale.change_minor, locale.render_money)
    return [
        (
            number,
            *locale.clock(sale.at_ms),
            dressed(line.code),
            line.name,
            _quantity(line.quantity_milli),
            locale.money(line.unit_price_minor),
            locale.money(line.discount_minor),
            locale.money(line.total_minor),
            line.exempt,
            sale.customer_rut,
            payments,
            _name(sale.seller),
            None,
            None,
        )
        for line in sale.lines
    ]


def return_rows(
    returned: ReturnOfSale,
    locale: ShopLocale,
) -> list[Cells]:
    """Return a row for each line of a return, with negative quantities."""
    document = returned.document
    number = number_of(document.id, document.origin_number, is_return=True)
    return [
        (
            number,
            *locale.clock(document.at_ms),
            dressed(line.code),
            line.name,
            _quantity(-line.quantity_milli),
            None,
            None,
            locale.money(-line.total_minor),
            line.exempt,
            None,
            payments_out(document.money, 0, locale.render_money),
            _name(document.seller),
            returned.sale_number,
            document.reason,
        )
        for line in document.lines
    ]


def sale_document_rows(
    sale: Sale,
    locale: ShopLocale,
) -> list[Cells]:
    """Return the one row of a sale as the accountant's book has it."""
    row = (
        "venta",
        number_of(sale.folio, sale.origin_number, is_return=False),
        *locale.clock(sale.at_ms),
        sale.customer_rut,
        locale.money(sale.net_minor),
        locale.money(sale.vat_minor),
        locale.money(sale.exempt_minor),
        locale.money(sale.total_minor),
        locale.money(sale.rounding_minor),
        payments_out(sale.payments, sale.change_minor, locale.render_money),
        _name(sale.seller),
        None,
    )
    return [row]


def return_document_rows(
    returned: ReturnOfSale,
    locale: ShopLocale,
) -> list[Cells]:
    """Return the one row of a return as the accountant's book has it.

    Its amounts are below zero, so that each column adds up over sales and returns.
    """
    document = returned.document
    row = (
        "devolucion",
        number_of(document.id, document.origin_number, is_return=True),
        *locale.clock(document.at_ms),
        returned.customer_rut,
        locale.money(-document.net_minor),
        locale.money(-document.vat_minor),
        locale.money(-document.exempt_minor),
        locale.money(-document.total_minor),
        locale.money(-document.rounding_minor),
        payments_out(
            document.payments,
            0,
            lambda amount_minor: locale.render_money(-amount_minor),
        ),
        _name(document.seller),
        returned.sale_number,
    )
    return [row]


def purchase_rows(
    purchase: Purchase,
    locale: ShopLocale,
) -> list[Cells]:
    """Return a row for each line of a purchase."""
    return [
        (
            purchase.id,
            *locale.clock(purchase.at_ms),
            purchase.supplier,
            purchase.document,
            dressed(line.code),
            line.name,
            _quantity(line.quantity_milli),
            locale.money(line.cost_minor) + locale.money(line.cost_rest_milli) / MILLI,
            locale.money(line.total_minor),
            _name(purchase.buyer),
        )
        for line in purchase.lines
    ]


def movement_rows(
    named_movement: tuple[Movement, str, str],
    locale: ShopLocale,
) -> list[Cells]:
    """Return the one row of a movement, which comes with its product's code and
    name."""
    movement, code, name = named_movement
    row = (
        movement.id,
        *locale.clock(movement.at_ms),
        code,
        name,
        products.movement_out(movement, locale.time_zone).causa,
        _quantity(movement.quantity_milli),
        _quantity(movement.balance_milli),
        movement.reference_id,
        movement.reason,
    )
    return [row]


def audit_rows(
    signed_row: tuple[AuditRow, Person | None],
    locale: ShopLocale,
) -> list[Cells]:
    """Return the one row of a registro, which comes with the person who acted."""
    audit_row, person = signed_row
    registro = audit.row_out(audit_row, person, locale.time_zone)
    detail = registro.detalle
    if not isinstance(detail, str):
        detail = msgspec.json.encode(detail).decode()
    row = (
        audit_row.id,
        *locale.clock(audit_row.at_ms),
        None if person is None else person.rut,
        _name(person),
        registro.origen,
        registro.accion,
        detail,
        registro.canonico,
        registro.hash_anterior,
        registro.hash,
    )
    return [row]


RowsOf = Callable[[Any, ShopLocale], list[Cells]]
"""Makes the rows of an item of one kind."""
HEADERS = {
    "productos": PRODUCT_HEADER,
    "ventas": SALE_HEADER,
    "devoluciones": SALE_HEADER,
    "documentos": DOCUMENT_HEADER,
    "compras": PURCHASE_HEADER,
    "movimientos": MOVEMENT_HEADER,
    "registros": AUDIT_HEADER,
}
"""The columns of each kind of export."""
