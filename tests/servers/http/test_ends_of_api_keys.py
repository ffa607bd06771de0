"""API keys that are not good: guessed, used elsewhere, run out, or withdrawn."""

import sqlite3
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.api_keys import listed, make, program
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.http import order, refused
from tests.harness.shell import shell
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that may be stopped, and whose people may go."""
    return open_shop()


def changed(shop: RunningShop, statement: str, **values: object) -> None:
    """Change rows of the shop."""
    with sqlite3.connect(shop.server.data / "trastienda.db", timeout=30) as database:
        database.execute(statement, values)
    database.close()


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

    def test_a_key_goes_with_the_rut_of_its_maker(self, own: RunningShop) -> None:
        rut = new_rut()
        form = {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD}
        own.nobody.ok("POST", "/register", form)
        own.ana.ok("PUT", f"/users/{rut}", {"tipo": "Administrador"})
        made = make(own, by=own.enter(rut))
        own.ana.ok("PUT", f"/users/{rut}", {"tipo": "Cliente"})
        own.ana.ok("POST", f"/users/{rut}/liberacion")
        caller = own.caller(made["llave"])
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
