"""Codes as scanners send them find their product wherever a code is looked up."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from tests.harness.cast import new_code
from tests.harness.http import refused, unfit
from tests.harness.lines import Person
from tests.harness.shop import RunningShop

from trastienda.domain.barcode import check_digit

BY_CODE = "/product/barcode/{}"
FNC1 = "\x1d"
SPELLINGS: list[Callable[[str], str]] = [
    lambda code: f"0{code}",
    lambda code: f"010{code}1727010110ABC",
    lambda code: f"(01)0{code}(10)A/B(17)270101",
    lambda code: f"]C1010{code}10ABC",
    lambda code: f"]d2010{code}10ABC{FNC1}17270101",
    lambda code: f"10ABC{FNC1}010{code}",
    lambda code: f"]E0{code}",
    lambda code: f"]Q3https://id.gs1.org/01/0{code}/10/ABC?17=270101",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_scanned_symbol_is_found_sold_bought_and_given_back(
    shop: RunningShop, spelling: Callable[[str], str]
) -> None:
    code = shop.code(nombre="Yogur", stock=5)
    scanned = spelling(code)
    path = BY_CODE.format(quote(scanned, safe=""))
    assert shop.clara.ok("GET", path)["codigo_barras"] == code

    sale = shop.sell((scanned, 2), (code, 1))
    assert [(line["codigo_barras"], line["cantidad"]) for line in sale["detalle"]] == [
        (code, 3)
    ]
    back = {"detalle": [{"codigo_barras": scanned, "cantidad": 3}], "motivo": "vencido"}
    shop.beto.ok("POST", f"/ventas/{sale['id_venta']}/devoluciones", back)
    bought = {
        "proveedor": "Lechera",
        "detalle": [{"codigo_barras": scanned, "cantidad": 1, "costo": 5}],
    }
    shop.ana.ok("POST", "/compras-detalle", bought)
    changed = shop.ana.ok("PUT", path, {"precio": 1})
    assert (changed["codigo_barras"], changed["stock"]) == (code, 6)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_second_product_is_made_of_a_code_in_another_spelling(
    shop: RunningShop, spelling: Callable[[str], str]
) -> None:
    code = shop.code()
    body = {"codigo_barras": spelling(code), "nombre": "Otra vez", "precio": 1}
    refused(shop.ana.post("/product", json=body), 409, "ya_existe")


def test_a_product_made_of_a_scanned_symbol_has_the_number_of_the_item(
    shop: RunningShop,
) -> None:
    code = new_code()
    scanned = f"]d2010{code}10ABC{FNC1}17270101"
    assert shop.product(codigo_barras=scanned)["codigo_barras"] == code
    wrong = f"(01)0{code[:-1]}{(int(code[-1]) + 1) % 10}(10)ABC"
    body = {"codigo_barras": wrong, "nombre": "Mal leído", "precio": 1}
    unfit(shop.ana.post("/product", json=body), "codigo_barras")


def test_a_upc_e_is_its_upc_a(shop: RunningShop) -> None:
    check = check_digit("01210000345")
    short, long = f"0123451{check}", f"01210000345{check}"
    assert shop.product(codigo_barras=short)["codigo_barras"] == short
    assert shop.clara.ok("GET", BY_CODE.format(long))["codigo_barras"] == short
    for code in (long, "0" + long, "00" + long):
        body = {"codigo_barras": code, "nombre": "Otra vez", "precio": 1}
        refused(shop.ana.post("/product", json=body), 409, "ya_existe")


def test_a_pack_of_fourteen_digits_is_another_product(shop: RunningShop) -> None:
    code = shop.code()
    digits = "1" + code[:-1]
    pack = digits + check_digit(digits)
    assert shop.product(codigo_barras=pack)["codigo_barras"] == pack
    assert shop.clara.ok("GET", BY_CODE.format(f"(01){pack}"))["codigo_barras"] == pack


def test_the_weight_in_a_symbol_is_the_quantity(shop: RunningShop) -> None:
    code = shop.code(nombre="Queso", unidad="kg", precio=10_000)
    scanned = f"010{code}3103001250"
    assert shop.clara.ok("GET", BY_CODE.format(scanned))["cantidad"] == 1.25
    sale = shop.sell((scanned, None))
    assert (sale["detalle"][0]["cantidad"], sale["total"]) == (1.25, 12_500)
    assert shop.sell((scanned, 2))["total"] == 25_000


def test_a_weight_says_nothing_of_what_is_sold_by_unit(shop: RunningShop) -> None:
    scanned = f"010{shop.code()}3103001250"
    assert "cantidad" not in shop.clara.ok("GET", BY_CODE.format(scanned))
    body = {"detalle": [{"codigo_barras": scanned}]}
    unfit(shop.beto.post("/ventas-detalle", json=body), "detalle[0].cantidad")


def test_the_label_of_a_scale_may_be_filled_up_with_a_zero(shop: RunningShop) -> None:
    product = shop.product(codigo_barras="00081", unidad="kg", interno=True)
    digits = "200008100350"
    label = "0" + digits + check_digit(digits)
    found = shop.clara.ok("GET", BY_CODE.format(label))
    assert (found["codigo_barras"], found["cantidad"]) == (
        product["codigo_barras"],
        0.35,
    )


def test_a_scanned_symbol_is_found_by_line(shop: RunningShop) -> None:
    code = shop.code(nombre="Yogur de línea")
    with Person(shop.server.inventory) as one:
        one.line()
        (answer,) = one.asks(f"ver (01)0{code}(10)ABC")
        assert answer.startswith(f"{code}  Yogur de línea")
        (answer,) = one.asks(f"ver ]d2010{code}10ABC{FNC1}17270101")
        assert answer.startswith(f"{code}  Yogur de línea")
