"""``import``: products and past sales from files."""

import contextlib
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from trastienda.actions import history, product_import
from trastienda.actions.history import ImportedCount
from trastienda.actions.product_import import ProductsImported
from trastienda.app import opening
from trastienda.cli.shell import data_option, fail, load, opened
from trastienda.domain.history import in_chunks
from trastienda.domain.people import SHELL
from trastienda.storage.transactions import Tx
from trastienda.wire import past_sales, product_files
from trastienda.wire.import_files import KINDS, PAST_SALES, ImportOptions, sniff_kind
from trastienda.wire.names import path as wire_name
from trastienda.wire.past_sales import PastSales
from trastienda.wire.product_files import ProductList
from trastienda.wire.refusals import reason
from trastienda.wire.refused_rows import RefusedRows
from trastienda.wire.tabular import FileRefused

Item = TypeVar("Item")

NAMED_ROWS = 50
"""Refused rows named on the screen; all of them go to the file beside the imported one, where that is asked for."""
PRODUCTS_A_COMMIT = 500
"""Short commits, so that a till that sells meanwhile does not wait."""

Tell = Callable[[int, int], None]


@contextlib.contextmanager
def _bar(text: str) -> Iterator[Tell]:
    """A progress bar on a terminal; nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(text, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@click.command("import")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="ARCHIVO")
@click.option("--kind", type=click.Choice(KINDS), help="Qué trae; si no se dice, se averigua por su contenido.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Orden de las fechas, si queda abierto.")
@click.option("--skip-bad", is_flag=True, help="Importa lo demás y deja las filas rechazadas en un archivo al lado.")
@click.option("--dry-run", is_flag=True, help="Solo dice qué haría.")
@click.option("--replace-stock", is_flag=True, help="Productos: su stock también corrige el de los que ya existen.")
def import_(
    file: Path,
    kind: str | None,
    date_order: str | None,
    skip_bad: bool,
    dry_run: bool,
    replace_stock: bool,
    **flags: Any,
) -> None:
    """Importa productos o ventas pasadas desde un CSV, o productos desde un inventario.json.

    Cada fila que no sirve se nombra con su línea y su razón, y entonces no se importa nada. Separador, codificación y
    coma decimal se averiguan; un orden de fechas que el archivo deja abierto se pide con --date-order.
    """
    with contextlib.ExitStack() as stack:
        settings = load(**flags)
        if dry_run and not opening.is_there(settings):  # what only tells founds no shop
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="trastienda-"))
            settings = load(data=Path(folder), admin_password=secrets.token_urlsafe())
        _import(opened(settings), file, kind, date_order, skip_bad, dry_run, replace_stock)


def _import(
    shop: opening.Opened,
    file: Path,
    kind: str | None,
    date_order: str | None,
    skip_bad: bool,
    dry_run: bool,
    replace_stock: bool,
) -> None:
    with opening.reading_of(shop) as state:
        options = ImportOptions(exponent=state.shop.exponent, zone=state.shop.zone, date_order=date_order)
    try:
        if (kind or sniff_kind(file)) == PAST_SALES:
            _past_sales(shop, file, options, skip_bad=skip_bad, dry_run=dry_run)
        else:
            stock_reason = "importación" if replace_stock else None
            _products(shop, file, options, stock_reason, skip_bad=skip_bad, dry_run=dry_run)
    except FileRefused as error:
        fail(f"{file}: {error}")
    except OSError as error:
        fail(f"{file}: {error.strerror}")


@contextlib.contextmanager
def _turn(shop: opening.Opened) -> Iterator[Tx]:
    """A transaction that leaves as much time as it took to the tills of a shop that is open meanwhile."""
    began = time.perf_counter()
    with opening.writing_of(shop) as tx:
        yield tx
    if opening.is_served(shop.data):
        time.sleep(time.perf_counter() - began)


def _past_sales(shop: opening.Opened, file: Path, options: ImportOptions, *, skip_bad: bool, dry_run: bool) -> None:
    with _bar("Leyendo") as tell:
        found = past_sales.read(file, options, tell)
    with found:
        _settle_refused(found, skip_bad=skip_bad, dry_run=dry_run)
        if dry_run:
            with opening.reading_of(shop) as state:
                chunks = in_chunks(found.documents())
                known, total = 0, 0
                for chunk in chunks:
                    known += history.already_there(state, SHELL, chunk)
                    total += len(chunk)
            click.echo(f"Se importarían {total - known} ventas y devoluciones; {known} ya están.")
            return
        count, done = ImportedCount(), 0
        with _bar("Importando") as tell:
            for chunk in in_chunks(found.documents()):
                with _turn(shop) as tx:
                    count += history.import_documents(tx, SHELL, chunk, found.goods)
                done += sum(len(document.lines) for document in chunk)
                tell(done, found.taken_rows)
    click.echo(
        f"Importadas {count.sales} ventas y {count.returns} devoluciones; {count.already} ya estaban; "
        f"{count.products} productos nuevos."
    )


def _products(
    shop: opening.Opened,
    file: Path,
    options: ImportOptions,
    stock_reason: str | None,
    *,
    skip_bad: bool,
    dry_run: bool,
) -> None:
    with _bar("Leyendo") as tell:
        found = product_files.read(file, options, tell)
    with found:
        with opening.reading_of(shop) as state:
            bad = product_import.check(state, SHELL, found.products, replace_stock=stock_reason)
        found.refuse({row.line: f"«{wire_name(error.field)}» {reason(error)}" for row, error in bad})
        _settle_refused(found, skip_bad=skip_bad, dry_run=dry_run)
        if dry_run:
            click.echo(f"Se importarían {len(found.products)} productos.")
            return
        count, done = ProductsImported(), 0
        with _bar("Importando") as tell:
            for chunk in _slices(found.products, PRODUCTS_A_COMMIT):
                with _turn(shop) as tx:
                    count += product_import.import_products(tx, SHELL, chunk, replace_stock=stock_reason)
                done += len(chunk)
                tell(done, len(found.products))
    click.echo(f"Productos: {count.created} nuevos, {count.changed} cambiados, {count.unchanged} iguales.")


def _slices(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _settle_refused(found: PastSales | ProductList, *, skip_bad: bool, dry_run: bool) -> None:
    """Name the rows that cannot be taken; leave with 1 unless the rest is to be imported all the same."""
    refused: RefusedRows = found.refused
    for row in islice(refused, NAMED_ROWS):
        click.echo(f"línea {row.line}: {row.reason}", err=True)
    if len(refused) > NAMED_ROWS:
        click.echo(f"… y {len(refused) - NAMED_ROWS} filas más", err=True)
    if not len(refused):
        return
    if not skip_bad:
        fail(f"{len(refused)} filas no se pueden tomar; no se importó nada (con --skip-bad se importan las demás)")
    if not dry_run:
        click.echo(f"Las {len(refused)} filas rechazadas quedaron en {found.write_refused()}", err=True)
