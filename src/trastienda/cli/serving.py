"""``serve`` and ``demo``."""

import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from trastienda import __version__
from trastienda import demo as demo_shop
from trastienda.app import listening, opening, serving
from trastienda.cli.shell import address_options, data_option, fail, load, opened
from trastienda.config import Settings


@click.command()
@data_option
@address_options
def serve(**flags: Any) -> None:
    """Atiende la tienda guardada en la carpeta de datos.

    La primera vez crea la carpeta y el primer Administrador, y muestra su clave una sola vez.
    Se detiene con Ctrl-C o con una línea «salir».
    """
    settings = load(**flags)
    try:
        sockets = listening.bind(settings["host"], settings["port"], "port")  # before a shop is founded for nothing
        with opening.only_server(settings["data"]):  # nothing is migrated under a server that runs
            shop = opened(settings)
            serving.run(serving.serve(shop, settings, sockets, lambda running: _announce(shop, running)))
    except opening.StartError as error:
        fail(str(error))


def _announce(shop: opening.Opened, running: serving.Running) -> None:
    click.echo(f"Trastienda {__version__}, datos en {shop.data}")
    for url in running.urls:
        click.echo(f"  HTTP  {url}")
    click.echo("Para detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()


@click.command()
@address_options
def demo(**flags: Any) -> None:
    """Atiende una tienda de muestra, con productos, personas e historia, que se borra al terminar."""
    with tempfile.TemporaryDirectory(prefix="trastienda-demo-", ignore_cleanup_errors=True) as folder:
        settings = load(data=Path(folder), **demo_shop.SETTINGS, **flags)
        shop = opened(settings, durable=False)
        demo_shop.fill(shop.engine)
        try:
            sockets = _bind_or_free(settings)
            serving.run(serving.serve(shop, settings, sockets, _announce_demo))
        except opening.StartError as error:
            fail(str(error))


def _bind_or_free(settings: Settings) -> list[socket.socket]:
    try:
        return listening.bind(settings["host"], settings["port"], "port")
    except listening.PortTakenError:
        sockets = listening.bind(settings["host"], 0, "port")
        click.echo(f"El puerto {settings['port']} está ocupado; se usa {sockets[0].getsockname()[1]}.")
        return sockets


def _announce_demo(running: serving.Running) -> None:
    click.echo(f"Trastienda {__version__}: tienda de muestra; lo que haga aquí se borra al salir.\n")
    for url in running.urls:
        click.echo(f"  {url}/app/   primera página\n  {url}/docs   la interfaz, para probarla")
    click.echo("\n  tipo            usuario   clave")
    for tipo, username in demo_shop.LOGINS:
        click.echo(f"  {tipo:<15} {username:<9} {demo_shop.PASSWORD}")
    click.echo("\nPara detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()
