"""Where one lands, who reads along, what a stranger sees of the past, and rooms put away."""

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import PROMPT, Program, code_of, new_alias
from tests.servers.tcp.conftest import OpenPerson, OpenProgram


def test_staff_land_among_themselves_and_hear_who_reads_along(
    program: OpenProgram, person: OpenPerson
) -> None:
    landed = {
        user: program().ok("entrar", usuario=user, clave=PASSWORD)["sala"]
        for user in ("ana", "beto", "clara")
    }
    assert landed == {"ana": "equipo", "beto": "equipo", "clara": "general"}

    beto = person()
    beto.exactly(PROMPT)
    beto.send(f"/entrar beto {PASSWORD}")
    assert beto.line().startswith("Hola, beto. Estás en #equipo;")
    beto.heard()
    lines = beto.asks("/sala general")
    assert lines[:2] == [
        "Estás en #general.",
        "Aquí leen también clientes e invitados.",
    ]
    beto.send(f"/entrar beto {PASSWORD}")
    assert beto.until("Hola, beto.")[-1].startswith("Hola, beto. Estás en #general;")


@pytest.mark.parametrize(
    ("host", "setting", "sees"),
    [
        ("0.0.0.0", "si", False),
        ("0.0.0.0", "historia", True),
        ("127.0.0.1", "si", True),
    ],
)
def test_a_guest_from_the_network_sees_nothing_of_before_they_came(
    open_shop: OpenShop, host: str, setting: str, *, sees: bool
) -> None:
    server = open_shop(host=host, chat_guests=setting, plain_login="si").server
    with Program(server.chat) as beto, Program(server.chat) as guest:
        beto.log_in("beto")
        first = beto.ok("mensaje", texto="clave del candado")["seq"]
        welcome = guest.ok("nombre", alias="visita")
        second = beto.ok("mensaje", texto="clave nueva")["seq"]
        assert guest.event("mensaje")["seq"] == second
        guest.ok("nombre", alias="otra")

        pages = [
            guest.ok("historial"),
            guest.ok("historial", limite=200, antes=second + 1),
            guest.ok("sala", sala="general"),
        ]
        searches = [
            guest.ok("buscar", q="clave"),
            guest.ok("buscar", q="clave", sala="general"),
        ]
        shown = [message["seq"] for message in welcome["mensajes"]]
        assert (shown == [first]) is sees
        assert welcome["hay_mas"] is False
        for answer in pages + searches:
            seqs = {message["seq"] for message in answer["mensajes"]}
            assert seqs == ({first, second} if sees else {second})
            assert not answer.get("hay_mas")

        beto.ok("editar", seq=first, texto="clave vieja")
        beto.ok("borrar", seq=first)
        beto.ok("editar", seq=second, texto="clave renovada")
        heard = [event["seq"] for event in guest.told() if event["evento"] == "mensaje"]
        assert heard == ([first, first, second] if sees else [second])


def test_a_room_is_archived_and_opened_again(
    program: OpenProgram, person: OpenPerson
) -> None:
    room = new_alias("sala")
    ana, beto = program("ana"), program("beto")
    assert beto.refused("mensaje", sala=room, texto="hola") == "no_encontrado"
    beto.ok("sala", sala=room)
    beto.ok("mensaje", texto="hola")
    assert beto.refused("archivar", sala=room) == "sin_permiso"
    assert ana.refused("archivar", sala="general") == "datos_invalidos"
    assert ana.ok("archivar", sala=f"#{room}") == {"id": 4, "ok": True, "sala": room}

    assert beto.refused("mensaje", texto="otra") == "sala_archivada"
    rooms = beto.ok("salas")
    assert room not in {state["sala"] for state in rooms["salas"]}
    assert room in {state["sala"] for state in rooms["archivadas"]}
    assert [message["texto"] for message in beto.ok("sala", sala=room)["mensajes"]] == [
        "hola"
    ]

    reader = person()
    reader.exactly(PROMPT)
    reader.send(f"/entrar ana {PASSWORD}")
    reader.heard()
    assert reader.asks(f"/sala {room}")[1].startswith("Está archivada:")
    assert code_of(reader.asks("otra")[-1]) == "sala_archivada"
    assert f"#{room}" in reader.asks("/salas")[-1]
    assert reader.asks(f"/desarchivar {room}") == [f"#{room} está abierta otra vez."]
    beto.ok("mensaje", texto="otra")
