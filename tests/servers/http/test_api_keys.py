"""API keys: what a program can do with one, and all that it cannot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.api_keys import draft, listed, make, program
from tests.harness.cast import (
    ANA_RUT,
    BETO_RUT,
    CLARA_RUT,
    PASSWORD,
    new_rut,
)
from tests.harness.clients import NO_AUTHORITIES, ONCE
from tests.harness.http import order, refused, unfit
from tests.harness.second_factors import set_up
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import Client, NotAuthenticated
from trastienda.domain.api_keys import MAX_KEYS


class TestMaking:
    """``POST``, ``GET`` and ``DELETE /llaves``."""

    def test_a_key_is_told_once_and_listed_without_its_secret(
        self, shop: RunningShop
    ) -> None:
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        networks = ["127.0.0.1", "192.0.2.9/24"]
        made = make(shop, "Cajero", hasta=until, direcciones=networks)
        secret = made.pop("llave")
        assert secret.startswith("tk_")
        assert len(secret) == len("tk_") + 43
        assert made == listed(shop, made)
        assert made["tipo"] == "Cajero"
        assert made["direcciones"] == ["127.0.0.1", "192.0.2.0/24"]
        assert datetime.fromisoformat(made["hasta"]) < datetime.now(UTC) + timedelta(1)
        assert made["usada"] is None
        assert made["creador"]["rut"] == ANA_RUT
        assert secret not in shop.ana.get("/llaves").text

    def test_what_is_not_fit_is_named(self, shop: RunningShop) -> None:
        body = draft("Cajero")
        for change, field in (
            ({"nombre": " "}, "nombre"),
            ({"nombre": "x" * 41}, "nombre"),
            ({"tipo": "Jefe"}, "tipo"),
            ({"direcciones": []}, "direcciones"),
            ({"direcciones": ["127.0.0.1", "tienda.cl"]}, "direcciones[1]"),
            ({"hasta": "2020-01-01T00:00:00Z"}, "hasta"),
            ({"hasta": "mañana"}, "hasta"),
            ({"clave": "x"}, "clave"),
            ({"clave_actual": "no-es-la-clave"}, "clave_actual"),
        ):
            unfit(shop.ana.post("/llaves", json=body | change), field)

    def test_making_one_takes_the_password_and_a_code_of_a_second_factor(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody("Administrador")
        body = draft("Cajero")
        without = {name: body[name] for name in ("nombre", "tipo")}
        unfit(caller.post("/llaves", json=without), "clave_actual")
        phone, _ = set_up(caller, user["rut"])
        unfit(caller.post("/llaves", json=body), "codigo")
        unfit(caller.post("/llaves", json=body | {"codigo": "000000"}), "clave_actual")
        caller.ok("POST", "/llaves", body | {"codigo": phone.code(1)})

    def test_two_keys_do_not_have_one_name(self, shop: RunningShop) -> None:
        made = make(shop)
        body = draft("Cliente", nombre=made["nombre"])
        refused(shop.ana.post("/llaves", json=body), 409, "ya_existe")
        shop.ana.delete(f"/llaves/{made['id_llave']}")
        shop.ana.ok("POST", "/llaves", body)

    def test_a_shop_has_so_many_keys_and_no_more(self, open_shop: OpenShop) -> None:
        crowded = open_shop()
        last = [make(crowded) for _ in range(MAX_KEYS)][-1]
        body = draft("Cliente")
        refused(crowded.ana.post("/llaves", json=body), 409, "demasiadas_llaves")
        crowded.ana.delete(f"/llaves/{last['id_llave']}")
        crowded.ana.ok("POST", "/llaves", body)

    def test_registros_say_who_made_and_withdrew_a_key(self, shop: RunningShop) -> None:
        made = make(shop, "Cajero", direcciones=["127.0.0.1"])
        shop.ana.delete(f"/llaves/{made['id_llave']}")
        rows = [
            row
            for row in shop.ana.ok("GET", "/registros", params={"q": made["nombre"]})[
                "datos"
            ]
            if row["detalle"].get("id_llave") == made["id_llave"]
        ]
        assert [row["accion"] for row in rows] == ["llave_retirada", "llave_creada"]
        assert rows[0]["quien"]["rut"] == rows[1]["quien"]["rut"] == ANA_RUT
        assert rows[1]["detalle"] == {
            "id_llave": made["id_llave"],
            "nombre": made["nombre"],
            "tipo": "Cajero",
            "direcciones": ["127.0.0.1"],
        }

    def test_the_shops_own_client_makes_lists_and_withdraws(
        self, shop: RunningShop
    ) -> None:
        with Client(shop.server.url, retry=ONCE, verify=NO_AUTHORITIES) as ana:
            ana.log_in("ana", PASSWORD)
            key = ana.make_api_key(
                "Del SDK", "Cliente", PASSWORD, direcciones=["127.0.0.0/8"]
            )
            with Client(
                shop.server.url, retry=ONCE, verify=NO_AUTHORITIES, key=key.llave
            ) as site:
                assert site.me is None
                assert site.details().nombre
                ids = [row.id_llave for row in ana.api_keys()]
                assert key.id_llave in ids
                ana.withdraw_api_key(key.id_llave)
                with pytest.raises(NotAuthenticated):
                    site.details()


class TestActing:
    """What a program does with a key."""

    def test_a_program_sells_as_the_maker_of_its_key(self, shop: RunningShop) -> None:
        made = make(shop, "Cajero")
        caller = shop.caller(made["llave"])
        code = shop.code()
        first = caller.ok("POST", "/ventas-detalle", order((code, 1)), key="k")
        again = caller.ok("POST", "/ventas-detalle", order((code, 1)), key="k")
        assert first == again
        assert first["vendedor"]["rut"] == ANA_RUT
        row, *_ = shop.ana.ok("GET", "/registros")["datos"]
        assert row["accion"] == "venta"
        assert row["quien"]["rut"] == ANA_RUT
        assert row["origen"] == f"llave {made['nombre']} 127.0.0.1"

    def test_a_program_has_no_more_than_the_tipo_of_its_key(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(costo=500)
        path = f"/product/barcode/{code}"
        customer, cashier = program(shop, "Cliente"), program(shop, "Cajero")
        assert "costo" not in customer.ok("GET", path)
        assert (
            "costo"
            not in customer.ok("GET", "/products", params={"q": code})["datos"][0]
        )
        assert cashier.ok("GET", path)["costo"] == 500
        for caller, method, wanted, body in (
            (customer, "POST", "/ventas-detalle", order((code, 1))),
            (customer, "GET", f"{path}/movimientos", None),
            (cashier, "PUT", path, {"precio": 1}),
            (cashier, "GET", "/registros", None),
            (cashier, "GET", "/compras", None),
        ):
            answer = caller.request(method, wanted, json=body)
            refused(answer, 403, "sin_permiso")
        assert program(shop).ok("PUT", path, {"precio": 900})["precio"] == 900

    def test_its_maker_is_nobody_special_to_a_program(self, shop: RunningShop) -> None:
        user, maker = shop.somebody("Administrador")
        path = f"/users/{user['rut']}"
        assert maker.ok("GET", path) == program(shop, by=maker).ok("GET", path)
        for tipo in ("Cajero", "Cliente"):
            refused(program(shop, tipo, by=maker).get(path), 403, "sin_permiso")

    def test_a_program_never_manages_people_sessions_or_keys(
        self, shop: RunningShop
    ) -> None:
        user, _ = shop.somebody("Cajero")
        stranger = new_rut()
        form = {
            "rut": stranger,
            "nombre": "Clara",
            "usuario": stranger,
            "clave": PASSWORD,
        }
        shop.nobody.ok("POST", "/register", form)
        (open_session, *_) = shop.ana.ok("GET", "/sesiones")["datos"]
        made = make(shop)
        calls: list[tuple[str, str, Any]] = [
            ("POST", "/register", form | {"rut": new_rut(), "usuario": "otro"}),
            (
                "POST",
                "/register",
                form | {"rut": new_rut(), "usuario": "jefe", "tipo": "Administrador"},
            ),
            ("POST", "/logout", None),
            ("GET", "/users", None),
            ("PUT", f"/users/{ANA_RUT}", {"nombre": "Ana"}),
            (
                "PUT",
                f"/users/{ANA_RUT}",
                {"clave": "otra-clave-larga", "clave_actual": PASSWORD},
            ),
            ("PUT", f"/users/{ANA_RUT}", {"correo": "ladron@ejemplo.cl"}),
            ("PUT", f"/users/{user['rut']}", {"clave": "otra-clave-larga"}),
            ("PUT", f"/users/{user['rut']}", {"tipo": "Administrador"}),
            ("PUT", f"/users/{stranger}", {"verificado": True}),
            ("DELETE", f"/users/{user['rut']}", None),
            ("POST", f"/users/{stranger}/liberacion", None),
            ("GET", "/sesiones", None),
            ("GET", f"/sesiones?rut={BETO_RUT}", None),
            ("DELETE", f"/sesiones/{open_session['id']}", None),
            ("DELETE", "/sesiones", None),
            ("DELETE", f"/sesiones?rut={CLARA_RUT}", None),
            ("POST", "/llaves", draft()),
            ("GET", "/llaves", None),
            ("DELETE", f"/llaves/{made['id_llave']}", None),
        ]
        before = shop.ana.ok("GET", "/registros")["datos"][0]["id"]
        for tipo in ("Administrador", "Cajero", "Cliente"):
            caller = program(shop, tipo)
            before += 1
            for method, path, body in calls:
                answer = caller.request(method, path, json=body)
                assert answer.status_code == 403, (tipo, method, path, answer.text)
                refused(answer, 403, "sin_permiso")
        assert shop.ana.ok("GET", "/registros")["datos"][0]["id"] == before
        assert shop.ana.ok("GET", "/sesiones")["datos"]

    def test_a_key_is_no_password_and_no_token_of_a_session(
        self, shop: RunningShop
    ) -> None:
        secret = make(shop)["llave"]
        refused(shop.login("ana", secret), 401, "credenciales_invalidas")
        body = {"token_refresco": secret}
        refused(shop.nobody.post("/token/refresco", json=body), 401, "no_autenticado")
