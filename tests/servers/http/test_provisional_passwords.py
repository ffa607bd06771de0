"""A provisional password: good for coming in, and for nothing but being changed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.harness import api_keys
from tests.harness.cast import PASSWORD
from tests.harness.http import refused, unfit
from tests.harness.lines import PROMPT, Person, Program, code_of
from tests.harness.login import refresh
from tests.harness.server import Server
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import Client, MustChangePassword
from trastienda.servers.http.app import ROUTES


@pytest.fixture
def provisional(shop: RunningShop) -> tuple[dict[str, Any], Any]:
    """A new Administrador with a provisional password, and their session."""
    user, _ = shop.somebody("Administrador")
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"debe_cambiar": True})
    session = shop.login(user["usuario"]).json()
    assert session["debe_cambiar"] is True
    return user, session


def test_a_password_that_was_set_is_not_provisional(shop: RunningShop) -> None:
    assert shop.login("ana").json()["debe_cambiar"] is False
    user, _ = shop.somebody()
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"clave": "otra-clave"})
    assert shop.login(user["usuario"], "otra-clave").json()["debe_cambiar"] is False


def test_with_a_provisional_password_nothing_is_done_but_changing_it(
    shop: RunningShop, provisional: tuple[dict[str, Any], Any]
) -> None:
    user, session = provisional
    caller = shop.caller(session["token"])
    own = f"/users/{user['rut']}"
    closed = [route for route in ROUTES if route.guarded and route.bearer == "early"]
    for route in closed:
        path = re.sub(r"{\w+}", "1", route.path).replace("/users/1", own)
        refused(caller.request(route.method, path, json={}), 403, "cambiar_clave")
    for path, change in (
        (own, {"nombre": "Otro"}),
        (own, {"debe_cambiar": False}),
        ("/users/22222222-2", {"clave": "otra-clave", "clave_actual": PASSWORD}),
    ):
        refused(caller.put(path, json=change), 403, "cambiar_clave")

    unfit(caller.put(own, json={"clave": "otra-clave"}), "clave_actual")
    same = {"clave": PASSWORD, "clave_actual": PASSWORD}
    unfit(caller.put(own, json=same), "clave")
    renewed = refresh(shop, session["token_refresco"]).json()
    assert renewed["debe_cambiar"] is True

    changed = {"clave": "otra-clave", "clave_actual": PASSWORD}
    assert caller.ok("PUT", own, changed) == user
    opened = shop.login(user["usuario"], "otra-clave").json()
    assert opened["debe_cambiar"] is False
    assert shop.caller(opened["token"]).get("/tienda").status_code == 200
    shop.ana.ok("DELETE", own)


def test_with_a_provisional_password_one_may_leave(
    shop: RunningShop, provisional: tuple[dict[str, Any], Any]
) -> None:
    user, session = provisional
    caller = shop.caller(session["token"])
    assert caller.post("/logout").status_code == 204
    refused(caller.get("/tienda"), 401, "no_autenticado")
    shop.ana.ok("DELETE", f"/users/{user['rut']}")


def test_who_is_in_already_has_to_change_a_password_that_became_provisional(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody()
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"debe_cambiar": True})
    refused(caller.get("/tienda"), 403, "cambiar_clave")


def test_who_is_in_at_the_line_ports_is_put_out_as_the_password_becomes_provisional(
    shop: RunningShop,
) -> None:
    user, _ = shop.somebody()
    with (
        Person(shop.server.chat) as person,
        Program(shop.server.chat) as talker,
        Program(shop.server.inventory, prompt=False) as buyer,
    ):
        person.exactly(PROMPT)
        person.send(f"/entrar {user['usuario']} {PASSWORD}")
        person.until(lambda line: line.startswith("Hola, "))
        for program in (talker, buyer):
            program.log_in(user["usuario"])
        shop.ana.ok("PUT", f"/users/{user['rut']}", {"debe_cambiar": True})

        assert code_of(person.to_the_end()[-1]) == "cambiar_clave"
        for program in (talker, buyer):
            closing = json.loads(program.to_the_end()[-1])
            assert closing["evento"] == "cierre"
            assert closing["motivo"] == "cambiar_clave"
    shop.ana.ok("DELETE", f"/users/{user['rut']}")


def test_a_key_waits_until_its_maker_has_changed_a_provisional_password(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody("Administrador")
    own = f"/users/{user['rut']}"
    made = api_keys.make(shop, "Cliente", by=caller)
    site = shop.caller(made["llave"])
    assert site.get("/tienda").status_code == 200

    shop.ana.ok("PUT", own, {"debe_cambiar": True})
    refused(site.get("/tienda"), 403, "cambiar_clave")
    caller.ok("PUT", own, {"clave": "otra-clave", "clave_actual": PASSWORD})
    assert site.get("/tienda").status_code == 200
    shop.ana.ok("DELETE", own)


def test_only_an_administrador_makes_a_password_provisional(shop: RunningShop) -> None:
    user, caller = shop.somebody("Cajero")
    change = {"debe_cambiar": True}
    refused(caller.put(f"/users/{user['rut']}", json=change), 403, "sin_permiso")
    refused(shop.beto.put("/users/33333333-3", json=change), 403, "sin_permiso")


def test_nobody_makes_their_own_password_provisional(shop: RunningShop) -> None:
    user, caller = shop.somebody("Administrador")
    own = f"/users/{user['rut']}"
    change = {"clave": "otra-clave", "clave_actual": PASSWORD, "debe_cambiar": True}
    unfit(caller.put(own, json=change), "debe_cambiar")
    unfit(caller.put(own, json={"debe_cambiar": True}), "debe_cambiar")
    assert shop.login(user["usuario"]).json()["debe_cambiar"] is False
    caller.ok("PUT", own, {"debe_cambiar": False})
    shop.ana.ok("DELETE", own)


def test_a_provisional_password_does_not_let_in_at_a_line_port(
    shop: RunningShop, provisional: tuple[dict[str, Any], Any]
) -> None:
    user, _ = provisional
    with Program(shop.server.chat) as program:
        refusal = program.refused("entrar", usuario=user["usuario"], clave=PASSWORD)
    assert refusal == "cambiar_clave"
    shop.ana.ok("DELETE", f"/users/{user['rut']}")


def test_the_first_password_of_a_shop_has_to_be_changed(tmp_path: Path) -> None:
    with Server(tmp_path / "data", admin_password=None) as server:
        printed = re.search(r"usuario +(\S+)\n +clave +(\S+)", server.output)
        assert printed is not None
        username, password = printed.groups()
        assert "trastienda user password" in server.output
        with Client(server.url) as client:
            me = client.log_in(username, password)
            with pytest.raises(MustChangePassword):
                client.details()
            client.change_user(me.rut, clave="la-de-ana-sola", clave_actual=password)
            client.log_in(username, "la-de-ana-sola")
            assert client.details().moneda == "CLP"
