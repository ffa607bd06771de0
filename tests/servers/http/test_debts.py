"""Money still owed: ``pendiente``, ``POST /ventas/<id>/pagos``, and who owes what."""

from typing import Any

import pytest
from tests.harness.cast import new_rut
from tests.harness.http import order, refused, unfit
from tests.harness.shop import RunningShop

NOT_STAFF = new_rut()
"""A customer of the counter, without an account."""


class TestOwing:
    """Sales on account."""

    def owe(
        self, shop: RunningShop, price: int = 1994, owed: int | None = None, **more: Any
    ) -> Any:
        paid = [
            {"medio": "pendiente", "monto": price if owed is None else owed},
            *more.pop("pagos", []),
        ]
        return shop.sell(
            (shop.code(precio=price), 1), pagos=paid, **{"cliente": NOT_STAFF, **more}
        )

    def settle(self, shop: RunningShop, sale: Any, *payments: tuple[str, int]) -> Any:
        body = {
            "pagos": [{"medio": method, "monto": amount} for method, amount in payments]
        }
        return shop.beto.post(f"/ventas/{sale['id_venta']}/pagos", json=body)

    def test_a_sale_on_account_needs_a_customer(self, shop: RunningShop) -> None:
        body = order((shop.code(), 1), pagos=[{"medio": "pendiente", "monto": 1000}])
        unfit(shop.beto.post("/ventas-detalle", json=body), "cliente")

    def test_a_debt_is_settled_in_parts_with_rounding_and_change(
        self, shop: RunningShop
    ) -> None:
        sale = self.owe(shop)
        first = self.settle(shop, sale, ("debito", 994)).json()
        assert first["pendiente"] == 1000
        second = self.settle(shop, sale, ("efectivo", 500)).json()
        assert (second["pendiente"], second["ajuste_redondeo"], second["vuelto"]) == (
            500,
            0,
            0,
        )
        third = self.settle(shop, sale, ("credito", 103), ("efectivo", 1000)).json()
        assert (third["pendiente"], third["ajuste_redondeo"], third["vuelto"]) == (
            0,
            3,
            600,
        )
        paid = [
            ("debito", 994),
            ("efectivo", 500),
            ("credito", 103),
            ("efectivo", 1000),
        ]
        assert [(one["medio"], one["monto"]) for one in third["pagos"]] == paid
        assert third["total"] + 3 == 2597 - 600
        assert shop.ana.ok("GET", f"/ventas/{sale['id_venta']}") == third
        refused(self.settle(shop, sale, ("efectivo", 10)), 409, "sin_deuda")

    def test_what_is_owed_stays_among_the_payments_until_it_is_paid(
        self, shop: RunningShop
    ) -> None:
        sale = self.owe(shop)
        shown = self.settle(shop, sale, ("debito", 1000)).json()
        assert shown["pagos"] == [
            {"medio": "pendiente", "monto": 994},
            {"medio": "debito", "monto": 1000},
        ]

    @pytest.mark.parametrize(
        ("payments", "field"),
        [
            ([("debito", 1995)], "pagos"),
            ([("pendiente", 100)], "pagos[0].medio"),
            ([("efectivo", -5)], "pagos[0].monto"),
        ],
    )
    def test_an_unfit_settlement_changes_nothing(
        self, shop: RunningShop, payments: list[tuple[str, int]], field: str
    ) -> None:
        sale = self.owe(shop)
        unfit(self.settle(shop, sale, *payments), field)
        assert shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")["pendiente"] == 1994

    def test_a_paid_sale_cannot_be_settled(self, shop: RunningShop) -> None:
        refused(
            self.settle(shop, shop.sell((shop.code(), 1)), ("efectivo", 10)),
            409,
            "sin_deuda",
        )

    @pytest.mark.parametrize("number", ["0", "999999999", "x", "-1", "1.0", "9" * 30])
    def test_an_unknown_sale_cannot_be_settled(
        self, shop: RunningShop, number: str
    ) -> None:
        refused(
            self.settle(shop, {"id_venta": number}, ("efectivo", 10)),
            404,
            "no_encontrado",
        )

    def test_sales_with_debts_are_listed_by_customer(self, shop: RunningShop) -> None:
        debtor = new_rut()
        owed = self.owe(shop, cliente=debtor)["id_venta"]
        settled = self.owe(shop, cliente=debtor)
        self.settle(shop, settled, ("debito", 1994))
        paid = shop.sell((shop.code(), 1), cliente=debtor)["id_venta"]

        def listed(**query: str) -> list[int]:
            return [one["id_venta"] for one in shop.beto.all("/ventas", **query)]

        assert listed(pendientes="si", cliente=debtor) == [owed]
        assert listed(pendientes="no", cliente=debtor) == [paid, settled["id_venta"]]
        assert listed(cliente=debtor) == [paid, settled["id_venta"], owed]
        assert owed in listed(pendientes="si")
        unfit(shop.beto.get("/ventas", params={"pendientes": "quizas"}), "pendientes")
        unfit(shop.beto.get("/ventas", params={"cliente": "12"}), "cliente")
