"""``user``: people with an account, from the shell."""

import sys
from typing import Any

import click

from trastienda.actions import people
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


_TIPOS = click.Choice(list(people_wire.ROLES))


def _password(prompt: str) -> str:
    """Ask for a password, twice; or read it from the output of another program."""
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
def user_add(
    rut: str,
    nombre: str,
    usuario: str,
    tipo: str,
    correo: str | None,
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
        password=_password("Clave"),
        email=correo,
        role=people_wire.role(tipo),
    )

    with exit_on_refusal():
        added = people_operations.register(shop, draft)
    click.echo(
        f"{tipo} {added.name} ({added.rut}) agregado con el usuario {added.username}."
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
def user_password(
    rut: str,
    **flags: Any,
) -> None:
    """Da otra clave a una persona; sus sesiones terminan.

    La clave se pide en la terminal, dos veces; si la entrada viene de otro programa, se
    lee de ahí una línea.

    \b
    Ejemplo:
      trastienda user password 12.345.678-5
    """
    shop = existing(load(**flags))

    with exit_on_refusal():
        rut = normalise(rut)
        password = _password("Clave nueva")
        changed = people_operations.set_password(shop, rut, password)
    click.echo(f"{changed.name} tiene otra clave; sus sesiones terminaron.")


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
