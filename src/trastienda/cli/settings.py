"""``settings``: every setting with its value, its default, where it comes from and what it means."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from trastienda import config
from trastienda.cli.shell import address_options, data_option, load
from trastienda.config import BY_NAME, SETTINGS, Setting, Settings

GROUPS = {
    "Dónde y cómo atiende": "data host port inventory_port chat_port https tls_cert tls_key tls_lines cors_origins",
    "Chat y puertos de líneas": "chat_guests chat_rate line_buyers plain_login inventory_json",
    "La tienda, al crearla": "shop_name shop_rut shop_giro shop_address country currency timezone iva",
    "El primer Administrador": "admin_user admin_password admin_rut",
    "Impresora y cajón": "printer printer_columns printer_codepage print_sales cash_drawer",
    "Copias y limpieza": "backup_dir backup_every_h backup_keep journal_days",
    "Por dentro": "secret_key database_url log_level",
}
"""Settings by what they are about; what is in none of them is shown last."""

BY_DEFAULT = "por omisión"


@click.command("settings")
@data_option
@address_options
def settings_(**flags: Any) -> None:
    """Muestra cada ajuste: su valor, de dónde viene y qué significa.

    Un ajuste se da con una opción, con una variable de entorno o en un archivo .env de la carpeta en que se está;
    gana la opción, y después la variable. Las opciones de aquí sirven para ver qué pasaría con ellas.

    Hacia otro programa o un archivo salen líneas «VARIABLE = valor».

    \b
    Ejemplos:
      trastienda settings
      trastienda settings --port 8080
      trastienda settings > ajustes.txt
    """
    settings = load(**flags)
    if sys.stdout.isatty():
        _show(settings)
        return
    for setting in SETTINGS:
        click.echo(f"{setting.variable} = {_value(setting, settings[setting.name])}")
        click.echo(
            f"    {setting.meaning}. {_default(setting)}. Origen: {settings.sources[setting.name]}."
        )


def _show(settings: Settings) -> None:
    """Print the settings by group, what was changed standing out."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    width = max(len(setting.variable) for setting in SETTINGS)
    for title, group in _grouped():
        console.print(Text(f"\n{title}", style="bold"))
        for setting in group:
            source = settings.sources[setting.name]
            is_changed = source != BY_DEFAULT
            line = Text(f"  {setting.variable.ljust(width)}  ")
            line.append(
                _value(setting, settings[setting.name]),
                style="bold green" if is_changed else "",
            )
            meaning = setting.meaning
            if is_changed:
                line.append(f"  ({source})", style="green")
                meaning += f". {_default(setting)}"
            console.print(line)
            console.print(Padding(Text(f"{meaning}.", style="dim"), (0, 0, 0, 6)))


def _grouped() -> Iterator[tuple[str, list[Setting]]]:
    rest = dict(BY_NAME)
    for title, names in GROUPS.items():
        yield title, [rest.pop(name) for name in names.split()]
    if rest:
        yield "Otros", list(rest.values())


def _default(setting: config.Setting) -> str:
    return f"{BY_DEFAULT.capitalize()}: {_value(setting, setting.default)}"


def _value(setting: config.Setting, value: Any) -> str:
    if value is None or value == ():
        return "(nada)"
    if setting.secret:
        return "(oculto)"
    if isinstance(value, bool):
        return "si" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
