"""Logging in with a code at the line ports."""

from collections.abc import Callable

import pytest
from tests.harness.cast import PASSWORD
from tests.harness.lines import PROMPT, Program
from tests.harness.second_factors import Phone, set_up
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


@pytest.fixture
def name_and_phone(shop: RunningShop) -> tuple[str, Phone, list[str]]:
    """The user name, the telephone and the recovery codes of a Cajero."""
    user, caller = shop.somebody("Cajero")
    return (user["usuario"], *set_up(caller, user["rut"]))


def test_a_person_writes_the_code_behind_the_password(
    person: OpenPerson, name_and_phone: tuple[str, Phone, list[str]]
) -> None:
    name, phone, codes = name_and_phone
    code = phone.code()

    def says(line: str) -> str:
        one = person()
        one.exactly(PROMPT)
        one.send(line)
        return one.line()

    assert says(f"/entrar {name} {PASSWORD}").endswith("(segundo_factor)")
    assert says(f"entrar {name} mala-mala {code}").endswith("(credenciales_invalidas)")
    for line in (
        f"entrar {name} {PASSWORD} {code}",
        f"/login {name} {PASSWORD} {codes[0]}",
    ):
        assert says(line).startswith(f"Hola, {name}. Estás en #equipo")
        assert says(line).endswith("(credenciales_invalidas)"), "it is used up"


def test_a_third_word_that_is_no_code_is_part_of_a_password_without_quotes(
    person: OpenPerson,
) -> None:
    one = person()
    one.exactly(PROMPT)
    one.send("/entrar clara mi clave")
    answer = one.line()
    assert answer.endswith("(datos_invalidos)")
    assert "comillas" in answer


@pytest.mark.parametrize(
    "place", [lambda shop: shop.server.chat, lambda shop: shop.server.inventory]
)
def test_a_program_sends_the_code(
    shop: RunningShop,
    name_and_phone: tuple[str, Phone, list[str]],
    place: Callable[[RunningShop], str],
) -> None:
    name, phone, _ = name_and_phone
    is_chat = place(shop) == shop.server.chat
    with Program(place(shop), prompt=is_chat) as one:
        given = {"usuario": name, "clave": PASSWORD}
        assert one.refused("entrar", **given) == "segundo_factor"
        assert one.refused("entrar", **given, codigo="no") == "credenciales_invalidas"
        code = phone.code()
        assert one.ok("entrar", **given, codigo=code)["tipo"] == "Cajero"
        assert one.refused("entrar", **given, codigo=code) == "credenciales_invalidas"


def test_who_has_no_second_factor_is_let_in_with_a_code_that_nobody_asked_for(
    program: OpenProgram,
) -> None:
    given = {"usuario": "beto", "clave": PASSWORD, "codigo": "123456"}
    assert program().ok("entrar", **given)["tipo"] == "Cajero"
