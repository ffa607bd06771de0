"""Several requests in a row, sent without waiting: each is answered, in order."""

import json
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.harness.http import order
from tests.harness.shop import RunningShop
from tests.harness.waiting import PATIENCE_S

MANY = 4000


class Pipeline:
    """A connection over which answers are read one after the other."""

    def __init__(self, shop: RunningShop) -> None:
        place = urlsplit(shop.server.url)
        address = (place.hostname or "", place.port or 0)
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> "Pipeline":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def answer(self) -> tuple[int, Any]:
        """The next answer: its status, and its JSON."""
        status = int(self._file.readline().split()[1])
        length = 0
        while (line := self._file.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, json.loads(self._file.read(length))

    def end(self) -> bytes:
        """All that comes until the other side hangs up."""
        return self._file.read()


def request(
    method: str, path: str, body: bytes = b"", token: str | None = None
) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
    ]
    if body:
        lines.append("Content-Type: application/json")
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def sale(shop: RunningShop, code: str, size: int = 0) -> bytes:
    body = json.dumps(order((code, 1))).encode()
    padded = body + b" " * (size - len(body))
    return request("POST", "/ventas-detalle", padded, shop.beto.token)


def test_thousands_of_requests_at_once_are_answered_in_order(shop: RunningShop) -> None:
    with Pipeline(shop) as one:
        pair = request("GET", "/salud") + request("GET", "/nada")
        sending = threading.Thread(
            target=one.socket.sendall, args=(pair * (MANY // 2),)
        )
        sending.start()
        statuses = [one.answer()[0] for _ in range(MANY)]
        sending.join()
    assert statuses == [200, 404] * (MANY // 2)


@pytest.mark.parametrize("size", [0, 90_000])
def test_a_sale_with_the_beginning_of_the_next_head_behind_it_is_answered(
    shop: RunningShop, size: int
) -> None:
    code = shop.code()
    following = request("GET", "/salud")
    with Pipeline(shop) as one:
        one.socket.sendall(sale(shop, code, size) + following[:13])
        assert one.answer()[0] == 201
        one.socket.sendall(following[13:])
        assert one.answer() == (200, {"estado": "viva"})
    assert shop.stock(code) == 99


def test_what_is_no_request_behind_a_sale_is_refused_behind_its_answer(
    shop: RunningShop,
) -> None:
    code = shop.code()
    with Pipeline(shop) as one:
        one.socket.sendall(sale(shop, code) + b"NONSENSE\r\n\r\n")
        assert one.answer()[0] == 201
        status, problem = one.answer()
        assert (status, problem["codigo"]) == (400, "solicitud_ilegible")
        assert one.end() == b""
    assert shop.stock(code) == 99


def test_an_endless_head_behind_a_sale_is_refused_behind_its_answer(
    shop: RunningShop,
) -> None:
    code = shop.code()
    with Pipeline(shop) as one:
        head = b"GET /salud HTTP/1.1\r\nX-Long: " + b"a" * 200_000
        one.socket.sendall(sale(shop, code) + head)
        assert one.answer()[0] == 201
        status, problem = one.answer()
        assert (status, problem["codigo"]) == (431, "cabecera_grande")
        assert one.end() == b""


def test_sales_in_a_row_are_each_made_once(shop: RunningShop) -> None:
    code = shop.code()
    with Pipeline(shop) as one:
        one.socket.sendall(sale(shop, code) * 50)
        assert [one.answer()[0] for _ in range(50)] == [201] * 50
    assert shop.stock(code) == 50
