"""``chat``, ``inventario`` and ``gui``: the shop's line ports, for people."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

CHAT_PORT, INVENTORY_PORT = 3000, 65432
REASONS: dict[type[Exception], str] = {
    TimeoutError: "no responde",
    socket.gaierror: "no se encuentra ese equipo",
    ssl.SSLCertVerificationError: "su certificado no es de confianza",
    ssl.SSLError: "no habla TLS",
    ConnectionRefusedError: "nadie contesta ahí",
    ConnectionError: "la conexión se cortó",
}
"""Why nobody could be talked to: the first that the error is one of."""
GET_TK = (
    "Instálalo con «sudo apt install python3-tk» en Debian y Ubuntu, «sudo dnf install "
    "python3-tkinter» en Fedora, «brew install python-tk» en macOS; en Windows, con el "
    "instalador de python.org, marcando «tcl/tk»."
)


def _options(port: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the arguments of both: where the shop is, and as whom."""
    decorators: list[Callable[[Any], Any]] = [
        click.argument("host", default="127.0.0.1", metavar="[EQUIPO]"),
        click.argument(
            "port", default=port, type=click.IntRange(1, 65_535), metavar="[PUERTO]"
        ),
        click.option(
            "--user",
            "username",
            metavar="USUARIO",
            help="Entra con esta cuenta; la clave se pregunta.",
        ),
        click.option("--tls", is_flag=True, help="Habla por TLS."),
        click.option(
            "--ca",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="ARCHIVO",
            help="Certificado de la tienda (trastienda.crt), para hablar por TLS.",
        ),
    ]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


_alias = click.option(
    "--alias", metavar="ALIAS", help="Entra con un alias, sin cuenta."
)


@click.command()
@_options(CHAT_PORT)
@_alias
@click.option("--bell", is_flag=True, help="Suena cuando te hablan o te nombran.")
def chat(
    host: str,
    port: int,
    *,
    username: str | None,
    tls: bool,
    ca: Path | None,
    alias: str | None,
    bell: bool,
) -> None:
    """Conversa con quienes están en la tienda.

    Lo que llega aparece sobre la línea que escribes. /ayuda muestra los comandos, Tab los
    completa, y salir termina.

    \b
    Ejemplos:
      trastienda chat
      trastienda chat 192.168.1.10 3000 --user beto
    """
    _run(host, port, tls, ca, is_chat=True, alias=alias, username=username, rings=bell)


@click.command()
@_options(INVENTORY_PORT)
def inventario(
    host: str,
    port: int,
    *,
    username: str | None,
    tls: bool,
    ca: Path | None,
) -> None:
    """Mira lo que hay, compra y devuelve.

    ayuda muestra los comandos, Tab los completa, y salir termina.

    \b
    Ejemplos:
      trastienda inventario
      trastienda inventario 192.168.1.10 65432
    """
    _run(host, port, tls, ca, is_chat=False, username=username)


@click.command()
@_options(CHAT_PORT)
@_alias
def gui(
    host: str,
    port: int,
    *,
    username: str | None,
    tls: bool,
    ca: Path | None,
    alias: str | None,
) -> None:
    """Abre una ventana: el chat, el inventario y, para quien administra, el orden.

    F1 muestra las teclas. Cada ventana puede abrir otras.

    \b
    Ejemplos:
      trastienda gui
      trastienda gui 192.168.1.10 3000 --user beto
    """
    from trastienda.clients.lines import Address

    try:
        from trastienda.clients.window import running
    except ImportError as error:
        if not str(error.name).endswith("tkinter"):
            raise
        click.echo(f"trastienda: a este Python le falta Tk. {GET_TK}", err=True)
        raise SystemExit(1) from error

    address = Address(host, port, _tls(tls, ca))
    memory = Path(click.get_app_dir("trastienda")) / "ventana.json"
    try:
        running.run(address, memory, username=username or "", alias=alias or "")
    except running.NoScreenError as error:
        click.echo(
            f"trastienda: no hay pantalla donde abrir la ventana: {error}.", err=True
        )
        raise SystemExit(1) from error


def _tls(
    tls: bool,
    authority: Path | None,
) -> ssl.SSLContext | None:
    """Return how to talk over TLS, if that is what is asked for."""
    if not tls and authority is None:
        return None
    return ssl.create_default_context(cafile=authority)


def _run(
    host: str,
    port: int,
    tls: bool,
    authority: Path | None,
    *,
    is_chat: bool,
    **how: Any,
) -> None:
    """Converse until somebody leaves; exit 1 where nobody answers."""
    from trastienda.clients.lines import Address
    from trastienda.clients.terminal.running import run

    context = _tls(tls, authority)
    name = "chat" if is_chat else "inventario"
    history = Path(click.get_app_dir("trastienda")) / f"{name}.historial"
    try:
        asyncio.run(
            run(Address(host, port, context), is_chat=is_chat, history=history, **how)
        )
    except KeyboardInterrupt:
        pass
    except (OSError, TimeoutError) as error:
        click.echo(
            f"trastienda: no se pudo conectar con {host}, puerto {port}: {_reason(error)}. "
            "¿Está abierta la tienda (trastienda serve)?",
            err=True,
        )
        raise SystemExit(1) from error


def _reason(error: OSError) -> str:
    kinds = (words for kind, words in REASONS.items() if isinstance(error, kind))
    return next(kinds, error.strerror or str(error))
