"""``migrate``: the database brought to the newest schema."""

from typing import Any

import click

from trastienda.cli.shell import data_option, load, opened


@click.command()
@data_option
def migrate(**flags: Any) -> None:
    """Lleva la base de datos a la última versión de su esquema.

    Al atender se hace solo; este comando sirve para hacerlo antes, con la tienda
    cerrada. Si en la carpeta no hay una tienda, la crea. Después, una versión anterior
    de Trastienda ya no la abre: haz antes una copia.

    \b
    Ejemplos:
      trastienda migrate
      trastienda migrate --data /srv/tienda
    """
    if opened(load(**flags)).migrated:
        click.echo("El esquema quedó al día.")
    else:
        click.echo("El esquema ya estaba al día.")
