"""``/users``: who may see whom, and who may change what of whom."""

from typing import Any

import pytest
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop


class TestReading:
    """``GET /users`` and ``GET /users/<rut>``."""

    def test_everybody_reads_their_own_user(self, shop: RunningShop) -> None:
        for caller, rut in (
            (shop.ana, ANA_RUT),
            (shop.beto, BETO_RUT),
            (shop.clara, CLARA_RUT),
        ):
            assert caller.ok("GET", f"/users/{rut}")["rut"] == rut
            assert caller.ok("GET", f"/users/{rut.replace('-', '')}")["rut"] == rut

    def test_a_cajero_reads_clientes_and_no_other_staff(
        self, shop: RunningShop
    ) -> None:
        assert shop.beto.ok("GET", f"/users/{CLARA_RUT}")["nombre"] == "Clara"
        refused(shop.beto.get(f"/users/{ANA_RUT}"), 403, "sin_permiso")
        refused(shop.beto.get("/users"), 403, "sin_permiso")

    def test_a_cliente_is_not_told_whether_another_user_exists(
        self, shop: RunningShop
    ) -> None:
        for rut in (BETO_RUT, new_rut(), "x", "11111111-2"):
            refused(shop.clara.get(f"/users/{rut}"), 403, "sin_permiso")
        refused(shop.clara.get("/users"), 403, "sin_permiso")

    @pytest.mark.parametrize(
        "rut", ["44444444-4", "11111111-2", "x", "%00", "%FF", "9" * 50]
    )
    def test_a_rut_without_a_user_is_not_found(
        self, shop: RunningShop, rut: str
    ) -> None:
        for caller in (shop.ana, shop.beto):
            refused(caller.get(f"/users/{rut}"), 404, "no_encontrado")
        refused(shop.ana.put(f"/users/{rut}", json={}), 404, "no_encontrado")
        refused(shop.ana.delete(f"/users/{rut}"), 404, "no_encontrado")

    def test_users_are_found_by_name_mail_rut_and_role(self, shop: RunningShop) -> None:
        rut = new_rut()
        body = {
            "rut": rut,
            "nombre": "Zulema Único",
            "usuario": f"u{rut}",
            "clave": PASSWORD,
            "correo": "zulema@ejemplo.cl",
            "tipo": "Cajero",
        }
        shop.ana.ok("POST", "/register", body)
        for text in ("zulema", "ZULEMA ejemplo", body["usuario"], body["rut"]):
            users = shop.ana.all("/users", q=text)
            assert [user["rut"] for user in users] == [body["rut"]], text
        assert [
            user["rut"] for user in shop.ana.all("/users", q="zulema", tipo="Cajero")
        ] == [body["rut"]]
        assert shop.ana.all("/users", q="zulema", tipo="Cliente") == []
        unfit(shop.ana.get("/users", params={"tipo": "Jefe"}), "tipo")


class TestChanging:
    """``PUT /users/<rut>``."""

    def test_an_administrador_changes_every_field_of_any_user(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        path = f"/users/{user['rut']}"
        change = {
            "nombre": "Nuevo",
            "correo": "n@n.cl",
            "usuario": f"nuevo{user['rut']}",
            "tipo": "Cajero",
            "verificado": False,
        }
        assert shop.ana.ok("PUT", path, change) == user | change
        assert shop.ana.ok("PUT", path, {"correo": None})["correo"] is None
        assert shop.ana.ok("PUT", path, {"correo": ""})["correo"] is None

    def test_users_change_only_their_own_name_mail_and_password(
        self, shop: RunningShop
    ) -> None:
        for tipo in ("Cajero", "Cliente"):
            user, caller = shop.somebody(tipo)
            path = f"/users/{user['rut']}"
            own = {"nombre": "Yo", "correo": "yo@yo.cl", "clave_actual": PASSWORD}
            assert caller.ok("PUT", path, own)["nombre"] == "Yo"
            for change in (
                {"tipo": "Administrador"},
                {"estado": "Inactivo"},
                {"verificado": True},
                {"usuario": f"otro{user['rut']}"},
                {"nombre": "Z", "tipo": "Cliente"},
            ):
                refused(caller.put(path, json=change), 403, "sin_permiso")
            assert caller.ok("GET", path)["nombre"] == "Yo"

    def test_a_cajero_changes_only_whether_a_cliente_is_verified(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        path = f"/users/{user['rut']}"
        assert shop.beto.ok("PUT", path, {"verificado": False})["verificado"] is False
        for change in (
            {"nombre": "X"},
            {"clave": PASSWORD},
            {"verificado": True, "tipo": "Cajero"},
        ):
            refused(shop.beto.put(path, json=change), 403, "sin_permiso")
        refused(
            shop.beto.put(f"/users/{ANA_RUT}", json={"verificado": False}),
            403,
            "sin_permiso",
        )

    def test_a_cliente_changes_nobody_else(self, shop: RunningShop) -> None:
        for rut in (ANA_RUT, BETO_RUT, new_rut()):
            refused(
                shop.clara.put(f"/users/{rut}", json={"verificado": True}),
                403,
                "sin_permiso",
            )

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"nombre": ""}, "nombre"),
            ({"correo": "x"}, "correo"),
            ({"usuario": "a b"}, "usuario"),
            ({"usuario": BETO_RUT}, "usuario"),
            ({"clave": "corta"}, "clave"),
            ({"clave": "password"}, "clave"),
            ({"clave": "otro nombre 1", "nombre": "Otro Nombre"}, "clave"),
            ({"tipo": "Jefe"}, "tipo"),
            ({"estado": "Borrado"}, "estado"),
            ({"rut": "1-9"}, "rut"),
            ({"nombre": None}, "nombre"),
        ],
    )
    def test_a_refused_change_changes_nothing(
        self, shop: RunningShop, change: dict[str, Any], field: str
    ) -> None:
        user, _ = shop.somebody()
        unfit(
            shop.ana.put(f"/users/{user['rut']}", json={"verificado": False} | change),
            field,
        )
        assert shop.ana.ok("GET", f"/users/{user['rut']}") == user

    def test_a_user_name_stays_unique(self, shop: RunningShop) -> None:
        user, _ = shop.somebody()
        refused(
            shop.ana.put(f"/users/{user['rut']}", json={"usuario": "BETO"}),
            409,
            "ya_existe",
        )

    @pytest.mark.parametrize("tipo", ["Administrador", "Cajero", "Cliente"])
    @pytest.mark.parametrize("change", [{"clave": "otra-clave"}, {"correo": "y@y.cl"}])
    def test_users_prove_their_current_password_to_change_what_leads_into_their_account(
        self, shop: RunningShop, tipo: str, change: dict[str, str]
    ) -> None:
        user, caller = shop.somebody(tipo)
        path = f"/users/{user['rut']}"
        for wrong in ({}, {"clave_actual": "mala-mala"}, {"clave_actual": ""}):
            unfit(caller.put(path, json=change | wrong), "clave_actual")
        assert caller.ok("GET", path) == user
        assert shop.login(user["usuario"]).status_code == 200

        caller.ok("PUT", path, change | {"clave_actual": PASSWORD})
        password = change.get("clave", PASSWORD)
        assert shop.login(user["usuario"], password).status_code == 200
        if "clave" in change:
            refused(shop.login(user["usuario"]), 401, "credenciales_invalidas")
        shop.ana.ok("DELETE", path)

    def test_a_mail_that_stays_and_a_name_need_no_password(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        same = {"nombre": "Otro nombre", "correo": user["correo"]}
        assert caller.ok("PUT", f"/users/{user['rut']}", same) == user | same

    def test_an_administrador_changes_the_password_of_another_without_a_proof(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        change = {"clave": "otra-clave", "correo": "x@x.cl"}
        shop.ana.ok("PUT", f"/users/{user['rut']}", change)
        assert shop.login(user["usuario"], "otra-clave").status_code == 200

    def test_a_change_of_a_stale_version_is_refused(self, shop: RunningShop) -> None:
        user, _ = shop.somebody()
        path = f"/users/{user['rut']}"
        seen = shop.ana.get(path).headers["etag"]
        first = shop.ana.put(path, json={"nombre": "Uno"}, headers={"If-Match": seen})
        assert (first.status_code, first.headers["etag"]) == (
            200,
            shop.ana.get(path).headers["etag"],
        )
        stale = {"If-Match": seen}
        refused(
            shop.ana.put(path, json={"nombre": "Dos"}, headers=stale),
            412,
            "version_cambiada",
        )
        refused(shop.ana.delete(path, headers=stale), 412, "version_cambiada")
        assert shop.ana.ok("GET", path)["nombre"] == "Uno"
        assert shop.ana.ok("GET", path)["estado"] == "Activo"
        assert (
            shop.ana.put(
                path, json={}, headers={"If-Match": first.headers["etag"]}
            ).status_code
            == 200
        )


def test_a_new_role_holds_from_the_next_call(shop: RunningShop) -> None:
    user, caller = shop.somebody()
    refused(caller.get("/registros"), 403, "sin_permiso")
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Administrador"})
    assert caller.get("/registros").status_code == 200
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cajero"})
    refused(caller.get("/registros"), 403, "sin_permiso")
