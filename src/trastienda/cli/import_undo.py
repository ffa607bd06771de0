"""``import --list`` and ``import --undo``: what was imported, and taking it back."""

import click

from trastienda.actions.imports import newest
from trastienda.cli.shell import fail, looked_at
from trastienda.config import Settings
from trastienda.domain.errors import Invalid, NotFound
from trastienda.domain.imports import Import, ImportKind
from trastienda.domain.people import SHELL
from trastienda.domain.shop import Shop
from trastienda.operations import imports
from trastienda.operations.shop import OpenShop
from trastienda.wire.reasons import reason
from trastienda.wire.written import counted, day_and_time

LISTED = 50
"""Imports that a list shows, the newest ones."""


def number_of_import(import_id: int | None) -> str:
    """Return what a report adds about the number of an import; nothing without one."""
    if import_id is None:
        return ""
    return f" Es la importación {import_id}."


def list_imports(settings: Settings) -> None:
    """Show the last imports, newest first."""
    shop = looked_at(settings)
    with shop.snapshot() as snapshot:
        all_imports = newest(snapshot, SHELL, LISTED)
        page = snapshot.shop
    if not all_imports:
        click.echo("No hay importaciones todavía.")
    for imported in all_imports:
        click.echo(_line(imported, page))


def _line(
    imported: Import,
    shop: Shop,
) -> str:
    """Return an import in a line."""
    if imported.kind is ImportKind.PRODUCTS:
        rows = counted(imported.rows, "producto", "productos")
    else:
        rows = counted(imported.rows, "venta o devolución", "ventas y devoluciones")
    moment = day_and_time(imported.at_ms, shop.time_zone)
    line = f"{imported.id:>4}  {moment}  {rows}  {imported.file}"
    if imported.undone_at_ms is not None:
        line += f"  (deshecha {day_and_time(imported.undone_at_ms, shop.time_zone)})"
    return line


def undo_import(
    shop: OpenShop,
    import_id: int,
) -> None:
    """Take an import back, or report why not and exit."""
    try:
        count = imports.undo(shop, import_id)
    except NotFound:
        fail(f"no hay una importación {import_id}; cuáles hay lo dice --list")
    except Invalid as invalid:
        fail(f"la importación {import_id} {reason(invalid)}")
    products = counted(count, "producto quedó", "productos quedaron")
    click.echo(f"Importación {import_id} deshecha: {products} como antes de ella.")
