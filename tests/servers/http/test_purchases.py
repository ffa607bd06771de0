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


def test_two_lines_of_one_product_cost_what_they_do_together(shop: RunningShop) -> None:
    code = shop.code(stock=0)
    assert buy(shop, line(code, 1, 5), line(code, 2, 7)).json()["total"] == 19
    now = shop.ana.ok("GET", f"/product/barcode/{code}")
    assert (now["stock"], now["costo"]) == (3, 6)  # 19 / 3


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
        (1, 0.0005, "costo"),
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


def test_free_units_lower_the_cost_and_never_make_it_nothing(shop: RunningShop) -> None:
    code = shop.code(costo=500)
    assert buy(shop, line(code, 12, 833), line(code, 1, 0)).status_code == 201
    assert shop.ana.ok("GET", f"/product/barcode/{code}")["costo"] == 769
    assert buy(shop, line(code, 5, 0)).status_code == 201
    assert shop.ana.ok("GET", f"/product/barcode/{code}")["costo"] == 769


def test_a_cost_may_be_finer_than_the_peso(shop: RunningShop) -> None:
    code = shop.code(stock=0, precio=1190)
    made = buy(shop, line(code, 12, 832.5)).json()
    assert (made["total"], made["detalle"][0]["costo"]) == (9990, 832.5)
    assert shop.ana.ok("GET", f"/product/barcode/{code}")["costo"] == 833

    # 12 sold at 1000 net bring 12000 - 9990, and not 12000 - 12 × 833.
    shop.sell((code, 12))
    summary = shop.ana.ok("GET", "/reportes/resumen")
    (goods,) = [one for one in summary["por_producto"] if one["codigo_barras"] == code]
    assert goods["margen"] == 2010


def test_a_line_may_say_its_total_as_the_invoice_does(shop: RunningShop) -> None:
    code = shop.code()
    bought = {"codigo_barras": code, "cantidad": 7, "total": 9990}
    made = buy(shop, bought).json()
    assert made["total"] == made["detalle"][0]["total"] == 9990
    assert made["detalle"][0]["costo"] == 1427.143
    unfit(buy(shop, bought | {"costo": 1}), "detalle[0].total")
    unfit(buy(shop, {"codigo_barras": code, "cantidad": 7}), "detalle[0].costo")


def test_a_product_changed_to_the_cost_that_is_shown_keeps_the_finer_one(
    shop: RunningShop,
) -> None:
    code = shop.code(precio=1190, stock=0)
    buy(shop, line(code, 12, 832.5))
    shop.ana.ok("PUT", f"/product/barcode/{code}", {"costo": 833})
    shop.sell((code, 12))
    summary = shop.ana.ok("GET", "/reportes/resumen")
    (goods,) = [one for one in summary["por_producto"] if one["codigo_barras"] == code]
    assert goods["margen"] == 2010


def test_a_document_of_a_supplier_is_taken_in_once(shop: RunningShop) -> None:
    code = shop.code(stock=0)
    first = {"proveedor": "Dibón", "documento": "F-99"}
    assert buy(shop, line(code), **first).status_code == 201
    for again in (first, {"proveedor": " DIBON ", "documento": "f-99"}):
        problem = refused(buy(shop, line(code), **again), 409, "ya_existe")
        assert problem["campo"] == "documento"
    for other in (
        {"documento": "F-99"},
        {"proveedor": "Dibón", "documento": "F-100"},
        {"proveedor": "Dibón"},
        {"proveedor": "Dibón", "documento": " "},
        {"proveedor": "Dibón"},
    ):
        assert buy(shop, line(code), **other).status_code == 201, other
    assert shop.stock(code) == 6
