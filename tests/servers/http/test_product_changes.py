"""``PUT /product/barcode/<codigo_barras>``: fields, counts of stock, and versions."""

from typing import Any

import pytest
from tests.harness.cast import new_code
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"


class TestChanging:
    """``PUT /product/barcode/<codigo_barras>``."""

    def test_fields_that_are_not_given_stay(self, shop: RunningShop) -> None:
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
    def test_a_refused_change_changes_nothing(
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

    def test_a_product_with_a_fraction_in_stock_cannot_be_sold_by_unit(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(unidad="kg", stock=0.5)
        unfit(shop.ana.put(BY_CODE.format(code), json={"unidad": "un"}), "unidad")
        both = {"unidad": "un", "stock": 1, "motivo": "se vende por pieza"}
        assert shop.ana.ok("PUT", BY_CODE.format(code), both)["stock"] == 1
        unfit(
            shop.ana.put(BY_CODE.format(code), json={"stock": 0.5, "motivo": "conteo"}),
            "stock",
        )

    def test_a_product_that_was_sold_in_fractions_cannot_be_sold_by_unit(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(unidad="kg", stock=3)
        shop.sell((code, 2))
        shop.ana.ok("PUT", BY_CODE.format(code), {"unidad": "un"})
        shop.ana.ok("PUT", BY_CODE.format(code), {"unidad": "kg"})

        shop.sell((code, 0.5))
        for more in (
            {},
            {"stock": 1, "motivo": "conteo"},
            {"unidad": "un", "stock": 0},
        ):
            wanted = {"unidad": "un", "motivo": "se vende por pieza", **more}
            unfit(shop.ana.put(BY_CODE.format(code), json=wanted), "unidad")
        assert shop.stock(code) == 0.5
        shop.ana.ok("PUT", BY_CODE.format(code), {"unidad": "g"})

    def test_a_code_that_is_no_longer_internal_needs_its_check_digit(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="7801234999999", interno=True)
        unfit(
            shop.ana.put(BY_CODE.format("7801234999999"), json={"interno": False}),
            "codigo_barras",
        )

    def test_a_counted_stock_is_one_movement_with_its_reason(
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

    def test_a_discount_is_set_and_removed(self, shop: RunningShop) -> None:
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

    def test_no_more_than_the_price_comes_off(self, shop: RunningShop) -> None:
        off = {
            "monto": 150,
            "desde": "2020-01-01T00:00:00Z",
            "hasta": "2090-01-01T00:00:00Z",
        }
        path = BY_CODE.format(shop.code(precio=100))
        unfit(shop.ana.put(path, json={"descuento": off}), "descuento.monto")

        shop.ana.ok("PUT", path, {"precio": 200, "descuento": off})
        unfit(shop.ana.put(path, json={"precio": 149}), "descuento.monto")
        assert shop.ana.ok("PUT", path, {"precio": 150})["precio_final"] == 0
        shop.ana.ok("PUT", path, {"precio": 149, "descuento": off | {"monto": 149}})

    def test_an_unknown_product_is_not_found(self, shop: RunningShop) -> None:
        refused(shop.ana.put(BY_CODE.format(new_code()), json={}), 404, "no_encontrado")
        refused(shop.ana.delete(BY_CODE.format(new_code())), 404, "no_encontrado")

    def test_a_change_of_a_stale_version_is_refused(self, shop: RunningShop) -> None:
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

    def test_a_sale_makes_a_version_stale(self, shop: RunningShop) -> None:
        code = shop.code()
        seen = shop.ana.get(BY_CODE.format(code)).headers["etag"]
        shop.sell((code, 1))
        body = {"stock": 5, "motivo": "conteo"}
        answer = shop.ana.put(
            BY_CODE.format(code), json=body, headers={"If-Match": seen}
        )
        refused(answer, 412, "version_cambiada")

    @pytest.mark.parametrize("tag", ['W/"1-100000"', "basura", '""', "1-100000"])
    def test_an_if_match_without_the_present_strong_etag_is_refused(
        self, shop: RunningShop, tag: str
    ) -> None:
        path = BY_CODE.format(shop.code())
        refused(
            shop.ana.put(path, json={"precio": 5}, headers={"If-Match": tag}),
            412,
            "version_cambiada",
        )
