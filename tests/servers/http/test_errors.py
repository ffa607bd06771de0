"""Refusals by HTTP: their form, their words, and the statuses that come before any route
is asked."""

import re
from typing import Any

import pytest
from tests.harness.http import PROBLEM, Caller, order, refused, unfit
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually

from trastienda.servers.http.app import ROUTES
from trastienda.wire.refusals import TABLE


def test_a_refusal_has_the_form_of_rfc_9457(shop: RunningShop) -> None:
    answer = shop.beto.post("/ventas-detalle", json=order((shop.code(stock=1), 2)))
    told = answer.json()
    assert list(told)[:5] == ["type", "title", "status", "detail", "codigo"]
    assert told["type"] == "urn:trastienda:stock_insuficiente"
    assert answer.headers["content-type"] == PROBLEM


def test_a_401_has_a_bearer_challenge(shop: RunningShop) -> None:
    answer = shop.nobody.get("/tienda")
    refused(answer, 401, "no_autenticado")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_titles_and_details_of_refusals_are_spanish(shop: RunningShop) -> None:
    refusals = [
        shop.nobody.get("/tienda"),
        shop.nobody.get("/nada"),
        shop.beto.post("/ventas-detalle", content=b"{"),
        shop.beto.post("/ventas-detalle", json={"detalle": [{"codigo_barras": 1}]}),
        shop.beto.post(
            "/ventas-detalle",
            json={"detalle": [{"codigo_barras": "x", "cantidad": "1"}]},
        ),
        shop.beto.post(
            "/ventas-detalle",
            content=b'{"detalle":[{"codigo_barras":"x","cantidad":1e999}]}',
        ),
        shop.beto.post("/ventas-detalle", json=[]),
        shop.ana.put("/tienda", json={"iva": []}),
        shop.ana.post(
            "/product",
            json={"codigo_barras": "x", "nombre": "n", "precio": 1, "unidad": "caja"},
        ),
    ]
    for answer in refusals:
        assert not re.search(
            r"\b(expected|got|object|field|must|invalid|the|range)\b",
            answer.text,
            re.IGNORECASE,
        ), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/nada",
        "/ventas/",
        "/tienda/",
        "//",
        "/users/1-9/x",
        "/product/barcode/",
        "/APP/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_an_unknown_path_is_not_found(
    shop: RunningShop, method: str, path: str
) -> None:
    for caller in (shop.ana, shop.nobody):
        refused(caller.request(method, shop.server.url + path), 404, "no_encontrado")


PATHS = sorted({route.path for route in ROUTES})


def fill(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path)


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_a_path_does_not_take_is_405_with_allow(
    shop: RunningShop, path: str
) -> None:
    allowed = {route.method for route in ROUTES if route.path == path}
    allowed |= {"HEAD"} & {"HEAD" if "GET" in allowed else ""}
    for method in {
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "TRACE",
    } - allowed:
        answer = shop.ana.request(method, fill(path))
        if method == "HEAD":
            assert (answer.status_code, answer.content) == (405, b"")
        else:
            refused(answer, 405, "metodo_no_admitido")
        assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    # What has no end is never got.
    sorted({route.path for route in ROUTES if route.method == "GET"} - {"/eventos"}),
)
def test_head_is_answered_as_get_without_the_body(shop: RunningShop, path: str) -> None:
    got, headed = shop.ana.get(fill(path)), shop.ana.head(fill(path))
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    for name in ("content-type", "content-length", "etag"):
        if name != "content-length" or path not in {
            "/metrics",
            "/product/barcode/{codigo_barras}",
        }:
            assert headed.headers.get(name) == got.headers.get(name), name


class TestAccept:
    """What ``Accept`` admits."""

    @pytest.mark.parametrize(
        "accept",
        [
            "*/*",
            "application/json",
            "application/*",
            "APPLICATION/JSON",
            "text/html, application/json;q=0.1",
            "text/html,*/*;q=0.5",
            "application/json; charset=utf-8",
        ],
    )
    def test_json_is_sent_where_accept_admits_it(
        self, shop: RunningShop, accept: str
    ) -> None:
        assert shop.ana.get("/tienda", headers={"Accept": accept}).status_code == 200

    @pytest.mark.parametrize(
        "accept",
        [
            "text/html",
            "application/xml",
            "application/json;q=0",
            "*/*;q=0",
            "text/*",
            "application/json;q=x",
            "x",
            ";,;q",
        ],
    )
    def test_an_accept_without_json_is_406(
        self, shop: RunningShop, accept: str
    ) -> None:
        answer = shop.ana.get("/tienda", headers={"Accept": accept})
        refused(answer, 406, "formato_no_disponible")

    def test_a_call_with_a_refused_accept_changes_nothing(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        answer = shop.beto.post(
            "/ventas-detalle", json=order((code, 1)), headers={"Accept": "text/html"}
        )
        refused(answer, 406, "formato_no_disponible")
        assert shop.stock(code) == 100


class TestContentType:
    """What a body may say that it is."""

    @pytest.mark.parametrize(
        "kind",
        [
            "application/json",
            "application/json; charset=utf-8",
            'APPLICATION/JSON;charset="UTF-8"',
            "application/json;",
        ],
    )
    def test_a_json_content_type_is_accepted(
        self, shop: RunningShop, kind: str
    ) -> None:
        body = b'{"accion":"a","detalle":"b"}'
        assert (
            shop.beto.post(
                "/registros", content=body, headers={"Content-Type": kind}
            ).status_code
            == 201
        )

    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=latin-1",
            "application/xml",
            "application/jsonp",
            "json",
            "",
            "application/json, text/plain",
        ],
    )
    def test_another_content_type_is_415(self, shop: RunningShop, kind: str) -> None:
        answer = shop.beto.post(
            "/registros",
            content=b'{"accion":"a","detalle":"b"}',
            headers={"Content-Type": kind},
        )
        refused(answer, 415, "tipo_no_admitido")

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "x"])
    def test_a_compressed_body_is_415(self, shop: RunningShop, coding: str) -> None:
        answer = shop.beto.post(
            "/registros", content=b"\x1f\x8b", headers={"Content-Encoding": coding}
        )
        refused(answer, 415, "tipo_no_admitido")


BROKEN = [
    b"",
    b" ",
    b"{",
    b"}",
    b"nada",
    b'{"accion":}',
    b"{'accion':'a'}",
    b'{"accion":"a","detalle":"b"}x',
    b'{"accion":"a","detalle":"b"}{}',
    b'\xef\xbb\xbf{"accion":"a","detalle":"b"}',
    '{"accion":"a","detalle":"ñ"}'.encode("latin-1"),
    '{"accion":"a","detalle":"b"}'.encode("utf-16"),
    b'{"accion":"a","detalle":"\xed\xa0\x80"}',
    b'{"accion":"a","detalle":"\\ud800"}',
    b'{"accion":"a","detalle":"\\udc00\\ud800"}',
    b'{"accion":"a","detalle":"\\x41"}',
    b'{"accion":"a","detalle":"b",}',
    b'{"accion":"a" "detalle":"b"}',
    b'{"accion":NaN,"detalle":"b"}',
    b'{"accion":"a","detalle":Infinity}',
    b'{"accion":"a","detalle":-}',
    b'{"accion":"a","detalle":01}',
    b'{"accion":"a","detalle":"\n"}',
    b'{"x":' + b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"x":' * 20_000 + b"1" + b"}" * 20_000,
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_a_body_that_is_no_json_is_400(shop: RunningShop, body: bytes) -> None:
    for path in ("/registros", "/ventas-detalle", "/product"):
        refused(shop.ana.post(path, content=body), 400, "json_ilegible")
    refused(shop.nobody.post("/login", content=body), 400, "json_ilegible")


@pytest.mark.parametrize("body", [b"null", b"1", b'"x"', b"[]", b"true", b"[{}]"])
def test_a_body_of_another_shape_is_422(shop: RunningShop, body: bytes) -> None:
    for path in (
        "/registros",
        "/ventas-detalle",
        "/product",
        "/compras-detalle",
        "/register",
    ):
        unfit(shop.ana.post(path, content=body), "cuerpo")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"accion":"a","detalle":"b","x":1}', "x"),
        (b'{"accion":"a","detalle":"b","":1}', ""),
        (b'{"accion":"a","detalle":"b","Accion":1}', "Accion"),
        (b'{"accion":"a","detalle":"b","action":1}', "action"),
        (b'{"accion":"a","detalle":"b","\\u0000":1}', "\x00"),
        (b'{"accion":"a","detalle":"b","x`$y":1}', "x`$y"),
        ('{"accion":"a","detalle":"b","\u202eñ":1}'.encode(), "\u202eñ"),
        (b'{"accion":"a","detalle":"b","x":' + b"[" * 500 + b"]" * 500 + b"}", "x"),
        (b'{"accion":"a"}', "detalle"),
        (b'{"accion":1,"detalle":"b"}', "accion"),
    ],
)
def test_a_refusal_names_an_unknown_field_as_it_was_sent(
    shop: RunningShop, body: bytes, field: str
) -> None:
    unfit(shop.beto.post("/registros", content=body), field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            {"detalle": [{"codigo_barras": "x", "cantidad": 1}, {"cantidad": 1}]},
            "detalle[1].codigo_barras",
        ),
        ({"detalle": [{"codigo_barras": "x", "cantidad": "1"}]}, "detalle[0].cantidad"),
        ({"detalle": [1]}, "detalle[0]"),
        ({"detalle": {}}, "detalle"),
        ({"detalle": [], "pagos": [{"medio": "debito"}]}, "pagos[0].monto"),
        (
            {"detalle": [], "pagos": [{"medio": "debito", "monto": 1, "mount": 2}]},
            "pagos[0].mount",
        ),
        ({"lines": []}, "lines"),
    ],
)
def test_a_refusal_names_a_nested_field_by_its_path(
    shop: RunningShop, body: Any, field: str
) -> None:
    unfit(shop.beto.post("/ventas-detalle", json=body), field)


def test_every_refusal_has_a_status_and_a_code() -> None:
    assert all(
        400 <= entry.status < 600 and entry.code.isidentifier()
        for entry in TABLE.values()
    )


def test_the_root_redirects_to_the_first_page(nobody: Caller) -> None:
    answer = nobody.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/app/")
    page = nobody.get("/app/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


def test_health_and_metrics_need_no_token(nobody: Caller) -> None:
    assert nobody.ok("GET", "/salud") == {"estado": "viva"}
    eventually(
        lambda: (
            nobody.ok("GET", "/listo") == {"estado": "lista", "tareas": "en_marcha"}
        ),
        "the daily tasks",
    )
    metrics = nobody.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert (
        'trastienda_http_requests_total{method="GET",route="/salud",status="200"}'
        in metrics.text
    )
    assert "trastienda_last_announcement" in metrics.text
