"""Logins as people type them: a password is never said to a room, and may have blanks."""

import pytest
from tests.harness.cast import new_rut
from tests.harness.lines import PROMPT, Person, new_alias
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

SECRET = "azulejo"
"""A word of a password, which must not come to anybody."""
BLANKS = f' "{SECRET}" con  blancos '


@pytest.fixture
def username(shop: RunningShop) -> str:
    """A new user, whose password begins and ends with a blank, and has quotes in it."""
    name = f"nuevo{new_rut().replace('-', '')}"
    body = {"rut": new_rut(), "nombre": "Persona", "usuario": name, "clave": BLANKS}
    shop.ana.ok("POST", "/register", body | {"tipo": "Cliente"})
    return name


def quoted(text: str) -> str:
    """A text as it stands between quotes."""
    return '"{}"'.format(text.replace('"', '""'))


@pytest.mark.parametrize(
    "line",
    [
        f"entrar clara mi {SECRET}",
        f"Entrar clara {SECRET}",
        f"LOGIN clara mi {SECRET} larga",
        f"   entrar clara mi {SECRET}",
        f"  /entrar clara mi {SECRET}",
        f"\tlogin\tclara\tmi\t{SECRET}",
        f"entrar: clara {SECRET}",
        f"entrar, {SECRET}",
        f'entrar "{SECRET}',
        f"\x1b[Dentrar clara mi {SECRET}",
        f"/ entrar clara mi {SECRET}",
    ],
)
def test_whatever_begins_like_a_login_is_not_said(
    person: OpenPerson, line: str
) -> None:
    alias = new_alias()
    listener, one = person(new_alias()), person(alias)
    (answer,) = one.asks(line)
    assert SECRET not in answer
    assert answer.endswith(("(datos_invalidos)", "(credenciales_invalidas)"))
    if answer.endswith("(datos_invalidos)"):
        assert "Se escribe /entrar USUARIO CLAVE" in answer
    one.send("buenas")
    heard = listener.until(f"{alias}: buenas")
    assert not any(SECRET in said for said in heard)


def test_a_word_that_only_begins_so_is_said(person: OpenPerson) -> None:
    alias = new_alias()
    listener, one = person(new_alias()), person(alias)
    one.send("entraron tres cajas")
    listener.until(f"{alias}: entraron tres cajas")


def test_a_login_at_the_prompt_is_no_alias(person: OpenPerson) -> None:
    one = person()
    one.exactly(PROMPT)
    one.send("entrar")
    assert one.line() == "Se escribe /entrar USUARIO CLAVE [CODIGO] (datos_invalidos)"
    one.exactly(PROMPT)


@pytest.mark.parametrize("word", ["/entrar", "entrar", "/LOGIN"])
def test_a_password_with_blanks_stands_in_quotes(
    shop: RunningShop, username: str, word: str
) -> None:
    typed = f"{word}  {username}   {quoted(BLANKS)}  "
    with Person(shop.server.chat) as one, Person(shop.server.inventory) as other:
        one.exactly(PROMPT)
        other.line()
        one.send(typed)
        assert one.line().startswith(f"Hola, {username}. ")
        other.send(typed)
        assert other.line() == "Hola, Persona."


def test_a_program_sends_a_password_as_it_is(
    username: str, program: OpenProgram
) -> None:
    assert program().ok("entrar", usuario=username, clave=BLANKS)["nombre"] == "Persona"
    one = program()
    assert (
        one.refused("entrar", usuario=username, clave=quoted(BLANKS))
        == "credenciales_invalidas"
    )
