"""Sites elsewhere: none may call, but those that ``TRASTIENDA_CORS_ORIGINS`` names."""

import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused
from tests.harness.listeners import Listener
from tests.harness.shop import RunningShop

SITE, OTHER = "https://tienda.example", "https://otra.example"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop that two sites may call."""
    return open_shop(cors_origins=f"{SITE}/, http://localhost:8080")


def ask(
    shop: RunningShop, origin: str, method: str = "POST", headers: str = "authorization"
) -> tuple[int, str | None]:
    """Ask as a browser does before it calls."""
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    answer = shop.nobody.options("/ventas-detalle", headers=sent)
    return answer.status_code, answer.headers.get("access-control-allow-origin")


def test_an_origin_in_the_settings_may_call(own: RunningShop) -> None:
    for origin in (SITE, "http://localhost:8080"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert ask(
                own,
                origin,
                method,
                "authorization, content-type, idempotency-key, if-match",
            ) == (204, origin)


def test_a_page_may_listen_and_say_what_it_heard_last(own: RunningShop) -> None:
    sent = {
        "Origin": SITE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, last-event-id",
    }
    answer = own.nobody.options("/eventos", headers=sent)
    admitted = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "last-event-id"} <= set(admitted)
    said = {"Origin": SITE, "Last-Event-ID": "1"}
    with Listener(own, own.beto.token, headers=said) as listener:
        assert listener.answer.headers["access-control-allow-origin"] == SITE


def test_another_origin_may_not_call(own: RunningShop) -> None:
    assert ask(own, OTHER) == (403, None)
    assert ask(own, f"{SITE}.evil.example")[1] is None
    assert (
        "access-control-allow-origin"
        not in own.ana.get("/tienda", headers={"Origin": OTHER}).headers
    )


def test_a_page_may_read_the_exposed_headers(own: RunningShop) -> None:
    answer = own.ana.get("/tienda", headers={"Origin": SITE})
    assert answer.headers["access-control-allow-origin"] == SITE
    exposed = {
        name.strip()
        for name in answer.headers["access-control-expose-headers"].split(",")
    }
    assert exposed == {
        "ETag",
        "Idempotency-Replayed",
        "Retry-After",
        "Trastienda-N",
        "X-Request-Id",
    }
    assert "Origin" in answer.headers["vary"]


def test_a_page_may_read_refusals(own: RunningShop) -> None:
    for answer in (
        own.nobody.get("/tienda", headers={"Origin": SITE}),
        own.nobody.get("/nada", headers={"Origin": SITE}),
        own.ana.patch("/tienda", headers={"Origin": SITE}),
        own.ana.put("/tienda", content=b"{", headers={"Origin": SITE}),
    ):
        assert answer.status_code >= 400
        assert answer.headers["access-control-allow-origin"] == SITE


def test_by_default_no_origin_may_call(shop: RunningShop) -> None:
    answer = shop.ana.get("/tienda", headers={"Origin": SITE})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
    sent = {"Origin": SITE, "Access-Control-Request-Method": "GET"}
    problem = refused(
        shop.nobody.options("/tienda", headers=sent), 403, "origen_no_admitido"
    )
    assert "TRASTIENDA_CORS_ORIGINS" in problem["detail"]
    assert SITE in problem["detail"]


def test_a_refused_origin_is_logged_once(own: RunningShop) -> None:
    for _ in range(3):
        ask(own, "https://curiosa.example")
        ask(own, "https://curiosa.example\x1b[31m")
    lines = [line for line in own.server.log.splitlines() if "curiosa" in line]
    assert len(lines) == 1
    assert "TRASTIENDA_CORS_ORIGINS" in lines[0]


def test_with_a_star_every_origin_may_call(open_shop: OpenShop) -> None:
    everywhere = open_shop(cors_origins="*")
    assert (
        everywhere.ana.get("/tienda", headers={"Origin": OTHER}).headers[
            "access-control-allow-origin"
        ]
        == "*"
    )
    assert (
        "access-control-allow-credentials"
        not in everywhere.ana.get("/tienda", headers={"Origin": OTHER}).headers
    )
