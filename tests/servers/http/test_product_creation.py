"""``POST /product``: what a product needs, and what may be said of it."""

from typing import Any

import httpx
import pytest
from tests.harness.cast import new_code
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"


def create(shop: RunningShop, **fields: Any) -> httpx.Response:
    """Create a product with the least that is needed, and ``fields``."""
    body = {"codigo_barras": new_code(), "nombre": "Cosa", "precio": 10} | fields
    return shop.ana.post("/product", json=body)


class TestCreating:
    """``POST /product``."""

    def test_a_product_needs_a_code_a_name_and_a_price(self, shop: RunningShop) -> None:
        code = new_code()
        answer = shop.ana.post(
            "/product", json={"codigo_barras": code, "nombre": "Pan", "precio": 1990}
        )
        assert answer.status_code == 201
        assert answer.json() == {
            "codigo_barras": code,
            "interno": False,
            "nombre": "Pan",
            "precio": 1990,
            "costo": 0,
            "stock": 0,
            "stock_minimo": 0,
            "categoria": None,
            "unidad": "un",
            "exento": False,
            "estado": "Activo",
            "descuento": None,
            "precio_final": 1990,
        }
        read = shop.ana.get(BY_CODE.format(code))
        assert read.json() == answer.json()
        assert read.headers["etag"] == answer.headers["etag"]

    @pytest.mark.parametrize("missing", ["codigo_barras", "nombre", "precio"])
    def test_a_missing_code_name_or_price_is_refused(
        self, shop: RunningShop, missing: str
    ) -> None:
        body = {"codigo_barras": new_code(), "nombre": "Pan", "precio": 1}
        del body[missing]
        unfit(shop.ana.post("/product", json=body), missing)

    def test_all_other_fields_may_be_given(self, shop: RunningShop) -> None:
        fields = {
            "costo": 700,
            "stock": 1.25,
            "stock_minimo": 0.5,
            "categoria": "Lácteos",
            "unidad": "kg",
            "exento": True,
            "interno": True,
            "estado": "Inactivo",
        }
        made = create(shop, **fields).json()
        assert {name: made[name] for name in fields} == fields

    @pytest.mark.parametrize("unit", ["un", "kg", "g", "l", "ml", "m"])
    def test_there_are_six_units(self, shop: RunningShop, unit: str) -> None:
        assert create(shop, unidad=unit).json()["unidad"] == unit

    def test_a_code_belongs_to_one_product_in_all_its_spellings(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        assert (
            refused(create(shop, codigo_barras=code), 409, "ya_existe")["campo"]
            == "codigo_barras"
        )
        shop.ana.ok("DELETE", BY_CODE.format(code))
        refused(create(shop, codigo_barras=code), 409, "ya_existe")
        shop.product(codigo_barras="123456789012")
        refused(create(shop, codigo_barras="0123456789012"), 409, "ya_existe")

    @pytest.mark.parametrize(
        "code",
        [
            "",
            " ",
            "a b",
            "a/b",
            ".",
            "..",
            "ñ",
            "x" * 49,
            "a\tb",
            "a\x00",
            "a\n",
            "\u202e123",
            "7801234567890",
            "12345671",
            "123456789013",
            "00012345678901",
            "\uff11\uff12\uff13\uff14",
        ],
    )
    def test_a_code_that_is_not_printable_or_has_a_wrong_check_digit_is_refused(
        self, shop: RunningShop, code: str
    ) -> None:
        unfit(create(shop, codigo_barras=code), "codigo_barras")

    @pytest.mark.parametrize(
        "code",
        [
            "~",
            "...",
            "A-1",
            "x" * 48,
            "1",
            "123456789",
            "%2F",
            "?a=b",
            "a%b",
            "#",
            "ver",
        ],
    )
    def test_any_other_printable_code_is_accepted_and_found(
        self, shop: RunningShop, code: str
    ) -> None:
        shop.product(codigo_barras=code)
        path = (
            "".join(f"%{byte:02X}" for byte in code.encode()) if code != "..." else code
        )
        if "%2F" in code:
            path = "%252F"
        assert shop.clara.ok("GET", BY_CODE.format(path))["codigo_barras"] == code

    @pytest.mark.parametrize(
        "code", ["96385074", "036000291452", "4006381333931", "10012345678902"]
    )
    def test_the_check_digit_of_all_four_lengths_of_gtin_is_checked(
        self, shop: RunningShop, code: str
    ) -> None:
        assert create(shop, codigo_barras=code).status_code in {201, 409}
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        assert (
            code[-1]
            in unfit(create(shop, codigo_barras=wrong), "codigo_barras")[
                "codigo_barras"
            ]
        )
        assert create(shop, codigo_barras=wrong, interno=True).status_code == 201

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("precio", -1),
            ("precio", 10**12 + 1),
            ("precio", 10**400),
            ("precio", 1.5),
            ("precio", "10"),
            ("precio", None),
            ("costo", -1),
            ("costo", 10**30),
            ("stock", -1),
            ("stock", 1.5),
            ("stock", 10**10),
            ("stock", "1"),
            ("stock", 10**400),
            ("stock_minimo", -0.001),
            ("stock_minimo", 0.5),
            ("nombre", ""),
            ("nombre", " \t "),
            ("nombre", "x" * 201),
            ("nombre", "a\x00b"),
            ("nombre", "a\nb"),
            ("nombre", "a\x1b[31m"),
            ("nombre", 7),
            ("categoria", "x" * 201),
            ("categoria", "a\x07"),
            ("unidad", "caja"),
            ("estado", "activo"),
            ("exento", 1),
            ("interno", "si"),
            ("descuento", []),
            ("precio_final", 10),
            ("price", 10),
            ("code", "x"),
        ],
    )
    def test_the_refusal_of_an_unfit_value_names_its_field(
        self, shop: RunningShop, field: str, value: Any
    ) -> None:
        assert unfit(create(shop, **{field: value}), field)[field]

    def test_names_are_tidied_and_may_be_in_any_script(self, shop: RunningShop) -> None:
        for given, kept in {
            "  Pan  ": "Pan",
            "Cafe\u0301": "Café",
            "面包": "面包",
            "خبز": "خبز",
            "🥖": "🥖",
        }.items():
            assert create(shop, nombre=given).json()["nombre"] == kept
        assert create(shop, categoria="  ").json()["categoria"] is None

    def test_an_opening_stock_is_a_movement(self, shop: RunningShop) -> None:
        code = shop.code(stock=7)
        (movement,) = shop.beto.all(BY_CODE.format(code) + "/movimientos")
        assert (movement["causa"], movement["cantidad"], movement["saldo"]) == (
            "apertura",
            7,
            7,
        )
        assert shop.beto.all(BY_CODE.format(shop.code(stock=0)) + "/movimientos") == []


class TestDiscounts:
    """``descuento`` of a new product."""

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "descuento"),
            ({"porcentaje": 10, "monto": 10}, "descuento"),
            ({"porcentaje": 0}, "descuento.porcentaje"),
            ({"porcentaje": -5}, "descuento.porcentaje"),
            ({"porcentaje": 100.01}, "descuento.porcentaje"),
            ({"porcentaje": 12.345}, "descuento.porcentaje"),
            ({"porcentaje": 10**400}, "descuento.porcentaje"),
            ({"porcentaje": 1e300}, "descuento.porcentaje"),
            ({"porcentaje": "10"}, "descuento.porcentaje"),
            ({"monto": 0}, "descuento.monto"),
            ({"monto": -1}, "descuento.monto"),
            ({"monto": 10**40}, "descuento.monto"),
            ({"monto": 11}, "descuento.monto"),
            ({"monto": 1, "desde": "2027-01-01T00:00:00Z"}, "descuento.hasta"),
            ({"monto": 1, "desde": "ayer"}, "descuento.desde"),
            ({"monto": 1, "desde": "2026-02-30T00:00:00Z"}, "descuento.desde"),
            ({"monto": 1, "desde": "2026-01-01"}, "descuento.desde"),
            ({"monto": 1, "desde": "2026-01-01T00:00:00"}, "descuento.desde"),
            ({"monto": 1, "desde": "0001-01-01T00:00:00Z"}, "descuento.desde"),
            ({"monto": 1, "desde": "0001-01-01T00:00:00+14:00"}, "descuento.desde"),
            ({"monto": 1, "hasta": "9999-12-31T23:59:59-12:00"}, "descuento.hasta"),
            ({"monto": 1, "hasta": "9999-12-31T23:59:59Z"}, "descuento.hasta"),
            ({"monto": 1, "hasta": 5}, "descuento.hasta"),
            ({"monto": 1, "tope": 5}, "descuento.tope"),
        ],
    )
    def test_the_refusal_of_an_unfit_discount_names_its_field(
        self, shop: RunningShop, given: dict[str, Any], field: str
    ) -> None:
        times = {
            "desde": "2026-01-01T00:00:00-03:00",
            "hasta": "2026-12-31T00:00:00-03:00",
        }
        unfit(create(shop, descuento=times | given), field)

    def test_a_discount_has_a_beginning_and_an_end(self, shop: RunningShop) -> None:
        unfit(
            create(shop, descuento={"monto": 1, "desde": "2026-01-01T00:00:00Z"}),
            "descuento.hasta",
        )

    def test_a_discount_is_shown_in_the_time_of_the_shop(
        self, shop: RunningShop
    ) -> None:
        given = {
            "porcentaje": 12.5,
            "desde": "2026-07-01T04:00:00Z",
            "hasta": "2026-12-31T00:00:00.5+09:00",
        }
        assert create(shop, descuento=given).json()["descuento"] == {
            "porcentaje": 12.5,
            "desde": "2026-07-01T00:00:00.000-04:00",
            "hasta": "2026-12-30T12:00:00.500-03:00",
        }
