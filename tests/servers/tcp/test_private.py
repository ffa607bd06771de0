"""Private messages: to whom they go, when they are delivered, and that nobody else has them."""

import pytest
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.lines import Person, Program, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


@pytest.fixture
def user(shop: RunningShop) -> str:
    """The user name of a new Cliente."""
    name = f"p{new_rut().replace('-', '')}"
    shop.add("Alguien", name)
    return name


def entered(person: OpenPerson, name: str) -> Person:
    """A user in the chat; what they are shown on coming is still to be read."""
    one = person()
    one.send(f"/entrar {name} {PASSWORD}")
    return one


def test_only_the_recipient_hears_a_private_message(person: OpenPerson) -> None:
    pedro, pablo = new_alias("pedro"), new_alias("pablo")
    one, other, third = person(pedro), person(pablo), person(new_alias())
    assert one.asks(f"/privado {pablo} solo para ti") == [
        f"A {pablo} (en privado): solo para ti"
    ]
    assert (
        other.until(f"{pedro} (en privado)")[-1]
        == f"{pedro} (en privado): solo para ti"
    )
    assert not any(
        "solo para ti" in line
        for line in third.heard() + one.heard() + third.asks("/historial")
    )
    assert other.asks(f"/msg {pedro} gracias")[-1] == f"A {pedro} (en privado): gracias"
    assert one.until(f"{pablo} (en privado)")


def test_all_connections_of_both_hear_it_but_the_source(
    program: OpenProgram, user: str
) -> None:
    beto, also_beto, one, also = (
        program("beto"),
        program("beto"),
        program(user),
        program(user),
    )
    text = new_alias("texto")
    answer = beto.ok("privado", para=user, texto=text)
    assert (answer["para"], answer["entregado"]) == (user, True)
    for it in (also_beto, one, also):
        heard = it.event("mensaje")
        assert (heard["de"], heard["para"], heard["texto"]) == ("beto", user, text)
        assert "sala" not in heard
    assert text not in str(beto.told())


def test_a_waiting_message_is_delivered_once_when_its_recipient_comes(
    person: OpenPerson, user: str
) -> None:
    beto = entered(person, "beto")
    said = beto.asks(f"/privado {user} te espero", f"/privado {user} sigo aqui")
    assert said[-2:] == [
        f"A {user} (en privado): te espero (cuando vuelva)",
        f"A {user} (en privado): sigo aqui (cuando vuelva)",
    ]
    one = entered(person, user)
    private = [
        line.partition("): ")[2]
        for line in one.until(lambda it: "sigo aqui" in it)
        if "en privado, " in line
    ]
    assert private == ["te espero", "sigo aqui"]
    one.send("salir")
    one.to_the_end()
    again = entered(person, user)
    assert not any("en privado" in line for line in again.heard())


def test_waiting_messages_survive_a_restart(
    shop: RunningShop, program: OpenProgram, user: str
) -> None:
    text = new_alias("espera")
    with Program(shop.server.chat) as beto:
        beto.log_in("beto").ok("privado", para=user, texto=text)
    shop.restart(kill=True)
    first = program()
    welcome = first.ok("entrar", usuario=user, clave=PASSWORD)
    assert [message["texto"] for message in welcome["privados"]] == [text]
    first.ok("leido")  # committed behind the mark that the message was delivered
    assert program().ok("entrar", usuario=user, clave=PASSWORD)["privados"] == []


def test_no_message_waits_for_guests_or_from_guests(
    program: OpenProgram, user: str
) -> None:
    guest = program(alias=new_alias())
    assert guest.refused("privado", para=user, texto="hola") == "no_encontrado"
    assert (
        program("beto").refused("privado", para=new_alias("nadie"), texto="hola")
        == "no_encontrado"
    )


def test_a_repeated_private_message_is_heard_once(
    program: OpenProgram, user: str
) -> None:
    beto, one, key = program("beto"), program(user), new_alias("clave")
    for _ in range(2):
        assert beto.ok("mensaje", para=user, texto="una vez", id_cliente=key)[
            "entregado"
        ]
    assert (
        beto.refused("mensaje", para=user, texto="otra", id_cliente=key)
        == "clave_reutilizada"
    )
    assert [it["texto"] for it in one.told() if it["evento"] == "mensaje"] == [
        "una vez"
    ]


def test_private_text_is_never_logged(shop: RunningShop, person: OpenPerson) -> None:
    secret, public = new_alias("secreto"), new_alias("publico")
    pedro, pablo = new_alias("pedro"), new_alias("pablo")
    one, _ = person(pedro), person(pablo)
    one.asks(f"/privado {pablo} {secret}", public)
    logs = shop.server.data / "logs"
    eventually(
        lambda: public in (logs / "logs.json").read_text("utf-8"),
        "the public message is logged",
    )
    assert not any(secret in path.read_text("utf-8") for path in logs.iterdir())
