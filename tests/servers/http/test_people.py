"""``/register`` and ``/users``: who may have an account, who may change what of whom, and the last administrator."""

from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD, new_rut
from tests.harness.http import Caller, refused, unfit
from tests.harness.shop import RunningShop


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose Administrador may be put at risk."""
    return open_shop()


def form(**fields: Any) -> dict[str, Any]:
    """What somebody fills in to register."""
    rut = new_rut()
    return {
        "rut": rut,
        "nombre": "Alguien",
        "usuario": f"u{rut}",
        "clave": "12345678",
    } | fields


class TestRegistering:
    """``POST /register``."""

    def test_anyone_becomes_an_unverified_cliente(self, shop: RunningShop) -> None:
        body = form(correo="a@b.cl")
        answer = shop.nobody.post("/register", json=body)
        assert answer.status_code == 201
        user = answer.json()
        assert user.pop("creado")
        assert user == {
            "rut": body["rut"],
            "nombre": "Alguien",
            "correo": "a@b.cl",
            "usuario": body["usuario"],
            "tipo": "Cliente",
            "estado": "Activo",
            "verificado": False,
        }

    @pytest.mark.parametrize("tipo", ["Administrador", "Cajero"])
    def test_only_an_administrador_makes_staff(
        self, shop: RunningShop, tipo: str
    ) -> None:
        for caller in (shop.nobody, shop.clara, shop.beto):
            refused(caller.post("/register", json=form(tipo=tipo)), 403, "sin_permiso")
        made = shop.ana.post("/register", json=form(tipo=tipo))
        assert made.status_code == 201
        assert (made.json()["tipo"], made.json()["verificado"]) == (tipo, True)

    def test_whom_an_administrador_registers_is_verified(
        self, shop: RunningShop
    ) -> None:
        assert shop.ana.post("/register", json=form()).json()["verificado"] is True
        assert shop.nobody.post("/register", json=form()).json()["verificado"] is False

    @pytest.mark.parametrize(
        "spell",
        [
            str,
            lambda rut: rut.replace("-", ""),
            lambda rut: f"{rut[:2]}.{rut[2:5]}.{rut[5:]}",
            " {} ".format,
        ],
    )
    def test_a_rut_is_taken_in_any_spelling_and_kept_in_one(
        self, shop: RunningShop, spell: Any
    ) -> None:
        rut = new_rut()
        assert shop.nobody.ok("POST", "/register", form(rut=spell(rut)))["rut"] == rut
        refused(shop.nobody.post("/register", json=form(rut=rut)), 409, "ya_existe")

    def test_the_letter_is_kept_upper_case(self, shop: RunningShop) -> None:
        assert (
            shop.nobody.ok("POST", "/register", form(rut="20.000.003-k"))["rut"]
            == "20000003-K"
        )
        assert shop.ana.ok("GET", "/users/20000003k")["rut"] == "20000003-K"

    def test_a_rut_and_a_user_name_are_taken_once(self, shop: RunningShop) -> None:
        body = form(usuario=f"Pepe{new_rut()}")
        shop.nobody.ok("POST", "/register", body)
        told = refused(
            shop.nobody.post("/register", json=form(rut=body["rut"])), 409, "ya_existe"
        )
        assert told["campo"] == "rut"
        for name in (body["usuario"], body["usuario"].upper(), f" {body['usuario']} "):
            told = refused(
                shop.nobody.post("/register", json=form(usuario=name)), 409, "ya_existe"
            )
            assert told["campo"] == "usuario"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("rut", ""),
            ("rut", "11111111-2"),
            ("rut", "0-0"),
            ("rut", "1234567890-1"),
            ("rut", "11.11.1111-1"),
            ("rut", "1-9\x00"),
            ("rut", "\uff11-9"),
            ("rut", 19),
            ("nombre", ""),
            ("nombre", "x" * 201),
            ("nombre", "a\u0007"),
            ("usuario", ""),
            ("usuario", "con espacio"),
            ("usuario", "x" * 65),
            ("usuario", "a/b"),
            ("usuario", "a\x00"),
            ("usuario", BETO_RUT),
            ("usuario", "22222222-2"),
            ("usuario", "222222222"),
            ("clave", "1234567"),
            ("clave", "x" * 257),
            ("clave", None),
            ("correo", "nada"),
            ("correo", "a b@c"),
            ("correo", "a@" + "b" * 260),
            ("tipo", "Jefe"),
            ("tipo", "cliente"),
            ("verificado", True),
            ("estado", "Activo"),
            ("password", "12345678"),
        ],
    )
    def test_each_unfit_value_is_named(
        self, shop: RunningShop, field: str, value: Any
    ) -> None:
        unfit(shop.nobody.post("/register", json=form(**{field: value})), field)

    @pytest.mark.parametrize("missing", ["rut", "nombre", "usuario", "clave"])
    def test_each_of_the_four_is_needed(self, shop: RunningShop, missing: str) -> None:
        body = form()
        del body[missing]
        unfit(shop.nobody.post("/register", json=body), missing)

    def test_a_password_in_any_script_opens_the_door(self, shop: RunningShop) -> None:
        body = form(clave="contraseña 密码 🔑")
        shop.nobody.ok("POST", "/register", body)
        assert shop.login(body["usuario"], body["clave"]).status_code == 200

    def test_no_answer_and_no_registro_ever_holds_a_password(
        self, shop: RunningShop
    ) -> None:
        body = form(clave="muy-secreta-1")
        answer = shop.ana.post("/register", json=body)
        shop.ana.ok("PUT", f"/users/{body['rut']}", {"clave": "muy-secreta-2"})
        told = (
            answer.text
            + shop.ana.get("/registros").text
            + shop.ana.get("/users").text
            + shop.server.log
        )
        assert "muy-secreta" not in told
        assert "argon2" not in told

    def test_a_bad_token_is_not_ignored(self, shop: RunningShop) -> None:
        refused(
            shop.caller("basura").post("/register", json=form()), 401, "no_autenticado"
        )


class TestReading:
    """``GET /users`` and ``GET /users/<rut>``."""

    def test_everybody_reads_oneself(self, shop: RunningShop) -> None:
        for caller, rut in (
            (shop.ana, ANA_RUT),
            (shop.beto, BETO_RUT),
            (shop.clara, CLARA_RUT),
        ):
            assert caller.ok("GET", f"/users/{rut}")["rut"] == rut
            assert caller.ok("GET", f"/users/{rut.replace('-', '')}")["rut"] == rut

    def test_a_cajero_reads_one_cliente_and_no_other_staff(
        self, shop: RunningShop
    ) -> None:
        assert shop.beto.ok("GET", f"/users/{CLARA_RUT}")["nombre"] == "Clara"
        refused(shop.beto.get(f"/users/{ANA_RUT}"), 403, "sin_permiso")
        refused(shop.beto.get("/users"), 403, "sin_permiso")

    def test_a_cliente_reads_nobody_else_whether_there_or_not(
        self, shop: RunningShop
    ) -> None:
        for rut in (BETO_RUT, new_rut(), "x", "11111111-2"):
            refused(shop.clara.get(f"/users/{rut}"), 403, "sin_permiso")
        refused(shop.clara.get("/users"), 403, "sin_permiso")

    @pytest.mark.parametrize(
        "rut", ["44444444-4", "11111111-2", "x", "%00", "%FF", "9" * 50]
    )
    def test_a_rut_of_nobody_is_not_found(self, shop: RunningShop, rut: str) -> None:
        for caller in (shop.ana, shop.beto):
            refused(caller.get(f"/users/{rut}"), 404, "no_encontrado")
        refused(shop.ana.put(f"/users/{rut}", json={}), 404, "no_encontrado")
        refused(shop.ana.delete(f"/users/{rut}"), 404, "no_encontrado")

    def test_users_are_found_by_name_mail_rut_and_kind(self, shop: RunningShop) -> None:
        body = form(nombre="Zulema Único", correo="zulema@ejemplo.cl", tipo="Cajero")
        shop.ana.ok("POST", "/register", body)
        for text in ("zulema", "ZULEMA ejemplo", body["usuario"], body["rut"]):
            found = shop.ana.all("/users", q=text)
            assert [one["rut"] for one in found] == [body["rut"]], text
        assert [
            one["rut"] for one in shop.ana.all("/users", q="zulema", tipo="Cajero")
        ] == [body["rut"]]
        assert shop.ana.all("/users", q="zulema", tipo="Cliente") == []
        unfit(shop.ana.get("/users", params={"tipo": "Jefe"}), "tipo")


class TestChanging:
    """``PUT /users/<rut>``."""

    def test_an_administrador_changes_everything_of_anybody(
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

    def test_oneself_changes_name_mail_and_password_only(
        self, shop: RunningShop
    ) -> None:
        for tipo in ("Cajero", "Cliente"):
            user, caller = shop.somebody(tipo)
            path = f"/users/{user['rut']}"
            assert (
                caller.ok("PUT", path, {"nombre": "Yo", "correo": "yo@yo.cl"})["nombre"]
                == "Yo"
            )
            for change in (
                {"tipo": "Administrador"},
                {"estado": "Inactivo"},
                {"verificado": True},
                {"usuario": f"otro{user['rut']}"},
                {"nombre": "Z", "tipo": "Cliente"},
            ):
                refused(caller.put(path, json=change), 403, "sin_permiso")
            assert caller.ok("GET", path)["nombre"] == "Yo"

    def test_a_cajero_confirms_a_cliente_and_nothing_else(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody()
        path = f"/users/{user['rut']}"
        assert shop.beto.ok("PUT", path, {"verificado": False})["verificado"] is False
        for change in (
            {"nombre": "X"},
            {"clave": "12345678"},
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
            ({"tipo": "Jefe"}, "tipo"),
            ({"estado": "Borrado"}, "estado"),
            ({"rut": "1-9"}, "rut"),
            ({"nombre": None}, "nombre"),
        ],
    )
    def test_an_unfit_change_changes_nothing(
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

    def test_a_new_password_of_ones_own_needs_the_current_one(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        path = f"/users/{user['rut']}"
        unfit(caller.put(path, json={"clave": "otra-clave"}), "clave_actual")
        unfit(
            caller.put(path, json={"clave": "otra-clave", "clave_actual": "mala-mala"}),
            "clave_actual",
        )
        assert shop.login(user["usuario"]).status_code == 200
        caller.ok("PUT", path, {"clave": "otra-clave", "clave_actual": PASSWORD})
        refused(shop.login(user["usuario"]), 401, "credenciales_invalidas")
        assert shop.login(user["usuario"], "otra-clave").status_code == 200

    def test_a_current_password_that_an_administrador_gives_is_checked_too(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody("Administrador")
        path = f"/users/{user['rut']}"
        unfit(
            caller.put(path, json={"clave": "otra-clave", "clave_actual": "mala-mala"}),
            "clave_actual",
        )
        assert shop.login(user["usuario"]).status_code == 200
        shop.ana.ok("DELETE", path)

    def test_an_edit_of_what_has_changed_meanwhile_is_refused(
        self, shop: RunningShop
    ) -> None:
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


class TestDeactivating:
    """``DELETE /users/<rut>`` and ``estado``."""

    @pytest.mark.parametrize("way", ["DELETE", "PUT"])
    def test_a_deactivated_user_is_out_at_once_and_cannot_come_in(
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

    def test_a_cajero_deactivates_nobody(self, shop: RunningShop) -> None:
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

    def test_can_be_neither_removed_nor_demoted_by_any_route(
        self, own: RunningShop
    ) -> None:
        for answer in self.attempts(own.ana):
            refused(answer, 409, "ultimo_administrador")
        assert own.ana.ok("GET", f"/users/{ANA_RUT}")["nombre"] == "Administrador"

    def test_an_inactive_or_demoted_other_does_not_count(
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

    def test_with_another_one_there_one_may_go(self, own: RunningShop) -> None:
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


def test_a_change_of_role_holds_from_the_next_call_on(shop: RunningShop) -> None:
    user, caller = shop.somebody()
    refused(caller.get("/registros"), 403, "sin_permiso")
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Administrador"})
    assert caller.get("/registros").status_code == 200
    shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cajero"})
    refused(caller.get("/registros"), 403, "sin_permiso")
