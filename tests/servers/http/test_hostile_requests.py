"""Requests that are hardly HTTP: odd addresses, broken framing, strange headers, clients
that leave."""

import contextlib
import re
import socket
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from tests.conftest import OpenShop
from tests.harness.http import order, refused
from tests.harness.shop import RunningShop

LOGIN = b"POST /login HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that strangers speak to. Its log is checked when it closes."""
    return open_shop()


@contextlib.contextmanager
def connected(shop: RunningShop) -> Iterator[socket.socket]:
    """A bare connection."""
    url = httpx.URL(shop.server.url)
    address = (url.host, url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        yield connection


def send(shop: RunningShop, *parts: bytes) -> bytes:
    """Send bytes, and return what comes until the server closes.

    Where the bytes do not ask for that, the sending half is closed.
    """
    with connected(shop) as connection:
        for part in parts:
            with contextlib.suppress(ConnectionError):  # it may have closed already
                connection.sendall(part)
        if b"Connection: close" not in parts[-1]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)

        answers = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answers += part
        return answers


def statuses(answers: bytes) -> list[int]:
    """The statuses of the answers in some bytes."""
    return [int(digits) for digits in re.findall(rb"HTTP/1\.1 (\d{3})", answers)]


def request(
    shop: RunningShop, line: str, *headers: str, body: bytes = b"", token: bool = True
) -> bytes:
    """The bytes of a request after which the server closes."""
    usual = ["Host: localhost", "Content-Type: application/json", "Connection: close"]
    lines = [line, *usual, *headers]
    if token:
        lines.append(f"Authorization: Bearer {shop.ana.token}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer x"),
        ("authorization", "Bearer x"),
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "a"),
    ],
)
def test_a_header_that_comes_once_does_not_come_twice(
    own: RunningShop, name: str, value: str
) -> None:
    usual = [
        ("Authorization", f"Bearer {own.beto.token}"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "a"),
    ]
    answer = own.nobody.post(
        "/ventas-detalle", content=b"{}", headers=[(name, value), *usual]
    )
    problem = refused(answer, 400, "solicitud_ilegible")
    assert name.title() in problem["detail"]


def test_a_list_may_come_in_pieces(own: RunningShop) -> None:
    pieces = [("Accept", "text/plain"), ("Accept", "*/*"), ("X-A", "1"), ("X-A", "2")]
    assert own.nobody.get("/salud", headers=pieces).status_code == 200


def still_serves(shop: RunningShop) -> bool:
    return bool(shop.nobody.get("/salud").status_code == 200)


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
    answers = send(own, request(own, f"{line} HTTP/1.1"))
    assert len(statuses(answers)) == 1
    assert statuses(answers)[0] < 500
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
        LOGIN + b"Content-Length: -1\r\n\r\n{}",
        LOGIN + b"Content-Length: 2, 3\r\n\r\n{}",
        LOGIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        LOGIN + b"Content-Length: 99999999999999999999\r\n\r\n{}",
        LOGIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        LOGIN + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        LOGIN + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 1000,
        "GET /ñ HTTP/1.1\r\n\r\n".encode(),
    ],
    ids=range(17),
)
def test_broken_http_gets_no_server_error(own: RunningShop, raw: bytes) -> None:
    assert all(status < 500 for status in statuses(send(own, raw)))
    assert still_serves(own)


def test_a_chunked_body_is_read_whole(own: RunningShop) -> None:
    code = own.code()
    whole = msgspec.json.encode(order((code, 1)))
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in whole) + b"0\r\n\r\n"
    head = request(own, "POST /ventas-detalle HTTP/1.1", "Transfer-Encoding: chunked")
    assert statuses(send(own, head + chunks)) == [201]
    assert own.stock(code) == 99


@pytest.mark.parametrize(
    "framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize("path", ["/ventas-detalle", "/login", "/product"])
def test_a_request_cut_off_in_the_middle_changes_nothing(
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
        with connected(own) as connection:
            connection.sendall(request(own, f"POST {path} HTTP/1.1", framing) + part)
        with connected(own) as connection:
            connection.sendall(request(own, f"POST {path} HTTP/1.1", framing)[:-20])
    assert still_serves(own)
    own.sell((own.code(), 1))  # what was sent before it is done before it
    assert own.stock(code) == 100


def test_unfinished_requests_do_not_delay_others(own: RunningShop) -> None:
    with contextlib.ExitStack() as waiting:
        for _ in range(50):
            connection = waiting.enter_context(connected(own))
            connection.sendall(
                request(own, "POST /ventas-detalle HTTP/1.1", "Content-Length: 1000")
                + b"{"
            )
        assert own.sell((own.code(), 1))["total"] == 1000


def test_pipelined_requests_are_answered_in_order(own: RunningShop) -> None:
    def ask(path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    answers = send(
        own,
        *[ask("/salud"), ask("/nada"), ask("/tienda"), ask("/listo")] * 10,
        request(own, "GET / HTTP/1.1"),
    )
    assert statuses(answers) == [200, 404, 401, 200] * 10 + [307]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Authorization: Bearer x", "Authorization: Bearer {token}"], {400}),
        (["Authorization: Bearer {token}", "Authorization: Bearer x"], {400}),
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
        (["Content-Type: x", "Authorization: Bearer {token}"], {400}),
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
def test_strange_and_repeated_headers_are_answered(
    own: RunningShop, headers: list[str], expected: set[int]
) -> None:
    lines = [line.replace("{token}", own.ana.token or "") for line in headers]
    answers = send(own, request(own, "GET /tienda HTTP/1.1", *lines, token=False))
    assert set(statuses(answers)) <= expected
    assert statuses(answers)


def test_the_origin_of_a_call_is_not_taken_from_its_headers(own: RunningShop) -> None:
    headers = {
        "X-Forwarded-For": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
    }
    row = own.beto.post(
        "/registros", json={"accion": "a", "detalle": ""}, headers=headers
    ).json()
    assert row["origen"] == "http 127.0.0.1"


def test_strangers_cannot_add_series_to_the_metrics(
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


def test_afterwards_the_audit_trail_has_no_gap_and_the_log_no_traceback(
    own: RunningShop,
) -> None:
    rows = own.ana.all("/registros", limite=200)
    assert [row["id"] for row in rows] == list(range(len(rows), 0, -1))
    assert "Traceback" not in own.server.log
