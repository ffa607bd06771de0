"""Server-sent events: what is told, to whom, and from where on."""

from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.contract.test_routes import BY_NAME
from tests.harness import api_keys
from tests.harness.cast import CLARA_RUT, PASSWORD
from tests.harness.http import Caller, refused, unfit
from tests.harness.lines import Program
from tests.harness.listeners import Listener
from tests.harness.screens import Screen
from tests.harness.shell import shell
from tests.harness.shop import RunningShop

PENDING = {"medio": "pendiente", "monto": 1000}


def listening(shop: RunningShop, caller: Caller, **query: int) -> Listener:
    return Listener(shop, caller.token, query=query)


def last_n(shop: RunningShop) -> int:
    """The number of the last announcement."""
    return int(shop.ana.get("/tienda").headers["trastienda-n"])


def test_a_sale_is_told_with_its_number_as_id(shop: RunningShop) -> None:
    code = shop.code(stock=10)
    with listening(shop, shop.beto) as beto:
        assert beto.retry == "3000"
        sale = shop.sell((code, 2))
        heard = beto.wait_for(
            "venta", lambda body: body["id_venta"] == sale["id_venta"]
        )
        event = next(one for one in beto.heard if one.body == heard)
        assert event.last_id == str(heard["n"])
        assert heard == {"n": heard["n"]} | sale
        level = beto.wait_for("stock", lambda body: body["codigo_barras"] == code)
        assert level == {"n": level["n"], "codigo_barras": code, "stock": 8}
        beto.wait_for_number(level["n"])
        assert beto.numbers() == sorted(set(beto.numbers()))


def test_the_head_says_how_to_treat_what_follows(shop: RunningShop) -> None:
    with listening(shop, shop.beto) as beto:
        headers = beto.answer.headers
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in headers
        assert "content-length" not in headers
    head = shop.beto.head("/eventos")
    assert head.status_code == 200
    assert head.headers["content-type"] == "text/event-stream"
    assert head.content == b""


def test_the_same_is_told_as_over_socket_io(shop: RunningShop) -> None:
    code = shop.code(stock=100, stock_minimo=98, costo=400)
    gone = shop.code(stock=0)
    with Screen.of(shop, shop.ana) as screen, listening(shop, shop.ana) as ana:
        first_n = int(ana.last_id)
        owed = shop.sell(
            (code, 3), pagos=[PENDING | {"monto": 3000}], cliente=CLARA_RUT
        )
        returned = {
            "motivo": "roto",
            "detalle": [{"codigo_barras": code, "cantidad": 1}],
        }
        shop.beto.ok("POST", f"/ventas/{owed['id_venta']}/devoluciones", returned)
        line = {"codigo_barras": code, "cantidad": 5, "costo": 390}
        shop.ana.ok("POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]})
        shop.somebody()
        with Screen.of(shop, shop.beto) as other:
            other.ok("mensaje", sala="general", texto="hola")
        shop.ana.ok("DELETE", f"/product/barcode/{gone}", params={"definitivo": "si"})

        def is_last(body: Any) -> bool:
            return bool(body["codigo_barras"] == gone)

        until_n = screen.wait_for("producto_eliminado", is_last)["n"]
        ana.wait_for("producto_eliminado", is_last)
        on_screen = [
            (name, body)
            for name, body in screen.heard
            if body and first_n < body.get("n", 0) <= until_n
        ]
        heard = [
            (one.name, one.body)
            for one in ana.heard
            if first_n < one.body["n"] <= until_n
        ]
        assert heard == on_screen
        assert {name for name, _ in heard} >= {
            "venta",
            "devolucion",
            "compra",
            "usuario",
            "stock",
            "stock_bajo",
            "producto",
            "producto_eliminado",
            "mensaje",
        }


class TestWhoHears:
    """What each role hears, and does not."""

    def test_customers_hear_no_cost_and_only_their_own_sales(
        self, shop: RunningShop
    ) -> None:
        with listening(shop, shop.clara) as clara, listening(shop, shop.beto) as beto:
            code = shop.code(costo=700)
            shop.sell((code, 1))
            own = shop.sell((code, 1), cliente=CLARA_RUT)
            heard = clara.wait_for("venta")
            assert heard["id_venta"] == own["id_venta"]
            product = clara.wait_for("producto", lambda b: b["codigo_barras"] == code)
            assert "costo" not in product
            product = beto.wait_for("producto", lambda b: b["codigo_barras"] == code)
            assert product["costo"] == 700

            shop.ana.ok("DELETE", f"/product/barcode/{code}")
            shop.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 5})
            beto.wait_for("producto", lambda body: body.get("precio") == 5)
            shop.sell((shop.code(), 1), cliente=CLARA_RUT)
            clara.wait_for("venta", lambda body: body["id_venta"] > own["id_venta"])
            (gone,) = [b for b in clara.of_name("producto") if "precio" not in b]
            assert gone == {"n": gone["n"], "codigo_barras": code, "estado": "Inactivo"}
            assert {"compra", "usuario", "stock_bajo", "mensaje"}.isdisjoint(
                one.name for one in clara.heard
            )

    def test_a_sale_of_somebody_elses_is_heard_by_those_whose_list_holds_it(
        self, shop: RunningShop
    ) -> None:
        _, other = shop.somebody("Cajero")
        code = shop.code()
        with listening(shop, other) as listener:
            shop.sell((code, 1))
            owed = shop.sell((code, 1), pagos=[PENDING], cliente=CLARA_RUT)
            listener.wait_for("venta")
            assert [b["id_venta"] for b in listener.of_name("venta")] == [
                owed["id_venta"]
            ]

    def test_a_key_hears_as_its_role_and_no_private_talk(
        self, shop: RunningShop
    ) -> None:
        user, maker = shop.somebody("Administrador")
        key = api_keys.make(shop, "Cliente", by=maker)["llave"]
        before = last_n(shop)
        with (
            Listener(shop, key) as program,
            Listener(shop, maker.token) as person,
            Screen.of(shop, shop.ana) as ana,
        ):
            code = shop.code(costo=700)
            shop.sell((code, 1))
            ana.ok("mensaje", para=user["usuario"], texto="entre nosotras")
            person.wait_for("mensaje", lambda body: body["texto"] == "entre nosotras")
            shop.sell((code, 1))
            program.wait_for(
                "stock", lambda b: (b["codigo_barras"], b["stock"]) == (code, 98)
            )
            assert "costo" not in program.of_name("producto")[-1]
            assert {"venta", "mensaje", "compra"}.isdisjoint(
                one.name for one in program.heard
            )
        with Listener(shop, key, query={"desde": before}) as program:
            program.wait_for_number(last_n(shop))
            assert "mensaje" not in {one.name for one in program.heard}

    def test_a_key_of_an_administrador_hears_of_accounts_its_makers_too(
        self, shop: RunningShop
    ) -> None:
        user, maker = shop.somebody("Administrador")
        key = api_keys.make(shop, by=maker)["llave"]
        with Listener(shop, key) as program:
            change = {"nombre": "Otro Nombre"}
            shown = maker.ok("PUT", f"/users/{user['rut']}", change)
            heard = program.wait_for("usuario", lambda body: body["rut"] == user["rut"])
            assert {**shown, "n": heard["n"]} == heard

    def test_a_seller_who_is_a_customer_now_hears_no_sales_of_then(
        self, shop: RunningShop
    ) -> None:
        user, seller = shop.somebody("Cajero")
        owner, maker = shop.somebody("Administrador")
        key = api_keys.make(shop, "Cliente", by=maker)["llave"]
        code = shop.code()
        old = shop.sell((code, 1), by=seller, pagos=[PENDING], cliente=CLARA_RUT)
        with listening(shop, seller) as customer, Listener(shop, key) as program:
            shop.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cliente"})
            paid = {"pagos": [{"medio": "debito", "monto": 1000}]}
            shop.ana.ok("POST", f"/ventas/{old['id_venta']}/pagos", paid)
            shop.sell((code, 1), by=maker)
            own = shop.sell((code, 1), by=maker, cliente=user["rut"])
            mine = shop.sell((code, 1), by=maker, cliente=owner["rut"])
            heard = customer.wait_for("venta")
            assert heard["id_venta"] == own["id_venta"]
            assert program.wait_for("venta")["id_venta"] == mine["id_venta"]

    def test_a_private_message_that_was_only_listened_to_still_waits(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody("Cajero")
        with listening(shop, caller) as listener, Screen.of(shop, shop.ana) as ana:
            sent = ana.ok("mensaje", para=user["usuario"], texto="llámame")
            listener.wait_for("mensaje", lambda body: body["texto"] == "llámame")
            assert sent
            # Who listens is not in the chat, and nobody takes them for being there.
            assert user["usuario"] not in ana.ok("usuarios")["usuarios"]
        with Program(shop.server.chat) as chat:
            welcome = chat.ok("entrar", usuario=user["usuario"], clave=PASSWORD)
            assert "llámame" in str(welcome)

    def test_rooms_are_heard_by_those_who_may_read_them(
        self, shop: RunningShop
    ) -> None:
        with (
            listening(shop, shop.beto) as beto,
            listening(shop, shop.clara) as clara,
            Screen.of(shop, shop.ana) as ana,
        ):
            ana.ok("mensaje", sala="equipo", texto="solo nosotros")
            ana.ok("mensaje", sala="general", texto="para todos")
            heard = beto.wait_for("mensaje", lambda b: b["texto"] == "para todos")
            assert heard["sala"] == "general"
            beto.wait_for("mensaje", lambda body: body["texto"] == "solo nosotros")
            clara.wait_for("mensaje", lambda body: body["texto"] == "para todos")
            assert "solo nosotros" not in [b["texto"] for b in clara.of_name("mensaje")]


class TestFromWhere:
    """The number from which on everything is told."""

    def test_what_was_missed_comes_first_and_in_order(self, shop: RunningShop) -> None:
        code = shop.code(stock=1000)
        since = last_n(shop)
        missed = [shop.sell((code, 1))["id_venta"] for _ in range(60)]
        with listening(shop, shop.beto, desde=since) as beto:
            late = shop.sell((code, 1))["id_venta"]
            beto.wait_for("venta", lambda body: body["id_venta"] == late)
            own = [b["id_venta"] for b in beto.of_name("venta")]
            assert [number for number in own if number in {*missed, late}] == [
                *missed,
                late,
            ]
            assert beto.numbers() == sorted(set(beto.numbers()))

    def test_what_a_browser_says_when_it_comes_back_counts_first(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        before = last_n(shop)
        first = shop.sell((code, 1))["id_venta"]
        after = last_n(shop)
        second = shop.sell((code, 1))["id_venta"]
        header = {"Last-Event-ID": str(after)}
        with Listener(
            shop, shop.beto.token, headers=header, query={"desde": before}
        ) as beto:
            beto.wait_for("venta", lambda body: body["id_venta"] == second)
            assert first not in [body["id_venta"] for body in beto.of_name("venta")]
        empty = {"Last-Event-ID": ""}
        with Listener(
            shop, shop.beto.token, headers=empty, query={"desde": before}
        ) as beto:
            beto.wait_for("venta", lambda body: body["id_venta"] == first)

    def test_without_a_number_it_begins_now_and_says_where(
        self, shop: RunningShop
    ) -> None:
        shop.sell((shop.code(), 1))
        n = last_n(shop)
        with listening(shop, shop.beto) as beto:
            assert int(beto.last_id) >= n
            assert not [number for number in beto.numbers() if number <= n]

    @pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 19])
    def test_a_number_is_a_whole_number(self, shop: RunningShop, value: str) -> None:
        unfit(shop.beto.get("/eventos", params={"desde": value}), "desde")
        header = {"Last-Event-ID": value}
        unfit(shop.beto.get("/eventos", headers=header), "Last-Event-ID")

    def test_a_number_that_was_never_given_is_a_gap(self, shop: RunningShop) -> None:
        with listening(shop, shop.beto, desde=10**15) as beto:
            (gap,) = beto.heard[:1]
            assert gap.name == "hueco"
            assert gap.body == {"n": int(gap.last_id)}
            sale = shop.sell((shop.code(), 1))
            heard = beto.wait_for("venta", lambda b: b["id_venta"] == sale["id_venta"])
            assert heard["n"] > gap.body["n"]

    def test_after_a_restore_what_the_copy_does_not_know_is_a_gap(
        self, open_shop: OpenShop
    ) -> None:
        shop = open_shop()
        data = shop.server.data
        copy = data.parent / "copia.db"
        code = shop.code()
        known = last_n(shop)
        assert shell("backup", copy, "--data", data, cwd=data.parent).returncode == 0
        shop.sell((code, 1))
        lost = last_n(shop)
        assert shop.server.stop() == 0
        run = shell("restore", copy, "--data", data, "--force", cwd=data.parent)
        assert run.returncode == 0, run.stderr
        shop.restart()
        with listening(shop, shop.beto, desde=lost) as beto:
            assert [one.name for one in beto.heard][:1] == ["hueco"]
            assert beto.heard[0].body["n"] > lost
        with listening(shop, shop.beto, desde=known) as beto:
            sale = shop.sell((code, 1))
            beto.wait_for("venta", lambda b: b["id_venta"] == sale["id_venta"])
            assert "hueco" not in {one.name for one in beto.heard}


def test_only_whoever_says_who_they_are_is_told(shop: RunningShop) -> None:
    assert "GET /eventos" in BY_NAME
    refused(shop.nobody.get("/eventos"), 401, "no_autenticado")
    refused(shop.caller("basura").get("/eventos"), 401, "no_autenticado")
    # A token in the address would stand in logs and histories.
    unfit(shop.beto.get("/eventos", params={"token": "x"}), "token")
    answer = shop.beto.get("/eventos", headers={"Accept": "application/json"})
    refused(answer, 406, "formato_no_disponible")
