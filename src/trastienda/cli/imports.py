"""``import``: products and past sales from files."""

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from trastienda.actions.product_import import ListCheck
from trastienda.cli.import_preview import (
    show_columns,
    show_products,
    show_sales,
    show_used_columns,
)
from trastienda.cli.import_remarks import left_alone
from trastienda.cli.import_undo import list_imports, number_of_import, undo_import
from trastienda.cli.progress import bar
from trastienda.cli.shell import data_option, existing, fail, is_there, load, opened
from trastienda.config import Settings
from trastienda.files.imports import past_sales as past_sale_files
from trastienda.files.imports import products as product_files
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.products import ProductList
from trastienda.files.tables.column_names import (
    KINDS,
    PAST_SALES,
    PRODUCT_WORDS,
    SALE_WORDS,
)
from trastienda.files.tables.columns import parse_column_map
from trastienda.files.tables.table import FileRefused
from trastienda.operations import imports
from trastienda.operations.clock import now_ms
from trastienda.operations.shop import OpenShop
from trastienda.wire.written import counted

NAMED_ROWS = 50
"""Refused rows named on the screen. With ``--skip-bad`` all of them go to a file."""
CORRECTION_REASON = "importación"
"""The reason of the corrections that ``--replace-stock`` makes."""


class ImportRequest(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    file: Path
    kind: str | None
    columns: Sequence[str]
    sheet: str | None
    date_order: str | None
    skip_bad: bool
    dry_run: bool
    replace_stock: bool
    replace_names: bool
    negative_stock: str | None
    net: bool


@click.command("import")
@data_option
@click.argument(
    "file",
    type=click.Path(
        exists=True,
        dir_okay=False,
        path_type=Path,
    ),
    metavar="ARCHIVO",
    required=False,
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="Qué trae; si no se dice, se averigua por su contenido.",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="COLUMNA=campo",
    help="Qué trae una columna; «COLUMNA=» nada.",
)
@click.option(
    "--sheet",
    metavar="HOJA",
    help="Hoja de la planilla; si no se dice, la primera con encabezado.",
)
@click.option(
    "--date-order",
    type=click.Choice(["dmy", "mdy", "ymd"]),
    help="Orden de las fechas, si queda abierto.",
)
@click.option(
    "--skip-bad",
    is_flag=True,
    help="Importa lo demás y deja las filas rechazadas en un archivo al lado.",
)
@click.option(
    "--dry-run", is_flag=True, help="Solo dice qué haría, y cómo entendió las columnas."
)
@click.option(
    "--replace-stock",
    is_flag=True,
    help="Productos: su stock también corrige el de los que ya existen.",
)
@click.option(
    "--replace-names",
    is_flag=True,
    help="Productos: la lista es propia, y sus nombres también valen.",
)
@click.option(
    "--negative-stock",
    type=click.Choice(["zero"]),
    help="Productos: un stock bajo cero se toma como 0.",
)
@click.option(
    "--net",
    is_flag=True,
    help="Ventas: sus precios son netos; se les suma el IVA de la tienda.",
)
@click.option(
    "--list",
    "lists",
    is_flag=True,
    help="Muestra las últimas importaciones, con su número.",
)
@click.option(
    "--undo",
    type=int,
    metavar="N",
    help="Deshace la importación de ese número, si nada de ella se vendió ni cambió.",
)
def import_(
    data: Path | None,
    *,
    lists: bool,
    undo: int | None,
    **arguments: Any,
) -> None:
    """Importa productos o ventas pasadas desde una planilla (XLSX, ODS, XLS), un CSV,
    JSON o lo que escribió «export».

    Cada fila que no sirve se nombra con su línea y su razón, y entonces no se importa
    nada. Separador, codificación y coma decimal se averiguan; un orden de fechas que el
    archivo deja abierto se pide con --date-order, y una columna que no se entiende se
    explica con --map.

    Cada importación tiene un número, y con --undo se deshace entera.
    """
    settings = load(data=data)
    if lists or undo is not None:
        if (lists and undo is not None) or arguments["file"] is not None:
            raise click.UsageError("--list y --undo van solos, sin archivo.")
        if undo is None:
            list_imports(settings)
        else:
            undo_import(existing(settings), undo)
        return
    if arguments["file"] is None:
        context = click.get_current_context()
        file_argument = next(
            parameter
            for parameter in context.command.params
            if parameter.name == "file"
        )
        raise click.MissingParameter(ctx=context, param=file_argument)
    request = ImportRequest(**arguments)
    is_founded = is_there(settings)

    if request.dry_run:
        if is_founded:
            _dry_run(request, opened(settings))
        else:
            # Looking at a file must not found a shop.
            with _scratch_shop(settings) as scratch:
                _dry_run(request, scratch)
        return

    if not is_founded:
        # Nor must a file that is refused: it is tried on a scratch shop first.
        with (
            _scratch_shop(settings) as scratch,
            _opened_file(request, scratch) as source,
        ):
            if len(source.rows.refused) and not request.skip_bad:
                _report_refused_rows(request, source)

    shop = opened(settings)
    with _opened_file(request, shop) as source:
        show_used_columns(source.rows.columns)
        _report_refused_rows(request, source)
        if len(source.rows.refused):
            _keep_refused_rows(source)
        click.echo(source.write(shop))


def _keep_refused_rows(source: "_Products | _PastSales") -> None:
    """Write the refused rows beside the file, and say where they are."""
    path = source.rows.write_refused()
    count = source.rows.left_behind
    if count == 1:
        remaining = "La fila rechazada quedó"
    else:
        remaining = f"Las {count} filas rechazadas quedaron"
    if count > len(source.rows.refused):
        remaining = f"{remaining}, con las demás de su documento,"
    click.echo(f"{remaining} en {path}", err=True)


@contextmanager
def _scratch_shop(settings: Settings) -> Iterator[OpenShop]:
    """A new shop of the same country and currency, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="trastienda-") as folder:
        scratch_settings = replace(
            settings,
            data=Path(folder),
            database_url=None,
            # Without a password of its own, one would be made up and shown.
            admin_password=secrets.token_urlsafe(),
        )
        yield opened(scratch_settings)


def _dry_run(
    request: ImportRequest,
    shop: OpenShop,
) -> None:
    """Show how the file was understood, and what importing it would do."""
    with _opened_file(request, shop) as source:
        source.preview(shop)
        _report_refused_rows(request, source)
        click.echo(source.forecast(shop))


class _Products:
    """A file of products."""

    def __init__(
        self,
        rows: ProductList,
        check: ListCheck,
    ) -> None:
        self.rows = rows
        self._check = check
        self.left_alone = tuple(left_alone(check))

    def preview(self, shop: OpenShop) -> None:
        """Show which column was taken for what, and the first products."""
        show_columns(self.rows.header, self.rows.columns, PRODUCT_WORDS)
        with shop.snapshot() as snapshot:
            show_products(self.rows, snapshot.shop)

    def forecast(self, shop: OpenShop) -> str:
        """Return what importing would do."""
        count = len(self.rows.products)
        if count == 1:
            return "Se importaría 1 producto."
        return f"Se importarían {count} productos."

    def write(self, shop: OpenShop) -> str:
        """Import the products, and return what was done."""
        with bar("Importando") as progress:
            count = imports.import_products(
                shop, self.rows, self._check.terms, progress
            )
        created = counted(count.created, "nuevo", "nuevos")
        changed = counted(count.changed, "cambiado", "cambiados")
        summary = f"Productos: {created}, {changed}, {count.unchanged} sin cambios."
        return summary + number_of_import(count.import_id)


class _PastSales:
    """A file of past sales."""

    left_alone: tuple[str, ...] = ()

    def __init__(self, rows: PastSales) -> None:
        self.rows = rows

    def preview(self, shop: OpenShop) -> None:
        """Show which column was taken for what, and the first documents."""
        show_columns(self.rows.header, self.rows.columns, SALE_WORDS)
        with shop.snapshot() as snapshot:
            show_sales(self.rows, snapshot.shop)

    def forecast(self, shop: OpenShop) -> str:
        """Return what importing would do."""
        total_count, known_count = imports.count_documents(shop, self.rows)
        new_count = total_count - known_count
        known = counted(known_count, "ya está", "ya están")
        if new_count == 1:
            return f"Se importaría 1 venta o devolución; {known}."
        return f"Se importarían {new_count} ventas y devoluciones; {known}."

    def write(self, shop: OpenShop) -> str:
        """Import the documents, and return what was done."""
        with bar("Importando") as progress:
            count, import_id = imports.import_past_sales(shop, self.rows, progress)
        sales = counted(count.sales, "venta", "ventas")
        returns = counted(count.returns, "devolución", "devoluciones")
        already = counted(count.already, "ya estaba", "ya estaban")
        products = counted(count.products, "producto nuevo", "productos nuevos")
        summary = f"Importadas {sales} y {returns}; {already}; {products}."
        return summary + number_of_import(import_id)


@contextmanager
def _opened_file(
    request: ImportRequest,
    shop: OpenShop,
) -> Iterator[_Products | _PastSales]:
    """Read the file, and check it against the shop.

    Reports a file that cannot be read, or that is refused as a whole, and exits.
    """
    with shop.snapshot() as snapshot:
        exponent = snapshot.shop.exponent
        time_zone = snapshot.shop.time_zone
        vat_bp = snapshot.shop.vat_bp

    try:
        options = ImportOptions(
            exponent=exponent,
            time_zone=time_zone,
            date_order=request.date_order,
            sheet=request.sheet,
            column_map=parse_column_map(request.columns),
            latest_ms=now_ms(),
            negative_stock_is_zero=request.negative_stock == "zero",
            vat_bp=vat_bp,
            prices_are_net=request.net,
        )
        kind = request.kind or detect_kind(request.file, options)

        if kind == PAST_SALES:
            with bar("Leyendo") as progress:
                past_sales = past_sale_files.read(request.file, options, progress)
            with past_sales:
                yield _PastSales(past_sales)
        else:
            with bar("Leyendo") as progress:
                products = product_files.read(request.file, options, progress)
            replace_stock = CORRECTION_REASON if request.replace_stock else None
            with products:
                if products.has_stock_alone and replace_stock is None:
                    fail(
                        f"{request.file}: solo trae el stock; "
                        "para corregirlo, agrega --replace-stock"
                    )
                check = imports.refuse_unfit_products(
                    shop,
                    products,
                    replace_stock=replace_stock,
                    replace_names=request.replace_names,
                )
                yield _Products(products, check)
    except FileRefused as error:
        fail(f"{request.file}: {error}")
    except OSError as error:
        fail(f"{request.file}: {error.strerror}")


def _report_refused_rows(
    request: ImportRequest,
    source: _Products | _PastSales,
) -> None:
    """Name the rows that cannot be taken, and exit unless they are to be skipped."""
    rows = source.rows
    for remark in (*rows.remarks, *rows.notices, *source.left_alone):
        click.echo(f"aviso: {remark}", err=True)

    for refused_row in islice(rows.refused, NAMED_ROWS):
        click.echo(f"línea {refused_row.line}: {refused_row.reason}", err=True)
    refused_count = len(rows.refused)
    unnamed_count = refused_count - NAMED_ROWS
    if unnamed_count > 0:
        click.echo(f"… y {counted(unnamed_count, 'fila', 'filas')} más", err=True)

    if refused_count and not request.skip_bad:
        rows_cannot = counted(refused_count, "fila no se puede", "filas no se pueden")
        fail(
            f"{rows_cannot} tomar; no se importó nada "
            "(con --skip-bad se importan las demás)"
        )
