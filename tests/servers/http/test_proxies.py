"""Proxies: whose word is taken for where a call comes from."""

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.shop import RunningShop

PROXY, OTHER_PROXY, STRANGER = "127.0.8.1", "127.0.8.2", "127.0.8.9"
CALLER = "203.0.113.7"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop behind proxies."""
    return open_shop(trusted_proxies=f"{PROXY}, 127.0.8.2/31, ::ffff:10.0.0.0/104")


def origin(shop: RunningShop, peer: str, *headers: tuple[str, str]) -> str:
    """Where a call comes from, as the registro of what it did says."""
    transport = httpx.HTTPTransport(local_address=peer)
    with httpx.Client(transport=transport, base_url=shop.server.url) as client:
        answer = client.post(
            "/registros",
            json={"accion": "prueba", "detalle": "x"},
            headers=[("Authorization", f"Bearer {shop.beto.token}"), *headers],
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["origen"])


def forwarded_for(value: str) -> tuple[str, str]:
    return "X-Forwarded-For", value


@pytest.mark.parametrize(
    ("value", "caller"),
    [
        (CALLER, CALLER),
        (f"1.2.3.4, {CALLER}", CALLER),
        (f"1.2.3.4, {CALLER}, {OTHER_PROXY}, 10.9.9.9", CALLER),
        (f"{CALLER}:5678", CALLER),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:DB8::7]:443", "2001:db8::7"),
        (f"::ffff:{CALLER}", CALLER),
        (f"{OTHER_PROXY}", OTHER_PROXY),
        (f"{CALLER}:5678, {OTHER_PROXY}:443, 10.9.9.9:123", CALLER),
        (f"{CALLER}, unknown", PROXY),
        ("<script>", PROXY),
        ("", PROXY),
    ],
)
def test_the_last_that_is_no_proxy_is_the_caller(
    own: RunningShop, value: str, caller: str
) -> None:
    assert origin(own, PROXY, forwarded_for(value)) == f"http {caller}"


def test_a_header_that_comes_in_pieces_is_one(own: RunningShop) -> None:
    headers = [forwarded_for(CALLER), forwarded_for(OTHER_PROXY)]
    assert origin(own, PROXY, *headers) == f"http {CALLER}"


def test_the_standard_header_is_read_where_the_usual_one_is_missing(
    own: RunningShop,
) -> None:
    standard = ("Forwarded", f'proto=https;For="[2001:db8::7]:80", for={OTHER_PROXY}')
    assert origin(own, PROXY, standard) == "http 2001:db8::7"
    assert origin(own, PROXY, standard, forwarded_for(CALLER)) == f"http {CALLER}"
    assert origin(own, PROXY, ("Forwarded", "by=10.0.0.1")) == f"http {PROXY}"


def test_nobody_else_is_believed_and_the_log_says_so_once(own: RunningShop) -> None:
    for _ in range(3):
        assert origin(own, STRANGER, forwarded_for(CALLER)) == f"http {STRANGER}"
    assert own.server.log.count("TRASTIENDA_TRUSTED_PROXIES") == 1


def test_by_default_nobody_is_believed(shop: RunningShop) -> None:
    assert origin(shop, PROXY, forwarded_for(CALLER)) == f"http {PROXY}"


def test_those_behind_a_proxy_wait_for_themselves_only(own: RunningShop) -> None:
    transport = httpx.HTTPTransport(local_address=PROXY)
    with httpx.Client(transport=transport, base_url=own.server.url) as client:

        def enter(caller: str, password: str) -> int:
            body = {"usuario": "clara", "clave": password}
            headers = [forwarded_for(caller)]
            return client.post("/login", json=body, headers=headers).status_code

        statuses = [enter("198.51.100.1", "mala-mala") for _ in range(14)]
        assert {401, 429} == set(statuses)
        assert enter("198.51.100.2", "demo-clave-mala") == 401
