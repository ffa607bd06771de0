"""Keeping order: who is sent out, silenced or shut out, for how long, and what stays of it."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.lines import Program, address, new_alias, own_address
from tests.harness.shop import RunningShop
from tests.servers.tcp.conftest import OpenPerson, OpenProgram

ELSEWHERE = "127.0.0.77"
"""Another address of this machine's loopback, as a guest's own."""


@pytest.fixture
def user(shop: RunningShop) -> str:
    """The user name of a new Cliente."""
    name = f"m{new_rut().replace('-', '')}"
    shop.add("Alguien", name)
    return name


@pytest.fixture
def moderator(program: OpenProgram) -> Iterator[Program]:
    """Ana in the chat; what she imposed is lifted when the test ends."""
    one = program("ana")
    yield one
    try:
        found = one.ok("sanciones")["sanciones"]
    except (OSError, EOFError):
        return
    for it in found:
        one.ask("desbloquear", alias=it["alias"])


def reason_of_the_end(one: Program) -> Any:
    found = json.loads(one.to_the_end()[-1])
    assert found["evento"] == "cierre"
    return found["motivo"]


MODERATION = {"expulsion", "silencio", "bloqueo", "desbloqueo", "mensaje_borrado"}


def records(shop: RunningShop, count: int) -> list[tuple[str, str]]:
    """The last registros of moderation: what was done, and to whom."""
    page = shop.ana.ok("GET", "/registros", params={"limite": 50})
    done = [(it["accion"], str(it["detalle"])) for it in reversed(page["datos"])]
    return [one for one in done if one[0] in MODERATION][-count:]


def test_a_kicked_member_is_told_and_may_come_back(
    shop: RunningShop, moderator: Program, person: OpenPerson, program: OpenProgram
) -> None:
    alias, watcher = new_alias(), person(new_alias())
    one = person(alias)
    moderator.ok("expulsar", alias=alias.upper())
    assert one.to_the_end()[-1] == "Te han expulsado del chat. (expulsado)"
    assert watcher.until(alias)[0] == f"{alias} se ha unido al chat."
    assert watcher.until(alias)[0] == f"{alias} ha salido del chat."
    other = program(alias=alias)
    moderator.ok("expulsar", alias=alias)
    assert reason_of_the_end(other) == "expulsado"
    assert all(alias in detail for _, detail in records(shop, 2))


def test_a_muted_member_hears_and_cannot_speak(
    moderator: Program, program: OpenProgram, user: str
) -> None:
    one, also = program(user), program(user)
    said = one.ok("mensaje", texto="antes")["seq"]
    assert moderator.ok("silenciar", alias=user, minutos=5)["minutos"] == 5
    for it in (one, also):
        answer = it.ask("mensaje", texto="ahora")
        assert answer["codigo"] == "silenciado"
        assert 0 < answer["segundos"] <= 300
    assert one.refused("privado", para="ana", texto="ahora") == "silenciado"
    assert one.refused("editar", seq=said, texto="ahora") == "silenciado"
    one.ok("borrar", seq=said)
    text = moderator.ok("mensaje", texto="se oye")
    assert one.event("mensaje")
    assert text["seq"] == said + 1
    moderator.ok("desbloquear", alias=user)
    one.ok("mensaje", texto="otra vez")


def test_a_guest_keeps_a_mute_under_another_alias_or_connection(
    moderator: Program, program: OpenProgram
) -> None:
    alias = new_alias()
    one = program(alias=alias)
    moderator.ok("silenciar", alias=alias)
    assert one.refused("nombre", alias=new_alias()) == "silenciado"
    one.ok("salir")
    one.to_the_end()
    assert program(alias=alias).refused("mensaje", texto="hola") == "silenciado"


def test_a_banned_user_cannot_come_back_until_it_is_lifted(
    moderator: Program, program: OpenProgram, counter: OpenProgram, user: str
) -> None:
    lines = [program(user), program(user)]
    moderator.ok("bloquear", alias=user)
    assert [reason_of_the_end(one) for one in lines] == ["bloqueado"] * 2
    assert program().refused("entrar", usuario=user, clave=PASSWORD) == "bloqueado"
    counter(user).ok("ver")
    assert {"alias": user, "estado": "bloqueado", "segundos": None} in moderator.ok(
        "sanciones"
    )["sanciones"]
    moderator.ok("desbloquear", alias=user)
    program(user).ok("mensaje", texto="gracias")
    assert moderator.refused("desbloquear", alias=user) == "no_encontrado"


def test_a_user_who_is_away_may_be_banned(
    moderator: Program, program: OpenProgram, user: str
) -> None:
    moderator.ok("bloquear", alias=user)
    assert program().refused("entrar", usuario=user, clave=PASSWORD) == "bloqueado"


def test_a_guest_is_banned_with_their_address(
    open_shop: OpenShop,
) -> None:
    server = open_shop(host="0.0.0.0", plain_login="si").server
    port = address(server.chat)[1]
    there, here = f"{own_address()}:{port}", f"127.0.0.1:{port}"
    with (
        Program(here) as ana,
        Program(there) as one,
        Program(there) as neighbour,
        Program(there) as user,
    ):
        ana.log_in("ana")
        user.log_in("clara")
        one.ok("nombre", alias="visita")
        neighbour.ok("nombre", alias="vecino")
        ana.ok("bloquear", alias="visita")
        assert reason_of_the_end(one) == reason_of_the_end(neighbour) == "bloqueado"
        user.ok("mensaje", texto="aqui sigo")
    with Program(there) as one, Program(here) as other:
        assert one.refused("nombre", alias="nuevo") == "bloqueado"
        assert other.refused("nombre", alias="visita") == "bloqueado"
        other.log_in("ana").ok("desbloquear", alias="visita")
        one.ok("nombre", alias="visita")


def test_a_guest_of_this_machine_is_banned_by_alias_only(
    moderator: Program, program: OpenProgram
) -> None:
    alias = new_alias()
    one, neighbour = program(alias=alias), program(alias=new_alias())
    moderator.ok("bloquear", alias=alias)
    assert reason_of_the_end(one) == "bloqueado"
    assert program().refused("nombre", alias=alias) == "bloqueado"
    neighbour.ok("mensaje", texto="aqui sigo")


@pytest.mark.parametrize("written", [ELSEWHERE, f"::ffff:{ELSEWHERE}"])
def test_an_address_may_be_banned(
    moderator: Program, program: OpenProgram, written: str
) -> None:
    one = program(alias=new_alias(), source=ELSEWHERE)
    moderator.ok("bloquear", alias=written)
    assert reason_of_the_end(one) == "bloqueado"
    assert program(source=ELSEWHERE).refused("nombre", alias=new_alias()) == "bloqueado"
    moderator.ok("desbloquear", alias=ELSEWHERE)
    program(alias=new_alias(), source=ELSEWHERE)


def test_a_network_may_be_banned(open_shop: OpenShop) -> None:
    server = open_shop(host="0.0.0.0").server
    port = address(server.chat)[1]
    there, here = f"{own_address()}:{port}", f"127.0.0.1:{port}"
    network = str(ip_network(f"{own_address()}/20", strict=False))
    with Program(here) as ana, Program(there) as guest, Program(here) as local:
        ana.log_in("ana")
        guest.ok("nombre", alias="visita")
        local.ok("nombre", alias="vecino")
        assert ana.ok("bloquear", alias=f"{own_address()}/20")["alias"] == network
        assert reason_of_the_end(guest) == "bloqueado"
        local.ok("mensaje", texto="aqui sigo")
        with Program(there) as back:
            assert back.refused("nombre", alias="otra") == "bloqueado"
        ana.ok("desbloquear", alias=network)
        with Program(there) as back:
            back.ok("nombre", alias="otra")


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "127.0.0.0/16"])
def test_nobody_shuts_out_the_world_or_this_machine(
    moderator: Program, network: str
) -> None:
    assert moderator.refused("bloquear", alias=network) == "datos_invalidos"


def test_nobody_kicks_themselves(moderator: Program) -> None:
    for accion in ("expulsar", "silenciar", "bloquear"):
        assert moderator.refused(accion, alias="ana") == "sin_permiso"


def test_sanctions_survive_a_restart_and_are_recorded(
    shop: RunningShop, program: OpenProgram, user: str
) -> None:
    other = f"m{new_rut().replace('-', '')}"
    shop.add("Otro", other)
    with Program(shop.server.chat) as ana:
        ana.log_in("ana").ok("bloquear", alias=user)
        ana.ok("silenciar", alias=other, minutos=43_200)
        ana.ok("bloquear", alias=ELSEWHERE)
    shop.restart(kill=True)
    assert program().refused("entrar", usuario=user, clave=PASSWORD) == "bloqueado"
    answer = program(other).ask("mensaje", texto="hola")
    assert answer["codigo"] == "silenciado"
    assert 43_199 * 60 - 600 < answer["segundos"] <= 43_200 * 60
    assert program(source=ELSEWHERE).refused("nombre", alias=new_alias()) == "bloqueado"
    done = records(shop, 3)
    assert [
        name in detail
        for (_, detail), name in zip(done, (user, other, ELSEWHERE), strict=True)
    ] == [True] * 3
    with Program(shop.server.chat) as ana:
        ana.log_in("ana")
        for name in (user, other, ELSEWHERE):
            ana.ok("desbloquear", alias=name)
    shop.restart(kill=True)
    program(user).ok("mensaje", texto="gracias")
    program(other).ok("mensaje", texto="gracias")


def test_an_administrator_deletes_and_cannot_edit_messages_of_others(
    shop: RunningShop, moderator: Program, program: OpenProgram
) -> None:
    alias, beto = new_alias(), program("beto")
    one = program(alias=alias)
    seq = one.ok("mensaje", texto="algo feo")["seq"]
    assert beto.refused("borrar", seq=seq) == "sin_permiso"
    assert moderator.refused("editar", seq=seq, texto="algo lindo") == "sin_permiso"
    moderator.ok("borrar", seq=seq)
    changed = beto.event("mensaje")
    while not changed["borrado"]:
        changed = beto.event("mensaje")
    assert (changed["seq"], changed["texto"]) == (seq, "")
    ((_, detail),) = records(shop, 1)
    assert alias in detail
    assert "algo feo" not in detail


def test_a_moderator_sees_who_is_connected_and_from_where(
    moderator: Program, program: OpenProgram
) -> None:
    alias = new_alias()
    guest, clerk = program(alias=alias, source=ELSEWHERE), program("beto")
    rows = moderator.ok("usuarios")["conexiones"]
    (row,) = [row for row in rows if row["alias"] == alias]
    assert row == {"alias": alias, "sala": "general", "direccion": ELSEWHERE}
    assert "conexiones" not in clerk.ok("usuarios")
    assert "conexiones" not in guest.ok("usuarios")
