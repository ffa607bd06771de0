"""``user``: staff from the shell."""

import sys
from typing import Any

import click

from trastienda.actions import people
from trastienda.app import opening
from trastienda.cli.shell import data_option, doing, existing, load
from trastienda.domain.people import SHELL, UserDraft
from trastienda.domain.rut import normalise
from trastienda.wire import people as people_wire


@click.group()
def user() -> None:
    """Las personas con cuenta: agregarlas, verlas, darles otra clave, desactivarlas."""


_TIPOS = click.Choice(list(people_wire.ROLES))


def _password(prompt: str) -> str:
    """Ask for a password twice on a terminal; read one line where the input is a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt="Otra vez"))
    return sys.stdin.readline().rstrip("\r\n")


@user.command("add")
@data_option
@click.argument("rut")
@click.argument("nombre")
@click.argument("usuario")
@click.option("--tipo", type=_TIPOS, default="Cajero", show_default=True, help="Tipo de usuario.")
@click.option("--correo", help="Correo.")
def user_add(rut: str, nombre: str, usuario: str, tipo: str, correo: str | None, **flags: Any) -> None:
    """Agrega a una persona. La clave se pide, o se lee de la entrada."""
    shop = existing(load(**flags))
    role = people_wire.role(tipo)
    draft = UserDraft(rut=rut, name=nombre, username=usuario, password=_password("Clave"), email=correo, role=role)
    added = doing(lambda: opening.register(shop, draft))
    click.echo(f"{tipo} {added.name} ({added.rut}) agregado con el usuario {added.username}.")


@user.command("list")
@data_option
def user_list(**flags: Any) -> None:
    """Muestra a todas las personas."""
    shop = existing(load(**flags))
    with opening.reading_of(shop) as state:
        for person in people.everybody(state, SHELL):
            estado = "Activo" if person.active else "Inactivo"
            tipo = people_wire.TIPOS[person.role]
            click.echo(f"{person.rut:<12} {tipo:<14} {estado:<9} {person.username:<20} {person.name}")


@user.command("password")
@data_option
@click.argument("rut")
def user_password(rut: str, **flags: Any) -> None:
    """Da otra clave a una persona; sus sesiones terminan."""
    shop = existing(load(**flags))
    changed = doing(lambda: opening.set_password(shop, normalise(rut), _password("Clave nueva")))
    click.echo(f"{changed.name} tiene otra clave; sus sesiones terminaron.")


@user.command("deactivate")
@data_option
@click.argument("rut")
def user_deactivate(rut: str, **flags: Any) -> None:
    """Desactiva a una persona: no entra más; su historia queda."""
    shop = existing(load(**flags))
    gone = doing(lambda: opening.deactivate(shop, normalise(rut)))
    click.echo(f"{gone.name} quedó Inactivo.")
