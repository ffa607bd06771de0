"""``backup`` and ``restore``."""

from pathlib import Path
from typing import Any

import click

from trastienda.app.opening import location_of
from trastienda.cli.shell import data_option, fail, load, must_be_there
from trastienda.operations import backups, restore
from trastienda.operations.errors import StartError
from trastienda.storage.backups import Contents

_FILE = click.Path(path_type=Path)


@click.command()
@data_option
@click.option("--force", is_flag=True, help="Reemplaza el archivo, si ya existe.")
@click.argument("archivo", type=_FILE)
def backup(archivo: Path, force: bool, **flags: Any) -> None:
    """Copia la tienda en ARCHIVO, aunque esté atendiendo.

    Si ARCHIVO es una carpeta, la copia lleva la fecha y la hora en su nombre.
    """
    settings = load(**flags)
    must_be_there(settings)
    try:
        copied = backups.back_up(
            location_of(settings).database_file, archivo.expanduser(), force=force
        )
    except (backups.CopyError, StartError) as error:
        fail(str(error))
    click.echo(
        f"Copia en {copied.path}: {_size(copied.size_bytes)}, {_held(copied.contents)}, en {copied.took_s:.1f} s."
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
def restore_(archivo: Path, force: bool, no_verify: bool, **flags: Any) -> None:
    """Repone la tienda desde la copia ARCHIVO, que no cambia. La tienda no debe estar abierta."""
    settings = load(**flags)
    try:
        done = restore.restore(
            location_of(settings),
            archivo.expanduser(),
            force=force,
            prove=not no_verify,
            say=click.echo,
        )
    except (backups.CopyError, StartError) as error:
        fail(str(error))
    click.echo(
        f"Tienda repuesta en {done.path}: {_held(done.contents)}, en {done.took_s:.1f} s."
    )
    if done.migrated:
        click.echo("La copia era de una versión anterior; su esquema quedó al día.")
    if done.aside is not None:
        click.echo(f"La que había quedó en {done.aside}")


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"


def _held(contents: Contents) -> str:
    sales = f"{contents.sales} {'venta' if contents.sales == 1 else 'ventas'}"
    return f"{sales} y {contents.products} {'producto' if contents.products == 1 else 'productos'}"
