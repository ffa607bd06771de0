"""What the shop is called: whoever asks for another name is sent away, and told why."""

import socket
from pathlib import Path

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused
from tests.harness.server import Server
from tests.harness.shop import RunningShop


def called(shop: RunningShop, host: str) -> httpx.Response:
    return shop.nobody.get("/metrics", headers={"Host": host})


def bare(server: Server, head: str) -> str:
    """The first line of the answer to a head as it stands."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
        return one.makefile().readline().strip()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:5000",
        "localhost.",
        "caja.localhost:5000",
        "127.0.0.1",
        "[::1]:5000",
        "192.168.7.31:5000",
        socket.gethostname(),
    ],
)
def test_own_names_and_addresses_are_answered(shop: RunningShop, host: str) -> None:
    assert called(shop, host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:5000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "0x7f.1",
    ],
)
def test_another_name_is_refused_and_the_setting_named(
    shop: RunningShop, host: str
) -> None:
    problem = refused(called(shop, host), 421, "host_no_admitido")
    assert "TRASTIENDA_HOSTS" in problem["detail"]
    assert host.partition(":")[0] in problem["detail"]
    answer = shop.nobody.post(
        "/login", json={"usuario": "ana", "clave": "x"}, headers={"Host": host}
    )
    refused(answer, 421, "host_no_admitido")


def test_no_name_two_names_and_what_is_no_name_are_400(shop: RunningShop) -> None:
    unreadable = ("a b", "<script>", "localhost:x", "ñandu", "user@localhost", "")
    misshapen = ("..localhost", ".localhost", "localhost..", "127.0.0.1:99999", "[::1")
    for host in (*unreadable, *misshapen):
        answer = shop.nobody.get("/salud", headers=[(b"Host", host.encode())])
        refused(answer, 400, "host_ilegible")
    server = shop.server
    assert "400" in bare(server, "GET /salud HTTP/1.1")
    assert "400" in bare(
        server, "GET /salud HTTP/1.1\r\nHost: localhost\r\nHost: localhost"
    )


def test_the_host_of_an_absolute_target_counts(shop: RunningShop) -> None:
    server, host = shop.server, "Host: localhost"
    for target, status in (
        ("http://localhost:5000/salud", "200"),
        ("http://127.0.0.1/salud", "200"),
        ("http://evil.example/salud", "421"),
        ("HTTP://evil.example:5000/salud?x=1", "421"),
        ("http://localhost@evil.example/salud", "400"),
        ("http://localhost:99999/salud", "400"),
    ):
        assert status in bare(server, f"GET {target} HTTP/1.1\r\n{host}"), target
    own = "http://localhost/salud"
    assert "200" in bare(server, f"GET {own} HTTP/1.1\r\nHost: evil.example")
    assert "400" in bare(server, f"GET {own} HTTP/1.1")
    assert "400" in bare(server, f"GET {own} HTTP/1.1\r\n{host}\r\n{host}")
    assert "421" in bare(server, "GET http://evil.example/salud HTTP/1.0")


def test_the_old_protocol_needs_no_name_but_no_wrong_one(shop: RunningShop) -> None:
    assert "200" in bare(shop.server, "GET /salud HTTP/1.0")
    assert "421" in bare(shop.server, "GET /salud HTTP/1.0\r\nHost: evil.example")


def test_names_of_the_settings_are_answered(open_shop: OpenShop) -> None:
    own = open_shop(hosts="Tienda.example, *.caja.example")
    for host in ("tienda.example:8443", "a.b.caja.example", "uno.caja.example."):
        assert called(own, host).status_code == 200
    for host in ("caja.example", "otra.example", "x.tienda.example"):
        refused(called(own, host), 421, "host_no_admitido")


def test_with_a_star_every_name_is_answered(open_shop: OpenShop) -> None:
    assert called(open_shop(hosts="*"), "evil.example").status_code == 200


def test_what_is_no_name_is_reported_at_the_start(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", wait=False, hosts="https://tienda.example/")
    assert server.wait() == 1
    assert "TRASTIENDA_HOSTS" in server.log
