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

    @classmethod
    def of(cls, day: Day) -> "ResumenDia":
        """Return what one day came to."""
        sold = day.sold
        left = sold.less(day.returned)
        return cls(
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

    @classmethod
    def of(cls, user_id: int, report: Report) -> "ResumenVendedor":
        """Return what one person sold."""
        seller_sums = report.sums.sellers[user_id]
        vendedor = None
        if user_id != NOBODY:
            vendedor = person_out(report.sellers[user_id])
        return cls(
            vendedor=vendedor,
            ventas=seller_sums.sales,
            total=seller_sums.total_minor,
            devoluciones=seller_sums.returned_minor,
        )


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

    # The largest total first.
    seller_ids = sorted(
        sums.sellers,
        key=lambda user_id: (-sums.sellers[user_id].total_minor, user_id),
    )

    por_medio = [
        ResumenMedio(
            medio=MEDIOS[method],
            total=money.sold_minor,
            cobros=money.collected_minor,
            devoluciones=money.refunded_minor,
        )
        for method in Method
        if (money := sums.money.get(method.value)) is not None
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
        por_dia=[ResumenDia.of(day) for day in report.days],
        por_producto=por_producto,
        por_vendedor=[ResumenVendedor.of(user_id, report) for user_id in seller_ids],
        por_medio=por_medio,
    )
