"""What the commands share: settings, a shop, and how a mistake is reported."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from trastienda import config
from trastienda.app.opening import location_of, open_shop
from trastienda.config import (
    ConfigError,
    Loaded,
    Settings,
    parsers,
    technical_log,
)
from trastienda.domain.errors import Refusal
from trastienda.operations import opening
from trastienda.operations.errors import StartError
from trastienda.operations.shop import OpenShop
from trastienda.wire import refusals


def fail(text: str) -> NoReturn:
    """Report what is wrong, and exit with 1."""
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
        # The lines after the first stand under it, behind «trastienda: ».
        fail("\n            ".join(error.mistakes))
    for warning in loaded.warnings:
        click.echo(f"trastienda: {warning}", err=True)

    settings = loaded.settings
    try:
        time_zone: tzinfo = ZoneInfo(settings.timezone)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # whoever needs it says so
        time_zone = UTC
    technical_log.set_up(settings.log_level, settings.log_format, lambda: time_zone)
    return loaded


def opened(
    settings: Settings,
    *,
    durable: bool = True,
    migrates: bool = False,
) -> OpenShop:
    """Open the shop, or report why not and exit.

    On its first day it is founded, and the administrator's password is shown. One of an
    earlier version is opened only where it ``migrates``.
    """
    try:
        shop = open_shop(settings, durable=durable, migrates=migrates)
    except StartError as error:
        fail(str(error))

    login = shop.first_login
    if login is not None:
        click.echo(
            f"Tienda nueva en {shop.data}. Primer Administrador "
            "(esta clave se muestra solo ahora):"
        )
        click.echo(f"  usuario  {login.username}\n  clave    {login.password}\n")
        click.echo(
            "Hay que cambiarla al entrar por primera vez; aquí mismo, con\n"
            f"  trastienda user password {login.rut} --data {shop.data}\n"
        )
    return shop


def is_there(settings: Settings) -> bool:
    """Tell whether there is a shop; without one, opening founds it."""
    try:
        return opening.is_there(location_of(settings))
    except StartError as error:
        fail(str(error))


def must_be_there(settings: Settings) -> None:
    """Report where there is no shop, and exit."""
    if not is_there(settings):
        fail(f"no hay una tienda en {settings.data}; dila con --data o TRASTIENDA_DATA")


def existing(settings: Settings) -> OpenShop:
    """Open a shop that is there: what is done to a shop must not found one."""
    must_be_there(settings)
    return opened(settings)


def looked_at(settings: Settings) -> OpenShop:
    """Open a shop that is there, for a command that only reads."""
    must_be_there(settings)
    try:
        return opening.look_at(location_of(settings))
    except StartError as error:
        fail(str(error))


@contextmanager
def exit_on_refusal() -> Iterator[None]:
    """Report a refusal raised inside, and exit."""
    try:
        yield
    except Refusal as refusal:
        fail(refusals.refusal_out(refusal).detail)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="CARPETA",
        help="Carpeta de datos de la tienda (TRASTIENDA_DATA).",
    )(command)


class _Port(click.ParamType[int]):
    """A port, parsed as in the settings."""

    name = "puerto"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        try:
            return parsers.port(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


_ADDRESS_OPTIONS = (
    click.option(
        "--host",
        metavar="EQUIPO",
        help="Dirección en la que escucha. Sin esto, solo este equipo la alcanza; "
        "con 0.0.0.0 o ::, toda la red.",
    ),
    click.option(
        "--port",
        type=_Port(),
        metavar="PUERTO",
        help="Puerto de HTTP: 5000, u otro; 0 toma uno libre.",
    ),
    click.option(
        "--https",
        is_flag=True,
        default=None,
        help="Atiende con TLS, con un certificado de la tienda.",
    ),
    click.option(
        "--inventory-port",
        type=_Port(),
        metavar="PUERTO",
        help="Puerto del inventario por líneas: 65432, u otro.",
    ),
    click.option(
        "--chat-port",
        type=_Port(),
        metavar="PUERTO",
        help="Puerto del chat por líneas: 3000, u otro.",
    ),
)
"""Where to listen, in the order of the help. Each has the name of its setting."""


def address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where to listen."""
    # Each option goes before those that were added earlier.
    for option in reversed(_ADDRESS_OPTIONS):
        command = option(command)
    return command
