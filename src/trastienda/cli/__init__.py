"""The command line, in Spanish."""

import click

from trastienda import __version__
from trastienda.cli import spanish
from trastienda.cli.menu import Entry, Menu

COMMANDS = {
    "demo": Entry(
        "Empezar", "serving", "demo", "Atiende una tienda de muestra, para probar"
    ),
    "serve": Entry("Empezar", "serving", "serve", "Atiende la tienda"),
    "import": Entry(
        "Datos", "imports", "import_", "Trae productos o ventas pasadas de un archivo"
    ),
    "export": Entry(
        "Datos",
        "exports",
        "export_",
        "Escribe productos, ventas y lo demás en un archivo",
    ),
    "backup": Entry(
        "Copias",
        "backups",
        "backup",
        "Hace una copia de la tienda, aunque esté abierta",
    ),
    "restore": Entry(
        "Copias", "backups", "restore_", "Repone la tienda desde una copia"
    ),
    "user": Entry(
        "Personas",
        "people",
        "user",
        "Agrega, muestra o desactiva personas; les da otra clave",
    ),
    "chat": Entry(
        "Terminales", "terminals", "chat", "Conversa con quienes están en la tienda"
    ),
    "gui": Entry(
        "Terminales", "terminals", "gui", "Abre una ventana: chat e inventario"
    ),
    "inventario": Entry(
        "Terminales", "terminals", "inventario", "Mira lo que hay, compra y devuelve"
    ),
    "verify": Entry(
        "Mantenimiento",
        "verification",
        "verify",
        "Recalcula las cuentas y dice si algo no cuadra",
    ),
    "migrate": Entry(
        "Mantenimiento",
        "migration",
        "migrate",
        "Lleva la base de datos a la última versión",
    ),
    "settings": Entry(
        "Mantenimiento",
        "settings",
        "settings_",
        "Muestra cada ajuste, su valor y de dónde viene",
    ),
    "completion": Entry(
        "Mantenimiento",
        "completion",
        "completion",
        "Hace que la tecla Tab complete los comandos",
    ),
}
"""Every command there is, in the order and the sections of the help: Empezar, Datos,
Copias, Personas, Terminales, Mantenimiento."""

spanish.speak()


@click.group(
    cls=Menu,
    entries=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="COMANDO …",
    epilog="""
    Para verla funcionar ahora mismo: «trastienda demo».

    Para saber más de un comando: «trastienda COMANDO --help».
    """,
)
@click.version_option(
    __version__,
    prog_name="trastienda",
    message="%(prog)s %(version)s",
    help="Muestra la versión y termina.",
)
@click.pass_context
def main(context: click.Context) -> None:
    """La trastienda de un comercio: stock, ventas, compras, comprobantes y personas."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
