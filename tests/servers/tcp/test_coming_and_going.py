"""Passwords, and what happens while they are compared; and whoever is gone is gone."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import PROMPT, Person, Program, new_alias
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

ELSEWHERE = "127.0.0.9"
"""Another address of this machine's loopback."""
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
    name = new_alias("persona")
    shop.add("Alguien", name)
    return name


def entered(person: OpenPerson, username: str, password: str = PASSWORD) -> Person:
    """A user in the chat, past the greeting."""
    user = person()
    user.exactly(PROMPT)
    user.send(f"/entrar {username} {password}")
    assert user.line().startswith("Hola, ")
    user.heard()
    return user


def answered(one: Program, request_id: str) -> bool:
    """Read up to an answer; return whether it says yes."""
    while (found := json.loads(one.line())).get("id") != request_id:
        pass
    return bool(found["ok"])


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
