"""``backup`` and ``restore``."""

from pathlib import Path
from typing import Any

import click

from trastienda.app.opening import location_of
from trastienda.cli.shell import data_option, fail, load, must_be_there
from trastienda.operations import backups, restore
from trastienda.operations.errors import StartError
from trastienda.storage.dialects.database_files import Contents

_FILE = click.Path(path_type=Path)


@click.command()
@data_option
@click.option("--force", is_flag=True, help="Reemplaza el archivo, si ya existe.")
@click.argument("archivo", type=_FILE)
def backup(
    archivo: Path,
    force: bool,
    **flags: Any,
) -> None:
    """Copia la tienda en ARCHIVO, aunque esté atendiendo.

    Si ARCHIVO es una carpeta, la copia lleva la fecha y la hora en su nombre.
    """
    settings = load(**flags)
    must_be_there(settings)

    try:
        database_file = location_of(settings).database_file
        copied = backups.back_up(database_file, archivo.expanduser(), force=force)
    except (backups.CopyError, StartError) as error:
        fail(str(error))

    size_mb = copied.size_bytes / 1e6
    contents = _contents_text(copied.contents)
    click.echo(
        f"Copia en {copied.path}: {size_mb:.1f} MB, {contents}, "
        f"en {copied.took_s:.1f} s."
    )


@click.command("restore")
@data_option
@click.option(
    "--force",
    is_flag=True,
    help="Reemplaza la tienda que haya; la de antes queda a un lado.",
)
@click.option(
    "--no-verify",
    is_flag=True,
    help="No recalcula todas las cuentas de la copia antes de reponerla.",
)
@click.argument("archivo", type=_FILE)
def restore_(
    archivo: Path,
    force: bool,
    no_verify: bool,
    **flags: Any,
) -> None:
    """Repone la tienda desde la copia ARCHIVO, que no cambia. La tienda no debe estar
    abierta."""
    settings = load(**flags)

    try:
        restored = restore.restore(
            location_of(settings),
            archivo.expanduser(),
            force=force,
            prove=not no_verify,
            report=click.echo,
        )
    except (backups.CopyError, StartError) as error:
        fail(str(error))

    contents = _contents_text(restored.contents)
    click.echo(
        f"Tienda repuesta en {restored.path}: {contents}, en {restored.took_s:.1f} s."
    )
    if restored.migrated:
        click.echo("La copia era de una versión anterior; su esquema quedó al día.")
    if restored.aside is not None:
        click.echo(f"La que había quedó en {restored.aside}")


def _contents_text(contents: Contents) -> str:
    """Return how much a shop holds, for whoever made or restored a copy."""
    sales_noun = "venta" if contents.sales == 1 else "ventas"
    products_noun = "producto" if contents.products == 1 else "productos"
    return f"{contents.sales} {sales_noun} y {contents.products} {products_noun}"
