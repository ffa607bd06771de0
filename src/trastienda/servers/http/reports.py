"""``/reportes``."""

import tempfile
from pathlib import Path

from trastienda.actions import reports
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.files.exports.reports import report_sheets
from trastienda.files.exports.rows import ShopLocale
from trastienda.files.exports.text_files import write_csv
from trastienda.servers.http.exchange import Answer, Exchange, Route, snapshot_answer
from trastienda.storage.transactions import Snapshot
from trastienda.wire import reports as wire
from trastienda.wire.values import day_in

CSV, XLSX = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


async def summary(exchange: Exchange) -> Answer:
    """Return what some days came to."""
    query = exchange.query()
    first = day_in(query["desde"], "from") if "desde" in query else None
    last = day_in(query["hasta"], "until") if "hasta" in query else None
    table = query.get("tabla", "por_dia")
    if table not in wire.TABLES:
        raise Invalid("table", "not_an_option", options=", ".join(wire.TABLES))

    def read(snapshot: Snapshot) -> Answer:
        report = wire.report_out(reports.summary(snapshot, exchange.actor, first, last))
        if exchange.media == CSV:
            return _file(exchange, snapshot, report, table)
        if exchange.media == XLSX:
            return _file(exchange, snapshot, report, None)
        return snapshot_answer(report, snapshot)

    return await exchange.desk.reader.run(read)


def _file(
    exchange: Exchange, snapshot: Snapshot, report: wire.Resumen, table: str | None
) -> Answer:
    """Answer with one table as CSV, or with all of them as the sheets of a spreadsheet."""
    tables = report_sheets(
        report, ShopLocale(snapshot.shop.zone, snapshot.shop.exponent)
    )
    with tempfile.TemporaryDirectory(prefix="trastienda-") as folder:
        path = Path(folder) / "report"
        if table is not None:
            write_csv(path, tables[table])
        else:
            from trastienda.files.exports.spreadsheets import write_xlsx

            write_xlsx(path, tables.values())
        body = path.read_bytes()
    name = f"{table or 'resumen'}-{report.desde}-{report.hasta}.{'csv' if table else 'xlsx'}"
    headers = [
        (b"trastienda-n", b"%d" % snapshot.n),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
    ]
    media = exchange.media + ("; charset=utf-8" if table else "")
    return Answer(200, body, headers, media.encode())


ROUTES = (
    Route(
        method="GET",
        path="/reportes/resumen",
        handler=summary,
        summary="Lo que fueron unos días: ventas, devoluciones, impuestos y margen",
        permission=Permission.SEE_REPORTS,
        answer=wire.Resumen,
        filters=("desde", "hasta", "tabla"),
        also=(CSV, XLSX),
        snapshot=True,
        tag="Reportes",
    ),
)
