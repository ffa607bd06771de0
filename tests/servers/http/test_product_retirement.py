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
