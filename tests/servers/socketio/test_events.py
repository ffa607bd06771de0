"""Socket.IO: who is let in, what is heard, and what is answered."""

import json
import time
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.api_keys import program
from tests.harness.cast import CLARA_RUT
from tests.harness.http import order
from tests.harness.screens import Screen, bare, refusal
from tests.harness.shop import RunningShop

TRANSPORTS = pytest.mark.parametrize(
    "transports", [("websocket",), ("polling",), ("polling", "websocket")], ids="+".join
)


@TRANSPORTS
def test_a_sale_is_heard_on_every_screen_whose_list_holds_it(
    shop: RunningShop, transports: tuple[str, ...]
) -> None:
    code = shop.code(precio=1000, stock=10)
    with (
        Screen.of(shop, shop.ana, transports=transports) as ana,
        Screen.of(shop, shop.beto, transports=transports) as beto,
        Screen.of(shop, shop.clara, transports=transports) as clara,
    ):
        sale = shop.beto.ok("POST", "/ventas-detalle", order((code, 2)))

        wanted = sale["id_venta"]

        for screen in (ana, beto):
            heard = screen.wait_for("venta", lambda body: body["id_venta"] == wanted)
            assert heard.pop("n") > 0
            assert heard == sale
        level = clara.wait_for("stock", lambda body: body["codigo_barras"] == code)
        assert level == {"n": level["n"], "codigo_barras": code, "stock": 8}
        clara.ok("salas")
        assert not clara.of_name("venta")
        for screen in (ana, beto, clara):
            assert screen.numbers() == sorted(set(screen.numbers()))


def test_whoever_does_not_say_who_they_are_is_told_why(shop: RunningShop) -> None:
    for auth in ({"token": "x"}, {}, {"token": None}, [1], "x"):
        told = refusal(shop.server.url, auth)
        assert told["codigo"] == "no_autenticado"
        assert told["detail"]


@TRANSPORTS
def test_a_client_that_was_away_hears_what_it_missed(
    shop: RunningShop, transports: tuple[str, ...]
) -> None:
    code = shop.code(stock=100)
    with Screen.of(shop, shop.beto) as before:
        shop.sell((code, 1))
        n = before.wait_for("venta")["n"]
    missed = [shop.sell((code, 1))["id_venta"] for _ in range(5)]
    with Screen.of(shop, shop.beto, live=False, transports=transports) as after:
        reached = after.ok("reanudar", desde=n)
        assert [sale["id_venta"] for sale in after.of_name("venta")] == missed
        assert after.numbers() == sorted(set(after.numbers()))
        assert reached["n"] >= after.numbers()[-1]
        sale = shop.sell((code, 1))
        after.wait_for("venta", lambda body: body["id_venta"] == sale["id_venta"])
        assert after.numbers() == sorted(set(after.numbers()))
        assert after.ok("reanudar", desde=10**9)["hueco"] is True


def test_nothing_new_overtakes_what_somebody_on_a_slow_line_has_missed(
    shop: RunningShop,
) -> None:
    code = shop.code(stock=100)
    n = int(shop.beto.get("/products?limite=1").headers["Trastienda-N"])
    for _ in range(3):
        shop.sell((code, 1))
    with bare(shop.server.url) as one:
        time.sleep(1)  # what it takes over the telephone, once and again
        one.send("40" + json.dumps({"token": shop.beto.token}))
        assert str(one.recv()).startswith("40")
        time.sleep(1)
        shop.sell((code, 1))
        one.send("421" + json.dumps(["reanudar", {"desde": n}]))
        heard = []
        while not (packet := str(one.recv())).startswith("431"):
            body = json.loads(packet[2:])[1]
            if "n" in body:  # or it had waited until now
                heard.append(body["n"])
    assert len(heard) >= 4
    assert heard == sorted(set(heard))


def test_whoever_says_on_connecting_what_they_heard_last_goes_on_from_there(
    shop: RunningShop,
) -> None:
    code = shop.code(stock=100)
    n = int(shop.beto.get("/products?limite=1").headers["Trastienda-N"])
    missed = [shop.sell((code, 1))["id_venta"] for _ in range(3)]
    auth = {"token": shop.beto.token, "desde": n}
    with Screen(shop.server.url, None, auth=auth) as screen:
        sale = shop.sell((code, 1))["id_venta"]
        screen.wait_for("venta", lambda body: body["id_venta"] == sale)
        assert [body["id_venta"] for body in screen.of_name("venta")] == [*missed, sale]
        assert screen.numbers() == sorted(set(screen.numbers()))
    with Screen(shop.server.url, None, auth=auth | {"desde": 10**9}) as screen:
        assert screen.wait_for("hueco")["n"] < 10**9
    told = refusal(shop.server.url, auth | {"desde": "x"})
    assert told["codigo"] == "datos_invalidos"


def test_escanear_answers_the_product(shop: RunningShop) -> None:
    code = shop.code(precio=1000, stock=10)
    with Screen.of(shop, shop.beto) as till, Screen.of(shop, shop.beto) as phone:
        assert phone.ok("escanear", codigo_barras=code)["producto"] == shop.beto.ok(
            "GET", f"/product/barcode/{code}"
        )
        assert till.wait_for("escaneo")["producto"]["codigo_barras"] == code
        phone.refused("escanear", "no_encontrado", codigo_barras="no-hay")
        phone.refused("nada", "no_encontrado")
        phone.refused("escanear", "datos_invalidos", codigo=code)


def test_a_customer_hears_of_a_retired_product_that_it_is_gone_and_no_more(
    shop: RunningShop,
) -> None:
    code = shop.code(costo=700)
    with Screen.of(shop, shop.clara) as clara, Screen.of(shop, shop.beto) as beto:
        shop.ana.ok("DELETE", f"/product/barcode/{code}")
        shop.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 5})

        gone = clara.wait_for("producto", lambda body: body["codigo_barras"] == code)
        assert gone == {
            "n": gone["n"],
            "codigo_barras": code,
            "estado": "Inactivo",
        }
        beto.wait_for("producto", lambda body: body.get("precio") == 5)
        clara.ok("salas")
        assert len(clara.of_name("producto")) == 1
        assert beto.of_name("producto")[0]["costo"] == 700


def test_everything_since_the_first_day_is_told_again_to_whoever_may_hear_it(
    open_shop: OpenShop,
) -> None:
    shop = open_shop()
    user, _ = shop.somebody("Cajero")
    sale = shop.sell((shop.code(stock=500), 1))
    for _ in range(120):
        shop.sell((sale["detalle"][0]["codigo_barras"], 1))
    shop.ana.ok("DELETE", f"/users/{user['rut']}")
    heard = {}
    for name, who in (("ana", shop.ana), ("beto", shop.beto), ("clara", shop.clara)):
        with Screen.of(shop, who, live=False) as screen:
            reached = screen.ok("reanudar", desde=0)
            assert screen.numbers() == sorted(set(screen.numbers()))
            assert reached["n"] >= screen.numbers()[-1]
            heard[name] = {event for event, _ in screen.heard}
            assert len(screen.of_name("stock")) == 122
    assert heard["ana"] >= {"producto", "stock", "venta", "usuario"}
    assert heard["beto"] == {"producto", "stock", "venta", "usuario"}
    assert heard["clara"] == {"producto", "stock", "usuario"}, "their own account"


def test_a_notification_is_heard_everywhere_and_waits_until_it_is_seen(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody("Cajero")
    body = {"rut": user["rut"], "titulo": "Pan", "texto": "Ponle precio al pan."}
    with Screen.of(shop, shop.ana) as ana, Screen.of(shop, caller) as till:
        first = ana.ok("notificar", **body)["id"]
        heard = till.wait_for("notificacion")
        assert (heard["id"], heard["texto"]) == (first, "Ponle precio al pan.")
        ana.ok("salas")
        assert not [one for one in ana.of_name("notificacion") if one["id"] == first]

    with Screen.of(shop, caller) as till, Screen.of(shop, caller) as phone:
        waited = till.wait_for("notificacion")
        assert (waited["id"], "n" in waited) == (first, False)
        phone.ok("visto", id=first)
        assert till.wait_for("notificacion_vista")["id"] == first
        phone.refused("notificar", "sin_permiso", **body)
    with Screen.of(shop, caller) as till:
        till.ok("salas")
        assert not till.of_name("notificacion")


def test_a_customers_key_hears_nothing_of_what_its_maker_sold(
    shop: RunningShop,
) -> None:
    code = shop.code(stock=10)
    before = int(shop.ana.get("/products?limite=1").headers["Trastienda-N"])
    sales = [
        shop.sell((code, 1), by=shop.ana),
        shop.sell((code, 1), by=shop.ana, cliente=CLARA_RUT),
    ]
    for sale in sales:
        back = {"motivo": "m"}
        shop.ana.ok("POST", f"/ventas/{sale['id_venta']}/devoluciones", back)
    key = program(shop, "Cliente")
    with (
        Screen.of(shop, key, live=False) as screen,
        Screen.of(shop, shop.clara) as clara,
    ):
        screen.ok("reanudar", desde=before)
        clara.ok("reanudar", desde=before)
        assert screen.of_name("stock")
        assert screen.of_name("venta") == screen.of_name("devolucion") == []
        assert [one["id_venta"] for one in clara.of_name("devolucion")] == [
            sales[1]["id_venta"]
        ]


@pytest.mark.parametrize("body", [None, [1], "x", 5, True])
@pytest.mark.parametrize("name", ["escanear", "reanudar", "mensaje"])
def test_an_event_with_no_object_is_refused_and_not_left_without_an_answer(
    shop: RunningShop, name: str, body: Any
) -> None:
    with bare(shop.server.url) as socket:
        socket.send("40" + json.dumps({"token": shop.beto.token}))
        socket.send("427" + json.dumps([name, body]))
        while not (packet := str(socket.recv())).startswith("437"):
            pass
    (answer,) = json.loads(packet.removeprefix("437"))
    assert (answer["ok"], answer["codigo"]) == (False, "datos_invalidos")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**70])
def test_a_number_that_no_notification_has_is_unknown(
    shop: RunningShop, number: int
) -> None:
    with Screen.of(shop, shop.beto) as screen:
        screen.refused("visto", "datos_invalidos", id=number)


@pytest.mark.parametrize("number", [0, -1, 10**10])
def test_a_scan_counts_from_one(shop: RunningShop, number: int) -> None:
    with Screen.of(shop, shop.beto) as screen:
        screen.refused(
            "escanear", "datos_invalidos", codigo_barras=shop.code(), numero=number
        )
