"""``/ventas-detalle``, ``/ventas`` and ``/boletas``: selling, what is owed, and who sees what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.http import Caller, order, refused, unfit
from tests.harness.shop import RunningShop

from trastienda.domain.barcode import check_digit


def label(prefix: str, code: int, value: int, code_digits: int = 5) -> str:
    """An in-store EAN-13."""
    digits = f"{prefix}{code:0{code_digits}d}{value:0{10 - code_digits}d}"
    return digits + check_digit(digits)


def discount(**off: Any) -> dict[str, Any]:
    """A discount that holds now."""
    now = datetime.now(UTC)
    return {
        "desde": (now - timedelta(hours=1)).isoformat(),
        "hasta": (now + timedelta(hours=1)).isoformat(),
        **off,
    }


def test_a_sale_is_answered_with_everything_that_was_agreed(shop: RunningShop) -> None:
    code = shop.code(nombre="Pan", precio=1990)
    sale = shop.sell((code, 2), cliente="33.333.333-3")
    assert datetime.fromisoformat(sale.pop("fecha")).utcoffset() in {
        timedelta(hours=-3),
        timedelta(hours=-4),
    }
    assert isinstance(sale.pop("id_venta"), int)
    assert isinstance(sale.pop("folio"), int)
    assert sale == {
        "vendedor": {"rut": BETO_RUT, "nombre": "Beto"},
        "cliente": CLARA_RUT,
        "detalle": [
            {
                "codigo_barras": code,
                "nombre": "Pan",
                "cantidad": 2,
                "precio_unitario": 1990,
                "descuento": 0,
                "total": 3980,
            }
        ],
        "neto": 3345,  # 3980 / 1.19 = 3344.5
        "iva": 635,
        "exento": 0,
        "total": 3980,
        "ajuste_redondeo": 0,
        "pagos": [{"medio": "efectivo", "monto": 3980}],
        "vuelto": 0,
        "pendiente": 0,
    }
    assert shop.stock(code) == 98


def test_folios_have_no_gap_though_sales_are_refused_in_between(
    shop: RunningShop,
) -> None:
    code = shop.code(stock=3)
    first = shop.sell((code, 1))["folio"]
    refused(
        shop.beto.post("/ventas-detalle", json=order((code, 9))),
        409,
        "stock_insuficiente",
    )
    refused(
        shop.beto.post("/ventas-detalle", json=order((new_code(), 1))),
        404,
        "no_encontrado",
    )
    assert [shop.sell((code, 1))["folio"], shop.sell((code, 1))["folio"]] == [
        first + 1,
        first + 2,
    ]


def test_a_upc_a_and_its_ean_13_are_lines_of_one_product(shop: RunningShop) -> None:
    shop.product(codigo_barras="885909950805", precio=50)
    sale = shop.sell(("885909950805", 1), ("0885909950805", 2))
    assert [(line["codigo_barras"], line["cantidad"]) for line in sale["detalle"]] == [
        ("885909950805", 3)
    ]


def test_a_weight_is_sold_by_its_thousandths(shop: RunningShop) -> None:
    cheese = shop.code(unidad="kg", precio=8990, stock=5)
    line = shop.sell((cheese, 0.35))["detalle"][0]
    assert (line["cantidad"], line["total"]) == (0.35, 3147)  # 3146.5
    assert shop.stock(cheese) == 4.65


def test_cash_is_rounded_and_exempt_lines_have_no_tax(shop: RunningShop) -> None:
    bread, stamp = shop.code(precio=1190), shop.code(precio=455, exento=True)
    sale = shop.sell((bread, 1), (stamp, 2))
    assert (sale["neto"], sale["iva"], sale["exento"]) == (1000, 190, 910)
    assert (sale["total"], sale["ajuste_redondeo"]) == (2100, 0)
    odd = shop.sell((shop.code(precio=1006), 1))
    assert (odd["total"], odd["ajuste_redondeo"]) == (1006, 4)
    assert odd["pagos"] == [{"medio": "efectivo", "monto": 1010}]


def test_a_discount_that_holds_now_is_taken_off(shop: RunningShop) -> None:
    product = shop.product(precio=1093, descuento=discount(porcentaje=12.5))
    assert product["precio_final"] == 956  # 956.375
    line = shop.sell((product["codigo_barras"], 3))["detalle"][0]
    figures = (line["precio_unitario"], line["total"], line["descuento"])
    assert figures == (1093, 2868, 411)


def test_a_discount_that_is_over_or_to_come_is_not(shop: RunningShop) -> None:
    over = shop.product(
        descuento={
            "porcentaje": 50,
            "desde": "2020-01-01T00:00:00Z",
            "hasta": "2020-01-02T00:00:00Z",
        }
    )
    to_come = shop.product(
        descuento={
            "monto": 5,
            "desde": "2900-01-01T00:00:00Z",
            "hasta": "2900-01-02T00:00:00Z",
        }
    )
    for product in (over, to_come):
        assert product["precio_final"] == 1000
        assert shop.sell((product["codigo_barras"], 1))["total"] == 1000


def test_a_client_names_no_price(shop: RunningShop) -> None:
    body = {
        "detalle": [{"codigo_barras": shop.code(), "cantidad": 1, "precio_unitario": 1}]
    }
    unfit(shop.beto.post("/ventas-detalle", json=body), "detalle[0].precio_unitario")


def test_a_total_that_was_not_expected_sells_nothing(shop: RunningShop) -> None:
    code = shop.code(precio=1990)
    answer = shop.beto.post(
        "/ventas-detalle", json=order((code, 1), total_esperado=1890)
    )
    assert refused(answer, 409, "precio_cambiado")["total"] == 1990
    assert shop.stock(code) == 100
    assert shop.sell((code, 1), total_esperado=1990)["total"] == 1990


def test_too_little_stock_sells_nothing_and_names_each_product_that_is_short(
    shop: RunningShop,
) -> None:
    enough, short, weighed = (
        shop.code(),
        shop.code(stock=2),
        shop.code(stock=0.5, unidad="kg"),
    )
    body = order((enough, 1), (short, 1), (weighed, 0.75), (short, 2))
    told = refused(
        shop.beto.post("/ventas-detalle", json=body), 409, "stock_insuficiente"
    )
    assert told["faltantes"] == [
        {"codigo_barras": short, "pedido": 3, "disponible": 2},
        {"codigo_barras": weighed, "pedido": 0.75, "disponible": 0.5},
    ]
    assert (shop.stock(enough), shop.stock(short)) == (100, 2)


def test_every_unknown_code_is_named(shop: RunningShop) -> None:
    known, one, other = shop.code(), new_code(), "NO-HAY"
    body = order((one, 1), (known, 1), (other, 1), (one, 1))
    told = refused(shop.beto.post("/ventas-detalle", json=body), 404, "no_encontrado")
    assert told["codigos"] == [one, other]
    assert shop.stock(known) == 100


def test_a_retired_product_is_not_sold(shop: RunningShop) -> None:
    code = shop.code()
    shop.ana.ok("DELETE", f"/product/barcode/{code}")
    told = refused(
        shop.beto.post("/ventas-detalle", json=order((code, 1))),
        409,
        "producto_retirado",
    )
    assert told["codigos"] == [code]


@pytest.mark.parametrize("quantity", [0, 1.5, None, "1", 10**30])
def test_an_unfit_quantity_is_named(shop: RunningShop, quantity: Any) -> None:
    body = order((shop.code(), 1), (shop.code(), quantity))
    unfit(shop.beto.post("/ventas-detalle", json=body), "detalle[1].cantidad")


def test_an_order_has_from_one_to_five_hundred_lines(shop: RunningShop) -> None:
    code = shop.code(stock=1000)
    unfit(shop.beto.post("/ventas-detalle", json=order()), "detalle")
    unfit(shop.beto.post("/ventas-detalle", json=order(*[(code, 1)] * 501)), "detalle")
    assert shop.sell(*[(code, 1)] * 500)["detalle"][0]["cantidad"] == 500


class TestLabels:
    """In-store EAN-13 codes on an order."""

    def test_a_weight_label_is_its_weight(self, shop: RunningShop) -> None:
        shop.product(codigo_barras="61", unidad="kg", precio=8990)
        sale = shop.sell((label("20", 61, 350), None))
        assert [
            (one["codigo_barras"], one["cantidad"], one["total"])
            for one in sale["detalle"]
        ] == [("61", 0.35, 3147)]

    def test_an_exact_code_wins_over_a_label(self, shop: RunningShop) -> None:
        shop.product(codigo_barras="63", unidad="kg")
        exact = label("20", 63, 777)
        shop.product(codigo_barras=exact, nombre="Exacto")
        assert shop.sell((exact, 1))["detalle"][0]["nombre"] == "Exacto"

    def test_a_weight_label_of_a_product_by_unit_names_nothing(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="64", unidad="un")
        refused(
            shop.beto.post("/ventas-detalle", json=order((label("20", 64, 350), None))),
            404,
            "no_encontrado",
        )


class TestPayments:
    """How a sale is paid."""

    def pay(self, shop: RunningShop, price: int, *payments: tuple[str, Any]) -> Any:
        paid = [{"medio": method, "monto": amount} for method, amount in payments]
        lines = order((shop.code(precio=price), 1), pagos=paid)
        return shop.beto.post("/ventas-detalle", json=lines)

    def test_only_what_is_left_for_cash_is_rounded(self, shop: RunningShop) -> None:
        payments = [("transferencia", 500), ("otro", 500), ("efectivo", 2000)]
        answer = self.pay(shop, 1996, *payments)
        assert answer.status_code == 201, answer.text
        sale = answer.json()
        assert (sale["ajuste_redondeo"], sale["vuelto"]) == (4, 1000)
        assert [(one["medio"], one["monto"]) for one in sale["pagos"]] == payments

    def test_too_little_is_refused(self, shop: RunningShop) -> None:
        answer = self.pay(shop, 1994, ("debito", 980), ("efectivo", 1000))
        refused(answer, 409, "pago_insuficiente")

    def test_more_than_the_total_is_taken_in_cash_only(self, shop: RunningShop) -> None:
        unfit(self.pay(shop, 1994, ("debito", 1995)), "pagos")

    @pytest.mark.parametrize(
        ("payment", "field"),
        [
            (("efectivo", -1), "monto"),
            (("efectivo", 10**40), "monto"),
            (("efectivo", 1.5), "monto"),
            (("cheque", 10), "medio"),
        ],
    )
    def test_an_unfit_payment_is_named(
        self, shop: RunningShop, payment: tuple[str, Any], field: str
    ) -> None:
        answer = self.pay(shop, 10, ("debito", 5), payment)
        unfit(answer, f"pagos[1].{field}")


def test_the_customer_is_a_valid_rut(shop: RunningShop) -> None:
    body = order((shop.code(), 1), cliente="11111111-2")
    unfit(shop.beto.post("/ventas-detalle", json=body), "cliente")


class TestWhoSeesWhat:
    """Reading sales and receipts by role."""

    def sales_of(self, caller: Caller) -> set[int]:
        lists = [
            {one["id_venta"] for one in caller.all(path)}
            for path in ("/ventas", "/boletas")
        ]
        assert lists[0] == lists[1]
        return lists[0]

    def can_read(self, caller: Caller, sale: Any) -> bool:
        answers = [
            caller.get(f"/{name}/{sale['id_venta']}") for name in ("ventas", "boleta")
        ]
        for answer in answers:
            if answer.status_code != 200:
                refused(answer, 404, "no_encontrado")
        assert answers[0].status_code == answers[1].status_code
        return answers[0].status_code == 200

    def test_an_administrador_lists_all_and_a_cajero_the_own(
        self, shop: RunningShop
    ) -> None:
        code = shop.code()
        by_beto, by_ana = shop.sell((code, 1)), shop.sell((code, 1), by=shop.ana)
        assert by_ana["vendedor"]["rut"] == ANA_RUT
        assert {by_beto["id_venta"], by_ana["id_venta"]} <= self.sales_of(shop.ana)
        listed = self.sales_of(shop.beto)
        assert by_beto["id_venta"] in listed
        assert by_ana["id_venta"] not in listed

    def test_one_sale_is_read_by_any_staff(self, shop: RunningShop) -> None:
        by_ana = shop.sell((shop.code(), 1), by=shop.ana)
        assert self.can_read(shop.beto, by_ana)
        assert self.can_read(shop.ana, by_ana)

    def test_a_verified_cliente_reads_what_was_bought_with_their_rut(
        self, shop: RunningShop
    ) -> None:
        user, caller = shop.somebody()
        own, others = (
            shop.sell((shop.code(), 1), cliente=user["rut"]),
            shop.sell((shop.code(), 1), cliente=CLARA_RUT),
        )
        assert self.sales_of(caller) == {own["id_venta"]}
        assert self.can_read(caller, own)
        assert not self.can_read(caller, others)
        assert not self.can_read(caller, shop.sell((shop.code(), 1)))

    def test_who_registered_alone_reads_nothing_of_that_rut_until_staff_confirm_it(
        self, shop: RunningShop
    ) -> None:
        rut, code = new_rut(), shop.code()
        before = shop.sell((code, 1), cliente=rut)
        body = {
            "rut": rut,
            "nombre": "Otro",
            "usuario": f"solo{rut}",
            "clave": PASSWORD,
        }
        assert shop.nobody.ok("POST", "/register", body)["verificado"] is False
        caller = shop.enter(f"solo{rut}", PASSWORD)
        assert self.sales_of(caller) == set()
        assert not self.can_read(caller, before)
        assert (
            shop.beto.ok("PUT", f"/users/{rut}", {"verificado": True})["verificado"]
            is True
        )
        assert self.can_read(caller, before)
        assert self.sales_of(caller) == {before["id_venta"]}
        shop.beto.ok("PUT", f"/users/{rut}", {"verificado": False})
        assert not self.can_read(caller, before)

    @pytest.mark.parametrize(
        "number", ["0", "999999999", "x", "-1", "1.0", "%31%00", "9" * 30]
    )
    def test_what_is_not_there_is_not_found(
        self, shop: RunningShop, number: str
    ) -> None:
        for path in ("ventas", "boleta"):
            refused(shop.ana.get(f"/{path}/{number}"), 404, "no_encontrado")


def test_a_receipt_is_the_sale_with_its_returns_and_the_shop(shop: RunningShop) -> None:
    code = shop.code()
    sale = shop.sell((code, 3))
    path = f"/ventas/{sale['id_venta']}/devoluciones"
    back = shop.beto.ok("POST", path, {"motivo": "roto", **order((code, 1))})
    receipt = shop.beto.ok("GET", f"/boleta/{sale['id_venta']}")
    page = shop.ana.ok("GET", "/tienda")
    assert receipt == {**sale, "devoluciones": [back], "tienda": page}
    assert (
        next(one for one in shop.beto.all("/boletas") if one["folio"] == sale["folio"])
        == receipt
    )


def test_sales_are_found_by_what_is_written_on_them(shop: RunningShop) -> None:
    code, customer = shop.code(nombre="Azafrán en hebras"), new_rut()
    sale = shop.sell((code, 1), cliente=customer)
    for text in ("hebras", "HEBRAS", "azafran", "AzafránEn", code, customer):
        assert [one["id_venta"] for one in shop.beto.all("/ventas", q=text)] == [
            sale["id_venta"]
        ], text
    assert sale["id_venta"] in [
        one["id_venta"] for one in shop.beto.all("/ventas", q=str(sale["folio"]))
    ]
