"""The line protocol for programs: requests, answers and announcements as JSON lines."""

import json
import socket
from typing import Any

import pytest
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.lines import Program, new_alias
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

UNREADABLE = '{"id":null,"ok":false,"codigo":"datos_invalidos"}'


@pytest.mark.parametrize(
    "line",
    ["{x", "{", '{"id": 1', "{}x", '{"id": NaN}', '{"a":' * 1600],
)
def test_an_unreadable_object_is_refused_and_changes_nothing(
    person: OpenPerson, line: str
) -> None:
    one, listener = person(new_alias()), person(new_alias())
    one.send(line)
    assert one.until("{")[-1] == UNREADABLE
    assert listener.asks("/usuarios")[-1].startswith("Usuarios conectados")
    assert not any("{" in line for line in listener.heard())


@pytest.mark.parametrize("request_id", [7, "siete", None, [1, {"a": 2}], 1.5, True])
def test_an_answer_has_the_id_of_its_request(
    program: OpenProgram, request_id: Any
) -> None:
    one = program()
    one.send(json.dumps({"id": request_id, "accion": "ping"}))
    assert json.loads(one.line()) == {"id": request_id, "ok": True}


@pytest.mark.parametrize("accion", ["", "nada", 7, None, ["ping"], "mensaje\n"])
def test_an_unknown_action_is_refused(program: OpenProgram, accion: Any) -> None:
    assert program(alias=new_alias()).refused(accion) == "no_encontrado"


def test_an_empty_object_is_refused(program: OpenProgram) -> None:
    one = program()
    one.send("{}")
    assert json.loads(one.line())["codigo"] == "no_encontrado"


def test_programs_and_people_may_share_a_connection(
    program: OpenProgram, person: OpenPerson
) -> None:
    pedro, listener = new_alias(), person(new_alias())
    one = program(alias=pedro)
    one.send("a mano")
    one.ok("mensaje", texto="de programa")
    heard = listener.until(f"{pedro}: de programa")
    assert f"{pedro}: a mano" in heard


def test_a_message_is_answered_with_its_number_and_heard_by_all_others(
    program: OpenProgram,
) -> None:
    pedro, listener = new_alias(), program(alias=new_alias())
    one = program(alias=pedro)
    first, second = (one.ok("mensaje", texto=text)["seq"] for text in ("uno", "dos"))
    assert second == first + 1
    heard = [listener.event("mensaje"), listener.event("mensaje")]
    assert [(it["sala"], it["seq"], it["de"], it["texto"]) for it in heard] == [
        ("general", first, pedro, "uno"),
        ("general", second, pedro, "dos"),
    ]
    assert heard[0]["n"] < heard[1]["n"]
    assert set(heard[0]) == {
        "evento",
        "n",
        "sala",
        "seq",
        "de",
        "texto",
        "fecha",
        "editado",
        "borrado",
    }
    assert not [it for it in one.told() if it["evento"] == "mensaje"]


def test_the_sender_hears_it_at_their_other_connections(
    program: OpenProgram, person: OpenPerson
) -> None:
    one, other, third = program("beto"), program("beto"), person()
    third.send(f"/entrar beto {PASSWORD}")
    third.until(lambda line: "Hola, beto" in line)
    third.asks("/sala general")
    text = new_alias()
    seq = one.ok("mensaje", texto=text)["seq"]
    assert other.event("mensaje")["seq"] == seq
    assert third.until("beto: ")[-1] == f"beto: {text}"
    assert not [it for it in one.told() if it["evento"] == "mensaje"]


def test_what_a_guest_said_stays_theirs_under_another_alias(
    program: OpenProgram,
) -> None:
    alias, key = new_alias(), new_alias("clave")
    one = program(alias=alias)
    seq = one.ok("mensaje", texto="una vez", id_cliente=key)["seq"]
    one.ok("nombre", alias=new_alias())
    assert one.ok("mensaje", texto="una vez", id_cliente=key)["seq"] == seq

    namesake = program(alias=alias)
    assert namesake.ok("mensaje", texto="otra cosa", id_cliente=key)["seq"] == seq + 1
    assert namesake.refused("editar", seq=seq, texto="mía") == "sin_permiso"
    assert namesake.refused("borrar", seq=seq) == "sin_permiso"
    one.ok("editar", seq=seq, texto="dos veces")
    one.ok("borrar", seq=seq)


def test_a_repeated_message_gets_the_same_answer_and_is_heard_once(
    program: OpenProgram,
) -> None:
    one, listener = program(alias=new_alias()), program(alias=new_alias())
    key = new_alias("clave")
    first = one.ok("mensaje", texto="una vez", id_cliente=key)["seq"]
    assert one.ok("mensaje", texto="una vez", id_cliente=key)["seq"] == first
    assert one.refused("mensaje", texto="otra", id_cliente=key) == "clave_reutilizada"
    last = one.ok("mensaje", texto="fin")["seq"]
    assert last == first + 1
    assert [listener.event("mensaje")["texto"], listener.event("mensaje")["texto"]] == [
        "una vez",
        "fin",
    ]


def test_many_messages_under_way_are_answered_in_order(
    program: OpenProgram,
) -> None:
    one = program(alias=new_alias())
    one.send(
        *(
            json.dumps({"id": f"m{it}", "accion": "mensaje", "texto": f"t{it}"})
            for it in range(600)
        )
    )
    answers: list[dict[str, Any]] = []
    while len(answers) < 600:
        found = json.loads(one.line())
        if "id" in found:
            answers.append(found)
    assert [it["id"] for it in answers] == [f"m{it}" for it in range(600)]
    assert all(it["ok"] for it in answers)
    numbers = [it["seq"] for it in answers]
    assert numbers == sorted(set(numbers))


def test_presence_is_announced(program: OpenProgram) -> None:
    pedro, pablo = new_alias("pedro"), new_alias("pablo")
    watcher = program(alias=new_alias())
    one = program(alias=pedro)
    one.ok("nombre", alias=pablo)
    assert one.ok("salir")["ok"]
    assert one.to_the_end() == []
    assert [watcher.event("presencia") for _ in range(3)] == [
        {"evento": "presencia", "sala": "general", "alias": pedro, "estado": "entra"},
        {
            "evento": "presencia",
            "sala": "general",
            "alias": pedro,
            "estado": "nombre",
            "nuevo": pablo,
        },
        {"evento": "presencia", "sala": "general", "alias": pablo, "estado": "sale"},
    ]


def test_the_history_is_read_page_by_page(program: OpenProgram) -> None:
    ana, room = program("ana"), new_alias("sala")
    ana.ok("sala", sala=room)
    for number in range(7):
        ana.ok("mensaje", texto=str(number))
    page = ana.ok("historial", limite=3)
    assert ([it["seq"] for it in page["mensajes"]], page["hay_mas"]) == (
        [5, 6, 7],
        True,
    )
    page = ana.ok("historial", limite=3, antes=5, sala=room)
    assert ([it["seq"] for it in page["mensajes"]], page["hay_mas"]) == (
        [2, 3, 4],
        True,
    )
    page = ana.ok("historial", limite=3, antes=2, sala=f"#{room}")
    assert ([it["seq"] for it in page["mensajes"]], page["hay_mas"]) == ([1], False)
    for antes in (-(10**25), -1, 0, 10**25):
        assert (ana.ok("historial", antes=antes)["mensajes"] == []) == (antes < 1)
    for limite in (0, -1, 201, 10**25, "3", None, 1.5):
        assert ana.refused("historial", limite=limite) == "datos_invalidos"
    assert ana.refused("historial", sala="nadie-ha-entrado") == "no_encontrado"


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("ver", {}),
    ("ver", {"q": "nada de esto"}),
    ("usuarios", {}),
    ("salas", {}),
    ("sala", {"sala": "general"}),
    ("historial", {}),
    ("buscar", {"q": "hola"}),
    ("buscar", {"texto": "hola", "sala": "general"}),
    ("mensaje", {"texto": "hola"}),
    ("mensaje", {"texto": "hola", "sala": "general"}),
    ("mensaje", {"texto": "hola", "para": "ana"}),
    ("privado", {"para": "ana", "texto": "hola"}),
    ("privado", {"alias": "ana", "texto": "hola"}),
    ("leido", {}),
    ("leido", {"seq": 1}),
    ("silenciar", {"alias": "clara", "minutos": 1}),
    ("desbloquear", {"alias": "clara"}),
    ("bloquear", {"alias": "192.0.2.77"}),
    ("desbloquear", {"alias": "192.0.2.77"}),
    ("sanciones", {}),
    ("ping", {}),
    ("ayuda", {}),
]


@pytest.mark.parametrize(("accion", "given"), RIGHT)
def test_each_command_works_and_refuses_an_unknown_field(
    program: OpenProgram, accion: str, given: dict[str, Any]
) -> None:
    ana = program("ana")
    if accion == "desbloquear":
        ana.ok("bloquear", **given)
    assert ana.ok(accion, **given)["ok"]
    answer = ana.ask(accion, **given, sobra=1)
    assert not answer["ok"]
    assert (answer["codigo"], list(answer["campos"])) == ("datos_invalidos", ["sobra"])


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("mensaje", {}, "datos_invalidos"),
    ("mensaje", {"texto": 7}, "datos_invalidos"),
    ("mensaje", {"texto": ""}, "datos_invalidos"),
    ("mensaje", {"texto": "\u202e\x07"}, "datos_invalidos"),
    ("mensaje", {"texto": "x", "sala": "alertas"}, "sin_permiso"),
    ("mensaje", {"texto": "x", "sala": ""}, "datos_invalidos"),
    ("mensaje", {"texto": "x", "id_cliente": ""}, "datos_invalidos"),
    ("mensaje", {"texto": "x", "id_cliente": "x" * 201}, "datos_invalidos"),
    ("mensaje", {"texto": "x", "idempotencia": "k"}, "datos_invalidos"),
    ("mensaje", {"texto": "x", "para": "nadie-asi"}, "no_encontrado"),
    ("privado", {"texto": "x"}, "datos_invalidos"),
    ("nombre", {}, "datos_invalidos"),
    ("nombre", {"alias": "a b"}, "datos_invalidos"),
    ("sala", {}, "datos_invalidos"),
    ("sala", {"sala": "a b"}, "datos_invalidos"),
    ("buscar", {}, "datos_invalidos"),
    ("buscar", {"q": ""}, "datos_invalidos"),
    ("editar", {"seq": 0, "texto": "x"}, "no_encontrado"),
    ("editar", {"seq": 10**25, "texto": "x"}, "no_encontrado"),
    ("editar", {"seq": "1", "texto": "x"}, "datos_invalidos"),
    ("borrar", {"seq": -(10**25)}, "no_encontrado"),
    ("borrar", {}, "datos_invalidos"),
    ("leido", {"seq": "1"}, "datos_invalidos"),
    ("silenciar", {"alias": "clara", "minutos": 0}, "datos_invalidos"),
    ("silenciar", {"alias": "clara", "minutos": 10**25}, "datos_invalidos"),
    ("silenciar", {"alias": "nadie-asi"}, "no_encontrado"),
    ("expulsar", {"alias": "nadie-asi"}, "no_encontrado"),
    ("desbloquear", {"alias": "nadie-asi"}, "no_encontrado"),
    ("bloquear", {"alias": "ana"}, "sin_permiso"),
    ("comprar", {}, "datos_invalidos"),
    ("comprar", {"codigo_barras": "nada-asi"}, "no_encontrado"),
    ("comprar", {"codigo_barras": "nada-asi", "cantidad": "2"}, "datos_invalidos"),
    ("comprar", {"codigo_barras": "nada-asi", "idempotencia": ""}, "datos_invalidos"),
    ("comprar", {"codigo_barras": "nada-asi", "idempotencia": 7}, "datos_invalidos"),
    ("devolver", {"codigo_barras": "nada-asi"}, "no_encontrado"),
    ("ping", {"idempotencia": "k"}, "datos_invalidos"),
    ("stock", {"codigo_barras": "nada-asi"}, "no_encontrado"),
    ("producto", {"q": "nada-asi"}, "no_encontrado"),
    ("ver", {"limite": 0}, "datos_invalidos"),
    ("ver", {"cursor": "x"}, "datos_invalidos"),
    ("entrar", {"usuario": "ana"}, "datos_invalidos"),
    ("entrar", {"usuario": "nadie-asi", "clave": "x" * 5000}, "credenciales_invalidas"),
]


@pytest.mark.parametrize(("accion", "given", "code"), WRONG)
def test_wrong_arguments_are_refused_with_their_code(
    program: OpenProgram, accion: str, given: dict[str, Any], code: str
) -> None:
    assert program("ana").refused(accion, **given) == code


@pytest.mark.parametrize(
    "accion", ["expulsar", "silenciar", "bloquear", "desbloquear", "sanciones"]
)
def test_only_an_administrator_moderates(program: OpenProgram, accion: str) -> None:
    given = {} if accion == "sanciones" else {"alias": "clara"}
    assert program("beto").refused(accion, **given) == "sin_permiso"
    assert program(alias=new_alias()).refused(accion, **given) == "no_autenticado"


@pytest.mark.parametrize(
    "accion", ["mensaje", "usuarios", "nombre", "bloquear", "leido"]
)
def test_the_inventory_port_has_no_chat_commands(
    counter: OpenProgram, accion: str
) -> None:
    assert counter("ana").refused(accion, texto="hola") == "no_encontrado"


def test_a_sale_is_announced_only_to_programs_of_those_who_may_read_it(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram, person: OpenPerson
) -> None:
    shop.add("Compra", name := f"c{new_rut().replace('-', '')}")
    clara, ana, looker, own, reader = (
        program("clara"),
        program("ana"),
        counter(),
        program(name),
        person(new_alias()),
    )
    looker.ok("ping")
    code = shop.code(nombre="Anunciado")
    for one in (clara, ana, looker, own):
        one.told()
    sale = counter(name).ok("comprar", codigo_barras=code)
    assert ana.event("venta")["id_venta"] == sale["id_venta"]
    assert own.event("venta")["id_venta"] == sale["id_venta"]
    for one in (clara, looker):
        names = [it["evento"] for it in one.told()]
        assert "venta" not in names
        assert names.count("stock") == 1
    assert not any("{" in line for line in reader.heard())


def test_only_staff_hear_the_cost_of_products(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram
) -> None:
    clara, ana, looker = program("clara"), program("ana"), counter()
    looker.ok("ping")
    code = shop.code(costo=321)
    assert ana.event("producto")["costo"] == 321
    for one in (clara, looker):
        assert "costo" not in one.event("producto")
        (found,) = one.ok("ver", q=code)["datos"]
        assert "costo" not in found
    assert ana.ok("producto", codigo_barras=code)["datos"][0]["costo"] == 321


def closed(one: Program) -> str:
    """The reason for which a connection was closed."""
    *_, last = one.to_the_end()
    found = json.loads(last)
    assert found["evento"] == "cierre"
    return str(found["motivo"])


def test_connections_of_a_deactivated_user_are_closed_at_once(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram
) -> None:
    user = shop.add("Se va", name := f"v{new_rut().replace('-', '')}")
    lines = [program(name), counter(name)]
    shop.ana.ok("DELETE", f"/users/{user['rut']}")
    assert [closed(one) for one in lines] == ["sesion_terminada"] * 2
    assert (
        program().refused("entrar", usuario=name, clave=PASSWORD)
        == "credenciales_invalidas"
    )


@pytest.mark.parametrize("on_the_page", [True, False])
def test_a_changed_password_closes_the_connections_of_its_user(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram, *, on_the_page: bool
) -> None:
    user = shop.add("Cambia", name := f"k{new_rut().replace('-', '')}")
    lines, beto = [program(name), counter(name)], program("beto")
    if on_the_page:
        shop.enter(name)
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave-larga"})
    beto.told()  # behind the announcement of the change
    for one in lines:
        one.socket.shutdown(socket.SHUT_WR)
    assert [closed(one) for one in lines] == ["sesion_terminada"] * 2


def test_a_changed_role_holds_at_once(
    shop: RunningShop, program: OpenProgram, counter: OpenProgram
) -> None:
    user = shop.add("Sube y baja", name := f"r{new_rut().replace('-', '')}", "Cajero")
    one, ana, room = program(name), program("ana"), new_alias("sala")
    for it in (one, ana):
        it.ok("sala", sala=room)
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cliente"})
    assert ana.ok("mensaje", texto="secreto del personal")["ok"]
    assert one.refused("historial", sala=room) == "sin_permiso"
    assert one.refused("mensaje", texto="hola", sala=room) == "sin_permiso"
    assert "secreto del personal" not in str(one.told())
    assert one.ok("mensaje", texto="hola")["sala"] == "general"
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Administrador"})
    assert one.ok("sanciones")["ok"]
