"""``/reportes``."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

from msgspec import Struct, field

from trastienda.actions import reports
from trastienda.domain.people import Permission
from trastienda.domain.reports import Period
from trastienda.files.exports.reports import report_sheets
from trastienda.files.exports.rows import ShopLocale
from trastienda.files.exports.text_files import write_csv
from trastienda.servers.http.answers import Answer, snapshot_answer, snapshot_number
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import day, option
from trastienda.wire import reports as wire

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SummaryQuery(Struct, frozen=True, kw_only=True):
    """Which days are summed up, and which table of them is sent as CSV."""

    first_day: Annotated[date | None, day("Primer día, en la zona de la tienda")] = (
        field(default=None, name="desde")
    )
    last_day: Annotated[date | None, day("Último día, incluido")] = field(
        default=None, name="hasta"
    )
    period: Annotated[
        Period | None,
        option(wire.PERIODS, "Hasta hoy, en vez de «desde» y «hasta»"),
    ] = field(default=None, name="periodo")
    table: Annotated[
        str,
        option({name: name for name in wire.TABLES}, "La tabla que trae text/csv"),
    ] = field(default="por_dia", name="tabla")


async def summary(exchange: Exchange) -> Answer:
    """Return what some days came to, as JSON or as a file."""
    query = exchange.query(SummaryQuery)
    reading = await exchange.desk.reader.read(
        reports.summary,
        exchange.actor,
        query.first_day,
        query.last_day,
        query.period,
    )
    report = wire.report_out(reading.value)
    media = exchange.media
    if media not in {CSV, XLSX}:
        return snapshot_answer(report, reading.n)

    shop = exchange.desk.shop()
    locale = ShopLocale(shop.time_zone, shop.exponent)

    def draw() -> Answer:
        """Return one table as CSV, or all of them as sheets."""
        sheets = report_sheets(report, locale)
        with tempfile.TemporaryDirectory(prefix="trastienda-") as folder:
            path = Path(folder) / "report"
            content_type = media
            if media == CSV:
                file_name = f"{query.table}-{report.desde}-{report.hasta}.csv"
                content_type = f"{CSV}; charset=utf-8"
                write_csv(path, sheets[query.table])
            else:
                from trastienda.files.exports.spreadsheets import write_xlsx

                file_name = f"resumen-{report.desde}-{report.hasta}.xlsx"
                write_xlsx(path, sheets.values())
            content = path.read_bytes()

        disposition = f'attachment; filename="{file_name}"'.encode()
        headers = [
            snapshot_number(reading.n),
            (b"content-disposition", disposition),
        ]
        return Answer(200, content, headers, content_type.encode())

    return await exchange.in_a_thread(draw)


ROUTES = (
    Route(
        method="GET",
        path="/reportes/resumen",
        handler=summary,
        summary="Lo que fueron unos días: ventas, devoluciones, impuestos y margen",
        permission=Permission.SEE_REPORTS,
        answer=wire.Resumen,
        query=SummaryQuery,
        also=(CSV, XLSX),
        snapshot=True,
        tag="Reportes",
    ),
)
