"""What changed since a state: ``GET /products?desde_n=``."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.clients import client
from tests.harness.http import Caller, refused, unfit
from tests.harness.shop import RunningShop
from tests.harness.tiers import tier

from trastienda.clients.sdk import Gap

BY_CODE = "/product/barcode/{}"


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop()


class Copy:
    """A copy of the list of products, as somebody keeps it."""

    def __init__(self, who: Caller) -> None:
        self.who = who
        self.n = int(who.get("/products").headers["trastienda-n"])
        self.products = {row["codigo_barras"]: row for row in who.all("/products")}

    def follow(self, limit: int) -> None:
        """Put in what has changed."""
        query: dict[str, Any] = {"desde_n": self.n, "limite": limit}
        while True:
            answer = self.who.get("/products", params=query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            assert len(page["datos"]) <= limit
            for row in page["datos"]:
                if row.keys() == {"codigo_barras", "estado"}:
                    assert row["estado"] == "Inactivo"
                    self.products.pop(row["codigo_barras"], None)
                else:
                    self.products[row["codigo_barras"]] = row
            if page["siguiente"] is None:
                self.n = int(answer.headers["trastienda-n"])
                return
            query["cursor"] = page["siguiente"]


@pytest.mark.parametrize("seed", range(tier(2, full=40)))
def test_a_copy_that_follows_the_changes_is_the_list(
    own: RunningShop, seed: int
) -> None:
    random = Random(seed)
    ana = own.ana
    codes = [own.code() for _ in range(4)]
    copies = [Copy(who) for who in (own.ana, own.beto, own.clara)]

    def retire(code: str) -> None:
        ana.delete(BY_CODE.format(code))

    def delete(code: str) -> None:
        ana.delete(BY_CODE.format(code), params={"definitivo": "si"})

    def make(code: str) -> None:
        estado = random.choice(["Activo", "Inactivo"])
        body = {"codigo_barras": code, "nombre": "Té", "precio": 1, "estado": estado}
        ana.post("/product", json=body)

    def change(code: str) -> None:
        changes: list[dict[str, Any]] = [
            {"precio": random.randrange(1, 9000)},
            {"estado": "Activo"},
            {"stock": random.randrange(9), "motivo": "conteo"},
        ]
        ana.put(BY_CODE.format(code), json=random.choice(changes))

    def sell(code: str) -> None:
        line = {"codigo_barras": code, "cantidad": 1}
        own.beto.post("/ventas-detalle", json={"detalle": [line]})

    def buy(code: str) -> None:
        line = {"codigo_barras": code, "cantidad": 2, "costo": random.randrange(900)}
        ana.post("/compras-detalle", json={"proveedor": "P", "detalle": [line]})

    calls: list[Callable[[str], None]] = [retire, delete, make, change, sell, buy]
    for _ in range(12):
        for _ in range(random.randrange(5)):
            if random.random() < 0.2:
                codes.append(own.code(stock=random.choice([0, 5])))
            random.choice(calls)(random.choice(codes))
        for copy in copies:
            if random.random() < 0.7:
                copy.follow(random.choice([1, 2, 50]))
                fresh = copy.who.all("/products")
                assert copy.products == {row["codigo_barras"]: row for row in fresh}


def test_what_changed_comes_once_in_the_order_of_the_first_change(
    own: RunningShop,
) -> None:
    first, second = own.code(), own.code()
    copy = Copy(own.beto)
    own.sell((second, 1))
    own.sell((first, 1))
    own.sell((second, 1))
    page = own.beto.ok("GET", "/products", params={"desde_n": copy.n})
    assert [row["codigo_barras"] for row in page["datos"]] == [second, first]
    assert page["datos"][0]["stock"] == 98
    assert page["siguiente"] is None


def test_what_is_not_known_any_more_is_a_gap(own: RunningShop) -> None:
    answer = own.beto.get("/products", params={"desde_n": 10**17})
    refused(answer, 410, "hueco")
    with client(own.server, "beto") as shop, pytest.raises(Gap):
        list(shop.products_since(10**17))


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 19, ""])
def test_a_number_is_a_whole_number(own: RunningShop, value: str) -> None:
    unfit(own.beto.get("/products", params={"desde_n": value}), "desde_n")


@pytest.mark.parametrize("name", ["q", "desde", "estado", "contar"])
def test_what_changed_is_asked_for_alone(own: RunningShop, name: str) -> None:
    fit = {"q": "té", "desde": "2026-01-01", "estado": "Activo", "contar": "si"}
    query = {"desde_n": "0", name: fit[name]}
    unfit(own.beto.get("/products", params=query), "desde_n")
    cursor = {"desde_n": "0", "cursor": "W10"}
    unfit(own.beto.get("/products", params=cursor), "cursor")


def test_the_sdk_follows_the_changes(own: RunningShop) -> None:
    copy = Copy(own.clara)
    kept, gone = own.code(), own.code()
    own.ana.ok("DELETE", BY_CODE.format(gone))
    with client(own.server, "clara") as shop:
        changes = list(shop.products_since(copy.n, page_size=1))
    assert [change.codigo_barras for change in changes] == [kept, gone]
    assert changes[0].producto is not None
    assert changes[0].producto.stock == 100
    assert changes[1].producto is None
    assert changes[-1].n == int(own.clara.get("/products").headers["trastienda-n"])
