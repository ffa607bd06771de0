"""Headers that stand on every answer, and who may keep it."""

import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused
from tests.harness.routes import example_path
from tests.harness.shop import RunningShop

from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route

READ = [route for route in ROUTES if route.method == "GET" and route.path != "/eventos"]
"""What has an end; the other is looked at where its events are."""
MAY_BE_KEPT = {
    "/product/barcode/{codigo_barras}": "private, no-cache",
    "/products": "private, no-cache",
    "/categorias": "private, no-cache",
    "/tienda": "private, no-cache",
    "/docs": "private, no-cache",
    "/app/": "private, no-cache",
    "/openapi.json": "private, no-cache",
    "/docs/{archivo}": "max-age=86400",
}
"""All others are kept by nobody."""


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop with what the examples name."""
    one = open_shop()
    code = one.code(codigo_barras="7802800013210")
    one.add("Elena", "elena", rut="1-9")
    one.sell((code, 1))
    return one


@pytest.mark.parametrize("route", READ, ids=[route.path for route in READ])
def test_every_answer_says_what_a_browser_may_do_with_it(
    own: RunningShop, route: Route
) -> None:
    answer = own.ana.get(example_path(route))
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers.get_list("content-security-policy")[1:] == []
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "default-src"):
        assert part in headers["content-security-policy"]

    keep = MAY_BE_KEPT.get(route.path, "no-store")
    if answer.is_error:
        keep = "no-store"
    assert headers.get_list("cache-control") == [keep]


def test_refusals_and_writes_are_kept_by_nobody(own: RunningShop) -> None:
    for answer in (
        own.nobody.get("/tienda"),
        own.nobody.get("/nada"),
        own.nobody.patch("/tienda"),
        own.nobody.get("/salud", headers={"Host": "evil.example"}),
        own.login("ana"),
        own.beto.post("/registros", json={"accion": "a", "detalle": "b"}),
        own.nobody.get("/products"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_that_is_still_good_keeps_its_own_policy(own: RunningShop) -> None:
    page = own.nobody.get("/docs")
    again = own.nobody.get("/docs", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    policies = again.headers.get_list("content-security-policy")
    assert policies == [page.headers["content-security-policy"]]


def test_a_pdf_may_be_drawn_by_the_browser(own: RunningShop) -> None:
    answer = own.ana.get("/boleta/1", headers={"Accept": "application/pdf"})
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/login", "/register", "/logout", "/token/refresco"])
def test_a_body_that_does_not_say_that_it_is_json_is_not_taken(
    own: RunningShop, path: str
) -> None:
    body = b'{"usuario":"ana","clave":"mala-mala"}'
    untyped = own.nobody.build_request("POST", path, content=body)
    assert "content-type" not in untyped.headers
    refused(own.nobody.send(untyped), 415, "tipo_no_admitido")
    pieces = own.nobody.build_request("POST", path, content=iter([body]))
    refused(own.nobody.send(pieces), 415, "tipo_no_admitido")


def test_a_call_without_a_body_needs_no_type(own: RunningShop) -> None:
    _, caller = own.somebody()
    assert caller.post("/logout").status_code == 204
