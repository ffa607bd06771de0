"""API keys: what a program can do with one, and all that it cannot."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import (
    ANA_RUT,
    BETO_RUT,
    CLARA_RUT,
    PASSWORD,
    new_number,
    new_rut,
)
from tests.harness.clients import NO_AUTHORITIES, ONCE
from tests.harness.http import Caller, order, refused, unfit
from tests.harness.login import session
from tests.harness.shell import shell
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

from trastienda.clients.sdk import Client, NotAuthenticated
from trastienda.domain.api_keys import MAX_KEYS

ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that may be stopped, and whose people may go."""
    return open_shop()


def make(
    shop: RunningShop,
    tipo: str = "Administrador",
    by: Caller | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A new key, as Ana makes it."""
    body = {"nombre": f"Sitio {new_number()}", "tipo": tipo} | more
    made: dict[str, Any] = (by or shop.ana).ok("POST", "/llaves", body)
    return made


def program(shop: RunningShop, tipo: str = "Administrador", **more: Any) -> Caller:
    """A program that calls with a new key."""
    return shop.caller(make(shop, tipo, **more)["llave"])


def listed(shop: RunningShop, key: dict[str, Any]) -> dict[str, Any]:
    """A key as it stands in the list."""
    rows = shop.ana.ok("GET", "/llaves")["datos"]
    (row,) = [row for row in rows if row["id_llave"] == key["id_llave"]]
    return dict(row)


def changed(shop: RunningShop, statement: str, **values: object) -> None:
    """Change rows of the shop."""
    with sqlite3.connect(shop.server.data / "trastienda.db", timeout=30) as database:
        database.execute(statement, values)
    database.close()


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
        body = {"nombre": "Sitio", "tipo": "Cajero"}
        for change, field in (
            ({"nombre": " "}, "nombre"),
            ({"nombre": "x" * 41}, "nombre"),
            ({"tipo": "Jefe"}, "tipo"),
            ({"direcciones": []}, "direcciones"),
            ({"direcciones": ["127.0.0.1", "tienda.cl"]}, "direcciones[1]"),
            ({"hasta": "2020-01-01T00:00:00Z"}, "hasta"),
            ({"hasta": "mañana"}, "hasta"),
            ({"clave": "x"}, "clave"),
        ):
            unfit(shop.ana.post("/llaves", json=body | change), field)

    def test_two_keys_do_not_have_one_name(self, shop: RunningShop) -> None:
        made = make(shop)
        body = {"nombre": made["nombre"], "tipo": "Cliente"}
        refused(shop.ana.post("/llaves", json=body), 409, "ya_existe")
        shop.ana.delete(f"/llaves/{made['id_llave']}")
        shop.ana.ok("POST", "/llaves", body)

    def test_a_shop_has_so_many_keys_and_no_more(self, open_shop: OpenShop) -> None:
        crowded = open_shop()
        last = [make(crowded) for _ in range(MAX_KEYS)][-1]
        body = {"nombre": "Otra más", "tipo": "Cliente"}
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
            key = ana.make_api_key("Del SDK", "Cliente", direcciones=["127.0.0.0/8"])
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
            ("POST", "/llaves", {"nombre": "Otra", "tipo": "Administrador"}),
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


class TestRefused:
    """Keys that are not good."""

    @pytest.mark.parametrize("wrong", ["tk_", "tk_x", "tk_" + "A" * 43, "tk_ñ"])
    def test_a_key_that_nobody_was_given(self, shop: RunningShop, wrong: str) -> None:
        header = f"Bearer {wrong}".encode()
        answer = shop.nobody.get("/tienda", headers={b"Authorization": header})
        refused(answer, 401, "no_autenticado")

    def test_guesses_are_slowed_and_write_nothing(self, open_shop: OpenShop) -> None:
        guessed = open_shop()
        good = program(guessed)
        assert good.get("/tienda").status_code == 200
        eventually(
            lambda: guessed.ana.ok("GET", "/llaves")["datos"][0]["usada"],
            "the first use noted",
        )
        journal = guessed.server.data / "trastienda.db-wal"
        size = journal.stat().st_size
        statuses = []
        for number in range(150):
            answer = guessed.nobody.get(
                "/tienda", headers={"Authorization": f"Bearer tk_{number}"}
            )
            statuses.append(answer.status_code)
        assert set(statuses) == {401, 429}
        assert statuses[:100] == [401] * 100
        assert good.get("/tienda").status_code == 200
        assert journal.stat().st_size == size

    def test_a_key_is_over_at_its_end(self, own: RunningShop) -> None:
        until = datetime.now(UTC) + timedelta(days=1)
        made = make(own, hasta=until.isoformat())
        caller = own.caller(made["llave"])
        assert caller.get("/tienda").status_code == 200
        own.restart()
        assert caller.get("/tienda").status_code == 200
        own.server.stop()
        changed(
            own,
            "UPDATE api_keys SET until_ms = :at WHERE id = :id",
            at=int(datetime.now(UTC).timestamp() * 1000) - 1000,
            id=made["id_llave"],
        )
        own.restart()
        refused(caller.get("/tienda"), 401, "no_autenticado")

    def test_a_key_that_is_remembered_is_over_at_its_end(
        self, own: RunningShop
    ) -> None:
        until = datetime.now(UTC) + timedelta(seconds=3)
        caller = program(own, hasta=until.isoformat())
        assert caller.get("/tienda").status_code == 200
        eventually(lambda: caller.get("/tienda").status_code == 401, "the key's end")

    def test_a_key_is_good_from_its_addresses_alone(self, shop: RunningShop) -> None:
        key = make(shop, direcciones=[ELSEWHERE, "192.0.2.0/24"])["llave"]
        transport = httpx.HTTPTransport(local_address=ELSEWHERE)
        headers = {"Authorization": f"Bearer {key}"}
        here = shop.caller(key)
        with httpx.Client(
            transport=transport, base_url=shop.server.url, headers=headers
        ) as there:
            refused(here.get("/tienda"), 401, "no_autenticado")
            assert there.get("/tienda").status_code == 200
            refused(here.get("/tienda"), 401, "no_autenticado")
            assert there.get("/tienda").status_code == 200
        # A header alone does not make it another address.
        forwarded = here.get("/tienda", headers={"X-Forwarded-For": ELSEWHERE})
        refused(forwarded, 401, "no_autenticado")

    def test_behind_a_proxy_its_callers_address_counts(
        self, open_shop: OpenShop
    ) -> None:
        behind = open_shop(trusted_proxies="127.0.0.1")
        caller = program(behind, direcciones=["192.0.2.7"])
        for address, status in (("192.0.2.7", 200), ("192.0.2.8", 401)):
            answer = caller.get("/tienda", headers={"X-Forwarded-For": address})
            assert answer.status_code == status, address
        assert caller.get("/tienda").status_code == 401


class TestTheEnd:
    """What ends a key at once."""

    def test_a_withdrawn_key_is_good_no_more(self, own: RunningShop) -> None:
        made = make(own)
        caller = own.caller(made["llave"])
        assert caller.get("/tienda").status_code == 200
        path = f"/llaves/{made['id_llave']}"
        assert own.ana.delete(path).status_code == 204
        refused(caller.get("/tienda"), 401, "no_autenticado")
        refused(own.ana.delete(path), 404, "no_encontrado")
        own.restart(kill=True)
        refused(caller.get("/tienda"), 401, "no_autenticado")

    def test_a_key_outlives_kill_9_and_its_makers_password(
        self, own: RunningShop
    ) -> None:
        user, maker = own.somebody("Administrador")
        made = make(own, by=maker)
        caller = own.caller(made["llave"])
        own.restart(kill=True)
        assert caller.get("/tienda").status_code == 200
        body = {"clave": "otra-clave-larga", "clave_actual": PASSWORD}
        maker.ok("PUT", f"/users/{user['rut']}", body)
        assert caller.get("/tienda").status_code == 200

    def test_a_key_shrinks_with_its_maker_and_grows_again(
        self, own: RunningShop
    ) -> None:
        user, maker = own.somebody("Administrador")
        caller = own.caller(make(own, by=maker)["llave"])
        path = f"/users/{user['rut']}"
        assert caller.get("/registros").status_code == 200
        own.ana.ok("PUT", path, {"tipo": "Cajero"})
        refused(caller.get("/registros"), 403, "sin_permiso")
        assert caller.get("/impresora").status_code == 200
        own.ana.ok("PUT", path, {"tipo": "Cliente"})
        refused(caller.get("/impresora"), 403, "sin_permiso")
        own.ana.ok("PUT", path, {"tipo": "Administrador"})
        assert caller.get("/registros").status_code == 200

    def test_a_key_goes_with_its_maker_and_does_not_come_back(
        self, own: RunningShop
    ) -> None:
        user, maker = own.somebody("Administrador")
        made = make(own, by=maker)
        caller = own.caller(made["llave"])
        assert caller.get("/tienda").status_code == 200
        own.ana.ok("DELETE", f"/users/{user['rut']}")
        refused(caller.get("/tienda"), 401, "no_autenticado")
        own.ana.ok("PUT", f"/users/{user['rut']}", {"estado": "Activo"})
        refused(caller.get("/tienda"), 401, "no_autenticado")
        rows = own.ana.ok("GET", "/llaves")["datos"]
        assert made["id_llave"] not in [row["id_llave"] for row in rows]

    def test_a_maker_whom_the_shell_deactivates_takes_the_key_along(
        self, own: RunningShop
    ) -> None:
        user, maker = own.somebody("Administrador")
        caller = own.caller(make(own, by=maker)["llave"])
        assert caller.get("/tienda").status_code == 200
        data = own.server.data
        shell("user", "deactivate", user["rut"], "--data", data, cwd=data.parent)
        eventually(lambda: caller.get("/tienda").status_code == 401, "the key's end")


def test_a_use_is_noted_once_an_hour(own: RunningShop) -> None:
    made = make(own)
    caller = own.caller(made["llave"])
    caller.ok("GET", "/tienda")
    eventually(lambda: listed(own, made)["usada"] is not None, "the first use noted")
    first = listed(own, made)["usada"]
    for _ in range(5):
        caller.ok("GET", "/tienda")
    assert listed(own, made)["usada"] == first
    assert own.server.stop() == 0
    older = "UPDATE api_keys SET used_at_ms = used_at_ms - 3600000 WHERE id = :id"
    changed(own, older, id=made["id_llave"])
    own.restart()
    caller.ok("GET", "/tienda")
    eventually(lambda: listed(own, made)["usada"] > first, "the next use noted")


def test_a_secret_stands_nowhere(own: RunningShop) -> None:
    secret = make(own, "Cajero")["llave"]
    caller = own.caller(secret)
    caller.ok("POST", "/ventas-detalle", order((own.code(), 1)))
    refused(own.caller(secret + "x").get("/tienda"), 401, "no_autenticado")
    refused(caller.get("/registros"), 403, "sin_permiso")

    data = own.server.data
    copy = data.parent / "copia.db"
    exported = data.parent / "todo.json"
    for command, file in (("backup", copy), ("export", exported)):
        run = shell(command, file, "--data", data, cwd=data.parent)
        assert run.returncode == 0, run.stderr
    files = [path for path in data.rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in (*files, copy, exported)]
    contents += [own.server.log.encode(), own.server.output.encode()]
    contents += [
        own.ana.get(path).content for path in ("/registros", "/llaves", "/metrics")
    ]
    assert not any(secret.encode() in content for content in contents)
    assert session(own)["token"]
