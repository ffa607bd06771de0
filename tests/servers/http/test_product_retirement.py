"""``DELETE /product/barcode/<codigo_barras>``: what is left of a product that is no longer sold."""

from tests.harness.http import refused
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"


class TestRetiring:
    """``DELETE /product/barcode/<codigo_barras>``."""

    def test_a_retired_product_is_seen_by_staff_and_not_by_clientes(
        self, shop: RunningShop
    ) -> None:
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

    def test_a_retired_product_keeps_its_ledger(self, shop: RunningShop) -> None:
        code = shop.code(stock=5)
        shop.sell((code, 1))
        shop.ana.ok("DELETE", BY_CODE.format(code))
        assert [
            row["saldo"] for row in shop.beto.all(BY_CODE.format(code) + "/movimientos")
        ] == [4, 5]

    def test_a_retired_product_can_be_sold_again_once_it_is_active(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        shop.ana.ok("DELETE", BY_CODE.format(code))
        shop.ana.ok("PUT", BY_CODE.format(code), {"estado": "Activo"})
        shop.sell((code, 1))


class TestDeleting:
    """``DELETE /product/barcode/<codigo_barras>?definitivo=si``."""

    def test_a_product_that_was_never_sold_is_gone_and_its_code_is_free(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(stock=5)
        path = BY_CODE.format(code)
        gone = shop.ana.ok("DELETE", path, params={"definitivo": "si"})
        assert (gone["codigo_barras"], gone["estado"]) == (code, "Inactivo")
        assert gone["stock"] == 0
        refused(shop.ana.get(path), 404, "no_encontrado")
        assert shop.ana.ok("GET", "/products", params={"q": code})["datos"] == []
        refused(
            shop.ana.delete(path, params={"definitivo": "si"}), 404, "no_encontrado"
        )
        body = {"codigo_barras": code, "nombre": "Otra vez", "precio": 1}
        assert shop.ana.ok("POST", "/product", body)["precio"] == 1

    def test_a_product_that_was_sold_can_only_be_retired(
        self, shop: RunningShop
    ) -> None:
        code = shop.code(stock=5)
        shop.sell((code, 1))
        path = BY_CODE.format(code)
        refused(
            shop.ana.delete(path, params={"definitivo": "si"}), 409, "tiene_historia"
        )
        assert shop.ana.ok("GET", path)["estado"] == "Activo"
        retired = shop.ana.ok("DELETE", path, params={"definitivo": "no"})
        assert retired["estado"] == "Inactivo"
