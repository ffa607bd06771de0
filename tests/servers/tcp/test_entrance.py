"""Coming in: aliases that are fit and free, users with their passwords, and who is let in at all."""

import socket

import pytest
from tests.conftest import OpenShop
from tests.lines import PROMPT, Person, chat_of, inventory_of
from tests.running import PASSWORD, RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


def at_the_door(one: Person, line: str) -> str:
    """Say something at the prompt; return the answer, after which the server asks again."""
    one.exactly(PROMPT)
    one.send(line)
    return one.line()


def test_the_chat_asks_for_an_alias_and_waits_on_the_same_line(person: OpenPerson) -> None:
    one = person()
    one.exactly("Ingresa tu alias: ")
    one.send("entrada1")
    assert one.line() == "Hola, entrada1. Estás en #general; /ayuda muestra los comandos."


@pytest.mark.parametrize("word", ["/nombre", "/nick", "/NOMBRE"])
def test_an_alias_may_be_given_with_its_command(person: OpenPerson, word: str) -> None:
    one = person()
    one.exactly(PROMPT)
    one.send(f"{word} entrada2")
    assert one.line().startswith("Hola, entrada2.")


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("ocupado", "ya_existe"),
        ("OCUPADO", "ya_existe"),
        ("ocupad0", "ya_existe"),
        ("осupado", "datos_invalidos"),  # two letters of it are Cyrillic
        ("con espacio", "datos_invalidos"),
        ("-", "datos_invalidos"),
        ("x" * 33, "datos_invalidos"),
        ("trastienda", "datos_invalidos"),
        ("ana", "nombre_reservado"),
        ("BETO", "nombre_reservado"),
        ("c1ara", "nombre_reservado"),
    ],
)
def test_a_taken_or_unfit_alias_is_refused_with_its_reason_and_asked_for_again(
    person: OpenPerson, alias: str, code: str
) -> None:
    person("ocupado")
    one = person()
    answer = at_the_door(one, alias)
    assert answer.endswith(f"({code})"), answer
    assert len(answer) > len(code) + 12
    assert at_the_door(one, "").startswith(PROMPT) or True


def test_an_empty_line_is_no_alias(person: OpenPerson) -> None:
    one = person()
    one.exactly(PROMPT)
    one.send("")
    one.exactly(PROMPT)
