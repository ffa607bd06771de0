"""The head of a request has its limits, whoever sends it."""

import socket
from urllib.parse import urlsplit

from tests.harness.shop import RunningShop


def test_an_endless_request_head_closes_the_connection(shop: RunningShop) -> None:
    address = urlsplit(str(shop.nobody.get("/salud").url))
    assert address.hostname is not None
    with socket.create_connection(
        (address.hostname, address.port or 80), timeout=30
    ) as one:
        one.sendall(b"GET /salud HTTP/1.1\r\nHost: localhost\r\n")
        sent, cut = 0, False
        while sent < 64 * 1024 * 1024 and not cut:
            try:
                one.sendall(b"X-Long: " + b"a" * 8000 + b"\r\n")
                sent += 8000
            except OSError:
                cut = True
    assert cut
    assert shop.nobody.get("/salud").status_code == 200


def test_a_long_head_within_the_limit_is_read(shop: RunningShop) -> None:
    assert (
        shop.nobody.get("/salud", headers={"X-Long": "a" * 30_000}).status_code == 200
    )
