"""``import``: products and past sales from files."""

import contextlib
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions import past_sales, product_import
from trastienda.actions.past_sales import ImportedCount
from trastienda.actions.product_import import ProductsImported
from trastienda.app.opening import location_of
from trastienda.cli.import_preview import show_columns, show_products, show_sales
from trastienda.cli.progress import bar
from trastienda.cli.shell import data_option, fail, load, opened
from trastienda.config import Settings
from trastienda.domain.past_sales import in_chunks
from trastienda.domain.people import SHELL
from trastienda.files.imports import past_sales as past_sale_files
from trastienda.files.imports import products as product_files
from trastienda.files.imports.detection import ImportOptions, sniff_kind
from trastienda.files.imports.past_sales import PastSales
from trastienda.files.imports.products import ProductList
from trastienda.files.imports.refused_rows import RefusedRows
from trastienda.files.tables.columns import (
    KINDS,
    PAST_SALES,
    PRODUCT_WORDS,
    SALE_WORDS,
    given_in,
)
from trastienda.files.tables.table import FileRefused
from trastienda.operations import opening
from trastienda.operations.clock import now_ms
from trastienda.operations.errors import StartError
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import DATABASE_FILE, is_served
from trastienda.storage.database import sqlite_url
from trastienda.storage.transactions import Tx
from trastienda.wire.names import path as wire_name
from trastienda.wire.refusals import reason

Item = TypeVar("Item")

NAMED_ROWS = 50
"""Refused rows named on the screen; all of them go to the file beside the imported one, where that is asked for."""
PRODUCTS_A_COMMIT = 500
"""Short commits, so that a till that sells meanwhile does not wait."""


class Wishes(Struct, frozen=True):
    """What whoever imports wants; ``replace_stock`` is the reason of the corrections, None for none.

    A rehearsal says nothing and writes nothing, but for a file that is refused.
    """

    file: Path
    kind: str | None
    skip_bad: bool
    dry_run: bool
    replace_stock: str | None
    rehearsal: bool = False


@click.command("import")
@data_option
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ARCHIVO",
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
def import_(
    file: Path,
    kind: str | None,
    columns: Sequence[str],
    sheet: str | None,
    date_order: str | None,
    skip_bad: bool,
    dry_run: bool,
    replace_stock: bool,
    **flags: Any,
) -> None:
    """Importa productos o ventas pasadas desde una planilla (XLSX, ODS, XLS), un CSV, JSON o lo que escribió «export».

    Cada fila que no sirve se nombra con su línea y su razón, y entonces no se importa nada. Separador, codificación y
    coma decimal se averiguan; un orden de fechas que el archivo deja abierto se pide con --date-order, y una columna
    que no se entiende se explica con --map.
    """
    wishes = Wishes(
        file, kind, skip_bad, dry_run, "importación" if replace_stock else None
    )
    settings = load(**flags)

    def run(settings: Settings, wishes: Wishes) -> None:
        shop = opened(settings)
        with shop.snapshot() as state:
            exponent, zone = state.shop.exponent, state.shop.zone
        try:
            options = ImportOptions(
                exponent=exponent,
                zone=zone,
                date_order=date_order,
                sheet=sheet,
                given=given_in(columns),
                latest_ms=now_ms(),
            )
            _import(shop, wishes, options)
        except FileRefused as error:
            fail(f"{file}: {error}")
        except OSError as error:
            fail(f"{file}: {error.strerror}")

    if not _is_there(
        settings
    ):  # a file that is refused, or only looked at, founds no shop
        with tempfile.TemporaryDirectory(prefix="trastienda-") as folder:
            url = sqlite_url(Path(folder) / DATABASE_FILE)
            scratch = load(
                data=Path(folder),
                database_url=url,
                admin_password=secrets.token_urlsafe(),
            )
            run(scratch, wishes if dry_run else replace(wishes, rehearsal=True))
    if not dry_run or _is_there(settings):
        run(settings, wishes)


def _is_there(settings: Settings) -> bool:
    try:
        return opening.is_there(location_of(settings))
    except StartError as error:
        fail(str(error))


def _import(shop: OpenShop, wishes: Wishes, options: ImportOptions) -> None:
    if (wishes.kind or sniff_kind(wishes.file, options)) == PAST_SALES:
        with bar("Leyendo") as tell:
            found = past_sale_files.read(wishes.file, options, tell)
        with found:
            _past_sales(shop, wishes, found)
    else:
        with bar("Leyendo") as tell:
            listed = product_files.read(wishes.file, options, tell)
        with listed:
            _products(shop, wishes, listed)


@contextlib.contextmanager
def _turn(shop: OpenShop) -> Iterator[Tx]:
    """A transaction that leaves as much time as it took to the tills of a shop that is open meanwhile."""
    began = time.perf_counter()
    with shop.transaction() as tx:
        yield tx
    if is_served(shop.data):
        time.sleep(time.perf_counter() - began)


def _past_sales(shop: OpenShop, wishes: Wishes, found: PastSales) -> None:
    if wishes.dry_run:
        with shop.snapshot() as state:
            show_columns(found.table.header, found.columns, SALE_WORDS)
            show_sales(found, state.shop)
    _settle_refused(found, wishes)
    if wishes.rehearsal:
        return
    if wishes.dry_run:
        known, total = 0, 0
        with shop.snapshot() as state:
            for chunk in in_chunks(found.documents()):
                known += past_sales.already_there(state, SHELL, chunk)
                total += len(chunk)
        click.echo(
            f"Se importarían {total - known} ventas y devoluciones; {known} ya están."
        )
        return
    count, done = ImportedCount(), 0
    with bar("Importando") as tell:
        for chunk in in_chunks(found.documents()):
            with _turn(shop) as tx:
                count += past_sales.import_documents(tx, SHELL, chunk, found.goods)
            done += sum(len(document.lines) for document in chunk)
            tell(done, found.taken_rows)
    click.echo(
        f"Importadas {count.sales} ventas y {count.returns} devoluciones; {count.already} ya estaban; "
        f"{count.products} productos nuevos."
    )


def _products(shop: OpenShop, wishes: Wishes, found: ProductList) -> None:
    with shop.snapshot() as state:
        bad = product_import.check(
            state, SHELL, found.products, replace_stock=wishes.replace_stock
        )
        found.refuse(
            {
                row.line: f"«{wire_name(error.field)}» {reason(error)}"
                for row, error in bad
            }
        )
        if wishes.dry_run:
            show_columns(found.header, found.columns, PRODUCT_WORDS)
            show_products(found, state.shop)
    _settle_refused(found, wishes)
    if wishes.rehearsal:
        return
    if wishes.dry_run:
        click.echo(f"Se importarían {len(found.products)} productos.")
        return
    count, done = ProductsImported(), 0
    with bar("Importando") as tell:
        for chunk in _slices(found.products, PRODUCTS_A_COMMIT):
            with _turn(shop) as tx:
                count += product_import.import_products(
                    tx, SHELL, chunk, replace_stock=wishes.replace_stock
                )
            done += len(chunk)
            tell(done, len(found.products))
    click.echo(
        f"Productos: {count.created} nuevos, {count.changed} cambiados, {count.unchanged} iguales."
    )


def _slices(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _settle_refused(found: PastSales | ProductList, wishes: Wishes) -> None:
    """Name the rows that cannot be taken; leave with 1 unless the rest is to be imported all the same."""
    if wishes.rehearsal and (wishes.skip_bad or not len(found.refused)):
        return
    for remark in (*found.remarks, *found.notices):
        click.echo(f"aviso: {remark}", err=True)
    refused: RefusedRows = found.refused
    for row in islice(refused, NAMED_ROWS):
        click.echo(f"línea {row.line}: {row.reason}", err=True)
    if len(refused) > NAMED_ROWS:
        click.echo(f"… y {len(refused) - NAMED_ROWS} filas más", err=True)
    if not len(refused):
        return
    if not wishes.skip_bad:
        fail(
            f"{len(refused)} filas no se pueden tomar; no se importó nada (con --skip-bad se importan las demás)"
        )
    if not wishes.dry_run:
        click.echo(
            f"Las {len(refused)} filas rechazadas quedaron en {found.write_refused()}",
            err=True,
        )
