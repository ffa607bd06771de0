"""When a connection ends: sessions, accounts, and clients that keep the shop waiting."""

import contextlib
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import websocket
from tests.conftest import OpenShop
from tests.harness import api_keys
from tests.harness.cast import PASSWORD
from tests.harness.lines import Program
from tests.harness.screens import Screen, bare, refusal
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S, eventually

BIG = "x" * 8000


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop(impatient=True, chat_rate=0)


def ends(one: websocket.WebSocket) -> bool:
    """Read to the end; return whether it came."""
    with contextlib.suppress(websocket.WebSocketConnectionClosedException, OSError):
        while one.recv():
            pass
    return True


def closed_as(screen: Screen, reason: str) -> None:
    assert screen.wait_for("cierre") == {"motivo": reason}
    screen.wait_for("disconnect")


def test_a_deactivated_users_sockets_end_at_once(own: RunningShop) -> None:
    user, caller = own.somebody("Cajero")
    with (
        Screen.of(own, caller) as one,
        Screen.of(own, caller, transports=("polling",)) as two,
    ):
        own.ana.ok("DELETE", f"/users/{user['rut']}")
        closed_as(one, "sesion_terminada")
        closed_as(two, "sesion_terminada")


def test_a_session_that_ends_takes_its_sockets_along_and_no_others(
    own: RunningShop,
) -> None:
    user, caller = own.somebody("Cajero")
    other = own.enter(user["usuario"])
    with Screen.of(own, caller) as one, Screen.of(own, other) as two:
        token = own.login(user["usuario"]).json()
        with Screen(own.server.url, token["token"]) as three:
            three.ok("salas")
            body = {"token_refresco": token["token_refresco"]}
            assert own.nobody.post("/logout", json=body).status_code == 204
            closed_as(three, "sesion_terminada")
        one.ok("salas")
        two.ok("salas")
        change = {"clave": "otra-clave-larga", "clave_actual": PASSWORD}
        caller.ok("PUT", f"/users/{user['rut']}", change)
        closed_as(one, "sesion_terminada")
        closed_as(two, "sesion_terminada")


def test_a_new_role_holds_at_once(own: RunningShop) -> None:
    user, caller = own.somebody("Cajero")
    code = own.code(costo=300)
    with Screen.of(own, caller) as screen:
        own.ana.ok("PUT", f"/users/{user['rut']}", {"tipo": "Cliente"})
        own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 77})
        heard = screen.wait_for("producto", lambda body: body.get("precio") == 77)
        assert "costo" not in heard
        screen.refused("historial", "sin_permiso", sala="equipo")


def test_a_program_with_a_key_listens_as_its_tipo_until_it_is_withdrawn(
    own: RunningShop,
) -> None:
    made = api_keys.make(own, "Cliente")
    code = own.code(costo=300)
    with (
        Screen(own.server.url, made["llave"]) as site,
        Screen.of(own, own.beto) as beto,
    ):
        assert "costo" not in site.ok("escanear", codigo_barras=code)["producto"]
        site.refused("mensaje", "sin_permiso", sala="general", texto="hola")
        beto.ok("mensaje", para="ana", texto="solo para ti")
        own.sell((code, 1))
        own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 78})
        heard = site.wait_for("producto", lambda body: body.get("precio") == 78)
        assert "costo" not in heard
        assert not site.of_name("venta")
        assert not [body for body in site.of_name("mensaje") if "para" in body]
        own.ana.delete(f"/llaves/{made['id_llave']}")
        closed_as(site, "sesion_terminada")


def test_a_key_that_ends_ends_its_connection(own: RunningShop) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    with Screen(own.server.url, api_keys.make(own, hasta=until)["llave"]) as site:
        closed_as(site, "sesion_terminada")


def test_a_provisional_password_ends_the_connections_and_lets_none_in(
    own: RunningShop,
) -> None:
    user, caller = own.somebody("Cajero")
    with Screen.of(own, caller) as screen:
        own.ana.ok("PUT", f"/users/{user['rut']}", {"debe_cambiar": True})
        closed_as(screen, "cambiar_clave")
    told = refusal(own.server.url, {"token": caller.token})
    assert told["codigo"] == "cambiar_clave"


def test_whoever_is_shut_out_of_the_chat_still_hears_the_shop(own: RunningShop) -> None:
    user, caller = own.somebody("Cajero")
    with Program(own.server.chat) as ana:
        ana.log_in("ana")
        with Screen.of(own, caller) as screen:
            ana.ok("bloquear", alias=user["usuario"])
            closed_as(screen, "bloqueado")
    with Screen(own.server.url, caller.token) as screen:
        screen.refused("mensaje", "bloqueado", sala="general", texto="hola")
        code = own.code()
        screen.ok("escanear", codigo_barras=code)
        own.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 79})
        screen.wait_for("producto", lambda body: body.get("precio") == 79)


def test_whoever_does_not_say_who_they_are_is_let_go(own: RunningShop) -> None:
    with bare(own.server.url) as one:
        assert ends(one)
    url = own.server.url + "/socket.io/"
    with httpx.Client() as client:
        opened = client.get(url, params={"EIO": "4", "transport": "polling"})
        sid = json.loads(opened.text[1:])["sid"]
        again = {"EIO": "4", "transport": "polling", "sid": sid}
        eventually(
            lambda: client.get(url, params=again, timeout=PATIENCE_S).is_error,
            "the session to end",
        )


def test_a_packet_that_is_too_large_ends_the_connection(own: RunningShop) -> None:
    with bare(own.server.url) as one:
        with contextlib.suppress(OSError):
            one.send("4" + "x" * 300_000)
        assert ends(one)


@pytest.mark.parametrize(
    "packet", ["4", "42", "42[", "4{}", "9", "", "43", "451-[]", "4" + "[" * 5000]
)
def test_a_packet_that_is_none_harms_nobody(own: RunningShop, packet: str) -> None:
    with Screen.of(own, own.beto) as beto, bare(own.server.url) as one:
        one.send("40" + json.dumps({"token": own.clara.token}))
        assert str(one.recv()).startswith("40")
        with contextlib.suppress(OSError):
            one.send(packet)
        beto.ok("salas")


def test_a_reader_that_stalls_is_closed_and_takes_little_memory(
    own: RunningShop,
) -> None:
    code = own.code()
    with (
        Screen.of(own, own.beto) as beto,
        bare(
            own.server.url, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]
        ) as stalled,
    ):
        stalled.send("40" + json.dumps({"token": own.clara.token}))
        stalled.send("42" + json.dumps(["escanear", {"codigo_barras": code}]))
        for number in range(1000):
            beto.ok("mensaje", sala="general", texto=f"{number} {BIG}")
        before = memory_of(own)
        for number in range(600):
            beto.ok("mensaje", sala="general", texto=f"{number} {BIG}")
        assert memory_of(own) - before < 8_000_000
        assert ends(stalled)
        beto.ok("salas")


def memory_of(shop: RunningShop) -> int:
    """What the server holds in memory, in bytes."""
    status = Path(f"/proc/{shop.server.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_when_the_shop_stops_everybody_hears_so_and_it_stops_in_time(
    open_shop: OpenShop, transport: str
) -> None:
    shop = open_shop()
    with Screen.of(shop, shop.beto, transports=(transport,)) as screen:
        assert shop.server.stop() == 0
        closed_as(screen, "detenida")


def test_a_page_of_a_foreign_site_opens_no_websocket(own: RunningShop) -> None:
    with (
        pytest.raises(websocket.WebSocketBadStatusException) as refused,
        bare(own.server.url, origin="http://mala.example"),
    ):
        pass
    assert refused.value.status_code == 403
    with bare(own.server.url, origin=own.server.url):
        pass
    with (
        pytest.raises(websocket.WebSocketBadStatusException) as refused,
        bare(own.server.url, host="mala.example"),
    ):
        pass
    assert refused.value.status_code in {403, 421}
