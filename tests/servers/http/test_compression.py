"""Answers are packed for whoever takes them so, where that pays."""

import gzip

import pytest
from tests.conftest import OpenShop
from tests.harness.http import order
from tests.harness.shop import RunningShop

from trastienda.servers.http.compression import MIN_BYTES, takes_gzip


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    shop = open_shop()
    for number in range(30):
        shop.product(nombre=f"Cosa {number}")
    return shop


@pytest.mark.parametrize("path", ["/products", "/openapi.json", "/docs/swagger-ui.css"])
def test_a_large_answer_is_packed_for_whoever_takes_it_so(
    own: RunningShop, path: str
) -> None:
    plain = own.ana.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content) >= MIN_BYTES

    packed = own.ana.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    for answer in (plain, packed):
        assert "accept-encoding" in answer.headers["vary"]

    head = own.ana.head(path, headers={"Accept-Encoding": "gzip"})
    for name in ("content-encoding", "content-length"):
        assert head.headers[name] == packed.headers[name]


def test_receipts_are_packed_and_what_is_packed_already_is_not(
    own: RunningShop,
) -> None:
    code = own.code()
    path = f"/boleta/{own.sell((code, 1))['id_venta']}"
    page = own.ana.get(path, headers={"Accept": "text/html"})
    assert page.headers["content-encoding"] == "gzip"
    assert {"accept", "accept-encoding"} <= set(page.headers["vary"].split(", "))
    document = own.ana.get(path, headers={"Accept": "application/pdf"})
    assert len(document.content) > MIN_BYTES
    assert "content-encoding" not in document.headers


def test_a_look_up_is_too_small_to_be_packed(own: RunningShop) -> None:
    answer = own.ana.get(f"/product/barcode/{own.code()}")
    assert {"content-encoding", "vary"}.isdisjoint(answer.headers)


def test_what_is_posted_is_never_answered_packed(own: RunningShop) -> None:
    body = order(*((own.code(), 1) for _ in range(20)))
    answer = own.beto.post("/ventas-detalle", json=body)
    assert answer.status_code == 201
    assert len(answer.content) > MIN_BYTES
    assert {"content-encoding", "vary"}.isdisjoint(answer.headers)


def test_a_file_has_one_etag_packed_or_not(own: RunningShop) -> None:
    packed = own.nobody.get("/docs/swagger-ui.css", headers={"Accept-Encoding": "gzip"})
    etag = packed.headers["etag"]
    assert etag.startswith("W/")
    again = own.nobody.get(
        "/docs/swagger-ui.css",
        headers={"Accept-Encoding": "identity", "If-None-Match": etag},
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert "content-length" not in again.headers


def test_the_same_body_is_packed_into_the_same_bytes(own: RunningShop) -> None:
    def packed() -> bytes:
        with own.nobody.stream(
            "GET", "/openapi.json", headers={"Accept-Encoding": "gzip"}
        ) as answer:
            return b"".join(answer.iter_raw())

    assert packed() == packed()
    assert gzip.decompress(packed()).startswith(b"{")


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (b"", False),
        (b"gzip", True),
        (b"GZIP;q=0.5, br", True),
        (b"br, deflate", False),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, *", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"*;q=0, gzip", True),
        (b"x-gzip", True),
        (b"gzip;q=mucho", False),
        (b"identity;q=1", False),
    ],
)
def test_what_an_accept_encoding_admits(header: bytes, taken: bool) -> None:
    assert takes_gzip(header) == taken
