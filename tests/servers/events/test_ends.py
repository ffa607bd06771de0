"""Server-sent events: what ends them, and what changes for whoever listens."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import OpenShop
from tests.harness import api_keys
from tests.harness.http import Caller, refused
from tests.harness.lines import Program
from tests.harness.listeners import Listener
from tests.harness.login import forged
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose people may go, and that gives signs of life often."""
    return open_shop(impatient=True)


def told_the_end(listener: Listener) -> str:
    """Wait for the end; return the reason that was told last."""
    listener.wait_for_end()
    assert listener.heard[-1].name == "cierre", listener.heard
    assert [one.name for one in listener.heard].count("cierre") == 1
    return str(listener.heard[-1].body["motivo"])


def hears(shop: RunningShop, listener: Listener) -> None:
    """Expect that a listener hears of a new product."""
    code = shop.code()
    listener.wait_for("producto", lambda body: body["codigo_barras"] == code)


class TestWhoListens:
    """What happens to those who listen when who they are changes."""

    def test_the_end_of_a_token_is_no_end(self, own: RunningShop) -> None:
        soon = int(time.time()) + 2
        caller = own.caller(forged(own, str(own.beto.token), exp=soon))
        with Listener(own, caller.token) as listener:
            eventually(
                lambda: caller.get("/tienda").status_code == 401, "the token's end"
            )
            hears(own, listener)
            refused(caller.get("/eventos"), 401, "no_autenticado")

    def test_the_end_of_a_session_is_one(self, own: RunningShop) -> None:
        user, caller = own.somebody("Cajero")
        other = own.enter(user["usuario"])
        with Listener(own, caller.token) as first, Listener(own, other.token) as second:
            assert caller.post("/logout", json={}).status_code == 204
            assert told_the_end(first) == "sesion_terminada"
            hears(own, second)

    @pytest.mark.parametrize("by", ["user", "key"])
    def test_the_end_of_an_account_is_one(self, own: RunningShop, by: str) -> None:
        user, caller = own.somebody("Administrador")
        token = caller.token
        if by == "key":
            token = api_keys.make(own, by=caller)["llave"]
        with Listener(own, token) as listener:
            own.ana.ok("DELETE", f"/users/{user['rut']}")
            assert told_the_end(listener) == "sesion_terminada"
        refused(own.caller(token).get("/eventos"), 401, "no_autenticado")

    def test_a_provisional_password_is_one(self, own: RunningShop) -> None:
        user, caller = own.somebody("Cajero")
        with Listener(own, caller.token) as listener:
            body = {"clave": "otra-clave-larga", "debe_cambiar": True}
            own.ana.ok("PUT", f"/users/{user['rut']}", body)
            assert told_the_end(listener) in {"cambiar_clave", "sesion_terminada"}

    def test_another_role_holds_at_once(self, own: RunningShop) -> None:
        user, caller = own.somebody("Administrador")
        code = own.code(costo=700)
        line = {"codigo_barras": code, "cantidad": 1, "costo": 900}
        purchase = {"proveedor": "P", "detalle": [line]}
        with Listener(own, caller.token) as listener:
            own.ana.ok("POST", "/compras-detalle", purchase)
            listener.wait_for("compra")
            own.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cliente"})
            listener.wait_for("usuario", lambda body: body["tipo"] == "Cliente")
            own.ana.ok("POST", "/compras-detalle", purchase | {"documento": "2"})
            own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 1234})
            heard = listener.wait_for("producto", lambda b: b["precio"] == 1234)
            assert "costo" not in heard
            assert len(listener.of_name("compra")) == 1


class TestPrograms:
    """What happens to those who listen with a key."""

    def test_the_end_of_a_key_is_one(self, own: RunningShop) -> None:
        key, other = api_keys.make(own), api_keys.make(own)
        with (
            Listener(own, key["llave"]) as listener,
            Listener(own, other["llave"]) as stays,
        ):
            assert own.ana.delete(f"/llaves/{key['id_llave']}").status_code == 204
            assert told_the_end(listener) == "sesion_terminada"
            hears(own, stays)

    def test_a_key_ends_when_its_time_is_over(self, own: RunningShop) -> None:
        until = datetime.now(UTC) + timedelta(seconds=2)
        key = api_keys.make(own, hasta=until.isoformat())
        with Listener(own, key["llave"]) as listener:
            assert told_the_end(listener) == "sesion_terminada"

    def test_a_key_does_not_grow_with_what_changes_of_its_maker(
        self, own: RunningShop
    ) -> None:
        user, maker = own.somebody("Administrador")
        path = f"/users/{user['rut']}"
        cashier = api_keys.make(own, "Cajero", by=maker)["llave"]
        customer = api_keys.make(own, "Cliente", by=maker)["llave"]
        with Listener(own, cashier) as staff, Listener(own, customer) as program:
            code = own.code(costo=700)
            own.ana.ok("PUT", path, {"nombre": "Otro"})
            own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 1})
            heard = program.wait_for("producto", lambda body: body["precio"] == 1)
            assert "costo" not in heard
            heard = staff.wait_for("producto", lambda body: body["precio"] == 1)
            assert heard["costo"] == 700
            # Over HTTP they do not see whom they act for, either.
            assert not program.of_name("usuario")
            assert not staff.of_name("usuario")

            own.ana.ok("PUT", path, {"tipo": "Cliente"})
            own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 2})
            heard = staff.wait_for("producto", lambda body: body["precio"] == 2)
            assert "costo" not in heard

            own.ana.ok("PUT", path, {"tipo": "Administrador"})
            own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 3})
            heard = staff.wait_for("producto", lambda body: body["precio"] == 3)
            assert heard["costo"] == 700
            line = {"codigo_barras": code, "cantidad": 1, "costo": 900}
            own.ana.ok(
                "POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]}
            )
            own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 4})
            staff.wait_for("producto", lambda body: body["precio"] == 4)
            assert not staff.of_name("compra")

    def test_a_key_outlives_the_sessions_of_its_maker(self, own: RunningShop) -> None:
        user, maker = own.somebody("Administrador")
        key = api_keys.make(own, by=maker)["llave"]
        with Listener(own, key) as program, Listener(own, maker.token) as person:
            own.ana.delete("/sesiones", params={"rut": user["rut"]})
            assert told_the_end(person) == "sesion_terminada"
            hears(own, program)


def test_whoever_is_shut_out_of_the_chat_hears_the_shop_alone(own: RunningShop) -> None:
    user, caller = own.somebody("Cajero")
    with Listener(own, caller.token) as listener, Program(own.server.chat) as chat:
        chat.log_in("ana")
        chat.ok("bloquear", alias=user["usuario"])
        assert told_the_end(listener) == "bloqueado"
        with Listener(own, caller.token) as again:
            chat.ok("mensaje", texto="ahora sí")
            chat.ok("privado", para=user["usuario"], texto="nada para ti")
            hears(own, again)
            assert not again.of_name("mensaje")


def test_signs_of_life_say_how_far_it_was_told(own: RunningShop) -> None:
    with Listener(own, own.clara.token) as clara:
        # It is nothing that she hears of, and still she need not go back before it.
        line = {"codigo_barras": own.code(), "cantidad": 1, "costo": 900}
        own.ana.ok("POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]})
        own.sell((own.code(), 1), pagos=[{"medio": "efectivo", "monto": 1000}])
        own.somebody()
        n = int(own.ana.get("/tienda").headers["trastienda-n"])
        clara.wait_for_number(n)
        clara.wait_for_sign()
        assert max(clara.numbers()) < n


@pytest.mark.parametrize("how", ["SIGTERM", "salir"])
def test_streams_end_when_the_shop_stops(open_shop: OpenShop, how: str) -> None:
    shop = open_shop()
    listeners = [Listener(shop, one.token) for one in (shop.ana, shop.beto, shop.clara)]
    began = time.monotonic()
    if how == "salir":
        shop.server.say("salir")
    else:
        shop.server.process.send_signal(signal.SIGTERM)
    for listener in listeners:
        assert told_the_end(listener) == "detenida"
        listener.close()
    assert shop.server.wait() == 0
    assert time.monotonic() - began < 10
    shop.restart(kill=True)


def test_nothing_is_missed_over_kill_9(open_shop: OpenShop) -> None:
    shop = open_shop()
    code = shop.code(stock=1000)
    told: list[int] = []
    sold: list[int] = []
    last_id = ""
    for _ in range(4):
        header = {"Last-Event-ID": last_id} if last_id else {}
        with Listener(shop, shop.beto.token, headers=header) as listener:
            sold += [shop.sell((code, 1))["id_venta"] for _ in range(5)]
            listener.wait_for("venta")
            shop.restart(kill=True)
            listener.wait_for_end()
            told += [body["id_venta"] for body in listener.of_name("venta")]
            last_id = listener.last_id
        sold += [shop.sell((code, 1))["id_venta"] for _ in range(3)]
    with Listener(
        shop, shop.beto.token, headers={"Last-Event-ID": last_id}
    ) as listener:
        listener.wait_for("venta", lambda body: body["id_venta"] == sold[-1])
        told += [body["id_venta"] for body in listener.of_name("venta")]
    assert told == sold


def test_a_connection_goes_on_with_requests_behind_an_ended_stream(
    own: RunningShop,
) -> None:
    user, caller = own.somebody("Cajero")
    client = Caller(own.server, caller.token)
    with client, client.stream("GET", "/eventos") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 3000"
        own.ana.ok("DELETE", f"/users/{user['rut']}")
        assert "event: cierre" in list(lines)
        connected = answer.extensions["network_stream"].get_extra_info("socket")
        connected.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connected.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
