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
    if not sys.stdout.isatty():
        for setting in SETTINGS:
            meaning = setting.about.meaning
            default = _default_text(setting)
            source = loaded.sources[setting.name]
            click.echo(f"{setting.variable} = {_value_text(setting, loaded)}")
            click.echo(f"    {meaning}. {default}. Origen: {source}.")
        return

    # On a terminal they come by section, and those that were changed stand out.
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
            meaning = setting.about.meaning
            value_line = Text(f"  {setting.variable.ljust(width)}  ")
            if source == DEFAULT_SOURCE:
                value_line.append(_value_text(setting, loaded))
            else:
                value_line.append(_value_text(setting, loaded), style="bold green")
                value_line.append(f"  ({source})", style="green")
                meaning += f". {_default_text(setting)}"

            console.print(value_line)
            meaning_text = Text(f"{meaning}.", style="dim")
            console.print(Padding(meaning_text, (0, 0, 0, 6)))


def _default_text(setting: Setting) -> str:
    default = _text(setting, setting.default)
    return f"{DEFAULT_SOURCE.capitalize()}: {default}"


def _value_text(
    setting: Setting,
    loaded: Loaded,
) -> str:
    value = getattr(loaded.settings, setting.name)
    return _text(setting, value)


def _text(
    setting: Setting,
    value: Any,
) -> str:
    """Return a value as it is written in a ``.env`` file; secrets stay hidden."""
    is_empty = value is None or value == ()
    if is_empty:
        return "(nada)"
    if setting.about.secret:
        return "(oculto)"
    if isinstance(value, bool):
        return "si" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)
