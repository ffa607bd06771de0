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
    """A user in the room where everybody is, past the greeting."""
    user = person()
    user.exactly(PROMPT)
    user.send(f"/entrar {username} {password}")
    assert user.line().startswith("Hola, ")
    user.send("/sala general")
    user.heard()
    return user


def answered(client: Program, request_id: str) -> bool:
    """Read up to an answer; return whether it says yes."""
    while (answer := json.loads(client.line())).get("id") != request_id:
        pass
    return bool(answer["ok"])


def login_line(request_id: int | str, username: str) -> str:
    """What a program sends to log in."""
    request = {
        "id": request_id,
        "accion": "entrar",
        "usuario": username,
        "clave": PASSWORD,
    }
    return json.dumps(request)


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
        queue = [counter(source=f"127.0.0.{number + 20}") for number in range(QUEUE)]
        client = program()
        for waiting in queue[: QUEUE // 2]:
            waiting.send(login_line(0, "clara"))
        with ThreadPoolExecutor(1) as pool:
            changed = pool.submit(shop.ana.put, f"/users/{rut}", json=change)
            for waiting in queue[QUEUE // 2 :]:
                waiting.send(login_line(0, "clara"))
            client.send(login_line("mio", name))
            assert changed.result().is_success

        # Compared after all the others: what was decided before has been told.
        program().log_in("clara")
        codes = []
        try:
            if answered(client, "mio"):
                codes.append(client.refused("sanciones"))
        except (EOFError, ConnectionError):
            pass  # it came in before the change, which ended it
        assert codes == (["sin_permiso"] if "tipo" in change else [])

    def test_a_typed_password_is_the_same_as_by_http(
        self, shop: RunningShop, person: OpenPerson, user: str
    ) -> None:
        password = "  dos  espacios n\u0303andu"
        users = shop.ana.all("/users")
        (rut,) = [listed["rut"] for listed in users if listed["usuario"] == user]
        for typed in (password.strip(), "\u00f1and\u00fa \u200dclave"):
            shop.ana.ok("PUT", f"/users/{rut}", {"clave": typed})
            assert shop.login(user, typed).status_code == 200
            entered(person, user, f'"{typed}"')

    def test_a_login_without_its_slash_is_not_said_in_the_room(
        self, person: OpenPerson, user: str
    ) -> None:
        listener, typist = person(new_alias()), person(new_alias())
        for word in ("entrar", "LOGIN"):
            typist.send(f"{word} {user} {PASSWORD}")
            typist.until(f"Hola, {user}. ")
        typist.asks("hola")
        lines = listener.until(f"{user}: hola") + listener.asks("/historial")
        assert not any(PASSWORD in line for line in lines)


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
        guest = person(alias)
        queue = [counter(source=f"127.0.0.{number + 20}") for number in range(QUEUE)]
        for waiting in queue:
            waiting.send(login_line(0, "clara"))
        guest.send(f"/entrar {user} {PASSWORD}")
        if ana.ask("expulsar", alias=alias)["ok"]:
            assert guest.to_the_end()[-1] == "Te han expulsado del chat. (expulsado)"
        guest.close()
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
            client = entered(person, user)
            alias = new_alias("fantasma")
            aliases.append(alias)
            if turn % 3 == 0:
                client.raw(f"/salir\n{alias}\n".encode())
            else:
                client.raw(b"/salir\n")
                client.raw(f"{alias}\n".encode())
            assert client.to_the_end() == ["Hasta luego."]
        eventually(
            lambda: {user, *aliases}.isdisjoint(ana.ok("usuarios")["usuarios"]),
            "a ghost stays in the chat",
        )

    def test_a_private_message_to_a_client_that_hung_up_waits(
        self, program: OpenProgram, person: OpenPerson, user: str
    ) -> None:
        ana = program("ana")
        for turn in range(15):
            client = entered(person, user)
            if turn % 3 == 0:
                # It leaves with lines that are still looked at.
                client.send(*["/nada"] * 300)
            client.close()
            ana.ok("privado", para=user, texto=f"carta {turn}")
            eventually(lambda: user not in ana.ok("usuarios")["usuarios"], "they leave")
            again = program()
            welcome = again.ok("entrar", usuario=user, clave=PASSWORD)
            texts = [message["texto"] for message in welcome["privados"]]
            assert texts == [f"carta {turn}"]
            again.ok("salir")
            again.to_the_end()
            eventually(lambda: user not in ana.ok("usuarios")["usuarios"], "they leave")

    def test_entering_the_same_room_is_not_announced(
        self, program: OpenProgram, person: OpenPerson
    ) -> None:
        alias = new_alias()
        watcher, listener = person(new_alias()), program(alias=new_alias())
        member = person(alias)
        watcher.until(f"{alias} se ha unido")
        assert listener.event("presencia")["alias"] == alias
        assert member.asks("/sala general")[0] == "Estás en #general."
        assert watcher.heard() == []
        assert listener.told() == []
