"""Members under two names, or at two connections: moderated, told, and recorded."""

import json
from collections.abc import Iterator

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import PROMPT, Person, Program, new_alias
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

ELSEWHERE = "127.0.0.9"
"""Another address of this machine's loopback."""
FROM_ONE = 100
"""Private messages that one sender may leave for somebody who is away."""


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> RunningShop:
    """A shop of this module's own, without a limit for floods."""
    return open_shop(chat_rate="0")


@pytest.fixture
def user(shop: RunningShop) -> str:
    """The user name of a new Cliente."""
    return new_user(shop)


def new_user(shop: RunningShop, tipo: str = "Cliente") -> str:
    """Register somebody; return their user name."""
    name = new_alias("persona")
    shop.add("Alguien", name, tipo)
    return name


@pytest.fixture
def moderator(program: OpenProgram) -> Iterator[Program]:
    """Ana in the chat; what she imposed is lifted when the test ends."""
    ana = program("ana")
    yield ana
    for sanction in ana.ok("sanciones")["sanciones"]:
        ana.ask("desbloquear", alias=sanction["alias"])


def entered(person: OpenPerson, username: str, password: str = PASSWORD) -> Person:
    """A user in the room where everybody is, past the greeting."""
    user = person()
    user.exactly(PROMPT)
    user.send(f"/entrar {username} {password}")
    assert user.line().startswith("Hola, ")
    user.send("/sala general")
    user.heard()
    return user


def test_one_sender_leaves_a_limited_number_of_messages(
    shop: RunningShop, program: OpenProgram, user: str
) -> None:
    ana, sender = program("ana"), program(new_user(shop))
    for number in range(FROM_ONE):
        sender.ok("privado", para=user, texto=f"insiste {number}")
    assert sender.refused("privado", para=user, texto="y otra vez") == "buzon_lleno"
    ana.ok("privado", para=user, texto="importante")
    welcome = program().ok("entrar", usuario=user, clave=PASSWORD)
    assert [message["texto"] for message in welcome["privados"]] == [
        *(f"insiste {number}" for number in range(FROM_ONE)),
        "importante",
    ]


def test_registros_have_the_origin_of_the_acting_connection(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram
) -> None:
    first, second = program("ana"), program("ana", source=ELSEWHERE)
    at_the_counter, code = counter("ana", source=ELSEWHERE), shop.code()
    origins = []
    for connection, word in (
        (first, "chat 127.0.0.1"),
        (second, f"chat {ELSEWHERE}"),
        (first, "chat 127.0.0.1"),
    ):
        alias = new_alias()
        program(alias=alias)
        connection.ok("expulsar", alias=alias)
        connection.ok("comprar", codigo_barras=code)
        origins += [word, word]
    at_the_counter.ok("comprar", codigo_barras=code)
    page = shop.ana.ok("GET", "/registros", params={"limite": 7})["datos"]
    assert [registro["origen"] for registro in reversed(page)] == [
        *origins,
        f"inventario {ELSEWHERE}",
    ]


def test_a_deletion_by_an_administrator_is_announced_as_deleted(
    program: OpenProgram, person: OpenPerson
) -> None:
    alias, watcher = new_alias(), person(new_alias())
    member, ana = program(alias=alias), entered(person, "ana")
    seq = member.ok("mensaje", texto="algo feo")["seq"]
    ana.send(f"/borrar {seq}")
    assert watcher.until("Se borró")[-1] == f"Se borró el mensaje {seq} de {alias}."
    assert ana.asks("/historial 1")[-1].endswith(f"(mensaje borrado de {alias})")


@pytest.mark.parametrize("by_user_name", [True, False])
def test_a_user_under_another_alias_is_found_by_both_names(
    moderator: Program, program: OpenProgram, user: str, by_user_name: bool
) -> None:
    alias = new_alias("apodo")
    member = program(user)
    member.ok("nombre", alias=alias)
    first, second = (user, alias) if by_user_name else (alias, user)
    moderator.ok("silenciar", alias=first)
    assert member.refused("mensaje", texto="hola") == "silenciado"
    moderator.ok("desbloquear", alias=second)
    member.ok("mensaje", texto="hola")
    moderator.ok("expulsar", alias=first)
    assert json.loads(member.to_the_end()[-1]) == {
        "evento": "cierre",
        "motivo": "expulsado",
    }
    member = program(user)
    member.ok("nombre", alias=alias)
    moderator.ok("bloquear", alias=second)
    assert json.loads(member.to_the_end()[-1])["motivo"] == "bloqueado"
    moderator.ok("desbloquear", alias=user)
    program(user)


def test_a_muted_member_is_told(
    moderator: Program, program: OpenProgram, person: OpenPerson, user: str
) -> None:
    typist, member = entered(person, user), program(user)
    moderator.ok("silenciar", alias=user, minutos=10)
    silence = member.event("silencio")
    assert set(silence) == {"evento", "segundos"}
    assert 590 < silence["segundos"] <= 600
    assert (
        typist.until("Quedas en silencio por")[-1]
        == "Quedas en silencio por 10 min. (silenciado)"
    )
    moderator.ok("desbloquear", alias=user)
    assert member.event("silencio")["segundos"] == 0
    assert typist.until("Ya puedes hablar.")


def test_a_closed_client_is_told_the_code_of_the_reason(
    shop: RunningShop, moderator: Program, person: OpenPerson
) -> None:
    name = new_alias("persona")
    rut = shop.add("Alguien", name)["rut"]
    member = entered(person, name)
    moderator.ok("expulsar", alias=name)
    assert member.to_the_end()[-1] == "Te han expulsado del chat. (expulsado)"
    member = entered(person, name)
    moderator.ok("bloquear", alias=name)
    assert member.to_the_end()[-1] == "Estás bloqueado. (bloqueado)"
    moderator.ok("desbloquear", alias=name)
    for change, password in (
        ({"clave": PASSWORD * 2}, PASSWORD),
        ({"estado": "Inactivo"}, PASSWORD * 2),
    ):
        member = entered(person, name, password)
        shop.ana.ok("PUT", f"/users/{rut}", change)
        assert member.to_the_end()[-1].endswith(". (sesion_terminada)")
