"""What the commands share: settings, a shop, and how a mistake is told."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from trastienda import config
from trastienda.app.opening import location_of, open_shop
from trastienda.config import ConfigError, Loaded, Settings, parsers
from trastienda.domain.errors import Refusal
from trastienda.operations import opening
from trastienda.operations.errors import StartError
from trastienda.operations.shop import OpenShop
from trastienda.wire import refusals


def fail(text: str) -> NoReturn:
    """Say what is wrong and leave with 1."""
    click.echo(f"trastienda: {text}", err=True)
    sys.exit(1)


def load(**flags: Any) -> Settings:
    """Return the settings, or report each mistake and exit."""
    return load_with_sources(**flags).settings


def load_with_sources(**flags: Any) -> Loaded:
    """Return the settings and where each comes from, or report mistakes and exit."""
    try:
        loaded = config.load(flags, os.environ, Path(".env"))
    except ConfigError as error:
        fail("\n            ".join(error.mistakes))
    for warning in loaded.warnings:
        click.echo(f"trastienda: {warning}", err=True)
    _configure_logging(loaded.settings.log_level)
    return loaded


def _configure_logging(level: str) -> None:
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def opened(settings: Settings, *, durable: bool = True) -> OpenShop:
    """Open the shop and, on its first day, show the administrator's password; or say why not and leave."""
    try:
        shop = open_shop(settings, durable=durable)
    except StartError as error:
        fail(str(error))
    login = shop.first_login
    if login is not None:
        click.echo(
            f"Tienda nueva en {shop.data}. Primer Administrador "
            "(esta clave se muestra solo ahora):"
        )
        click.echo(f"  usuario  {login.username}\n  clave    {login.password}\n")
    return shop


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="CARPETA",
        help="Carpeta de datos de la tienda (TRASTIENDA_DATA).",
    )(command)


class _Port(click.ParamType[int]):
    """A port, read as the settings read it."""

    name = "puerto"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            port: int = parsers.port(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return port


def address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add where to listen."""
    port = _Port()
    for option in (
        click.option(
            "--chat-port",
            type=port,
            metavar="PUERTO",
            help="Puerto del chat por líneas, que esta versión aún no abre.",
        ),
        click.option(
            "--inventory-port",
            type=port,
            metavar="PUERTO",
            help="Puerto del inventario por líneas, que esta versión aún no abre.",
        ),
        click.option(
            "--https",
            is_flag=True,
            default=None,
            help="Atiende con TLS, con un certificado de la tienda.",
        ),
        click.option(
            "--port",
            type=port,
            metavar="PUERTO",
            help="Puerto de HTTP: 5000, u otro; 0 toma uno libre.",
        ),
        click.option(
            "--host",
            metavar="EQUIPO",
            help="Dirección en la que escucha. Sin esto, solo este equipo la alcanza; con 0.0.0.0 o ::, toda la red.",
        ),
    ):
        command = option(command)
    return command


def existing(settings: Settings) -> OpenShop:
    """Open a shop that is there; a command that only looks must not make one."""
    must_be_there(settings)
    return opened(settings)


def must_be_there(settings: Settings) -> None:
    """Say so and leave where there is no shop."""
    try:
        there = opening.is_there(location_of(settings))
    except StartError as error:
        fail(str(error))
    if not there:
        fail(
            f"no hay una tienda en {settings.data}; dígala con --data o TRASTIENDA_DATA"
        )


def doing(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Refusal as refusal:
        fail(refusals.tell(refusal).detail)
