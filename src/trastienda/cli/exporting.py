"""``export``: what a shop has, as files for spreadsheets and programs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from trastienda.actions import export
from trastienda.cli.progress import Tell, bar
from trastienda.cli.shell import data_option, existing, fail, load
from trastienda.domain.days import ONE_DAY, day_start_ms
from trastienda.domain.errors import Invalid
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL
from trastienda.files.exports import objects as export_objects
from trastienda.files.exports import rows as export_rows
from trastienda.files.exports.inventory import inventory_out
from trastienda.files.exports.rows import HEADERS, Terms
from trastienda.files.exports.spreadsheets import write_xlsx
from trastienda.files.exports.text_files import Sheet, write_csv, write_lines
from trastienda.operations.atomic_files import flush
from trastienda.storage.transactions import Snapshot
from trastienda.wire import products, purchases, sales
from trastienda.wire.refusals import reason
from trastienda.wire.values import day_in

EVERYTHING = "todo"
FORMATS = ("csv", "xlsx", "jsonl", "json")
_TOLD_EVERY = 256
"""Items between two looks at the progress bar."""


class Source(Struct, frozen=True):
    """Where the items of a kind come from, their name, and what becomes of one: rows of a table, or an object."""

    subject: str
    word: str
    read: Callable[[Snapshot, Window], Iterator[Any]]
    rows: export_rows.Rows
    shown: Callable[[Any, Snapshot], Any]


_SALES = Source(
    "sales",
    "ventas",
    lambda snapshot, window: export.sales(snapshot, SHELL, window),
    export_rows.sale_rows,
    lambda one, snapshot: sales.sale_out(one, snapshot.shop.zone),
)
_RETURNS = Source(
    "returns",
    "devoluciones",
    lambda snapshot, window: export.returns(snapshot, SHELL, window),
    export_rows.return_rows,
    lambda one, snapshot: export_objects.returned_out(one, snapshot.shop.zone),
)
SOURCES = {
    "productos": (
        Source(
            "products",
            "productos",
            lambda snapshot, _: export.products(snapshot, SHELL),
            export_rows.product_rows,
            lambda one, snapshot: products.product_out(
                one, snapshot.now_ms, snapshot.shop.zone, staff=True
            ),
        ),
    ),
    "ventas": (_SALES, _RETURNS),
    "devoluciones": (_RETURNS,),
    "compras": (
        Source(
            "purchases",
            "compras",
            lambda snapshot, window: export.purchases(snapshot, SHELL, window),
            export_rows.purchase_rows,
            lambda one, snapshot: purchases.purchase_out(one, snapshot.shop.zone),
        ),
    ),
    "movimientos": (
        Source(
            "movements",
            "movimientos",
            lambda snapshot, window: export.movements(snapshot, SHELL, window),
            export_rows.movement_rows,
            lambda one, snapshot: export_objects.moved_out(one, snapshot.shop.zone),
        ),
    ),
    "registros": (
        Source(
            "audit",
            "registros",
            lambda snapshot, window: export.audit(snapshot, SHELL, window),
            export_rows.audit_rows,
            lambda one, snapshot: export_objects.registro_out(one, snapshot.shop.zone),
        ),
    ),
}
"""What can be exported; sales come with their returns, as importing them takes both."""
_ALL = tuple(what for what in SOURCES if what != "devoluciones")


@click.command("export")
@data_option
@click.argument("file", type=click.Path(path_type=Path), metavar="ARCHIVO")
@click.option(
    "--what",
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
    what: str,
    form: str | None,
    desde: str | None,
    hasta: str | None,
    force: bool,
    **flags: Any,
) -> None:
    """Exporta productos, ventas, devoluciones, compras, movimientos o registros a un archivo.

    La terminación dice la forma: .csv y .xlsx para planillas, .jsonl para programas, .json para un inventario.json.
    Lo que se exporta como productos o ventas lo vuelve a tomar «trastienda import». La tienda puede estar abierta.
    """
    form = _form(file, form, what)
    if what == "productos" and (desde or hasta):
        fail("los productos no tienen fecha: --desde y --hasta son para lo demás")
    if file.exists() and not force:
        fail(f"{file} ya existe; con --force se reemplaza")
    shop = existing(load(**flags))
    try:
        with shop.snapshot() as snapshot, _in_place(file) as unfinished:
            written = _Export(snapshot, what, _window(snapshot, desde, hasta))
            with bar("Exportando") as tell:
                written.write(unfinished, form, tell)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    click.echo(f"Exportado a {file}: {written.told()}.")


def _form(file: Path, form: str | None, what: str) -> str:
    form = form or file.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        fail(
            f"{file}: la terminación no dice la forma; use .csv, .xlsx, .jsonl o .json, o --format"
        )
    if form == "json" and what != "productos":
        fail(f"un inventario.json tiene productos; para {what} use .jsonl")
    if form == "csv" and what == EVERYTHING:
        fail(
            "un CSV es una sola tabla; para todo use .xlsx (una hoja para cada cosa) o .jsonl"
        )
    return form


def _window(snapshot: Snapshot, desde: str | None, hasta: str | None) -> Window:
    try:
        first = None if desde is None else day_in(desde, "desde")
        last = None if hasta is None else day_in(hasta, "hasta")
        zone = snapshot.shop.zone
        return Window(
            from_ms=None if first is None else day_start_ms(first, zone),
            until_ms=None if last is None else day_start_ms(last + ONE_DAY, zone),
        )
    except Invalid as error:
        fail(f"--{error.field} {reason(error)}")
    except OverflowError:
        fail("--desde y --hasta: ese día está fuera del calendario")


@contextmanager
def _in_place(file: Path) -> Iterator[Path]:
    """A file beside it to be written, which takes its name when it is whole and on the disk."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.sin-terminar")
    try:
        yield unfinished
        flush(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


class _Export:
    """One export: what is read of one state of the shop goes into a file, and is counted."""

    def __init__(self, snapshot: Snapshot, what: str, window: Window) -> None:
        self._state = snapshot
        self._window = window
        self._whats = _ALL if what == EVERYTHING else (what,)
        self._terms = Terms(snapshot.shop.zone, snapshot.shop.exponent)
        self._counts = {
            source.word: 0 for what in self._whats for source in SOURCES[what]
        }

    def told(self) -> str:
        """Return how much of what was written."""
        return ", ".join(f"{count} {word}" for word, count in self._counts.items())

    def write(self, path: Path, form: str, tell: Tell) -> None:
        """Write the file."""
        sources = {source.subject for what in self._whats for source in SOURCES[what]}
        total = sum(
            export.count(self._state, SHELL, subject, self._window)
            for subject in sources
        )

        def items(source: Source) -> Iterator[Any]:
            for item in source.read(self._state, self._window):
                self._counts[source.word] += 1
                done = sum(self._counts.values())
                if done % _TOLD_EVERY == 0:
                    tell(done, total)
                yield item

        def rows(what: str) -> Iterator[Any]:
            each = (
                source.rows(one, self._terms)
                for source in SOURCES[what]
                for one in items(source)
            )
            return chain.from_iterable(each)

        sheets: Iterator[Sheet] = (
            (what, HEADERS[what], rows(what)) for what in self._whats
        )
        if form == "csv":
            write_csv(path, next(sheets))
        elif form == "xlsx":
            write_xlsx(path, sheets)
        elif form == "json":
            path.write_bytes(
                inventory_out(items(SOURCES["productos"][0]), self._terms, retired=True)
            )
        else:
            each = (source for what in self._whats for source in SOURCES[what])
            write_lines(
                path,
                (
                    source.shown(one, self._state)
                    for source in each
                    for one in items(source)
                ),
            )
