"""Reports on the wire."""

from msgspec import Struct

from trastienda.domain.payments import Method
from trastienda.domain.reports import NOBODY, Report
from trastienda.wire.people import Persona, person_out
from trastienda.wire.sales import MEDIOS, Medio
from trastienda.wire.values import Quantity, quantity_out


class ResumenDia(Struct):
    """Cuántas ventas hubo un día, cuánto sumaron y cuánto se devolvió."""

    fecha: str
    ventas: int
    total: int
    devoluciones: int


class ResumenProducto(Struct):
    """Cuánto se vendió de un producto, cuánto volvió y qué margen dejó."""

    codigo_barras: str
    nombre: str
    cantidad: Quantity
    total: int
    cantidad_devuelta: Quantity
    devoluciones: int
    margen: int


class ResumenVendedor(Struct):
    """Cuánto vendió una persona y cuánto recibió de vuelta; sin vendedor, lo que se importó."""

    vendedor: Persona | None
    ventas: int
    total: int
    devoluciones: int


class ResumenMedio(Struct):
    """Lo que entró por un medio: con las ventas, como cobro de lo pendiente, y lo que
    salió en devoluciones."""

    medio: Medio
    total: int
    cobros: int
    devoluciones: int


class Resumen(Struct):
    """Lo que sumaron unos días.

    ``total`` = ``neto`` + ``iva`` + ``exento``; ``margen`` es sin IVA ni lo devuelto.
    """

    desde: str
    hasta: str
    ventas: int
    total: int
    devoluciones: int
    neto: int
    iva: int
    exento: int
    ajuste_redondeo: int
    margen: int
    por_dia: list[ResumenDia]
    por_producto: list[ResumenProducto]
    por_vendedor: list[ResumenVendedor]
    por_medio: list[ResumenMedio]


TABLES = {
    "por_dia": ResumenDia,
    "por_producto": ResumenProducto,
    "por_vendedor": ResumenVendedor,
    "por_medio": ResumenMedio,
}
"""The tables of a report, and the shape of a row of each."""


def report_out(report: Report) -> Resumen:
    """Return a report as the wire shows it."""
    sums = report.sums
    sold = sums.sold
    return Resumen(
        desde=report.first.isoformat(),
        hasta=report.last.isoformat(),
        ventas=sold.count,
        total=sold.total_minor,
        devoluciones=sums.returned.total_minor,
        neto=sold.net_minor,
        iva=sold.vat_minor,
        exento=sold.exempt_minor,
        ajuste_redondeo=sold.rounding_minor,
        margen=sums.margin_minor,
        por_dia=[
            ResumenDia(
                day.day.isoformat(), day.sales, day.total_minor, day.returned_minor
            )
            for day in report.days
        ],
        por_producto=_products_out(report),
        por_vendedor=_sellers_out(report),
        por_medio=_methods_out(report),
    )


def _products_out(report: Report) -> list[ResumenProducto]:
    return [
        ResumenProducto(
            code,
            name,
            quantity_out(sold.quantity_milli),
            sold.total_minor,
            quantity_out(returned.quantity_milli),
            returned.total_minor,
            sold.margin_minor - returned.margin_minor,
        )
        for code, name, sold, returned in report.goods()
    ]


def _sellers_out(report: Report) -> list[ResumenVendedor]:
    """Return what each person sold, the largest total first."""
    sellers = sorted(
        report.sums.sellers.items(), key=lambda item: (-item[1].total_minor, item[0])
    )
    rows = []
    for user_id, seller in sellers:
        person = None if user_id == NOBODY else person_out(report.sellers[user_id])
        row = ResumenVendedor(
            person, seller.sales, seller.total_minor, seller.returned_minor
        )
        rows.append(row)
    return rows


def _methods_out(report: Report) -> list[ResumenMedio]:
    """Return the money by each method that was used, in the order of the methods."""
    rows = []
    for method in Method:
        money = report.sums.money.get(method.value)
        if money is not None:
            row = ResumenMedio(
                MEDIOS[method],
                money.sold_minor,
                money.collected_minor,
                money.refunded_minor,
            )
            rows.append(row)
    return rows
