"""``migrate``: the database brought to the newest schema."""

from typing import Any

import click

from trastienda.app.opening import location_of
from trastienda.cli.progress import bar
from trastienda.cli.shell import data_option, fail, load, opened
from trastienda.operations import opening
from trastienda.operations.errors import StartError
from trastienda.operations.shop_folder import only_server


@click.command()
@data_option
def migrate(**flags: Any) -> None:
    """Lleva la base de datos a la última versión de su esquema.

    Al atender se hace solo; este comando sirve para hacerlo antes, con la tienda
    cerrada. Ningún otro lo hace. Si en la carpeta no hay una tienda, la crea. Después,
    una versión anterior de Trastienda ya no la abre: haz antes una copia.

    \b
    Ejemplos:
      trastienda migrate
      trastienda migrate --data /srv/tienda
    """
    settings = load(**flags)
    try:
        if not opening.is_behind(location_of(settings)):
            migrated = opened(settings).migrated
        else:
            # Never under a server that runs: it would not understand what it finds.
            with only_server(settings.data), bar("Poniendo al día"):
                migrated = opened(settings, migrates=True).migrated
    except StartError as error:
        fail(str(error))

    if migrated:
        click.echo("El esquema quedó al día.")
    else:
        click.echo("El esquema ya estaba al día.")
