"""``/compras-detalle`` and ``/compras``: what suppliers bring."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from tests.harness.cast import ANA_RUT, new_code
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop


def line(code: str, quantity: Any = 1, cost: Any = 100) -> dict[str, Any]:
    return {"codigo_barras": code, "cantidad": quantity, "costo": cost}


def buy(shop: RunningShop, *lines: dict[str, Any], **more: Any) -> httpx.Response:
    return shop.ana.post(
        "/compras-detalle",
        json={"proveedor": "Lechera del Sur", "detalle": list(lines), **more},
    )


def test_a_purchase_adds_stock_and_updates_the_cost(shop: RunningShop) -> None:
    milk = shop.product(nombre="Leche", costo=1, stock=3)["codigo_barras"]
    cheese = shop.product(nombre="Queso", unidad="kg", stock=0)["codigo_barras"]
    answer = buy(
        shop, line(milk, 12, 690), line(cheese, 2.345, 5001), documento=" F-1 "
    )
    assert answer.status_code == 201
    made = answer.json()
    assert isinstance(made["id_compra"], int)
    assert datetime.fromisoformat(made["fecha"]).tzinfo
    assert {
        name: made[name] for name in made if name not in {"id_compra", "fecha"}
    } == {
        "comprador": {"rut": ANA_RUT, "nombre": "Administrador"},
        "proveedor": "Lechera del Sur",
        "documento": "F-1",
        "detalle": [
            {
                "codigo_barras": milk,
                "nombre": "Leche",
                "cantidad": 12,
                "costo": 690,
                "total": 8280,
            },
            {
                "codigo_barras": cheese,
                "nombre": "Queso",
                "cantidad": 2.345,
                "costo": 5001,
                "total": 11727,
            },
        ],
        "total": 20007,
    }
    assert shop.ana.ok("GET", f"/compras/{made['id_compra']}") == made
    assert shop.ana.ok("GET", "/compras", params={"limite": 1})["datos"] == [made]
    now = shop.beto.ok("GET", f"/product/barcode/{milk}")
    assert (now["stock"], now["costo"]) == (15, 690)
    assert shop.stock(cheese) == 2.345


def test_of_two_lines_of_one_product_the_last_cost_is_stored(shop: RunningShop) -> None:
    code = shop.code(stock=0)
    assert buy(shop, line(code, 1, 5), line(code, 2, 7)).json()["total"] == 19
    now = shop.ana.ok("GET", f"/product/barcode/{code}")
    assert (now["stock"], now["costo"]) == (3, 7)


def test_a_upc_is_found_in_its_other_spelling(shop: RunningShop) -> None:
    shop.product(codigo_barras="042100005264", stock=0)
    assert (
        buy(shop, line("0042100005264", 4)).json()["detalle"][0]["codigo_barras"]
        == "042100005264"
    )
    assert shop.stock("042100005264") == 4


def test_a_refused_purchase_names_the_products_and_changes_nothing(
    shop: RunningShop,
) -> None:
    known, unknown, retired = shop.code(stock=0), new_code(), shop.code()
    shop.ana.ok("DELETE", f"/product/barcode/{retired}")
    assert refused(buy(shop, line(known), line(unknown)), 404, "no_encontrado")[
        "codigos"
    ] == [unknown]
    assert refused(buy(shop, line(known), line(retired)), 409, "producto_retirado")[
        "codigos"
    ] == [retired]
    assert shop.stock(known) == 0


@pytest.mark.parametrize(
    ("quantity", "cost", "field"),
    [
        (0.5, 1, "cantidad"),
        ("1", 1, "cantidad"),
        (1, -1, "costo"),
        (1, 0.5, "costo"),
        (1, None, "costo"),
    ],
)
def test_the_refusal_of_an_unfit_purchase_names_its_field(
    shop: RunningShop, quantity: Any, cost: Any, field: str
) -> None:
    unfit(
        buy(shop, line(shop.code()), line(shop.code(), quantity, cost)),
        f"detalle[1].{field}",
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"proveedor": ""}, "proveedor"),
        ({"detalle": []}, "detalle"),
        ({"fecha": "2026-01-01"}, "fecha"),
    ],
)
def test_unfit_fields_beside_the_lines_are_refused(
    shop: RunningShop, more: dict[str, Any], field: str
) -> None:
    unfit(buy(shop, line(shop.code()), **more), field)


def test_a_purchase_has_five_hundred_lines_at_most(shop: RunningShop) -> None:
    code = shop.code()
    unfit(buy(shop, *[line(code)] * 501), "detalle")


@pytest.mark.parametrize("number", ["0", "999999999", "x", "-1", "9" * 30])
def test_an_unknown_purchase_is_not_found(shop: RunningShop, number: str) -> None:
    refused(shop.ana.get(f"/compras/{number}"), 404, "no_encontrado")


def test_purchases_are_found_by_supplier_document_and_product(
    shop: RunningShop,
) -> None:
    code = shop.code(nombre="Cilantro fresco")
    made = buy(shop, line(code), proveedor="Huerta Norte", documento="G-77").json()
    for text in ("huerta", "HUERTA NORTE", "G-77", code, "cilantro"):
        assert shop.ana.all("/compras", q=text) == [made], text
