"""``user``: people with an account, from the shell."""

import secrets
import sys
from collections.abc import Callable
from typing import Any

import click

from trastienda.actions import people, second_factors
from trastienda.cli import tables
from trastienda.cli.shell import (
    data_option,
    existing,
    exit_on_refusal,
    load,
    looked_at,
)
from trastienda.domain.people import SHELL, UserDraft
from trastienda.domain.rut import normalise
from trastienda.operations import people as people_operations
from trastienda.wire import people as people_wire


@click.group()
def user() -> None:
    """Las personas con cuenta: agregarlas, verlas, darles otra clave, desactivarlas.

    Una tienda que está atendiendo lo nota en menos de un segundo.

    \b
    Ejemplos:
      trastienda user add 12.345.678-5 "Beto Rojas" beto
      trastienda user list
      trastienda user password 12.345.678-5
    """


PROVISIONAL_BYTES = 9
"""Of a password that is made up: twelve characters, which one can still type."""


def _provisional_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--provisional``."""
    return click.option(
        "--provisional",
        is_flag=True,
        help="Inventa la clave y la muestra; la persona la cambia al entrar.",
    )(command)


_TIPOS = click.Choice(list(people_wire.ROLES))


def _password(
    prompt: str,
    *,
    provisional: bool,
) -> str:
    """Ask for a password, twice; or read it from the output of another program.

    A provisional one is made up.
    """
    if provisional:
        return secrets.token_urlsafe(PROVISIONAL_BYTES)
    if sys.stdin.isatty():
        password: str = click.prompt(
            prompt, hide_input=True, confirmation_prompt="Otra vez"
        )
        return password
    return sys.stdin.readline().rstrip("\r\n")


@user.command("add")
@data_option
@click.argument("rut", help="El RUT de la persona, con o sin puntos.")
@click.argument("nombre", help="El nombre; si tiene espacios, entre comillas.")
@click.argument(
    "usuario", help="Con lo que se identificará, además del RUT: sin espacios."
)
@click.option(
    "--tipo",
    type=_TIPOS,
    default="Cajero",
    show_default=True,
    help="Lo que podrá hacer.",
)
@click.option("--correo", metavar="CORREO", help="El correo de la persona.")
@_provisional_option
def user_add(
    rut: str,
    nombre: str,
    usuario: str,
    tipo: str,
    correo: str | None,
    provisional: bool,
    **flags: Any,
) -> None:
    """Agrega a una persona.

    La clave, de 8 caracteres o más, se pide en la terminal, dos veces; si la entrada
    viene de otro programa, se lee de ahí una línea.

    \b
    Ejemplos:
      trastienda user add 12.345.678-5 "Beto Rojas" beto
      trastienda user add 9.876.543-3 Ana ana --tipo Administrador
    """
    shop = existing(load(**flags))

    with exit_on_refusal():
        normalise(rut)  # before a password is typed for nothing
    draft = UserDraft(
        rut=rut,
        name=nombre,
        username=usuario,
        password=_password("Clave", provisional=provisional),
        email=correo,
        role=people_wire.role(tipo),
        must_change_password=provisional,
    )

    with exit_on_refusal():
        added = people_operations.register(shop, draft)
    click.echo(
        f"{tipo} {added.name} ({added.rut}) agregado con el usuario {added.username}."
    )
    if provisional:
        _show_provisional(added.name, draft.password)


def _show_provisional(
    name: str,
    password: str,
) -> None:
    click.echo(
        f"La clave provisional de {name}, que se muestra solo ahora: {password}\n"
        "La persona tendrá que cambiarla al entrar."
    )


@user.command("list")
@data_option
def user_list(**flags: Any) -> None:
    """Muestra a todas las personas, también a las inactivas.

    \b
    Ejemplo:
      trastienda user list
    """
    shop = looked_at(load(**flags))

    rows = []
    with shop.snapshot() as snapshot:
        for person in people.everybody(snapshot, SHELL):
            cells = (
                person.rut,
                people_wire.TIPOS[person.role],
                "Activo" if person.active else "Inactivo",
                person.username,
                person.name,
            )
            rows.append(cells)

    headings = ("RUT", "Tipo", "Estado", "Usuario", "Nombre")
    tables.show(headings, rows)


@user.command("password")
@data_option
@click.argument("rut", help="El de la persona, con o sin puntos.")
@_provisional_option
def user_password(
    rut: str,
    provisional: bool,
    **flags: Any,
) -> None:
    """Da otra clave a una persona; sus sesiones terminan.

    La clave se pide en la terminal, dos veces; si la entrada viene de otro programa, se
    lee de ahí una línea.

    \b
    Ejemplo:
      trastienda user password 12.345.678-5
      trastienda user password 12.345.678-5 --provisional
    """
    shop = existing(load(**flags))

    with exit_on_refusal():
        rut = normalise(rut)
        password = _password("Clave nueva", provisional=provisional)
        changed = people_operations.set_password(
            shop,
            rut,
            password,
            must_change=provisional,
        )
    click.echo(f"{changed.name} tiene otra clave; sus sesiones terminaron.")
    if provisional:
        _show_provisional(changed.name, password)


@user.command("deactivate")
@data_option
@click.argument("rut", help="El de la persona, con o sin puntos.")
def user_deactivate(
    rut: str,
    **flags: Any,
) -> None:
    """Desactiva a una persona: no entra más; su historia queda.

    El último Administrador activo no se puede desactivar. Para que vuelva, un
    Administrador la pone Activo.

    \b
    Ejemplo:
      trastienda user deactivate 12.345.678-5
    """
    shop = existing(load(**flags))

    with exit_on_refusal():
        rut = normalise(rut)
        deactivated = people_operations.deactivate(shop, rut)
    click.echo(f"{deactivated.name} quedó Inactivo.")


@user.command("second-factor")
@data_option
@click.argument("rut", help="El de la persona, con o sin puntos.")
@click.option(
    "--off",
    is_flag=True,
    help="Lo quita: la persona entra solo con su clave, y puede preparar otro.",
)
def user_second_factor(
    rut: str,
    off: bool,
    **flags: Any,
) -> None:
    """Dice si una persona entra con un segundo factor, o se lo quita.

    Para quien perdió su teléfono y también sus códigos de recuperación. Asegúrate antes de
    que es esa persona quien lo pide.

    \b
    Ejemplos:
      trastienda user second-factor 12.345.678-5
      trastienda user second-factor 12.345.678-5 --off
    """
    settings = load(**flags)
    with exit_on_refusal():
        rut = normalise(rut)
        if off:
            owner = people_operations.remove_second_factor(existing(settings), rut)
            click.echo(f"{owner.name} entra ahora solo con su clave.")
            return

        with looked_at(settings).snapshot() as snapshot:
            state = second_factors.state(snapshot, SHELL, rut)
    if state.since_ms is None:
        click.echo("No tiene segundo factor: entra solo con su clave.")
    else:
        click.echo(
            "Entra con un segundo factor. Códigos de recuperación que le quedan: "
            f"{state.codes_left}."
        )
