"""``migrate``, ``settings`` and ``verify``."""

from typing import Any

import click

from trastienda import config
from trastienda.actions import verify as verifying
from trastienda.app import opening
from trastienda.cli.shell import address_options, data_option, existing, fail, load, opened
from trastienda.wire import verification


@click.command()
@data_option
def migrate(**flags: Any) -> None:
    """Lleva la base de datos a la última versión del esquema."""
    migrated = opened(load(**flags)).migrated
    click.echo("El esquema quedó al día." if migrated else "El esquema ya estaba al día.")


@click.command("settings")
@data_option
@address_options
def settings_(**flags: Any) -> None:
    """Muestra cada ajuste con su valor, su valor por omisión, su origen y su significado."""
    settings = load(**flags)
    for setting in config.SETTINGS:
        value, source = settings[setting.name], settings.sources[setting.name]
        click.echo(f"{setting.variable} = {_shown(setting, value)}")
        click.echo(f"    {setting.meaning}. Por omisión: {_shown(setting, setting.default)}. Origen: {source}.")


def _shown(setting: config.Setting, value: Any) -> str:
    if value is None or value == ():
        return "(nada)"
    if setting.secret:
        return "(oculto)"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@click.command()
@data_option
def verify(**flags: Any) -> None:
    """Recalcula todo lo que siempre debe cumplirse; sale con 1 y nombra la primera fila que no cuadra."""
    shop = existing(load(**flags))
    with opening.reading_of(shop) as state:
        broken = verifying.verify(state)
    if broken is not None:
        fail(verification.sentence(broken))
    click.echo("Todo cuadra.")
