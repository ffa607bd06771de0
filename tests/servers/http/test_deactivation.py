"""Users who are locked out, and the last Administrador, who is not."""

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT
from tests.harness.http import Caller, refused
from tests.harness.shop import RunningShop


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose Administrador may be put at risk."""
    return open_shop()


class TestDeactivating:
    """``DELETE /users/<rut>`` and ``estado``."""

    @pytest.mark.parametrize("way", ["DELETE", "PUT"])
    def test_a_deactivated_user_loses_every_session_and_cannot_log_in(
        self, shop: RunningShop, way: str
    ) -> None:
        user, caller = shop.somebody("Cajero")
        session = shop.login(user["usuario"]).json()
        sale = caller.ok(
            "POST",
            "/ventas-detalle",
            {"detalle": [{"codigo_barras": shop.code(), "cantidad": 1}]},
        )
        path = f"/users/{user['rut']}"
        gone = shop.ana.ok(way, path, {"estado": "Inactivo"} if way == "PUT" else None)
        assert gone == user | {"estado": "Inactivo"}
        refused(caller.get("/tienda"), 401, "no_autenticado")
        refused(shop.caller(session["token"]).get("/tienda"), 401, "no_autenticado")
        again = {"token_refresco": session["token_refresco"]}
        refused(shop.nobody.post("/token/refresco", json=again), 401, "no_autenticado")
        refused(shop.login(user["usuario"]), 401, "credenciales_invalidas")
        refused(shop.login(user["rut"]), 401, "credenciales_invalidas")
        assert (
            shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")["vendedor"]["rut"]
            == user["rut"]
        )
        assert shop.ana.ok("DELETE", path) == gone

        assert shop.ana.ok("PUT", path, {"estado": "Activo"}) == user
        refused(caller.get("/tienda"), 401, "no_autenticado")
        assert shop.login(user["usuario"]).status_code == 200

    def test_only_an_administrador_deactivates_users(self, shop: RunningShop) -> None:
        for caller in (shop.beto, shop.clara):
            for rut in (CLARA_RUT, BETO_RUT, ANA_RUT):
                refused(caller.delete(f"/users/{rut}"), 403, "sin_permiso")


class TestTheLastAdministrador:
    """The shop always keeps one."""

    def attempts(self, caller: Caller) -> list[httpx.Response]:
        path = f"/users/{ANA_RUT}"
        return [
            caller.delete(path),
            caller.put(path, json={"estado": "Inactivo"}),
            caller.put(path, json={"tipo": "Cajero"}),
            caller.put(path, json={"tipo": "Cliente", "nombre": "X"}),
            caller.put(path, json={"estado": "Inactivo", "tipo": "Administrador"}),
        ]

    def test_the_last_administrador_cannot_be_deactivated_or_demoted(
        self, own: RunningShop
    ) -> None:
        for answer in self.attempts(own.ana):
            refused(answer, 409, "ultimo_administrador")
        assert own.ana.ok("GET", f"/users/{ANA_RUT}")["nombre"] == "Administrador"

    def test_an_inactive_or_demoted_administrador_does_not_count(
        self, own: RunningShop
    ) -> None:
        user, other = own.somebody("Administrador")
        own.ana.ok("DELETE", f"/users/{user['rut']}")
        for answer in self.attempts(own.ana):
            refused(answer, 409, "ultimo_administrador")
        own.ana.ok(
            "PUT", f"/users/{user['rut']}", {"estado": "Activo", "tipo": "Cajero"}
        )
        for answer in self.attempts(own.ana):
            refused(answer, 409, "ultimo_administrador")
        refused(other.get("/tienda"), 401, "no_autenticado")

    def test_of_two_administradores_one_may_go(self, own: RunningShop) -> None:
        user, other = own.somebody("Administrador")
        assert (
            other.ok("PUT", f"/users/{ANA_RUT}", {"tipo": "Cajero"})["tipo"] == "Cajero"
        )
        refused(own.ana.get("/users"), 403, "sin_permiso")
        refused(other.delete(f"/users/{user['rut']}"), 409, "ultimo_administrador")
        assert (
            other.ok("PUT", f"/users/{ANA_RUT}", {"tipo": "Administrador"})["tipo"]
            == "Administrador"
        )
        assert own.ana.ok("DELETE", f"/users/{user['rut']}")["estado"] == "Inactivo"
