"""``verify``: everything that must always hold, worked out again."""

from typing import Any

import click

from trastienda.actions import verification as actions
from trastienda.cli.progress import bar
from trastienda.cli.shell import data_option, fail, load, looked_at
from trastienda.wire import verification


@click.command()
@data_option
def verify(**flags: Any) -> None:
    """Recalcula todo lo que siempre debe cumplirse, y dice si algo no cuadra.

    Existencias, ventas, pagos, devoluciones, compras, folios y registros se calculan de
    nuevo desde sus movimientos. Puede hacerse mientras la tienda atiende, y no cambia
    nada. Termina con 0 si todo cuadra; si no, con 1, y nombra la primera fila que no
    cuadra.

    \b
    Ejemplos:
      trastienda verify
      trastienda verify --data /media/copia
    """
    shop = looked_at(load(**flags))
    with shop.snapshot() as snapshot, bar("Revisando") as report:

        def report_check(
            done: int,
            total: int,
            check: str,
        ) -> None:
            check_text = verification.CHECKS.get(check, check)
            report(done, total, check_text)

        broken = actions.verify(snapshot, report_check)

    if broken is not None:
        fail(verification.sentence(broken))
    click.echo("Todo cuadra.")
