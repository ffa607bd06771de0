"""``serve`` and ``demo``."""

import socket
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from trastienda import __version__
from trastienda import demo as demo_shop
from trastienda.app import serving
from trastienda.cli.shell import address_options, data_option, fail, load, opened
from trastienda.operations import listening, opening, tls


@click.command()
@data_option
@address_options
def serve(**flags: Any) -> None:
    """Atiende la tienda guardada en la carpeta de datos.

    La primera vez crea la carpeta y el primer Administrador, y muestra su clave una sola vez: anótela. Se detiene con
    Ctrl-C o escribiendo «salir»; lo que ya se aceptó queda hecho.

    \b
    Ejemplos:
      trastienda serve
      trastienda serve --data /srv/tienda --port 8080
      trastienda serve --host 0.0.0.0 --https
    """
    settings = load(**flags)
    try:
        given = tls.given(settings)
        ports = listening.bind_all(settings)  # before a shop is founded for nothing
        with opening.only_server(
            settings["data"]
        ):  # nothing is migrated under a server that runs
            shop = opened(settings)
            secure = given or (tls.own(shop) if settings["https"] else None)
            if settings["tls_lines"] and secure is None:
                raise opening.StartError(
                    "TRASTIENDA_TLS_LINES pide TLS: agregue --https, o un certificado"
                )
            serving.run(
                serving.serve(
                    shop,
                    settings,
                    ports,
                    lambda running: _announce(shop, running),
                    secure,
                )
            )
    except opening.StartError as error:
        fail(str(error))


def _announce(shop: opening.Opened, running: serving.Running) -> None:
    click.echo(f"Trastienda {__version__}, datos en {shop.data}")
    for url in running.urls:
        click.echo(f"  HTTP        {url}")
    _announce_lines(running)
    _announce_certificate(running)
    click.echo("Para detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()


@click.command()
@address_options
def demo(**flags: Any) -> None:
    """Atiende una tienda de muestra, con productos, personas e historia.

    Sirve para probar: vive en una carpeta aparte, que se borra al terminar, y muestra con qué usuarios y claves
    entrar. Si su puerto está ocupado, toma otro y lo dice.

    \b
    Ejemplos:
      trastienda demo
      trastienda demo --port 8080
    """
    with tempfile.TemporaryDirectory(
        prefix="trastienda-demo-", ignore_cleanup_errors=True
    ) as folder:
        settings = load(data=Path(folder), **demo_shop.SETTINGS, **flags)
        shop = opened(settings, durable=False)
        demo_shop.fill(shop.engine)
        try:
            secure = tls.given(settings) or (
                tls.own(shop) if settings["https"] else None
            )
            ports = listening.bind_all(settings, _bind_or_free)
            serving.run(serving.serve(shop, settings, ports, _announce_demo, secure))
        except opening.StartError as error:
            fail(str(error))


def _bind_or_free(host: str, port: int, setting: str) -> list[socket.socket]:
    try:
        return listening.bind(host, port, setting)
    except listening.PortTakenError:
        sockets = listening.bind(host, 0, setting)
        click.echo(
            f"El puerto {port} está ocupado; se usa {sockets[0].getsockname()[1]}."
        )
        return sockets


def _announce_lines(running: serving.Running) -> None:
    """Say where the line ports are."""
    secure = " (TLS)" if running.tls_lines else ""
    for name, addresses in (("Inventario", running.inventory), ("Chat", running.chat)):
        for address in addresses:
            click.echo(f"  {name:<10}  {address}{secure}")


def _announce_demo(running: serving.Running) -> None:
    click.echo(
        f"Trastienda {__version__}: tienda de muestra; lo que haga aquí se borra al salir.\n"
    )
    for url in running.urls:
        click.echo(
            f"  {url}/app/   primera página\n  {url}/docs   la interfaz, para probarla"
        )
    _announce_lines(running)
    click.echo("\n  tipo            usuario   clave")
    for tipo, username in demo_shop.LOGINS:
        click.echo(f"  {tipo:<15} {username:<9} {demo_shop.PASSWORD}")
    _announce_certificate(running)
    click.echo("\nPara detener: Ctrl-C, o escriba salir.")
    sys.stdout.flush()


def _announce_certificate(running: serving.Running) -> None:
    """Say where the shop's own certificate is to be had, and how it is known to be the right one."""
    if not isinstance(running.tls, tls.OwnTls):
        return
    click.echo(
        f"\nCertificado propio de la tienda: {_reachable(running.urls[0], running.tls)}/certificado"
    )
    click.echo(f"  SHA-256 {running.tls.authority.fingerprint}")
    if running.tls.is_new:
        click.echo(
            "  Es nuevo: cada teléfono y computador tiene que confiar en él una vez. Abra ahí esa dirección,"
        )
        click.echo(
            "  acepte el aviso, instálelo y compare el SHA-256; docs/tls.md lo explica paso a paso."
        )


def _reachable(url: str, secure: tls.OwnTls) -> str:
    """Return a URL that somebody else can open: one that stands for every address gets the machine's main one."""
    parts = urlsplit(url)
    if parts.hostname not in {"0.0.0.0", "::"}:  # noqa: S104 - compared only
        return url
    there = next((one for one in secure.names[1] if not one.is_loopback), None)
    return (
        url
        if there is None
        else f"https://{f'[{there}]' if there.version == 6 else there}:{parts.port}"
    )
