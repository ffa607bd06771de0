"""The command line, in Spanish."""

import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from trastienda import __version__, app, config
from trastienda import demo as demo_shop
from trastienda.actions import people
from trastienda.actions import verify as verifying
from trastienda.config import ConfigError, Settings
from trastienda.domain.errors import Refusal
from trastienda.domain.people import SHELL, UserDraft
from trastienda.domain.rut import normalise
from trastienda.wire import people as people_wire
from trastienda.wire import refusals, verification


def fail(text: str) -> NoReturn:
    """Say what is wrong and leave with 1."""
    click.echo(f"trastienda: {text}", err=True)
    sys.exit(1)


def load(**flags: Any) -> Settings:
    """Return the settings, or say each mistake and leave."""
    try:
        settings = config.load(flags, os.environ, Path(".env"))
    except ConfigError as error:
        fail("\n            ".join(error.mistakes))
    for warning in settings.warnings:
        click.echo(f"trastienda: {warning}", err=True)
    logging.basicConfig(level=settings["log_level"], format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return settings


def opened(settings: Settings, *, durable: bool = True) -> app.Opened:
    """Open the shop, or say why not and leave."""
    try:
        return app.open_shop(settings, durable=durable)
    except app.StartError as error:
        fail(str(error))


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``."""
    return click.option("--data", type=click.Path(path_type=Path), help="Carpeta de datos de la tienda.")(command)


def address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add where to listen."""
    port = click.IntRange(0, 65535)
    for option in (
        click.option("--chat-port", type=port, help="Puerto de líneas del chat."),
        click.option("--inventory-port", type=port, help="Puerto de líneas del inventario."),
        click.option("--port", type=port, help="Puerto de HTTP y Socket.IO; 0 toma uno libre."),
        click.option("--host", help="Dirección en la que escucha; 0.0.0.0 o :: la abren a la red."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="trastienda", message="%(prog)s %(version)s")
def main() -> None:
    """La trastienda de un comercio: stock, ventas, compras, comprobantes y personas."""


@main.command()
@data_option
@address_options
def serve(**flags: Any) -> None:
    """Atiende la tienda guardada en la carpeta de datos.

    La primera vez crea la carpeta y el primer Administrador, y muestra su clave una sola vez.
    Se detiene con Ctrl-C o con una línea «salir».
    """
    settings = load(**flags)
    shop = opened(settings)
    try:
        with app.only_server(shop.data):
            sockets = app.bind(settings["host"], settings["port"], "port")
            app.run(app.serve(shop, settings, sockets, lambda running: _announce(shop, running)))
    except app.StartError as error:
        fail(str(error))


def _announce(shop: app.Opened, running: app.Running) -> None:
    click.echo(f"Trastienda {__version__}, datos en {shop.data}")
    for url in running.urls:
        click.echo(f"  HTTP y Socket.IO  {url}")
    if shop.admin_password is not None:
        click.echo("\nPrimer Administrador (esta clave se muestra solo ahora):")
        click.echo(f"  usuario  {shop.admin_user}\n  clave    {shop.admin_password}\n")
    click.echo("Para detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()


@main.command()
@address_options
def demo(**flags: Any) -> None:
    """Atiende una tienda de muestra, con productos, personas e historia, que se borra al terminar."""
    with tempfile.TemporaryDirectory(prefix="trastienda-demo-", ignore_cleanup_errors=True) as folder:
        settings = load(data=Path(folder), admin_password=demo_shop.PASSWORD, admin_user="ana", **flags)
        shop = opened(settings, durable=False)
        demo_shop.fill(shop.engine)
        try:
            sockets = _bind_or_free(settings)
            app.run(app.serve(shop, settings, sockets, _announce_demo))
        except app.StartError as error:
            fail(str(error))


def _bind_or_free(settings: Settings) -> list[socket.socket]:
    try:
        return app.bind(settings["host"], settings["port"], "port")
    except app.PortTakenError:
        sockets = app.bind(settings["host"], 0, "port")
        click.echo(f"El puerto {settings['port']} está ocupado; se usa {sockets[0].getsockname()[1]}.")
        return sockets


def _announce_demo(running: app.Running) -> None:
    click.echo(f"Trastienda {__version__}: tienda de muestra; lo que haga aquí se borra al salir.\n")
    for url in running.urls:
        click.echo(f"  {url}/app/   primera página\n  {url}/docs   la interfaz, para probarla")
    click.echo("\n  tipo            usuario   clave")
    for tipo, username in demo_shop.LOGINS:
        click.echo(f"  {tipo:<15} {username:<9} {demo_shop.PASSWORD}")
    click.echo("\nPara detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()


@main.command()
@data_option
def migrate(**flags: Any) -> None:
    """Lleva la base de datos a la última versión del esquema."""
    migrated = opened(load(**flags)).migrated
    click.echo("El esquema quedó al día." if migrated else "El esquema ya estaba al día.")


@main.command("settings")
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


@main.command()
@data_option
def verify(**flags: Any) -> None:
    """Recalcula todo lo que siempre debe cumplirse; sale con 1 y nombra la primera fila que no cuadra."""
    shop = _existing(load(**flags))
    with app.reading_of(shop) as state:
        broken = verifying.verify(state)
    if broken is not None:
        fail(verification.sentence(broken))
    click.echo("Todo cuadra.")


def _existing(settings: Settings) -> app.Opened:
    """Open a shop that is there; a command that only looks must not make one."""
    if settings["database_url"] is None and not (settings["data"] / app.DATABASE_FILE).exists():
        fail(f"no hay una tienda en {settings['data']}; dígala con --data o TRASTIENDA_DATA")
    return opened(settings)


@main.group()
def user() -> None:
    """Las personas con cuenta: agregarlas, verlas, darles otra clave, desactivarlas."""


_TIPOS = click.Choice(list(people_wire.ROLES))


def _password(prompt: str) -> str:
    """Ask for a password twice on a terminal; read one line where the input is a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt="Otra vez"))
    return sys.stdin.readline().rstrip("\r\n")


def _doing(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refusal as refusal:
        fail(refusals.tell(refusal).detail)


@user.command("add")
@data_option
@click.argument("rut")
@click.argument("nombre")
@click.argument("usuario")
@click.option("--tipo", type=_TIPOS, default="Cajero", show_default=True, help="Tipo de usuario.")
@click.option("--correo", help="Correo.")
def user_add(rut: str, nombre: str, usuario: str, tipo: str, correo: str | None, **flags: Any) -> None:
    """Agrega a una persona. La clave se pide, o se lee de la entrada."""
    shop = _existing(load(**flags))
    role = people_wire.role(tipo)
    draft = UserDraft(rut=rut, name=nombre, username=usuario, password=_password("Clave"), email=correo, role=role)
    added = _doing(lambda: app.register(shop, draft))
    click.echo(f"{tipo} {added.name} ({added.rut}) agregado con el usuario {added.username}.")


@user.command("list")
@data_option
def user_list(**flags: Any) -> None:
    """Muestra a todas las personas."""
    shop = _existing(load(**flags))
    with app.reading_of(shop) as state:
        for person in people.everybody(state, SHELL):
            estado = "Activo" if person.active else "Inactivo"
            tipo = people_wire.TIPOS[person.role]
            click.echo(f"{person.rut:<12} {tipo:<14} {estado:<9} {person.username:<20} {person.name}")


@user.command("password")
@data_option
@click.argument("rut")
def user_password(rut: str, **flags: Any) -> None:
    """Da otra clave a una persona; sus sesiones terminan."""
    shop = _existing(load(**flags))
    changed = _doing(lambda: app.set_password(shop, normalise(rut), _password("Clave nueva")))
    click.echo(f"{changed.name} tiene otra clave; sus sesiones terminaron.")


@user.command("deactivate")
@data_option
@click.argument("rut")
def user_deactivate(rut: str, **flags: Any) -> None:
    """Desactiva a una persona: no entra más; su historia queda."""
    shop = _existing(load(**flags))
    gone = _doing(lambda: app.deactivate(shop, normalise(rut)))
    click.echo(f"{gone.name} quedó Inactivo.")
