"""``/product`` and ``/products``: creating, looking up, changing, retiring, searching, and the stock ledger."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from tests.harness.cast import new_code
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"


def create(shop: RunningShop, **fields: Any) -> httpx.Response:
    """Create a product, with the least that is needed and ``fields``."""
    return shop.ana.post(
        "/product",
        json={"codigo_barras": new_code(), "nombre": "Cosa", "precio": 10} | fields,
    )


class TestCreating:
    """``POST /product``."""

    def test_code_name_and_price_are_enough(self, shop: RunningShop) -> None:
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
    def test_each_of_the_three_is_needed(self, shop: RunningShop, missing: str) -> None:
        body = {"codigo_barras": new_code(), "nombre": "Pan", "precio": 1}
        del body[missing]
        unfit(shop.ana.post("/product", json=body), missing)

    def test_everything_else_may_be_given(self, shop: RunningShop) -> None:
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

    def test_a_code_is_taken_once_in_either_spelling(self, shop: RunningShop) -> None:
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
    def test_a_code_is_printable_and_has_its_check_digit(
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
    def test_any_other_printable_code_is_taken_and_found(
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
    def test_the_four_lengths_of_gtin_are_checked(
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
    def test_each_unfit_value_is_named(
        self, shop: RunningShop, field: str, value: Any
    ) -> None:
        assert unfit(create(shop, **{field: value}), field)[field]

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
    def test_each_unfit_part_of_a_discount_is_named(
        self, shop: RunningShop, given: dict[str, Any], field: str
    ) -> None:
        times = {
            "desde": "2026-01-01T00:00:00-03:00",
            "hasta": "2026-12-31T00:00:00-03:00",
        }
        unfit(create(shop, descuento=times | given), field)

    def test_a_discount_needs_both_its_times(self, shop: RunningShop) -> None:
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

    def test_names_are_kept_tidy_and_in_any_script(self, shop: RunningShop) -> None:
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


class TestChanging:
    """``PUT /product/barcode/<codigo_barras>``."""

    def test_what_is_not_given_stays(self, shop: RunningShop) -> None:
        before = shop.product(categoria="Pan", costo=5)
        after = shop.ana.ok(
            "PUT", BY_CODE.format(before["codigo_barras"]), {"precio": 1234}
        )
        assert after == before | {"precio": 1234, "precio_final": 1234}
        assert shop.ana.ok("PUT", BY_CODE.format(before["codigo_barras"]), {}) == after

    def test_each_field_can_change(self, shop: RunningShop) -> None:
        code = shop.code(stock=2)
        change = {
            "nombre": "Otro",
            "precio": 7,
            "costo": 3,
            "stock_minimo": 0.5,
            "categoria": None,
            "unidad": "kg",
            "exento": True,
            "interno": True,
            "estado": "Inactivo",
            "descuento": None,
        }
        after = shop.ana.ok("PUT", BY_CODE.format(code), change)
        assert {name: after[name] for name in change} == change
        assert (
            shop.ana.ok("PUT", BY_CODE.format(code), {"estado": "Activo"})["estado"]
            == "Activo"
        )

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"precio": -1}, "precio"),
            ({"nombre": ""}, "nombre"),
            ({"unidad": "caja"}, "unidad"),
            ({"stock": -1, "motivo": "x"}, "stock"),
            ({"stock": 1.5, "motivo": "x"}, "stock"),
            ({"stock": 5}, "motivo"),
            ({"stock": 5, "motivo": " "}, "motivo"),
            ({"stock": 5, "motivo": "x" * 2001}, "motivo"),
            ({"nombre": None}, "nombre"),
            ({"precio_final": 1}, "precio_final"),
        ],
    )
    def test_an_unfit_change_changes_nothing(
        self, shop: RunningShop, change: dict[str, Any], field: str
    ) -> None:
        before = shop.product()
        unfit(
            shop.ana.put(
                BY_CODE.format(before["codigo_barras"]), json={"exento": True} | change
            ),
            field,
        )
        assert shop.ana.ok("GET", BY_CODE.format(before["codigo_barras"])) == before

    def test_half_of_something_cannot_become_a_piece(self, shop: RunningShop) -> None:
        code = shop.code(unidad="kg", stock=0.5)
        unfit(shop.ana.put(BY_CODE.format(code), json={"unidad": "un"}), "unidad")
        both = {"unidad": "un", "stock": 1, "motivo": "se vende por pieza"}
        assert shop.ana.ok("PUT", BY_CODE.format(code), both)["stock"] == 1
        unfit(
            shop.ana.put(BY_CODE.format(code), json={"stock": 0.5, "motivo": "conteo"}),
            "stock",
        )

    def test_a_code_that_is_not_the_shops_own_needs_its_check_digit(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="7801234999999", interno=True)
        unfit(
            shop.ana.put(BY_CODE.format("7801234999999"), json={"interno": False}),
            "codigo_barras",
        )

    def test_a_counted_stock_is_one_correction_with_its_reason(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(stock=10)
        assert (
            shop.ana.ok("PUT", BY_CODE.format(code), {"stock": 7, "motivo": " merma "})[
                "stock"
            ]
            == 7
        )
        shop.ana.ok("PUT", BY_CODE.format(code), {"stock": 7, "motivo": "igual"})
        rows = shop.ana.all(BY_CODE.format(code) + "/movimientos")
        assert [
            (row["causa"], row["cantidad"], row["saldo"], row["motivo"]) for row in rows
        ] == [
            ("correccion", -3, 7, "merma"),
            ("apertura", 10, 10, None),
        ]

    def test_a_discount_is_set_and_taken_away(self, shop: RunningShop) -> None:
        code = shop.code(precio=1000)
        off = {
            "monto": 1,
            "desde": "2020-01-01T00:00:00Z",
            "hasta": "2090-01-01T00:00:00Z",
        }
        assert (
            shop.ana.ok("PUT", BY_CODE.format(code), {"descuento": off})["precio_final"]
            == 999
        )
        assert (
            shop.ana.ok("PUT", BY_CODE.format(code), {"descuento": None})[
                "precio_final"
            ]
            == 1000
        )

    def test_an_unknown_product_is_not_found(self, shop: RunningShop) -> None:
        refused(shop.ana.put(BY_CODE.format(new_code()), json={}), 404, "no_encontrado")
        refused(shop.ana.delete(BY_CODE.format(new_code())), 404, "no_encontrado")

    def test_an_edit_of_what_has_changed_meanwhile_is_refused(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        path = BY_CODE.format(code)
        seen = shop.ana.get(path).headers["etag"]
        first = shop.ana.put(path, json={"precio": 5}, headers={"If-Match": seen})
        assert first.status_code == 200
        refused(
            shop.ana.put(path, json={"precio": 6}, headers={"If-Match": seen}),
            412,
            "version_cambiada",
        )
        refused(
            shop.ana.delete(path, headers={"If-Match": seen}), 412, "version_cambiada"
        )
        assert shop.ana.ok("GET", path)["precio"] == 5
        now = first.headers["etag"]
        assert shop.ana.get(path).headers["etag"] == now
        either = shop.ana.put(
            path, json={"precio": 6}, headers={"If-Match": f'"x", {now}'}
        )
        assert either.status_code == 200
        assert (
            shop.ana.put(
                path, json={"precio": 7}, headers={"If-Match": "*"}
            ).status_code
            == 200
        )

    def test_a_sale_in_between_is_a_change(self, shop: RunningShop) -> None:
        code = shop.code()
        seen = shop.ana.get(BY_CODE.format(code)).headers["etag"]
        shop.sell((code, 1))
        body = {"stock": 5, "motivo": "conteo"}
        answer = shop.ana.put(
            BY_CODE.format(code), json=body, headers={"If-Match": seen}
        )
        refused(answer, 412, "version_cambiada")

    @pytest.mark.parametrize("tag", ['W/"1-100000"', "basura", '""', "1-100000"])
    def test_what_is_no_strong_tag_of_now_matches_nothing(
        self, shop: RunningShop, tag: str
    ) -> None:
        path = BY_CODE.format(shop.code())
        refused(
            shop.ana.put(path, json={"precio": 5}, headers={"If-Match": tag}),
            412,
            "version_cambiada",
        )


class TestRetiring:
    """``DELETE /product/barcode/<codigo_barras>``."""

    def test_staff_still_see_it_and_a_cliente_does_not(self, shop: RunningShop) -> None:
        code = shop.code()
        path = BY_CODE.format(code)
        gone = shop.ana.ok("DELETE", path)
        assert gone["estado"] == "Inactivo"
        for staff in (shop.ana, shop.beto):
            assert staff.ok("GET", path)["estado"] == "Inactivo"
            assert len(staff.ok("GET", "/products", params={"q": code})["datos"]) == 1
        refused(shop.clara.get(path), 404, "no_encontrado")
        for state in ({}, {"estado": "Inactivo"}, {"estado": "Activo"}):
            assert (
                shop.clara.ok("GET", "/products", params={"q": code} | state)["datos"]
                == []
            )
        assert shop.ana.ok("DELETE", path) == gone

    def test_its_history_stays(self, shop: RunningShop) -> None:
        code = shop.code(stock=5)
        shop.sell((code, 1))
        shop.ana.ok("DELETE", BY_CODE.format(code))
        assert [
            row["saldo"] for row in shop.beto.all(BY_CODE.format(code) + "/movimientos")
        ] == [4, 5]

    def test_it_comes_back_with_an_edit(self, shop: RunningShop) -> None:
        code = shop.code()
        shop.ana.ok("DELETE", BY_CODE.format(code))
        shop.ana.ok("PUT", BY_CODE.format(code), {"estado": "Activo"})
        shop.sell((code, 1))


def test_the_ledger_tells_every_change_its_cause_and_the_balance_after_it(
    shop: RunningShop,
) -> None:
    code = shop.code(stock=10, unidad="kg")
    sale = shop.sell((code, 0.5))
    back = shop.beto.ok(
        "POST", f"/ventas/{sale['id_venta']}/devoluciones", {"motivo": "x"}
    )
    bought = shop.ana.ok(
        "POST",
        "/compras-detalle",
        {
            "proveedor": "P",
            "detalle": [{"codigo_barras": code, "cantidad": 2, "costo": 5}],
        },
    )
    shop.ana.ok("PUT", BY_CODE.format(code), {"stock": 1, "motivo": "conteo"})
    rows = shop.beto.all(BY_CODE.format(code) + "/movimientos")
    assert [
        (row["causa"], row["cantidad"], row["saldo"], row["referencia"]) for row in rows
    ] == [
        ("correccion", -11, 1, None),
        ("compra", 2, 12, bought["id_compra"]),
        ("devolucion", 0.5, 10, back["id_devolucion"]),
        ("venta", -0.5, 9.5, sale["id_venta"]),
        ("apertura", 10, 10, None),
    ]
    assert all(datetime.fromisoformat(row["fecha"]).tzinfo for row in rows)
    assert shop.beto.all(BY_CODE.format(code) + "/movimientos", limite=2) == rows
    refused(
        shop.beto.get(BY_CODE.format(new_code()) + "/movimientos"), 404, "no_encontrado"
    )
