"""Edges of who is who: look-alike names, accounts that change, lost clients, moderation."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import PROMPT, Person, Program, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

ELSEWHERE = "127.0.0.9"
"""Another address of this machine's loopback."""
FROM_ONE = 100
"""Private messages that one sender may leave for somebody who is away."""
QUEUE = 12
"""Passwords that wait to be compared before the one that matters: some tenths of a second."""


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> RunningShop:
    """A shop of this module's own, without a limit for floods.

    Passwords take their time, so that something can happen while they are compared.
    """
    return open_shop(chat_rate="0", cheap_passwords=False)


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
    one = program("ana")
    yield one
    for it in one.ok("sanciones")["sanciones"]:
        one.ask("desbloquear", alias=it["alias"])


def entered(person: OpenPerson, username: str, password: str = PASSWORD) -> Person:
    """A user in the chat, past the greeting."""
    one = person()
    one.exactly(PROMPT)
    one.send(f"/entrar {username} {password}")
    assert one.line().startswith("Hola, ")
    one.heard()
    return one


def texts(events: list[dict[str, Any]]) -> list[str]:
    """What was said, of all that was announced."""
    return [it["texto"] for it in events if it["evento"] == "mensaje"]


class TestNames:
    """Names that others could be taken for."""

    def test_an_account_that_looks_like_an_older_one_gets_a_number(
        self, shop: RunningShop, program: OpenProgram
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
        self, shop: RunningShop, program: OpenProgram
    ) -> None:
        older = new_alias("oso")
        newer = older.replace("o", "0")
        shop.add("Alguien", older)
        shop.add("Otro", newer)
        other, ana = program(), program("ana")
        assert (
            other.ok("entrar", usuario=newer, clave=PASSWORD)["alias"] == f"{newer}-2"
        )
        answer = ana.ok("privado", para=older, texto="espera")
        assert (answer["para"], answer["entregado"]) == (older, False)
        assert texts(other.told()) == []
        found = program().ok("entrar", usuario=older, clave=PASSWORD)
        assert (found["alias"], [it["texto"] for it in found["privados"]]) == (
            older,
            ["espera"],
        )

    def test_an_own_name_takes_no_user_name_from_another_account(
        self, shop: RunningShop, program: OpenProgram
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
        assert [
            it["texto"]
            for it in program().ok("entrar", usuario="beto", clave=PASSWORD)["privados"]
        ] == ["secreto"]

    @pytest.mark.parametrize(
        ("alias", "code"),
        [("clara.", "alias_reservado"), ("c-l_ara", "alias_reservado")]
        + [
            (alias, "datos_invalidos")
            for alias in ("admin", "tienda", "Tiénda", "127.0.0.1", "10.0.0.7", "1.2")
        ],
    )
    def test_a_guest_cannot_take_an_alias_that_others_would_trust(
        self, program: OpenProgram, alias: str, code: str
    ) -> None:
        one = program()
        assert one.refused("nombre", alias=alias) == code
        one.ok("nombre", alias=new_alias())
        assert one.refused("nombre", alias=alias) == code


class TestComingIn:
    """Passwords, and what happens while they are compared."""

    @pytest.mark.parametrize(
        "change",
        [{"tipo": "Cliente"}, {"estado": "Inactivo"}, {"clave": "otra-clave-larga"}],
    )
    def test_an_account_changed_during_login_comes_in_as_it_is_then(
        self,
        shop: RunningShop,
        program: OpenProgram,
        counter: OpenProgram,
        change: dict[str, str],
    ) -> None:
        name = new_alias("persona")
        rut = shop.add("Temporal", name, "Administrador")["rut"]
        queue, one = (
            [counter(source=f"127.0.0.{it + 20}") for it in range(QUEUE)],
            program(),
        )
        login = json.dumps(
            {"id": 0, "accion": "entrar", "usuario": "clara", "clave": PASSWORD}
        )
        for it in queue[: QUEUE // 2]:
            it.send(login)
        with ThreadPoolExecutor(1) as pool:
            changed = pool.submit(shop.ana.put, f"/users/{rut}", json=change)
            for it in queue[QUEUE // 2 :]:
                it.send(login)
            one.send(
                json.dumps(
                    {
                        "id": "mio",
                        "accion": "entrar",
                        "usuario": name,
                        "clave": PASSWORD,
                    }
                )
            )
            assert changed.result().is_success
        program().log_in(
            "clara"
        )  # compared after all the others: what was decided before has been told
        try:
            codes = (
                [one.refused(word) for word in ("sanciones",)]
                if answered(one, "mio")
                else []
            )
        except (EOFError, ConnectionError):
            codes = []  # it came in before the change, which ended it
        assert codes == (["sin_permiso"] if "tipo" in change else [])

    def test_a_typed_password_is_the_same_as_by_http(
        self, shop: RunningShop, person: OpenPerson, user: str
    ) -> None:
        password = "  dos  espacios n\u0303andu"
        (found,) = [it for it in shop.ana.all("/users") if it["usuario"] == user]
        for given in (password.strip(), "\u00f1and\u00fa \u200dclave"):
            shop.ana.ok("PUT", f"/users/{found['rut']}", {"clave": given})
            assert shop.login(user, given).status_code == 200
            entered(person, user, given)

    def test_a_login_without_its_slash_is_not_said_in_the_room(
        self, person: OpenPerson, user: str
    ) -> None:
        listener, one = person(new_alias()), person(new_alias())
        for word in ("entrar", "LOGIN"):
            one.send(f"{word} {user} {PASSWORD}")
            one.until(f"Hola, {user}. ")
        one.asks("hola")
        assert not any(
            PASSWORD in line
            for line in listener.until(f"{user}: hola") + listener.asks("/historial")
        )


def answered(one: Program, request_id: str) -> bool:
    """Read up to an answer; return whether it says yes."""
    while (found := json.loads(one.line())).get("id") != request_id:
        pass
    return bool(found["ok"])


class TestGhosts:
    """Whoever is gone is gone."""

    def test_a_user_kicked_during_login_does_not_stay(
        self,
        shop: RunningShop,
        program: OpenProgram,
        person: OpenPerson,
        counter: OpenProgram,
        user: str,
    ) -> None:
        alias, ana = new_alias(), program("ana")
        one, queue = (
            person(alias),
            [counter(source=f"127.0.0.{it + 20}") for it in range(QUEUE)],
        )
        for it in queue:
            it.send(
                json.dumps(
                    {"id": 0, "accion": "entrar", "usuario": "clara", "clave": PASSWORD}
                )
            )
        one.send(f"/entrar {user} {PASSWORD}")
        if ana.ask("expulsar", alias=alias)["ok"]:
            assert one.to_the_end()[-1] == "Te han expulsado del chat. (expulsado)"
        one.close()
        counter("clara", source=ELSEWHERE)  # compared after all the others
        eventually(
            lambda: {alias, user}.isdisjoint(ana.ok("usuarios")["usuarios"]),
            "a ghost stays in the chat",
        )
        assert not ana.ok("privado", para=user, texto="hola")["entregado"]

    def test_lines_after_the_goodbye_are_ignored(
        self, program: OpenProgram, person: OpenPerson, user: str
    ) -> None:
        ana, aliases = program("ana"), []
        for turn in range(15):
            one = entered(person, user)
            aliases.append(new_alias("fantasma"))
            one.raw(
                f"/salir\n{aliases[-1]}\n".encode() if turn % 3 == 0 else b"/salir\n"
            )
            if turn % 3:
                one.raw(f"{aliases[-1]}\n".encode())
            assert one.to_the_end() == ["Hasta luego."]
        eventually(
            lambda: {user, *aliases}.isdisjoint(ana.ok("usuarios")["usuarios"]),
            "a ghost stays in the chat",
        )

    def test_a_private_message_to_a_client_that_hung_up_waits(
        self, program: OpenProgram, person: OpenPerson, user: str
    ) -> None:
        ana = program("ana")
        for turn in range(15):
            one = entered(person, user)
            if turn % 3 == 0:
                one.send(
                    *["/nada"] * 300
                )  # and leaves with lines that are still looked at
            one.close()
            ana.ok("privado", para=user, texto=f"carta {turn}")
            eventually(lambda: user not in ana.ok("usuarios")["usuarios"], "they leave")
            again = program()
            assert [
                it["texto"]
                for it in again.ok("entrar", usuario=user, clave=PASSWORD)["privados"]
            ] == [f"carta {turn}"]
            again.ok("salir")
            again.to_the_end()
            eventually(lambda: user not in ana.ok("usuarios")["usuarios"], "they leave")

    def test_entering_the_same_room_is_not_announced(
        self, program: OpenProgram, person: OpenPerson
    ) -> None:
        alias, watcher, listener = (
            new_alias(),
            person(new_alias()),
            program(alias=new_alias()),
        )
        one = person(alias)
        watcher.until(f"{alias} se ha unido")
        assert listener.event("presencia")["alias"] == alias
        assert one.asks("/sala general")[0] == "Estás en #general."
        assert watcher.heard() == []
        assert listener.told() == []


def test_one_sender_leaves_a_limited_number_of_messages(
    shop: RunningShop, program: OpenProgram, user: str
) -> None:
    ana, one = program("ana"), program(new_user(shop))
    for number in range(FROM_ONE):
        one.ok("privado", para=user, texto=f"insiste {number}")
    assert one.refused("privado", para=user, texto="y otra vez") == "buzon_lleno"
    ana.ok("privado", para=user, texto="importante")
    waited = [
        it["texto"]
        for it in program().ok("entrar", usuario=user, clave=PASSWORD)["privados"]
    ]
    assert waited == [
        *(f"insiste {number}" for number in range(FROM_ONE)),
        "importante",
    ]


class TestOrder:
    """Keeping order, and what stays of it."""

    def test_registros_have_the_origin_of_the_acting_connection(
        self, shop: RunningShop, program: OpenProgram, counter: OpenProgram
    ) -> None:
        first, second = program("ana"), program("ana", source=ELSEWHERE)
        at_the_counter, code = counter("ana", source=ELSEWHERE), shop.code()
        origins = []
        for one, word in (
            (first, "chat 127.0.0.1"),
            (second, f"chat {ELSEWHERE}"),
            (first, "chat 127.0.0.1"),
        ):
            alias = new_alias()
            program(alias=alias)
            one.ok("expulsar", alias=alias)
            one.ok("comprar", codigo_barras=code)
            origins += [word, word]
        at_the_counter.ok("comprar", codigo_barras=code)
        page = shop.ana.ok("GET", "/registros", params={"limite": 7})["datos"]
        assert [it["origen"] for it in reversed(page)] == [
            *origins,
            f"inventario {ELSEWHERE}",
        ]

    def test_a_deletion_by_an_administrator_is_announced_as_deleted(
        self, program: OpenProgram, person: OpenPerson
    ) -> None:
        alias, watcher = new_alias(), person(new_alias())
        one, ana = program(alias=alias), entered(person, "ana")
        seq = one.ok("mensaje", texto="algo feo")["seq"]
        ana.send(f"/borrar {seq}")
        assert watcher.until("Se borró")[-1] == f"Se borró el mensaje {seq} de {alias}."
        assert ana.asks("/historial 1")[-1].endswith(f"(mensaje borrado de {alias})")

    @pytest.mark.parametrize("by_user_name", [True, False])
    def test_a_user_under_another_alias_is_found_by_both_names(
        self, moderator: Program, program: OpenProgram, user: str, by_user_name: bool
    ) -> None:
        alias = new_alias("apodo")
        one = program(user)
        one.ok("nombre", alias=alias)
        first, second = (user, alias) if by_user_name else (alias, user)
        moderator.ok("silenciar", alias=first)
        assert one.refused("mensaje", texto="hola") == "silenciado"
        moderator.ok("desbloquear", alias=second)
        one.ok("mensaje", texto="hola")
        moderator.ok("expulsar", alias=first)
        assert json.loads(one.to_the_end()[-1]) == {
            "evento": "cierre",
            "motivo": "expulsado",
        }
        one = program(user)
        one.ok("nombre", alias=alias)
        moderator.ok("bloquear", alias=second)
        assert json.loads(one.to_the_end()[-1])["motivo"] == "bloqueado"
        moderator.ok("desbloquear", alias=user)
        program(user)

    def test_a_muted_member_is_told(
        self, moderator: Program, program: OpenProgram, person: OpenPerson, user: str
    ) -> None:
        typist, one = entered(person, user), program(user)
        moderator.ok("silenciar", alias=user, minutos=10)
        told = one.event("silencio")
        assert set(told) == {"evento", "segundos"}
        assert 590 < told["segundos"] <= 600
        assert (
            typist.until("Queda en silencio por")[-1]
            == "Queda en silencio por 10 min. (silenciado)"
        )
        moderator.ok("desbloquear", alias=user)
        assert one.event("silencio")["segundos"] == 0
        assert typist.until("Ya puede hablar.")

    def test_a_closed_client_is_told_the_code_of_the_reason(
        self, shop: RunningShop, moderator: Program, person: OpenPerson
    ) -> None:
        name = new_alias("persona")
        rut = shop.add("Alguien", name)["rut"]
        one = entered(person, name)
        moderator.ok("expulsar", alias=name)
        assert one.to_the_end()[-1] == "Te han expulsado del chat. (expulsado)"
        one = entered(person, name)
        moderator.ok("bloquear", alias=name)
        assert one.to_the_end()[-1] == "Estás bloqueado. (bloqueado)"
        moderator.ok("desbloquear", alias=name)
        for change, password in (
            ({"clave": PASSWORD * 2}, PASSWORD),
            ({"estado": "Inactivo"}, PASSWORD * 2),
        ):
            one = entered(person, name, password)
            shop.ana.ok("PUT", f"/users/{rut}", change)
            assert one.to_the_end()[-1].endswith(". (sesion_terminada)")
