"""Coming in: aliases that are allowed and free, users with passwords, and who is let in."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.lines import PROMPT, Person, Program, address, new_alias, own_address
from tests.harness.server import Server
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


def at_the_door(one: Person, line: str) -> str:
    """Say something at the prompt; return the answer."""
    one.exactly(PROMPT)
    one.send(line)
    return one.line()


def test_the_chat_asks_for_an_alias_and_waits_on_the_same_line(
    person: OpenPerson,
) -> None:
    alias = new_alias()
    one = person()
    one.exactly("Ingresa tu alias: ")
    one.send(alias)
    assert (
        one.line() == f"Hola, {alias}. Estás en #general; /ayuda muestra los comandos."
    )


@pytest.mark.parametrize("word", ["/nombre", "/nick", "/NOMBRE"])
def test_an_alias_may_be_taken_by_its_command(person: OpenPerson, word: str) -> None:
    alias = new_alias()
    assert at_the_door(person(), f"{word} {alias}").startswith(f"Hola, {alias}.")


def test_a_line_may_end_in_crlf(person: OpenPerson) -> None:
    alias = new_alias()
    one = person()
    one.raw(f"{alias}\r\n".encode())
    one.exactly(PROMPT)
    assert one.line().startswith(f"Hola, {alias}. ")


@pytest.mark.parametrize(
    "dress",
    [
        str,
        str.upper,
        lambda alias: alias.replace("o", "0"),
        lambda it: "\u043e" + it[1:],
    ],
)
def test_every_spelling_of_a_taken_alias_is_refused(
    person: OpenPerson, dress: Callable[[str], str]
) -> None:
    alias = new_alias("oso")
    person(alias)
    one = person()
    answer = at_the_door(one, dress(alias))
    assert answer.endswith(("(ya_existe)", "(datos_invalidos)")), answer
    other = new_alias()
    assert at_the_door(one, other).startswith(f"Hola, {other}.")


@pytest.mark.parametrize(
    "alias", ["con espacio", "-", "x" * 33, "trastienda", "salír", "a\u0416", "{", "/"]
)
def test_a_bad_alias_is_refused_and_asked_for_again(
    person: OpenPerson, alias: str
) -> None:
    one = person()
    answer = at_the_door(one, f"/nombre {alias}")
    assert answer.endswith("(datos_invalidos)"), answer
    other = new_alias()
    assert at_the_door(one, other).startswith(f"Hola, {other}.")


@pytest.mark.parametrize("alias", ["ana", "BETO", "c1ara", "Clará"])
def test_a_guest_cannot_take_a_user_name(person: OpenPerson, alias: str) -> None:
    one = person()
    answer = at_the_door(one, alias)
    assert answer.endswith("(alias_reservado)")
    assert "/entrar USUARIO CLAVE" in answer
    one.exactly(PROMPT)


def test_an_empty_line_is_no_alias(person: OpenPerson) -> None:
    one = person()
    one.exactly(PROMPT)
    one.send("")
    one.exactly(PROMPT)


@pytest.mark.parametrize("word", ["salir", "SALIR", "/salir", "/exit", "/quit"])
def test_a_client_without_an_alias_may_leave(person: OpenPerson, word: str) -> None:
    assert at_the_door(one := person(), word) == "Hasta luego."
    assert one.to_the_end() == []


def test_a_command_before_the_alias_prompts_again(person: OpenPerson) -> None:
    one = person()
    assert at_the_door(one, "/usuarios").endswith("(no_autenticado)")
    one.exactly(PROMPT)


def test_a_user_logs_in_under_their_user_name(
    person: OpenPerson,
) -> None:
    assert at_the_door(person(), f"/entrar beto {PASSWORD}").startswith(
        "Hola, beto. Estás en #equipo"
    )
    one = person()
    assert at_the_door(one, "/entrar beto equivocada").endswith(
        "(credenciales_invalidas)"
    )
    one.exactly(PROMPT)


def test_a_program_that_logs_in_gets_its_room(program: OpenProgram) -> None:
    one, alias = program(), new_alias()
    found = one.ok("nombre", alias=alias)
    assert (found["alias"], found["sala"]) == (alias, "general")
    found = one.ok("entrar", usuario="beto", clave=PASSWORD)
    assert (found["alias"], found["nombre"], found["tipo"]) == (
        "beto",
        "Beto",
        "Cajero",
    )
    assert one.refused("nombre", alias="ana") == "alias_reservado"
    assert (
        one.refused("entrar", usuario="beto", clave="equivocada")
        == "credenciales_invalidas"
    )


def test_a_guest_is_renamed_when_the_user_of_that_name_logs_in(
    shop: RunningShop, person: OpenPerson
) -> None:
    name = f"nuevo{new_rut().replace('-', '')}"
    guest = person(name)
    watcher = person(new_alias())
    shop.add("Persona", name)
    guest.heard()
    at_the_door(person(), f"/entrar {name} {PASSWORD}")
    assert watcher.until(f"{name} ahora es")[-1] == f"{name} ahora es {name}-2."
    guest.send("hola")
    assert watcher.until(f"{name}-2: ")[-1] == f"{name}-2: hola"


def test_guests_are_refused_where_the_setting_says_so(open_shop: OpenShop) -> None:
    server = open_shop(chat_guests="no").server
    with Person(server.chat) as one:
        answer = at_the_door(one, "visita")
        assert answer.endswith("(no_autenticado)")
        assert "/entrar USUARIO CLAVE" in answer
        assert at_the_door(one, f"/entrar clara {PASSWORD}").startswith("Hola, clara.")
    with Program(server.inventory, prompt=False) as looker:
        assert looker.ok("ver")["datos"] == []


@pytest.mark.parametrize(("setting", "code"), [("no", "requiere_tls"), ("si", None)])
def test_a_password_from_another_machine_needs_tls_or_the_setting(
    open_shop: OpenShop, setting: str, code: str | None
) -> None:
    host = own_address()
    server = open_shop(host="0.0.0.0", plain_login=setting).server
    for place in (server.chat, server.inventory):
        port = address(place)[1]
        with Program(f"{host}:{port}", prompt=place == server.chat) as one:
            answer = one.ask("entrar", usuario="ana", clave=PASSWORD)
            assert answer.get("codigo") == code
        with Program(f"127.0.0.1:{port}", prompt=place == server.chat) as one:
            one.log_in("ana")


def test_the_line_ports_speak_tls_where_the_setting_says_so(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", host="0.0.0.0", https="si", tls_lines="si")
    try:
        context = ssl.create_default_context(cafile=server.data / "tls" / "ca.pem")
        with (
            Person(f"{own_address()}:{address(server.chat)[1]}", tls=context) as one,
            Program(
                f"{own_address()}:{address(server.inventory)[1]}",
                prompt=False,
                tls=context,
            ) as looker,
            socket.create_connection(
                ("127.0.0.1", address(server.chat)[1]), PATIENCE_S
            ) as plain,
        ):
            assert at_the_door(one, f"/entrar ana {PASSWORD}").startswith("Hola, ana.")
            looker.log_in("ana")
            plain.sendall(b"visita\n" * 20)
            assert b"alias" not in plain.recv(4096)
            one.send("adios", "salir")
            assert one.to_the_end()[-1] == "Hasta luego."
            looker.socket.unwrap()  # type: ignore[attr-defined]
    finally:
        assert server.stop() == 0
    assert "Traceback" not in server.log
    assert "eof_received" not in server.log
