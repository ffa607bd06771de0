"""``/ventas-detalle``, ``/ventas`` and ``/boletas``: selling, its arithmetic, what is owed, and who sees what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.harness.cast import ANA_RUT, BETO_RUT, CLARA_RUT, new_code, new_rut
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


def test_lines_of_the_same_product_are_summed_in_order_of_first_appearance(
    shop: RunningShop,
) -> None:
    one, other = shop.code(precio=100), shop.code(precio=7)
    sale = shop.sell((other, 1), (one, 2), (other, 3), (one, 1))
    assert [
        (line["codigo_barras"], line["cantidad"], line["total"])
        for line in sale["detalle"]
    ] == [
        (other, 4, 28),
        (one, 3, 300),
    ]


def test_a_upc_a_and_its_ean_13_are_lines_of_one_product(shop: RunningShop) -> None:
    shop.product(codigo_barras="885909950805", precio=50)
    sale = shop.sell(("885909950805", 1), ("0885909950805", 2))
    assert [(line["codigo_barras"], line["cantidad"]) for line in sale["detalle"]] == [
        ("885909950805", 3)
    ]


def test_a_weight_is_rounded_half_up_to_the_peso(shop: RunningShop) -> None:
    cheese = shop.code(unidad="kg", precio=8990, stock=5)
    bought = {
        0.35: 3147,
        0.001: 9,
        1.235: 11103,
        0.05: 450,
    }  # 3146.5, 8.99, 11102.65, 449.5
    for quantity, total in bought.items():
        line = shop.sell((cheese, quantity))["detalle"][0]
        assert (line["cantidad"], line["total"]) == (quantity, total)
    assert shop.stock(cheese) == 3.364


@pytest.mark.parametrize(
    ("price", "due"),
    [
        (1001, 1000),
        (1004, 1000),
        (1005, 1000),
        (1006, 1010),
        (1009, 1010),
        (1010, 1010),
        (5, 0),
        (6, 10),
        (0, 0),
    ],
)
def test_cash_is_rounded_one_to_five_down_and_six_to_nine_up(
    shop: RunningShop, price: int, due: int
) -> None:
    sale = shop.sell((shop.code(precio=price), 1))
    assert sale["total"] == price
    assert sale["ajuste_redondeo"] == due - price
    assert sale["pagos"] == [{"medio": "efectivo", "monto": due}]


@pytest.mark.parametrize(
    ("total", "net"),
    [(1, 1), (2, 2), (3, 3), (10, 8), (100, 84), (119, 100), (1190, 1000)],
)
def test_the_tax_is_what_the_net_leaves(
    shop: RunningShop, total: int, net: int
) -> None:
    sale = shop.sell((shop.code(precio=total), 1))
    assert (sale["neto"], sale["iva"], sale["exento"]) == (net, total - net, 0)


def test_the_tax_is_split_once_a_receipt_and_exempt_lines_have_none(
    shop: RunningShop,
) -> None:
    three = [
        (shop.code(precio=3), 1) for _ in range(3)
    ]  # one by one each would be 3 and nothing
    stamp = shop.code(precio=455, exento=True)
    sale = shop.sell(*three, (stamp, 2))
    assert (sale["neto"], sale["iva"], sale["exento"], sale["total"]) == (
        8,
        1,
        910,
        919,
    )


@pytest.mark.parametrize(
    ("off", "final", "quantity", "total", "line_discount"),
    [
        ({"porcentaje": 12.5}, 956, 3, 2868, 411),  # 1093 less 12.5 % is 956.375
        ({"porcentaje": 50}, 547, 1, 547, 546),  # 546.5 goes up
        ({"porcentaje": 100}, 0, 2, 0, 2186),
        ({"monto": 93}, 1000, 2, 2000, 186),
        ({"monto": 5000}, 0, 1, 0, 1093),
    ],
)
def test_a_discount_that_holds_now_is_taken_off(
    shop: RunningShop,
    off: dict[str, float],
    final: int,
    quantity: int,
    total: int,
    line_discount: int,
) -> None:
    product = shop.product(precio=1093, descuento=discount(**off))
    assert product["precio_final"] == final
    line = shop.sell((product["codigo_barras"], quantity))["detalle"][0]
    assert (line["precio_unitario"], line["total"], line["descuento"]) == (
        1093,
        total,
        line_discount,
    )


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


@pytest.mark.parametrize("quantity", [0, -1, -0.5, 1.5, 0.001, 10**10, 10**30])
def test_a_product_by_unit_is_sold_in_whole_numbers_above_zero(
    shop: RunningShop, quantity: float
) -> None:
    unfit(
        shop.beto.post("/ventas-detalle", json=order((shop.code(), quantity))),
        "detalle[0].cantidad",
    )


@pytest.mark.parametrize("quantity", ["1", True, [1], {}])
def test_a_quantity_is_a_number(shop: RunningShop, quantity: Any) -> None:
    unfit(
        shop.beto.post("/ventas-detalle", json=order((shop.code(), quantity))),
        "detalle[0].cantidad",
    )


def test_a_quantity_has_three_decimals_at_most(shop: RunningShop) -> None:
    code = shop.code(unidad="kg")
    answer = shop.beto.post(
        "/ventas-detalle", json=order((shop.code(), 1), (code, 0.0005))
    )
    unfit(answer, "detalle[1].cantidad")
    assert shop.sell((code, 0.5))["detalle"][0]["cantidad"] == 0.5
    assert shop.sell((code, 1.0))["detalle"][0]["cantidad"] == 1


def test_a_plain_code_needs_a_quantity(shop: RunningShop) -> None:
    unfit(
        shop.beto.post("/ventas-detalle", json=order((shop.code(), None))),
        "detalle[0].cantidad",
    )


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

    def test_labels_and_lines_of_their_product_are_summed(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="62", unidad="kg", precio=1000)
        sale = shop.sell(
            (label("20", 62, 350), None), ("62", 0.1), (label("20", 62, 50), 2)
        )
        assert [(one["cantidad"], one["total"]) for one in sale["detalle"]] == [
            (0.55, 550)
        ]

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

    def pay(
        self, shop: RunningShop, price: int, *payments: tuple[str, int], **more: Any
    ) -> Any:
        paid = [{"medio": method, "monto": amount} for method, amount in payments]
        return shop.beto.post(
            "/ventas-detalle",
            json=order((shop.code(precio=price), 1), pagos=paid, **more),
        )

    @pytest.mark.parametrize(
        ("price", "payments", "rounding", "change"),
        [
            (1990, [("efectivo", 2000)], 0, 10),
            (1994, [("efectivo", 2000)], -4, 10),
            (1996, [("efectivo", 5000)], 4, 3000),
            (1994, [("debito", 1994)], 0, 0),
            (1994, [("debito", 994), ("efectivo", 1000)], 0, 0),
            (1994, [("credito", 1000), ("efectivo", 1000)], -4, 10),
            (1996, [("transferencia", 500), ("otro", 500), ("efectivo", 1000)], 4, 0),
            (1003, [("debito", 1000), ("efectivo", 0)], -3, 0),
            (1994, [("efectivo", 990), ("efectivo", 1000)], -4, 0),
            (0, [], 0, 0),
        ],
    )
    def test_only_what_is_left_for_cash_is_rounded(
        self,
        shop: RunningShop,
        price: int,
        payments: list[tuple[str, int]],
        rounding: int,
        change: int,
    ) -> None:
        answer = self.pay(shop, price, *payments)
        assert answer.status_code == 201, answer.text
        sale = answer.json()
        assert (sale["ajuste_redondeo"], sale["vuelto"]) == (rounding, change)
        assert [(one["medio"], one["monto"]) for one in sale["pagos"]] == payments
        assert (
            sum(one["monto"] for one in sale["pagos"]) - change
            == sale["total"] + rounding
        )

    @pytest.mark.parametrize(
        "payments",
        [
            [("efectivo", 1980)],
            [("debito", 1993)],
            [("debito", 980), ("efectivo", 1000)],
            [],
        ],
    )
    def test_too_little_is_refused(
        self, shop: RunningShop, payments: list[tuple[str, int]]
    ) -> None:
        refused(self.pay(shop, 1994, *payments), 409, "pago_insuficiente")

    @pytest.mark.parametrize("method", ["debito", "credito", "transferencia", "otro"])
    def test_more_than_the_total_is_taken_in_cash_only(
        self, shop: RunningShop, method: str
    ) -> None:
        unfit(self.pay(shop, 1994, (method, 1995)), "pagos")
        unfit(self.pay(shop, 1994, (method, 1995), ("efectivo", 1000)), "pagos")

    @pytest.mark.parametrize("amount", [-1, 10**12 + 1, 10**40])
    def test_an_amount_is_a_sane_integer(self, shop: RunningShop, amount: int) -> None:
        unfit(self.pay(shop, 10, ("debito", 5), ("efectivo", amount)), "pagos[1].monto")

    @pytest.mark.parametrize("amount", [1.5, "10", None, True])
    def test_money_is_never_a_float(self, shop: RunningShop, amount: Any) -> None:
        unfit(self.pay(shop, 10, ("efectivo", amount)), "pagos[0].monto")

    def test_a_method_is_one_of_six(self, shop: RunningShop) -> None:
        unfit(self.pay(shop, 10, ("cheque", 10)), "pagos[0].medio")

    def test_a_sale_has_twenty_payments_at_most(self, shop: RunningShop) -> None:
        assert self.pay(shop, 20, *[("debito", 1)] * 20).status_code == 201
        unfit(self.pay(shop, 21, *[("debito", 1)] * 21), "pagos")


@pytest.mark.parametrize("rut", ["", "12", "11111111-2", "x", "11111111-1-1"])
def test_the_customer_is_a_valid_rut(shop: RunningShop, rut: str) -> None:
    unfit(
        shop.beto.post("/ventas-detalle", json=order((shop.code(), 1), cliente=rut)),
        "cliente",
    )


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
            "clave": "12345678",
        }
        assert shop.nobody.ok("POST", "/register", body)["verificado"] is False
        caller = shop.enter(f"solo{rut}", "12345678")
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
    for text in ("hebras", "HEBRAS", code, customer):
        assert [one["id_venta"] for one in shop.beto.all("/ventas", q=text)] == [
            sale["id_venta"]
        ], text
    assert sale["id_venta"] in [
        one["id_venta"] for one in shop.beto.all("/ventas", q=str(sale["folio"]))
    ]
