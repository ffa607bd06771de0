"""``migrate`` and ``verify``."""

from typing import Any

import click

from trastienda.actions import verification as verifying
from trastienda.cli import progress
from trastienda.cli.shell import data_option, existing, fail, load, opened
from trastienda.wire import verification


@click.command()
@data_option
def migrate(**flags: Any) -> None:
    """Lleva la base de datos a la última versión de su esquema.

    Al atender se hace solo; este comando sirve para hacerlo antes, con la tienda cerrada. Si en la carpeta no hay una
    tienda, la crea. Después, una versión anterior de Trastienda ya no la abre: haga antes una copia.

    \b
    Ejemplos:
      trastienda migrate
      trastienda migrate --data /srv/tienda
    """
    migrated = opened(load(**flags)).migrated
    click.echo(
        "El esquema quedó al día." if migrated else "El esquema ya estaba al día."
    )


@click.command()
@data_option
def verify(**flags: Any) -> None:
    """Recalcula todo lo que siempre debe cumplirse, y dice si algo no cuadra.

    Existencias, ventas, pagos, devoluciones, compras, folios y registros se calculan de nuevo desde sus movimientos.
    Puede hacerse mientras la tienda atiende, y no cambia nada. Termina con 0 si todo cuadra; si no, con 1, y nombra
    la primera fila que no cuadra.

    \b
    Ejemplos:
      trastienda verify
      trastienda verify --data /media/copia
    """
    shop = existing(load(**flags))
    with shop.snapshot() as state, progress.bar("Revisando") as tell:
        broken = verifying.verify(
            state,
            lambda done, total, check: tell(
                done, total, verification.CHECKS.get(check, check)
            ),
        )
    if broken is not None:
        fail(verification.sentence(broken))
    click.echo("Todo cuadra.")
