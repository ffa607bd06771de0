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
    """Lo que entró por un medio: con las ventas, como cobro de lo pendiente, y lo que salió en devoluciones."""

    medio: Medio
    total: int
    cobros: int
    devoluciones: int


class Resumen(Struct):
    """Lo que sumaron unos días. ``total`` = ``neto`` + ``iva`` + ``exento``; ``margen`` es sin IVA ni lo devuelto."""

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
"""The tables in a report, and what a row of each is."""


def report_out(report: Report) -> Resumen:
    """Return a report as it is shown."""
    sums = report.sums
    return Resumen(
        desde=report.first.isoformat(),
        hasta=report.last.isoformat(),
        ventas=sums.sold.count,
        total=sums.sold.total_minor,
        devoluciones=sums.returned.total_minor,
        neto=sums.sold.net_minor,
        iva=sums.sold.vat_minor,
        exento=sums.sold.exempt_minor,
        ajuste_redondeo=sums.sold.rounding_minor,
        margen=sums.margin_minor,
        por_dia=[
            ResumenDia(d.day.isoformat(), d.sales, d.total_minor, d.returned_minor)
            for d in report.days
        ],
        por_producto=_products(report),
        por_vendedor=_sellers(report),
        por_medio=[
            ResumenMedio(
                MEDIOS[method],
                money.sold_minor,
                money.collected_minor,
                money.refunded_minor,
            )
            for method in Method
            if (money := sums.money.get(method.value))
        ],
    )


def _products(report: Report) -> list[ResumenProducto]:
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


def _sellers(report: Report) -> list[ResumenVendedor]:
    sellers = report.sums.sellers.items()
    return [
        ResumenVendedor(
            None if number == NOBODY else person_out(report.sellers[number]),
            seller.sales,
            seller.total_minor,
            seller.returned_minor,
        )
        for number, seller in sorted(
            sellers, key=lambda item: (-item[1].total_minor, item[0])
        )
    ]
