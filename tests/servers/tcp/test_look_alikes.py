"""Names that others could be taken for."""

from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.servers.tcp.conftest import OpenProgram


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> RunningShop:
    """A shop of this module's own, without a limit for floods."""
    return open_shop(chat_rate="0")


def texts(events: list[dict[str, Any]]) -> list[str]:
    """What was said, of all that was announced."""
    return [event["texto"] for event in events if event["evento"] == "mensaje"]


def waiting_texts(welcome: dict[str, Any]) -> list[str]:
    """The private messages that somebody finds who comes in."""
    return [message["texto"] for message in welcome["privados"]]


def test_an_account_that_looks_like_an_older_one_gets_a_number(
    shop: RunningShop, program: OpenProgram
) -> None:
    shop.add("Otro", "bet0")
    beto, ana, other = program("beto"), program("ana"), program()
    assert other.ok("entrar", usuario="bet0", clave=PASSWORD)["alias"] == "bet0-2"
    assert {"beto", "bet0-2"} <= set(ana.ok("usuarios")["usuarios"])
    assert ana.ok("privado", para="beto", texto="solo para beto")["para"] == "beto"
    assert texts(beto.told()) == ["solo para beto"]
    assert texts(other.told()) == []
    assert ana.ok("privado", para="bet0-2", texto="solo para el otro")["entregado"]
    assert texts(beto.told()) == []


def test_a_look_alike_gets_no_message_of_an_older_account_that_is_away(
    shop: RunningShop, program: OpenProgram
) -> None:
    older = new_alias("oso")
    newer = older.replace("o", "0")
    shop.add("Alguien", older)
    shop.add("Otro", newer)
    other, ana = program(), program("ana")
    assert other.ok("entrar", usuario=newer, clave=PASSWORD)["alias"] == f"{newer}-2"
    answer = ana.ok("privado", para=older, texto="espera")
    assert (answer["para"], answer["entregado"]) == (older, False)
    assert texts(other.told()) == []
    welcome = program().ok("entrar", usuario=older, clave=PASSWORD)
    assert welcome["alias"] == older
    assert waiting_texts(welcome) == ["espera"]


def test_an_own_name_takes_no_user_name_from_another_account(
    shop: RunningShop, program: OpenProgram
) -> None:
    name = new_alias("persona")
    rut = shop.add("Beto", name)["rut"]
    ana, other = program("ana"), program(name)
    shop.ana.ok("PUT", f"/users/{rut}", {"correo": "otro@example.cl"})
    eventually(
        lambda: "beto" not in ana.ok("usuarios")["usuarios"],
        "no earlier beto is left",
    )
    assert ana.ok("privado", para="beto", texto="secreto")["para"] == "beto"
    assert texts(other.told()) == []
    assert other.refused("nombre", alias="beto") == "alias_reservado"
    welcome = program().ok("entrar", usuario="beto", clave=PASSWORD)
    assert waiting_texts(welcome) == ["secreto"]


@pytest.mark.parametrize(
    ("alias", "code"),
    [(alias, "alias_reservado") for alias in ("clara.", "c-l_ara", "cl4r4", "8e7o")]
    + [
        (alias, "datos_invalidos")
        for alias in ("admin", "tienda", "Tiénda", "127.0.0.1", "10.0.0.7", "1.2")
    ]
    + [
        (alias, "datos_invalidos")
        for alias in ("la-jefa", "libre-7", "1-9", "11111111-1", "22.222.222-2")
    ],
)
def test_a_guest_cannot_take_an_alias_that_others_would_trust(
    program: OpenProgram, alias: str, code: str
) -> None:
    guest = program()
    assert guest.refused("nombre", alias=alias) == code
    guest.ok("nombre", alias=new_alias())
    assert guest.refused("nombre", alias=alias) == code
