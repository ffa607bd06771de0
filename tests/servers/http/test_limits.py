"""Hostile input by HTTP: too large, half sent, oddly framed; always an answer, never a fault of ours."""

import contextlib
import random
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.conftest import OpenShop
from tests.harness.http import PROBLEM, Caller, order, refused
from tests.harness.routes import example_path
from tests.harness.shop import RunningShop

from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import MAX_BODY_BYTES, Route

WITH_BODY = [route for route in ROUTES if route.body is not None]
IDS = [f"{route.method} {route.path}" for route in WITH_BODY]


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that may be battered; its log is looked through when it closes."""
    shop = open_shop()
    code = shop.code(codigo_barras="7802800013210")
    shop.add("Elena", "elena", rut="1-9")
    sale = shop.sell(
        (code, 90),
        pagos=[{"medio": "pendiente", "monto": 90_000}],
        cliente="1-9",
    )
    assert sale["id_venta"] == 1
    return shop


@contextlib.contextmanager
def wire(shop: RunningShop) -> Iterator[socket.socket]:
    """A bare connection."""
    address = httpx.URL(shop.server.url)
    with socket.create_connection((address.host, address.port or 0), timeout=30) as one:
        yield one


def speak(shop: RunningShop, *parts: bytes) -> bytes:
    """Send bytes, and read until the server closes; what does not ask for that ends with our own end."""
    with wire(shop) as one:
        for part in parts:
            with contextlib.suppress(
                ConnectionError
            ):  # it may have hung up on us already
                one.sendall(part)
        if b"Connection: close" not in parts[-1]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_WR)
        told = b""
        with contextlib.suppress(ConnectionError):
            while part := one.recv(65536):
                told += part
        return told


def statuses(told: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", told)]


def request(
    shop: RunningShop, line: str, *headers: str, body: bytes = b"", token: bool = True
) -> bytes:
    lines = [line, "Host: x", "Connection: close", *headers]
    if token:
        lines.append(f"Authorization: Bearer {shop.ana.token}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def still_serves(shop: RunningShop) -> bool:
    return bool(shop.nobody.get("/salud").status_code == 200)


def caller(shop: RunningShop, route: Route) -> Caller:
    """Who may call; nobody where a call would be the last one."""
    return shop.nobody if route.path == "/logout" else shop.ana


def call(who: Caller, route: Route, content: bytes, **headers: str) -> httpx.Response:
    answer = who.request(
        route.method, example_path(route), content=content, headers=headers
    )
    assert answer.status_code < 500, answer.text
    if answer.is_error:
        assert answer.headers["content-type"] == PROBLEM
    return answer


@pytest.mark.parametrize("route", WITH_BODY, ids=IDS)
class TestEveryRouteThatReads:
    """Bodies that no shop sends."""

    def test_refuses_what_is_too_large(self, own: RunningShop, route: Route) -> None:
        body = b" " * (MAX_BODY_BYTES + 1)
        assert call(caller(own, route), route, body).status_code == 413
        padded = b'{"x":"' + b"a" * MAX_BODY_BYTES + b'"}'
        assert call(caller(own, route), route, padded).status_code == 413

    def test_refuses_it_without_a_length_too(
        self, own: RunningShop, route: Route
    ) -> None:
        def pieces() -> Iterator[bytes]:
            for _ in range(MAX_BODY_BYTES // 8192 + 8):
                yield b" " * 8192

        with contextlib.suppress(
            httpx.WriteError, httpx.ReadError
        ):  # it hangs up on who goes on sending
            answer = caller(own, route).request(
                route.method, example_path(route), content=pieces()
            )
            assert answer.status_code == 413
        assert still_serves(own)

    def test_takes_a_large_one_that_is_not_too_large(
        self, own: RunningShop, route: Route
    ) -> None:
        answer = call(
            caller(own, route), route, b"{" + b" " * (MAX_BODY_BYTES - 2) + b"}"
        )
        assert answer.status_code in {200, 422, 401 if route.path == "/logout" else 422}

    def test_is_not_moved_by_strange_values(
        self, own: RunningShop, route: Route
    ) -> None:
        rng = random.Random(f"{route.method} {route.path}")
        fields = (
            list(
                msgspec.json.schema(route.body)["$defs"][route.body.__name__][
                    "properties"
                ]
            )
            if route.body
            else []
        )
        for _ in range(40):
            body = {name: strange(rng, 3) for name in fields if rng.random() < 0.8}
            call(caller(own, route), route, msgspec.json.encode(body))
        for name in fields:
            for text in NUMBERS:
                call(caller(own, route), route, f'{{"{name}":{text}}}'.encode())

    def test_is_not_moved_by_noise(self, own: RunningShop, route: Route) -> None:
        rng = random.Random(5)
        for size in (1, 10, 100, 1000):
            assert call(caller(own, route), route, rng.randbytes(size)).status_code in {
                400,
                422,
            }


NUMBERS = [
    "1e308",
    "-1e308",
    "1e-320",
    "1e400",
    "9" * 19,
    "9" * 400,
    "9" * 5000,
    "-0",
    "-0.0",
    "0.1e-5",
    "1E+2",
]
TEXTS = [
    "",
    " ",
    "\x00",
    "\u202eabc",
    "\ufeff",
    "\U0010ffff",
    "a" * 5000,
    "'; --",
    "%00",
    "../..",
    "\r\nX: y",
    "e\u0301" * 60,
]
TEXTS += [
    "2026-01-01T00:00:00Z",
    "1-9",
    "efectivo",
    "un",
    "Cajero",
    "NaN",
    "\u0661",
    "{}",
]


def strange(rng: random.Random, depth: int) -> Any:
    """A JSON value that hardly fits."""
    kind = rng.randrange(9 if depth else 6)
    if kind < 2:
        return rng.choice(TEXTS)
    if kind < 4:
        return rng.choice(
            [
                0,
                -1,
                1,
                10**12,
                10**13,
                2**63,
                -(2**63),
                2**53,
                0.001,
                1.0005,
                -0.5,
                1e15,
            ]
        )
    if kind < 6:
        return rng.choice([None, True, False])
    if kind == 6:
        return [strange(rng, depth - 1) for _ in range(rng.randrange(4))]
    names = [
        "codigo_barras",
        "cantidad",
        "medio",
        "monto",
        "costo",
        "porcentaje",
        "desde",
        "hasta",
        "prefijo",
        "multiplo",
    ]
    return {
        name: strange(rng, depth - 1) for name in rng.sample(names, rng.randrange(4))
    }


@pytest.mark.parametrize(
    "line",
    [
        "GET /ventas/%",
        "GET /ventas/%zz",
        "GET /ventas/%00",
        "GET /ventas/%2e%2e",
        "GET /ventas/..%2f..%2fetc%2fpasswd",
        "GET /ventas/1%0d%0aX:%20y",
        "GET /ventas/%C3%28",
        "GET /ventas/\xff",
        "GET /users/%F0%9F%A5%96",
        "GET /users/%E2%80%AE1-9",
        "GET /users/1-9%00",
        "GET /product/barcode/" + "%41" * 5000,
        "GET /product/barcode/a;b=c",
        "GET /product/barcode/a%3Fb",
        "GET /product/barcode/..",
        "GET /product/barcode/%2e",
        "GET /../tienda",
        "GET /tienda#x",
        "GET /tienda?",
        "GET /tienda?=",
        "GET /tienda?&&",
        "GET /tienda?%",
        "GET http://otra.example/tienda",
        "GET //otra.example/tienda",
        "GET *",
        "OPTIONS *",
        "CONNECT x:80",
        "GET /docs/..%2fdocs.html",
        "GET /docs/docs.html",
        "GET /docs/%2e%2e/app.py",
        "GET /ventas?limite=" + "9" * 5000,
        "GET /ventas?" + "&".join(f"q{number}=1" for number in range(200)),
    ],
)
def test_an_odd_address_is_answered(own: RunningShop, line: str) -> None:
    told = speak(own, request(own, f"{line} HTTP/1.1"))
    assert len(statuses(told)) == 1
    assert statuses(told)[0] < 500
    assert still_serves(own)


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: x\r\n" * 5000 + b"\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 3\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 1000,
        "GET /ñ HTTP/1.1\r\n\r\n".encode(),
    ],
    ids=range(17),
)
def test_what_is_hardly_http_moves_nothing(own: RunningShop, raw: bytes) -> None:
    assert all(status < 500 for status in statuses(speak(own, raw)))
    assert still_serves(own)


def test_a_body_in_pieces_is_one_body(own: RunningShop) -> None:
    code = own.code()
    whole = msgspec.json.encode(order((code, 1)))
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in whole) + b"0\r\n\r\n"
    head = request(own, "POST /ventas-detalle HTTP/1.1", "Transfer-Encoding: chunked")
    assert statuses(speak(own, head + chunks)) == [201]
    assert own.stock(code) == 99


@pytest.mark.parametrize(
    "framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize("path", ["/ventas-detalle", "/login", "/product"])
def test_a_client_that_leaves_in_the_middle_leaves_no_trace(
    own: RunningShop, path: str, framing: str
) -> None:
    code = own.code()
    whole = msgspec.json.encode(order((code, 1)))
    part = (
        whole
        if framing.startswith("Content")
        else b"%x\r\n%s\r\n" % (len(whole), whole)
    )
    for _ in range(5):
        with wire(own) as one:
            one.sendall(request(own, f"POST {path} HTTP/1.1", framing) + part)
        with wire(own) as one:
            one.sendall(request(own, f"POST {path} HTTP/1.1", framing)[:-20])
    assert still_serves(own)
    own.sell((own.code(), 1))  # what was sent before it is done before it
    assert own.stock(code) == 100


def test_a_client_that_never_sends_the_rest_holds_nobody_up(own: RunningShop) -> None:
    with contextlib.ExitStack() as waiting:
        for _ in range(50):
            one = waiting.enter_context(wire(own))
            one.sendall(
                request(own, "POST /ventas-detalle HTTP/1.1", "Content-Length: 1000")
                + b"{"
            )
        assert own.sell((own.code(), 1))["total"] == 1000


def test_requests_sent_in_a_row_are_answered_in_a_row(own: RunningShop) -> None:
    def ask(path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    told = speak(
        own,
        *[ask("/salud"), ask("/nada"), ask("/tienda"), ask("/listo")] * 10,
        request(own, "GET / HTTP/1.1"),
    )
    assert statuses(told) == [200, 404, 401, 200] * 10 + [307]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Authorization: Bearer x", "Authorization: Bearer {token}"], {200, 401}),
        (["Authorization: Bearer {token}", "Authorization: Bearer x"], {200, 401}),
        (["authorization: bearer {token}"], {200}),
        (["AUTHORIZATION:   BEARER   {token}  "], {200}),
        (
            [
                "Accept: text/html",
                "Accept: application/json",
                "Authorization: Bearer {token}",
            ],
            {200},
        ),
        (["If-Match: x"] * 3, {401}),
        (["Cookie: token={token}"], {401}),
        (["X-Forwarded-For: 1.2.3.4", "Authorization: Bearer {token}"], {200}),
        (["Content-Type: x", "Authorization: Bearer {token}"], {200}),
        (
            [
                "Expect: 100-continue",
                "Content-Length: 0",
                "Authorization: Bearer {token}",
            ],
            {100, 200},
        ),
        (
            [
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Authorization: Bearer {token}",
            ],
            {200},
        ),
        (
            [
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__",
                "Authorization: Bearer {token}",
            ],
            {200},
        ),
        (["Range: bytes=0-5", "Authorization: Bearer {token}"], {200}),
        (["Content-Length: 5", "Authorization: Bearer {token}", "", "abcde"], {200}),
    ],
)
def test_strange_and_repeated_headers_are_borne(
    own: RunningShop, headers: list[str], expected: set[int]
) -> None:
    lines = [line.replace("{token}", own.ana.token or "") for line in headers]
    told = speak(own, request(own, "GET /tienda HTTP/1.1", *lines, token=False))
    assert set(statuses(told)) <= expected
    assert statuses(told)


def test_where_a_call_comes_from_is_not_what_it_says(own: RunningShop) -> None:
    headers = {
        "X-Forwarded-For": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
    }
    row = own.beto.post(
        "/registros", json={"accion": "a", "detalle": ""}, headers=headers
    ).json()
    assert row["origen"] == "http 127.0.0.1"


def test_of_a_name_that_comes_twice_the_last_counts(own: RunningShop) -> None:
    body = b'{"accion":"a","detalle":"uno","detalle":"dos"}'
    assert own.beto.post("/registros", content=body).json()["detalle"] == "dos"


def test_the_list_of_metrics_does_not_grow_with_what_strangers_send(
    own: RunningShop,
) -> None:
    def series() -> set[str]:
        lines = own.nobody.get("/metrics").text.splitlines()
        return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}

    own.nobody.get("/product/barcode/0")
    series()
    before = series()
    for number in range(50):
        refused(own.nobody.get(f"/product/barcode/{number}"), 401, "no_autenticado")
        refused(own.nobody.get(f"/nada/{number}"), 404, "no_encontrado")
    assert series() == before


def test_the_books_are_sound_after_all_of_it(own: RunningShop) -> None:
    rows = own.ana.all("/registros", limite=200)
    assert [row["id"] for row in rows] == list(range(len(rows), 0, -1))
    assert "Traceback" not in own.server.log
