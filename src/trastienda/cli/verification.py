"""``verify``: everything that must always hold, worked out again."""

from typing import Any

import click

from trastienda.app.opening import location_of
from trastienda.cli.progress import bar
from trastienda.cli.shell import data_option, fail, load, looked_at
from trastienda.operations import verification as operations
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
    settings = load(**flags)
    looked_at(settings)
    with bar("Revisando") as report:

        def report_check(
            done: float,
            total: float,
            check: str,
        ) -> None:
            check_text = verification.CHECKS.get(check, check)
            report(done, total, check_text)

        broken = operations.prove(location_of(settings), report_check)

    if broken is not None:
        fail(verification.sentence(broken))
    click.echo("Todo cuadra.")
