"""Reports on the wire."""

from msgspec import Struct

from trastienda.domain.payments import Method
from trastienda.domain.reports import NOBODY, Day, Period, Report
from trastienda.wire.people import Persona, person_out
from trastienda.wire.sales import MEDIOS, Medio
from trastienda.wire.values import Quantity, quantity_out


class ResumenDia(Struct):
    """Cuántas ventas hubo un día, cuánto sumaron y cuánto se devolvió."""

    fecha: str
    ventas: int
    total: int
    devoluciones: int
    neto: int
    iva: int
    exento: int
    ajuste_redondeo: int
    total_menos_devoluciones: int
    neto_menos_devoluciones: int
    iva_menos_devoluciones: int
    exento_menos_devoluciones: int
    ajuste_redondeo_menos_devoluciones: int


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

    ``total`` = ``neto`` + ``iva`` + ``exento``, todo lo vendido; lo que queda al quitarle
    lo devuelto dice ``…_menos_devoluciones``. ``margen`` es sin IVA ni lo devuelto.
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
    total_menos_devoluciones: int
    neto_menos_devoluciones: int
    iva_menos_devoluciones: int
    exento_menos_devoluciones: int
    ajuste_redondeo_menos_devoluciones: int
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

PERIODS = {"hoy": Period.TODAY, "semana": Period.WEEK, "mes": Period.MONTH}
"""The words for the days that a report may be asked for by name."""


def report_out(report: Report) -> Resumen:
    """Return a report as the wire shows it."""
    sums = report.sums
    sold = sums.sold
    left = sold.less(sums.returned)
    por_producto = [
        ResumenProducto(
            codigo_barras=code,
            nombre=name,
            cantidad=quantity_out(sold_goods.quantity_milli),
            total=sold_goods.total_minor,
            cantidad_devuelta=quantity_out(returned_goods.quantity_milli),
            devoluciones=returned_goods.total_minor,
            margen=sold_goods.margin_minor - returned_goods.margin_minor,
        )
        for code, name, sold_goods, returned_goods in report.goods()
    ]

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
        total_menos_devoluciones=left.total_minor,
        neto_menos_devoluciones=left.net_minor,
        iva_menos_devoluciones=left.vat_minor,
        exento_menos_devoluciones=left.exempt_minor,
        ajuste_redondeo_menos_devoluciones=left.rounding_minor,
        por_dia=[_day_out(day) for day in report.days],
        por_producto=por_producto,
        por_vendedor=_sellers_out(report),
        por_medio=_methods_out(report),
    )


def _day_out(day: Day) -> ResumenDia:
    """Return what one day came to."""
    sold = day.sold
    left = sold.less(day.returned)
    return ResumenDia(
        fecha=day.day.isoformat(),
        ventas=sold.count,
        total=sold.total_minor,
        devoluciones=day.returned.total_minor,
        neto=sold.net_minor,
        iva=sold.vat_minor,
        exento=sold.exempt_minor,
        ajuste_redondeo=sold.rounding_minor,
        total_menos_devoluciones=left.total_minor,
        neto_menos_devoluciones=left.net_minor,
        iva_menos_devoluciones=left.vat_minor,
        exento_menos_devoluciones=left.exempt_minor,
        ajuste_redondeo_menos_devoluciones=left.rounding_minor,
    )


def _sellers_out(report: Report) -> list[ResumenVendedor]:
    """Return what each person sold, the largest total first."""
    sums_by_user = report.sums.sellers
    user_ids = sorted(
        sums_by_user,
        key=lambda user_id: (-sums_by_user[user_id].total_minor, user_id),
    )

    seller_rows = []
    for user_id in user_ids:
        seller_sums = sums_by_user[user_id]
        vendedor = None
        if user_id != NOBODY:
            vendedor = person_out(report.sellers[user_id])

        seller_row = ResumenVendedor(
            vendedor=vendedor,
            ventas=seller_sums.sales,
            total=seller_sums.total_minor,
            devoluciones=seller_sums.returned_minor,
        )
        seller_rows.append(seller_row)

    return seller_rows


def _methods_out(report: Report) -> list[ResumenMedio]:
    """Return the money by each method that was used, in the order of the methods."""
    method_rows = []
    for method in Method:
        money = report.sums.money.get(method.value)
        if money is None:
            continue

        method_row = ResumenMedio(
            medio=MEDIOS[method],
            total=money.sold_minor,
            cobros=money.collected_minor,
            devoluciones=money.refunded_minor,
        )
        method_rows.append(method_row)

    return method_rows
