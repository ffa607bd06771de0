"""``serve`` and ``demo``."""

import logging
import shlex
import sys
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from trastienda import __version__
from trastienda import demo as demo_shop
from trastienda.actions.audit import last_ahead_of_clock
from trastienda.app.event_loop import run
from trastienda.app.serving import Addresses
from trastienda.app.serving import serve as serve_shop
from trastienda.cli.shell import address_options, data_option, fail, load, opened
from trastienda.config import Settings
from trastienda.operations import ports, tls
from trastienda.operations.addresses import addresses as own_addresses
from trastienda.operations.errors import StartError
from trastienda.operations.ports import EVERY_ADDRESS, Sockets
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import is_open_to_others, only_server
from trastienda.wire.written import day_and_time

log = logging.getLogger(__name__)


@click.command()
@data_option
@address_options
def serve(**flags: Any) -> None:
    """Atiende la tienda guardada en la carpeta de datos.

    La primera vez crea la carpeta y el primer Administrador, y muestra su clave una
    sola vez: hay que cambiarla con «user password». Se detiene con Ctrl-C o escribiendo
    «salir»; lo que ya se aceptó queda hecho.

    \b
    Ejemplos:
      trastienda serve
      trastienda serve --data /srv/tienda --port 8080
      trastienda serve --host 0.0.0.0 --https
    """
    settings = load(**flags)
    try:
        given_tls = tls.given(settings.tls_cert, settings.tls_key)
        # Before the shop is opened: a port that is taken must found no shop.
        bound = ports.bind_all(
            settings.host,
            http=settings.port,
            inventory=settings.inventory_port,
            chat=settings.chat_port,
        )
        # Before the shop is opened: nothing is migrated under a server that runs.
        with only_server(settings.data):
            shop = opened(settings, migrates=True)
            clock_warning = _check_clock(shop)
            secure = given_tls or _own_tls(shop, settings)
            if settings.tls_lines and secure is None:
                raise StartError(
                    "TRASTIENDA_TLS_LINES pide TLS: agrega --https, o un certificado"
                )

            def announce(addresses: Addresses) -> None:
                click.echo(f"Trastienda {__version__}, datos en {shop.data}")
                for url in addresses.urls:
                    click.echo(f"  HTTP        {url}")
                _announce_lines(addresses)
                _announce_network(addresses)
                _announce_certificate(addresses)
                if is_open_to_others(shop.data):
                    click.echo(
                        f"Atención: en {shop.data} pueden escribir otros usuarios de "
                        "este equipo, y cambiar la\ntienda. Ciérrala con: "
                        f"chmod 700 {shlex.quote(str(shop.data.resolve()))}"
                    )
                if clock_warning is not None:
                    click.echo(clock_warning)
                click.echo("Para detener: Ctrl-C, o escribe salir.")
                sys.stdout.flush()

            run(serve_shop(shop, settings, bound, announce, secure))
    except StartError as error:
        fail(str(error))


@click.command()
@address_options
def demo(**flags: Any) -> None:
    """Atiende una tienda de muestra, con productos, personas e historia.

    Sirve para probar: vive en una carpeta aparte, que se borra al terminar, y muestra
    con qué usuarios y claves entrar. Si su puerto está ocupado, toma otro y lo dice.

    \b
    Ejemplos:
      trastienda demo
      trastienda demo --port 8080
    """

    def bind_or_free(host: str, port: int, setting: str) -> Sockets:
        try:
            return ports.bind(host, port, setting)
        except ports.PortTakenError:
            sockets = ports.bind(host, 0, setting)
            _, free_port, *_ = sockets[0].getsockname()
            click.echo(f"El puerto {port} está ocupado; se usa {free_port}.")
            return sockets

    with tempfile.TemporaryDirectory(
        prefix="trastienda-demo-", ignore_cleanup_errors=True
    ) as folder:
        settings = load(
            data=Path(folder),
            **demo_shop.SETTINGS,
            **flags,
        )
        # The shop is deleted at the end, so no power cut can lose anything.
        shop = opened(settings, durable=False)
        demo_shop.fill(shop.database)
        try:
            given_tls = tls.given(settings.tls_cert, settings.tls_key)
            secure = given_tls or _own_tls(shop, settings)
            bound = ports.bind_all(
                settings.host,
                http=settings.port,
                inventory=settings.inventory_port,
                chat=settings.chat_port,
                bind_port=bind_or_free,
            )

            def announce(addresses: Addresses) -> None:
                click.echo(
                    f"Trastienda {__version__}: tienda de muestra; lo que hagas aquí se "
                    "borra al salir.\n"
                )
                for url in addresses.urls:
                    click.echo(f"  {url}/app/   primera página")
                    click.echo(f"  {url}/docs   la interfaz, para probarla")
                _announce_lines(addresses)
                _announce_network(addresses)

                click.echo("\n  tipo            usuario   clave")
                for role, username in demo_shop.LOGINS:
                    click.echo(f"  {role:<15} {username:<9} {demo_shop.PASSWORD}")
                _announce_certificate(addresses)
                click.echo("\nPara detener: Ctrl-C, o escribe salir.")
                sys.stdout.flush()

            run(serve_shop(shop, settings, bound, announce, secure))
        except StartError as error:
            fail(str(error))


def _check_clock(shop: OpenShop) -> str | None:
    """Return what to say where the clock is behind the last thing that was done."""
    with shop.snapshot() as snapshot:
        last_ms = last_ahead_of_clock(snapshot)
        if last_ms is None:
            return None
        time_zone = snapshot.shop.time_zone

    log.warning(
        "the clock is %d s behind the last registro",
        (last_ms - snapshot.now_ms) // 1000,
    )
    now = day_and_time(snapshot.now_ms, time_zone)
    last_time = day_and_time(last_ms, time_zone)
    return (
        f"Atención: el reloj de este equipo marca {now}, pero lo último que se hizo en la "
        f"tienda es del {last_time}. Ponlo en hora antes de vender: ventas y descuentos "
        "van por él."
    )


def _own_tls(
    shop: OpenShop,
    settings: Settings,
) -> tls.OwnTls | None:
    """Return TLS with the shop's own certificate, if it was asked for."""
    if not settings.https:
        return None
    return tls.own(shop)


def _announce_lines(addresses: Addresses) -> None:
    """Show where the line ports are."""
    suffix = " (TLS)" if addresses.tls_lines else ""

    for address in addresses.inventory:
        click.echo(f"  Inventario  {address}{suffix}")
    for address in addresses.chat:
        click.echo(f"  Chat        {address}{suffix}")


def _url_for_phones(addresses: Addresses) -> str | None:
    """Return where other machines reach the shop; None where they do not.

    It names one address of this machine where the server listens on every one.
    """
    url = addresses.urls[0]
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host not in EVERY_ADDRESS:
        return None if ip_address(host).is_loopback else url

    for address in own_addresses():
        if not address.is_loopback and not address.is_link_local:
            host = f"[{address}]" if address.version == 6 else str(address)
            return f"{parts.scheme}://{host}:{parts.port}"
    return None


def _announce_network(addresses: Addresses) -> None:
    """Show what a phone has to type, and who can listen in."""
    url = _url_for_phones(addresses)
    if url is None:
        return

    click.echo(f"  Desde un teléfono de la misma red: {url}")
    if addresses.tls is None:
        click.echo(
            "Atención: sin --https, las claves y las ventas cruzan la red a la vista de "
            "quien escuche. Abre la\ntienda con --https, o con un proxy con TLS por "
            "delante."
        )


def _announce_certificate(addresses: Addresses) -> None:
    """Show where to get the shop's own certificate, and its fingerprint."""
    secure = addresses.tls
    if not isinstance(secure, tls.OwnTls):
        return

    url = _url_for_phones(addresses) or addresses.urls[0]
    click.echo(f"\nCertificado propio de la tienda: {url}/certificado")
    click.echo(f"  SHA-256 {secure.authority.fingerprint}")
    if secure.is_new:
        click.echo(
            "  Es nuevo: cada teléfono y computador tiene que confiar en él una vez. "
            "Abre ahí esa dirección,"
        )
        click.echo(
            "  acepta el aviso, instálalo y compara el SHA-256; docs/tls.md lo explica "
            "paso a paso."
        )
