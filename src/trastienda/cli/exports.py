"""``export``: what a shop has, as files for spreadsheets and programs."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions import export
from trastienda.cli.progress import Report, bar
from trastienda.cli.shell import data_option, fail, load, looked_at
from trastienda.domain.days import ONE_DAY, day_start_ms
from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.files.exports import objects as export_objects
from trastienda.files.exports import rows as export_rows
from trastienda.files.exports.inventory import inventory_out
from trastienda.files.exports.rows import HEADERS, Cell, ShopLocale
from trastienda.files.exports.spreadsheets import write_xlsx
from trastienda.files.exports.text_files import Sheet, write_csv, write_json_lines
from trastienda.operations.atomic_files import replaced
from trastienda.storage.transactions import Snapshot
from trastienda.wire import products, purchases, sales
from trastienda.wire.reasons import reason
from trastienda.wire.values import day_in

EVERYTHING = "todo"
DOCUMENTS = "documentos"
FORMATS = ("csv", "xlsx", "jsonl", "json")
_REPORT_EVERY = 256
"""Items between two steps of the progress bar."""


class Source(Struct, frozen=True):
    """One kind of item that can be exported."""

    subject: str
    """Its name for :func:`export.count`."""
    noun: str
    """Its name on the screen."""
    read: Callable[[Snapshot, Window], Iterator[Any]]
    to_rows: export_rows.RowsOf
    to_object: Callable[[Any, Snapshot], Any]


_PRODUCTS = Source(
    "products",
    "productos",
    lambda snapshot, _: export.products(snapshot, SHELL),
    export_rows.product_rows,
    lambda product, snapshot: products.product_out(
        product, snapshot.now_ms, snapshot.shop.time_zone, staff=True
    ),
)
_SALES = Source(
    "sales",
    "ventas",
    lambda snapshot, window: export.sales(snapshot, SHELL, window),
    export_rows.sale_rows,
    lambda sale, snapshot: sales.sale_out(sale, snapshot.shop.time_zone),
)
_RETURNS = Source(
    "returns",
    "devoluciones",
    lambda snapshot, window: export.returns(snapshot, SHELL, window),
    export_rows.return_rows,
    lambda returned, snapshot: export_objects.return_of_sale_out(
        returned, snapshot.shop.time_zone
    ),
)
_SALE_DOCUMENTS = replace(
    _SALES,
    read=lambda snapshot, window: export.sales_as_sold(snapshot, SHELL, window),
    to_rows=export_rows.sale_document_rows,
)
_RETURN_DOCUMENTS = replace(_RETURNS, to_rows=export_rows.return_document_rows)
_PURCHASES = Source(
    "purchases",
    "compras",
    lambda snapshot, window: export.purchases(snapshot, SHELL, window),
    export_rows.purchase_rows,
    lambda purchase, snapshot: purchases.purchase_out(
        purchase, snapshot.shop.time_zone
    ),
)
_MOVEMENTS = Source(
    "movements",
    "movimientos",
    lambda snapshot, window: export.movements(snapshot, SHELL, window),
    export_rows.movement_rows,
    lambda movement, snapshot: export_objects.named_movement_out(
        movement, snapshot.shop.time_zone
    ),
)
_AUDIT = Source(
    "audit",
    "registros",
    lambda snapshot, window: export.audit(snapshot, SHELL, window),
    export_rows.audit_rows,
    lambda entry, snapshot: export_objects.registro_out(entry, snapshot.shop.time_zone),
)
SOURCES = {
    "productos": (_PRODUCTS,),
    "ventas": (_SALES, _RETURNS),
    "devoluciones": (_RETURNS,),
    DOCUMENTS: (_SALE_DOCUMENTS, _RETURN_DOCUMENTS),
    "compras": (_PURCHASES,),
    "movimientos": (_MOVEMENTS,),
    "registros": (_AUDIT,),
}
"""The tables that can be exported. Sales come with their returns, as importing them
takes both; ``documentos`` are the same as the accountant's book has them, a row a
document."""
_WHOLE_SHOP = tuple(
    table for table in SOURCES if table not in {"devoluciones", DOCUMENTS}
)


@click.command("export")
@data_option
@click.argument("file", type=click.Path(path_type=Path), metavar="ARCHIVO")
@click.option(
    "--what",
    "contents",
    type=click.Choice([*SOURCES, EVERYTHING]),
    default="productos",
    help="Qué se exporta.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Forma del archivo; si no se dice, su terminación.",
)
@click.option(
    "--desde", metavar="AAAA-MM-DD", help="Primer día, en la zona de la tienda."
)
@click.option("--hasta", metavar="AAAA-MM-DD", help="Último día, inclusive.")
@click.option("--force", is_flag=True, help="Reemplaza el archivo si ya existe.")
def export_(
    file: Path,
    contents: str,
    form: str | None,
    desde: str | None,
    hasta: str | None,
    force: bool,
    **flags: Any,
) -> None:
    """Exporta productos, ventas, devoluciones, documentos, compras, movimientos o
    registros a un archivo.

    La terminación dice la forma: .csv y .xlsx para planillas, .jsonl para programas,
    .json para un inventario.json. Lo que se exporta como productos o ventas lo vuelve a
    tomar «trastienda import». «documentos» es para el contador: una fila por venta o
    devolución, con neto, IVA, exento y total. La tienda puede estar abierta.
    """
    form = form or file.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        fail(
            f"{file}: la terminación no dice la forma; usa .csv, .xlsx, .jsonl o "
            ".json, o --format"
        )
    if form == "json" and contents != "productos":
        fail(f"un inventario.json tiene productos; para {contents} usa .jsonl")
    if form == "jsonl" and contents == DOCUMENTS:
        # As objects they would be sales that owe again what was collected since.
        fail("los documentos son una tabla, .csv o .xlsx; en .jsonl van como ventas")
    if form == "csv" and contents == EVERYTHING:
        fail(
            "un CSV es una sola tabla; para todo usa .xlsx (una hoja para cada cosa) "
            "o .jsonl"
        )
    if contents == "productos" and (desde or hasta):
        fail("los productos no tienen fecha: --desde y --hasta son para lo demás")
    if os.path.lexists(file) and not force:
        fail(f"{file} ya existe; con --force se reemplaza")

    shop = looked_at(load(**flags))
    try:
        with shop.snapshot() as snapshot, replaced(file) as unfinished:
            window = _window(snapshot, desde, hasta)
            with bar("Exportando") as report:
                export_job = _Export(snapshot, contents, window, report)
                export_job.write(unfinished, form)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    click.echo(f"Exportado a {file}: {export_job.summary()}.")


def _window(
    snapshot: Snapshot,
    desde: str | None,
    hasta: str | None,
) -> Window:
    """Return the days from ``desde`` to ``hasta``, both included; or exit."""
    time_zone = snapshot.shop.time_zone
    from_ms = None
    until_ms = None

    try:
        if desde is not None:
            from_ms = day_start_ms(day_in(desde, "desde"), time_zone)
        if hasta is not None:
            # A window ends before its last moment: that is the start of the next day.
            next_day = day_in(hasta, "hasta") + ONE_DAY
            until_ms = day_start_ms(next_day, time_zone)
    except Invalid as error:
        fail(f"--{error.field} {reason(error)}")
    except OverflowError:
        fail("--desde y --hasta: ese día está fuera del calendario")
    return Window(from_ms=from_ms, until_ms=until_ms)


class _Export:
    """One export: what is read from one state of the shop is written and counted."""

    def __init__(
        self,
        snapshot: Snapshot,
        contents: str,
        window: Window,
        report: Report,
    ) -> None:
        self._snapshot = snapshot
        self._window = window
        self._report = report
        self._locale = ShopLocale(snapshot.shop.time_zone, snapshot.shop.exponent)

        self._tables = _WHOLE_SHOP if contents == EVERYTHING else (contents,)
        self._sources: list[Source] = []
        for table in self._tables:
            self._sources += SOURCES[table]

        self._counts = {source.noun: 0 for source in self._sources}
        """How many items of each noun are written."""
        self._done_count = 0
        self._total_count = 0

    def summary(self) -> str:
        """Return how many items of each noun were written."""
        parts = [f"{count} {noun}" for noun, count in self._counts.items()]
        return ", ".join(parts)

    def write(
        self,
        path: Path,
        form: str,
    ) -> None:
        """Write the file at ``path`` in one of :data:`FORMATS`."""
        for subject in {source.subject for source in self._sources}:
            self._total_count += export.count(
                self._snapshot, SHELL, subject, self._window
            )

        if form == "csv":
            (sheet,) = self._sheets()
            write_csv(path, sheet)
        elif form == "xlsx":
            write_xlsx(path, self._sheets())
        elif form == "json":
            products_to_write = self._items(_PRODUCTS)
            content = inventory_out(products_to_write, self._locale, retired=True)
            path.write_bytes(content)
        else:
            write_json_lines(path, self._objects())

    def _sheets(self) -> Iterator[Sheet]:
        for table in self._tables:
            header = HEADERS[table]
            rows = self._rows(table)
            yield Sheet(table, header, rows)

    def _rows(self, table: str) -> Iterator[Sequence[Cell]]:
        for source in SOURCES[table]:
            for item in self._items(source):
                # A sale is a row for each of its lines.
                yield from source.to_rows(item, self._locale)

    def _objects(self) -> Iterator[Any]:
        for source in self._sources:
            for item in self._items(source):
                yield source.to_object(item, self._snapshot)

    def _items(self, source: Source) -> Iterator[Any]:
        for item in source.read(self._snapshot, self._window):
            self._counts[source.noun] += 1
            self._done_count += 1
            if self._done_count % _REPORT_EVERY == 0:
                self._report(self._done_count, self._total_count)
            yield item
