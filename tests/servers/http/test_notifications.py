"""``/notificaciones``: what one is told, until one has seen it, and who hears of it."""

from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness import api_keys
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, new_rut
from tests.harness.clients import client
from tests.harness.http import Caller, refused, unfit
from tests.harness.lines import Program
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop()


def notify(shop: RunningShop, rut: str, titulo: str = "Llegó el pan") -> dict[str, Any]:
    body = {"rut": rut, "titulo": titulo, "texto": "Está en la bodega."}
    sent: dict[str, Any] = shop.ana.ok("POST", "/notificaciones", body)
    return sent


def see(caller: Caller, number: int) -> dict[str, Any]:
    seen: dict[str, Any] = caller.ok("POST", f"/notificaciones/{number}/visto")
    return seen


def waiting(caller: Caller) -> list[dict[str, Any]]:
    return caller.all("/notificaciones", pendientes="si")


def test_it_waits_for_its_user_over_a_restart_and_a_kill(own: RunningShop) -> None:
    sent = notify(own, CLARA_RUT)
    assert (sent["titulo"], sent["texto"], sent["visto"]) == (
        "Llegó el pan",
        "Está en la bodega.",
        None,
    )
    own.restart(kill=True)
    assert waiting(own.clara) == [sent]

    seen = see(own.clara, sent["id"])
    assert seen == sent | {"visto": seen["visto"]}
    own.restart(kill=True)
    assert see(own.clara, sent["id"]) == seen
    assert waiting(own.clara) == []
    assert own.clara.all("/notificaciones") == [seen]
    assert own.clara.all("/notificaciones", pendientes="no") == [seen]


def test_pages_show_ones_own_newest_first_with_the_number_of_the_state(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody("Cajero")
    sent = [notify(shop, user["rut"], f"Aviso {number}") for number in range(5)]
    page = caller.get("/notificaciones", params={"limite": 2})
    assert page.json()["datos"] == sent[:2:-1]
    assert int(page.headers["Trastienda-N"]) > 0
    assert caller.all("/notificaciones") == sent[::-1]
    assert caller.all("/notificaciones", q="aviso 3") == [sent[3]]


def test_what_is_not_fit_is_refused_with_its_field(shop: RunningShop) -> None:
    good = {"rut": CLARA_RUT, "titulo": "Uno", "texto": "Dos"}
    for field, value in (("titulo", " "), ("texto", "x" * 1001), ("rut", "1-0")):
        answer = shop.ana.post("/notificaciones", json=good | {field: value})
        assert list(unfit(answer, field)) == [field]
    answer = shop.ana.post("/notificaciones", json=good | {"rut": new_rut()})
    refused(answer, 404, "no_encontrado")
    refused(shop.clara.post("/notificaciones/999999/visto"), 404, "no_encontrado")


def test_the_registro_says_who_to_whom_and_none_of_the_words(
    shop: RunningShop,
) -> None:
    sent = notify(shop, BETO_RUT, "Palabra reservada")
    (row,) = shop.ana.ok("GET", "/registros", params={"limite": 1})["datos"]
    assert row["accion"] == "notificacion"
    assert row["quien"]["rut"] == ANA_RUT
    assert row["detalle"] == {"id_notificacion": sent["id"], "rut": BETO_RUT}
    assert "reservada" not in row["canonico"]


def test_programs_on_lines_hear_their_own_at_each_session_and_nobody_elses(
    shop: RunningShop,
) -> None:
    with ExitStack() as stack:

        def come(username: str) -> Program:
            one = stack.enter_context(Program(shop.server.chat)).log_in(username)
            one.told()
            return one

        first, second, ana, beto = map(come, ("clara", "clara", "ana", "beto"))
        guest = stack.enter_context(Program(shop.server.chat))
        guest.ok("nombre", alias="visita")
        sent = notify(shop, CLARA_RUT, "Su pedido")
        for one in (first, second):
            heard = one.event("notificacion")
            assert heard.pop("n") > 0
            assert heard == {"evento": "notificacion"} | {
                name: sent[name] for name in ("id", "titulo", "texto", "fecha")
            }

        seen = see(shop.clara, sent["id"])
        see(shop.clara, sent["id"])
        for one in (first, second):
            heard = one.event("notificacion_vista")
            assert (heard["id"], heard["visto"]) == (sent["id"], seen["visto"])
            assert one.told() == [], "seen once"
        for other in (ana, beto, guest):
            events = {event["evento"] for event in other.told()}
            assert events.isdisjoint({"notificacion", "notificacion_vista"})


def test_a_program_with_a_key_hears_nothing_of_its_makers(shop: RunningShop) -> None:
    key = api_keys.make(shop, "Cajero")["llave"]
    n = shop.ana.get("/notificaciones").headers["Trastienda-N"]
    notify(shop, ANA_RUT)
    shop.code()
    heard = []
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.stream(
        "GET",
        f"{shop.server.url}/eventos",
        params={"desde": n},
        headers=headers,
        timeout=PATIENCE_S,
    ) as answer:
        for line in answer.iter_lines():
            if line.startswith("event:"):
                heard.append(line.removeprefix("event:").strip())
            if "producto" in heard:
                break
    assert "notificacion" not in heard


def test_a_look_and_what_is_announced_after_it_make_the_next_look(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody()
    with Program(shop.server.chat) as program:
        program.log_in(user["usuario"])
        old = [notify(shop, user["rut"]) for _ in range(2)]
        answer = caller.get("/notificaciones")
        n = int(answer.headers["Trastienda-N"])
        known = {row["id"]: row for row in answer.json()["datos"]}
        new = notify(shop, user["rut"])
        see(caller, old[0]["id"])
        see(caller, new["id"])
        for heard in program.told():
            if heard.get("n", 0) <= n:
                continue
            if heard["evento"] == "notificacion":
                row = {name: heard[name] for name in ("id", "titulo", "texto", "fecha")}
                known[heard["id"]] = row | {"visto": None}
            elif heard["evento"] == "notificacion_vista":
                known[heard["id"]]["visto"] = heard["visto"]
        rows = sorted(known.values(), key=lambda row: row["id"], reverse=True)
        assert rows == caller.all("/notificaciones")


def test_who_is_not_staff_is_told_nothing_of_the_stock(own: RunningShop) -> None:
    code = own.code(nombre="Pan de molde", stock=10, stock_minimo=5)
    before = len(waiting(own.ana))
    own.sell((code, 6))
    (told, *earlier) = waiting(own.ana)
    assert len(earlier) == before
    assert told["titulo"] == "Queda poco de Pan de molde"
    assert told["texto"] == f"Pan de molde ({code}): 4; el mínimo es 5."
    assert waiting(own.beto) == waiting(own.clara) == []


def test_the_sdk_notifies_lists_and_sees(shop: RunningShop) -> None:
    user, _ = shop.somebody()
    with (
        client(shop.server, "ana") as ana,
        client(shop.server, user["usuario"]) as somebody,
    ):
        sent = ana.notify(user["rut"], "Uno", "Dos")
        assert list(somebody.notifications(pendientes=True)) == [sent]
        seen = somebody.see_notification(sent.id)
        assert seen.visto is not None
        assert list(somebody.notifications()) == [seen]
        assert list(somebody.notifications(pendientes=True)) == []


def test_a_large_return_is_told_to_administrators(open_shop: OpenShop) -> None:
    shop = open_shop()
    code = shop.code(precio=30_000, stock=10)
    small, large = (shop.sell((code, count))["id_venta"] for count in (1, 2))
    for sale in (small, large):
        path = f"/ventas/{sale}/devoluciones"
        shop.beto.ok("POST", path, {"motivo": "se arrepintió"})
    (told,) = shop.ana.ok("GET", "/notificaciones")["datos"]
    assert told["titulo"] == "Devolución grande"
    assert "$60.000" in told["texto"]
    assert "Beto" in told["texto"]

    shop.ana.ok("PUT", "/tienda", {"devolucion_grande": 0})
    sale = shop.sell((code, 3))["id_venta"]
    shop.beto.ok("POST", f"/ventas/{sale}/devoluciones", {"motivo": "no era"})
    assert len(shop.ana.ok("GET", "/notificaciones")["datos"]) == 1
    for wrong in (-1, 10**13, 1.5):
        unfit(
            shop.ana.put("/tienda", json={"devolucion_grande": wrong}),
            "devolucion_grande",
        )
