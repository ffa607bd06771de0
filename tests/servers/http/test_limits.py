"""Bodies that no shop sends: too large, of a strange shape, or noise.

Each is answered, none is our fault.
"""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.conftest import OpenShop
from tests.harness.http import PROBLEM, Caller
from tests.harness.routes import example_path
from tests.harness.shop import RunningShop

from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import MAX_BODY_BYTES, Route

WITH_BODY = [
    route
    for route in ROUTES
    # Whose second factor it is comes before the body; the example is somebody else's.
    if route.body is not None and not route.path.endswith("/segundo-factor")
]
IDS = [f"{route.method} {route.path}" for route in WITH_BODY]


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop with what the examples name. Its log is checked when it closes."""
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

    def test_a_body_that_is_too_large_is_refused(
        self, own: RunningShop, route: Route
    ) -> None:
        body = b" " * (MAX_BODY_BYTES + 1)
        assert call(caller(own, route), route, body).status_code == 413
        padded = b'{"x":"' + b"a" * MAX_BODY_BYTES + b'"}'
        assert call(caller(own, route), route, padded).status_code == 413

    def test_a_large_body_without_a_length_is_refused(
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

    def test_a_large_body_within_the_limit_is_read(
        self, own: RunningShop, route: Route
    ) -> None:
        answer = call(
            caller(own, route), route, b"{" + b" " * (MAX_BODY_BYTES - 2) + b"}"
        )
        assert answer.status_code in {200, 422, 401 if route.path == "/logout" else 422}

    def test_strange_values_get_no_server_error(
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

    def test_random_bytes_are_refused(self, own: RunningShop, route: Route) -> None:
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


def test_of_a_field_that_comes_twice_the_last_value_counts(own: RunningShop) -> None:
    body = b'{"accion":"a","detalle":"uno","detalle":"dos"}'
    assert own.beto.post("/registros", content=body).json()["detalle"] == "dos"


def test_afterwards_the_audit_trail_has_no_gap_and_the_log_no_traceback(
    own: RunningShop,
) -> None:
    rows = own.ana.all("/registros", limite=200)
    assert [row["id"] for row in rows] == list(range(len(rows), 0, -1))
    assert "Traceback" not in own.server.log
