"""``settings``: every setting with its value, its default and where it comes from."""

import sys
from typing import Any

import click

from trastienda.cli.shell import address_options, data_option, load_with_sources
from trastienda.config import DEFAULT_SOURCE, SETTINGS, Loaded, Section, Setting


@click.command("settings")
@data_option
@address_options
def settings_(**flags: Any) -> None:
    """Muestra cada ajuste: su valor, de dónde viene y qué significa.

    Un ajuste se da con una opción, con una variable de entorno o en un archivo .env de
    la carpeta en que se está; gana la opción, y después la variable. Las opciones de
    aquí sirven para ver qué pasaría con ellas.

    Hacia otro programa o un archivo salen líneas «VARIABLE = valor».

    \b
    Ejemplos:
      trastienda settings
      trastienda settings --port 8080
      trastienda settings > ajustes.txt
    """
    loaded = load_with_sources(**flags)
    if sys.stdout.isatty():
        _show_on_terminal(loaded)
        return
    for setting in SETTINGS:
        about = setting.about
        source = loaded.sources[setting.name]
        click.echo(f"{setting.variable} = {_value_text(setting, loaded)}")
        click.echo(f"    {about.meaning}. {_default_text(setting)}. Origen: {source}.")


def _show_on_terminal(loaded: Loaded) -> None:
    """Print the settings by section; those that were changed stand out."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    width = max(len(setting.variable) for setting in SETTINGS)
    for section in Section:
        console.print(Text(f"\n{section.value}", style="bold"))
        for setting in SETTINGS:
            if setting.about.section is not section:
                continue

            source = loaded.sources[setting.name]
            is_changed = source != DEFAULT_SOURCE
            line = Text(f"  {setting.variable.ljust(width)}  ")
            value_style = "bold green" if is_changed else ""
            line.append(_value_text(setting, loaded), style=value_style)
            meaning = setting.about.meaning
            if is_changed:
                line.append(f"  ({source})", style="green")
                meaning += f". {_default_text(setting)}"
            console.print(line)
            console.print(Padding(Text(f"{meaning}.", style="dim"), (0, 0, 0, 6)))


def _default_text(setting: Setting) -> str:
    return f"{DEFAULT_SOURCE.capitalize()}: {_text(setting, setting.default)}"


def _value_text(setting: Setting, loaded: Loaded) -> str:
    return _text(setting, getattr(loaded.settings, setting.name))


def _text(setting: Setting, value: Any) -> str:
    if value is None or value == ():
        return "(nada)"
    if setting.about.secret:
        return "(oculto)"
    if isinstance(value, bool):
        return "si" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)
