"""``/sesiones``: what somebody sees of their sessions, and how they end."""

import sqlite3
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, PASSWORD
from tests.harness.http import Caller, refused, unfit
from tests.harness.lines import Program
from tests.harness.login import claims_of, is_good, refresh, session
from tests.harness.shop import RunningShop

from trastienda.domain.sessions import LIFE_DAYS, MAX_SESSIONS, UNUSED_DAYS

DAY_MS = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose rows may be made older."""
    return open_shop()


def rows_of(caller: Caller, **query: str) -> list[dict[str, Any]]:
    page = caller.ok("GET", "/sesiones", params=query)
    assert page["siguiente"] is None
    rows: list[dict[str, Any]] = page["datos"]
    return rows


def changed(shop: RunningShop, statement: str, **values: object) -> None:
    """Change rows of the shop."""
    with sqlite3.connect(shop.server.data / "trastienda.db", timeout=30) as database:
        database.execute(statement, values)
    database.close()


def test_somebody_sees_where_they_are_logged_in(shop: RunningShop) -> None:
    user, caller = shop.somebody()
    said = "Navegador/1.0\t(Linux) " + "x" * 300
    shop.nobody.post(
        "/login",
        json={"usuario": user["usuario"], "clave": PASSWORD},
        headers={"User-Agent": said},
    )
    newest, own = rows_of(caller)
    assert set(newest) == {"id", "creada", "usada", "desde", "programa", "actual"}
    assert newest["programa"].startswith("Navegador/1.0(Linux) xxx")
    assert len(newest["programa"]) < 200
    assert (newest["desde"], newest["actual"]) == ("127.0.0.1", False)
    assert own["actual"] is True
    assert own["programa"].startswith("python-httpx/")
    assert own["creada"] == own["usada"] <= newest["creada"]


def test_a_refresh_says_when_and_from_where_a_session_was_used(
    own: RunningShop,
) -> None:
    user, caller = own.somebody()
    (before,) = rows_of(caller)
    older = (
        "UPDATE sessions SET created_at_ms = created_at_ms - :ms, used_at_ms = :used"
    )
    changed(own, f"{older} WHERE id = :id", ms=DAY_MS, used=None, id=before["id"])
    given = session(own, user["usuario"])
    first, second = rows_of(caller)
    assert (first["actual"], second["actual"]) == (False, True)
    body = {"token_refresco": given["token_refresco"]}
    own.nobody.post("/token/refresco", json=body, headers={"User-Agent": "Otro"})
    assert rows_of(caller)[0]["programa"] == "Otro"
    assert second["creada"] == second["usada"] < before["creada"]


def test_only_an_administrador_sees_and_ends_the_sessions_of_others(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody()
    (row,) = rows_of(shop.ana, rut=user["rut"])
    assert row["actual"] is False
    for other in (shop.beto, shop.clara):
        query = {"rut": user["rut"]}
        refused(other.get("/sesiones", params=query), 403, "sin_permiso")
        refused(other.delete("/sesiones", params=query), 403, "sin_permiso")
        refused(other.delete(f"/sesiones/{row['id']}"), 404, "no_encontrado")
    assert caller.get("/tienda").status_code == 200
    assert rows_of(shop.beto, rut=BETO_RUT) == rows_of(shop.beto)
    missing = {"rut": "44444444-4"}
    refused(shop.ana.get("/sesiones", params=missing), 404, "no_encontrado")
    unfit(shop.ana.get("/sesiones", params={"rut": "x"}), "rut")

    assert shop.ana.delete(f"/sesiones/{row['id']}").status_code == 204
    refused(caller.get("/tienda"), 401, "no_autenticado")
    refused(shop.ana.delete(f"/sesiones/{row['id']}"), 404, "no_encontrado")
    (registro,) = shop.ana.all("/registros", q="sesiones_cerradas")[:1]
    assert registro["detalle"] == {"rut": user["rut"], "id_sesion": row["id"]}


def test_a_session_that_is_ended_is_over_at_once(shop: RunningShop) -> None:
    user, caller = shop.somebody()
    given = session(shop, user["usuario"])
    assert is_good(shop, given["token"])
    other = next(row for row in rows_of(caller) if not row["actual"])
    assert caller.delete(f"/sesiones/{other['id']}").status_code == 204
    assert not is_good(shop, given["token"])
    refused(refresh(shop, given["token_refresco"]), 401, "no_autenticado")
    assert [row["actual"] for row in rows_of(caller)] == [True]


def test_all_sessions_but_the_one_that_asks_are_ended_together(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody()
    others = [session(shop, user["usuario"]) for _ in range(3)]
    assert caller.delete("/sesiones").status_code == 204
    assert not any(is_good(shop, given["token"]) for given in others)
    assert [row["actual"] for row in rows_of(caller)] == [True]


def test_an_administrador_ends_all_sessions_and_connections_of_somebody(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody()
    with Program(shop.server.chat) as program:
        program.log_in(user["usuario"])
        query = {"rut": user["rut"]}
        assert shop.ana.delete("/sesiones", params=query).status_code == 204
        program.to_the_end()
    refused(caller.get("/tienda"), 401, "no_autenticado")


def test_a_session_lives_no_longer_than_its_life(own: RunningShop) -> None:
    user, caller = own.somebody()
    given = session(own, user["usuario"])
    oldest = LIFE_DAYS * DAY_MS - 60_000
    older = "UPDATE sessions SET created_at_ms = created_at_ms - :ms"
    changed(own, older, ms=oldest)
    renewed = refresh(own, given["token_refresco"]).json()
    with sqlite3.connect(own.server.data / "trastienda.db") as database:
        row = database.execute(
            "SELECT created_at_ms, used_at_ms, expires_at_ms FROM sessions WHERE id = ?",
            [claims_of(renewed["token"])["sid"]],
        )
        created_ms, used_ms, expires_ms = row.fetchone()
    assert expires_ms - created_ms == LIFE_DAYS * DAY_MS
    assert 0 < expires_ms - used_ms < UNUSED_DAYS * DAY_MS
    database.close()
    changed(own, "UPDATE sessions SET expires_at_ms = expires_at_ms - 120000")
    refused(refresh(own, renewed["token_refresco"]), 401, "no_autenticado")
    assert caller.get("/tienda").status_code == 200, "its token is good for minutes yet"


def test_one_session_too_many_ends_the_one_that_was_unused_for_longest(
    own: RunningShop,
) -> None:
    user, caller = own.somebody()
    first = session(own, user["usuario"])
    changed(own, "UPDATE sessions SET used_at_ms = used_at_ms - 3600000")
    kept = refresh(own, first["token_refresco"]).json()
    given = [session(own, user["usuario"]) for _ in range(MAX_SESSIONS - 1)]
    assert len(rows_of(own.ana, rut=user["rut"])) == MAX_SESSIONS
    refused(caller.get("/tienda"), 401, "no_autenticado")
    assert is_good(own, kept["token"])
    assert is_good(own, given[-1]["token"])
