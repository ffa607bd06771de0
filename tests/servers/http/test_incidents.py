"""What happened at the door stands in the technical log, and nothing secret does."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD
from tests.harness.http import refused
from tests.harness.lines import Program
from tests.harness.server import Server
from tests.harness.shop import RunningShop


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that logs JSON, in Tokyo."""
    return open_shop(log_format="json", timezone="Asia/Tokyo")


def entries(shop: RunningShop, message: str, **fields: str) -> list[dict[str, Any]]:
    """What the log says of this."""
    lines = [json.loads(line) for line in shop.server.log.splitlines()]
    wanted = {"message": message} | fields
    return [line for line in lines if wanted.items() <= line.items()]


def counted(shop: RunningShop, event: str) -> float:
    name = f'trastienda_incidents_total{{event="{event}"}} '
    for line in shop.nobody.get("/metrics").text.splitlines():
        if line.startswith(name):
            return float(line.removeprefix(name))
    return 0


def test_log_ins_and_failures_are_logged_with_who_and_from_where(
    own: RunningShop,
) -> None:
    shop, logged = own, {"rut": CLARA_RUT, "address": "127.0.0.1"}
    before = len(entries(shop, "logged_in", **logged))
    assert shop.login("clara").status_code == 200
    assert len(entries(shop, "logged_in", **logged)) == before + 1

    assert shop.login("clara", "mala-mala").status_code == 401
    (entry,) = entries(shop, "wrong_login", **logged)
    assert entry["level"] == "WARNING"
    assert entry["time"].endswith("+09:00"), "of the shop's zone"


def test_a_name_that_nobody_has_may_be_a_password_and_is_not_logged(
    own: RunningShop,
) -> None:
    secret = "mi-clave-secreta"
    assert own.login(secret, secret).status_code == 401
    assert own.login("clara", secret).status_code == 401
    assert secret not in own.server.log
    assert PASSWORD not in own.server.log
    assert str(own.ana.token) not in own.server.log


def test_who_may_not_do_something_is_logged_with_what(own: RunningShop) -> None:
    refused(own.beto.get("/registros"), 403, "sin_permiso")
    (entry,) = entries(own, "forbidden", rut=BETO_RUT)
    assert entry["route"] == "GET /registros"
    assert counted(own, "forbidden") == 1

    with Program(own.server.chat) as beto:
        beto.log_in("beto")
        assert beto.refused("bloquear", alias="clara") == "sin_permiso"
    (entry,) = entries(own, "forbidden", port="chat")
    assert entry["rut"] == BETO_RUT


def test_a_flood_is_counted_and_does_not_fill_the_log(own: RunningShop) -> None:
    for number in range(150):
        own.nobody.post("/token/refresco", json={"token_refresco": f"token{number}"})
    happened = counted(own, "unknown_token") + counted(own, "throttled")
    assert happened == 150
    logged = len(entries(own, "unknown_token")) + len(entries(own, "throttled"))
    assert 10 < logged < 100


def test_ends_of_sessions_are_logged(own: RunningShop) -> None:
    before = len(entries(own, "sessions_ended"))
    _, caller = own.somebody()
    assert caller.post("/logout").status_code == 204
    assert len(entries(own, "sessions_ended")) == before + 1


def test_look_ups_are_not_logged(own: RunningShop) -> None:
    code = own.code()
    before = own.server.log
    for _ in range(5):
        own.beto.ok("GET", f"/product/barcode/{code}")
    assert own.server.log == before


def test_a_receipt_is_drawn_without_a_word(own: RunningShop) -> None:
    sale = own.sell((own.code(), 1))
    before = own.server.log
    answer = own.ana.get(
        f"/boleta/{sale['id_venta']}", headers={"Accept": "application/pdf"}
    )
    assert answer.status_code == 200
    assert own.server.log == before


@pytest.mark.parametrize("form", ["texto", "json"])
def test_what_broke_has_a_number_in_the_answer_and_in_the_log(
    tmp_path: Path, form: str
) -> None:
    with (
        Server(tmp_path / "data", cheap_passwords=True, log_format=form) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        body = {"usuario": "ana", "clave": PASSWORD}
        token = client.post("/login", json=body).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        database = sqlite3.connect(server.data / "trastienda.db")
        database.execute("PRAGMA ignore_check_constraints = ON")
        with database:
            database.execute(
                "UPDATE users SET role = 'nobody' WHERE rut = ?", [ANA_RUT]
            )
        database.close()

        problem = refused(client.get("/users"), 500, "error_interno")
        number = problem["numero"]
        assert number in problem["detail"]
        (line,) = [line for line in server.log.splitlines() if number in line]
        if form == "json":
            assert "Traceback" in json.loads(line)["trace"]
        else:
            assert f"number={number}" in line


def test_what_is_refused_has_an_id_in_the_answer_and_in_the_log(
    open_shop: OpenShop,
) -> None:
    own = open_shop(log_format="json", log_level="INFO")
    given = own.beto.get("/registros", headers={"X-Request-Id": "caja-1.77"})
    assert given.headers["x-request-id"] == "caja-1.77"
    made = own.login("beto", "no-es-la-clave").headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{12}", made)
    unfit = own.beto.get("/registros", headers={"X-Request-Id": "a b\u0022"})
    assert re.fullmatch("[0-9a-f]{12}", unfit.headers["x-request-id"])
    assert "x-request-id" not in own.beto.get("/tienda").headers
    assert entries(own, "forbidden", request="caja-1.77")
    assert entries(own, "wrong_login", request=made)
