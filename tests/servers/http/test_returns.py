"""``/ventas/<id>/devoluciones`` and ``/devoluciones``: what comes back, and what it gives."""

from typing import Any

import httpx
import pytest
from tests.harness.cast import BETO_RUT, CLARA_RUT, new_code, new_rut
from tests.harness.http import order, refused, unfit
from tests.harness.shop import RunningShop

AMOUNTS = ("neto", "iva", "exento", "total")


def send(
    shop: RunningShop, sale: Any, *lines: tuple[str, float | None], **more: Any
) -> httpx.Response:
    """Ask for a return; without lines, of all that is left."""
    body = {"motivo": "no le gustó", **(order(*lines) if lines else {}), **more}
    return shop.beto.post(f"/ventas/{sale['id_venta']}/devoluciones", json=body)


def give_back(
    shop: RunningShop, sale: Any, *lines: tuple[str, float | None], **more: Any
) -> Any:
    """Return, and expect that it is taken."""
    answer = send(shop, sale, *lines, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def given(back: Any) -> dict[str, int]:
    """What was given for a return, by method."""
    return {one["medio"]: one["monto"] for one in back["pagos"]}


def test_a_return_is_answered_with_everything_that_was_done(shop: RunningShop) -> None:
    code = shop.code(nombre="Pan", precio=1993)
    sale = shop.sell((code, 3))
    back = give_back(shop, sale, (code, 2), motivo="venía roto")
    assert isinstance(back.pop("id_devolucion"), int)
    assert back.pop("fecha") > sale["fecha"]
    assert back == {
        "id_venta": sale["id_venta"],
        "vendedor": {"rut": BETO_RUT, "nombre": "Beto"},
        "motivo": "venía roto",
        "detalle": [
            {"codigo_barras": code, "nombre": "Pan", "cantidad": 2, "total": 3986}
        ],
        "neto": 3350,  # 3986 / 1.19 = 3349.6
        "iva": 636,
        "exento": 0,
        "total": 3986,
        "ajuste_redondeo": 4,
        "medio": "efectivo",
        "pagos": [{"medio": "efectivo", "monto": 3990}],
        "reponer": True,
    }
    assert shop.stock(code) == 99


def test_without_lines_all_that_is_left_comes_back(shop: RunningShop) -> None:
    one, other = shop.code(), shop.code()
    sale = shop.sell((one, 3), (other, 2))
    give_back(shop, sale, (one, 1))
    rest = give_back(shop, sale)
    assert [(line["codigo_barras"], line["cantidad"]) for line in rest["detalle"]] == [
        (one, 2),
        (other, 2),
    ]
    assert (shop.stock(one), shop.stock(other)) == (100, 100)
    told = refused(send(shop, sale), 409, "devolucion_excesiva")
    assert told["excesos"] == [
        {"codigo_barras": one, "pedido": 3, "disponible": 0},
        {"codigo_barras": other, "pedido": 2, "disponible": 0},
    ]


def test_damaged_goods_do_not_come_back_to_the_shelf(shop: RunningShop) -> None:
    code = shop.code()
    back = give_back(shop, shop.sell((code, 3)), (code, 1), reponer=False)
    assert back["reponer"] is False
    assert shop.stock(code) == 97


def test_never_more_than_was_bought_and_not_yet_returned(shop: RunningShop) -> None:
    code, other = shop.code(), shop.code()
    sale = shop.sell((code, 3), (other, 1))
    told = refused(
        send(shop, sale, (code, 2), (other, 1), (code, 2)), 409, "devolucion_excesiva"
    )
    assert told["excesos"] == [{"codigo_barras": code, "pedido": 4, "disponible": 3}]
    assert shop.stock(other) == 99
    give_back(shop, sale, (code, 2))
    told = refused(send(shop, sale, (code, 2)), 409, "devolucion_excesiva")
    assert told["excesos"] == [{"codigo_barras": code, "pedido": 2, "disponible": 1}]


def test_what_the_sale_does_not_have_cannot_come_back(shop: RunningShop) -> None:
    sale = shop.sell((shop.code(), 1))
    code = new_code()
    told = refused(send(shop, sale, (code, 1), (shop.code(), 1)), 404, "no_encontrado")
    assert code in told["codigos"]
    assert len(told["codigos"]) == 2


def test_returns_piece_by_piece_add_up_to_the_sale(shop: RunningShop) -> None:
    code, other = shop.code(precio=1993), shop.code(precio=17, exento=True)
    sale = shop.sell((code, 3), (other, 1))
    backs = [give_back(shop, sale, (code, 1)) for _ in range(3)]
    backs.append(give_back(shop, sale))
    for name in (*AMOUNTS, "ajuste_redondeo"):
        assert sum(back[name] for back in backs) == sale[name], name
    in_cash = [given(back).get("efectivo", 0) for back in backs]
    assert sum(in_cash) == sale["pagos"][0]["monto"]


def test_what_is_given_back_by_card_is_not_rounded(shop: RunningShop) -> None:
    code = shop.code(precio=1994)
    sale = shop.sell((code, 2), pagos=[{"medio": "debito", "monto": 3988}])
    back = give_back(shop, sale, (code, 1), medio="debito")
    assert (back["ajuste_redondeo"], given(back)) == (0, {"debito": 1994})


def test_money_goes_back_by_the_means_it_came_in_by(shop: RunningShop) -> None:
    paid = [{"medio": "debito", "monto": 1000}, {"medio": "efectivo", "monto": 1000}]
    sale = shop.sell((shop.code(precio=1995), 1), pagos=paid)
    told = refused(send(shop, sale, medio="debito"), 409, "reembolso_excesivo")
    assert (told["medio"], told["pedido"], told["disponible"]) == ("debito", 1990, 1000)
    wrong = [{"medio": "debito", "monto": 1000}, {"medio": "efectivo", "monto": 995}]
    told = refused(send(shop, sale, pagos=wrong), 422, "datos_invalidos")
    assert "$1.990" in told["campos"]["pagos"]
    both = {"medio": "efectivo", "pagos": paid}
    told = refused(send(shop, sale, **both), 422, "datos_invalidos")
    assert "medio" in told["campos"]

    parts = [{"medio": "debito", "monto": 1000}, {"medio": "efectivo", "monto": 990}]
    back = give_back(shop, sale, pagos=parts)
    assert (back["medio"], back["pagos"], back["ajuste_redondeo"]) == (None, parts, -5)
    receipt = shop.beto.get(
        f"/boleta/{sale['id_venta']}", headers={"Accept": "text/plain"}
    ).text
    assert "Entregado: tarjeta de débito" in receipt
    assert "Entregado: efectivo" in receipt


def test_what_is_still_owed_goes_first_and_the_rest_is_paid_back(
    shop: RunningShop,
) -> None:
    code = shop.code(precio=1000)
    paid = [{"medio": "pendiente", "monto": 1500}, {"medio": "debito", "monto": 1500}]
    sale = shop.sell((code, 3), pagos=paid, cliente=new_rut())
    first = give_back(shop, sale, (code, 1))
    assert given(first) == {"pendiente": 1000}
    assert shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")["pendiente"] == 500
    second = give_back(shop, sale, (code, 1), medio="debito")
    assert given(second) == {"pendiente": 500, "debito": 500}
    third = give_back(shop, sale)
    assert given(third) == {"efectivo": 1000}
    now = shop.ana.ok("GET", f"/ventas/{sale['id_venta']}")
    assert now["pendiente"] == 0
    refused(
        shop.beto.post(
            f"/ventas/{sale['id_venta']}/pagos",
            json={"pagos": [{"medio": "debito", "monto": 1}]},
        ),
        409,
        "sin_deuda",
    )


def test_the_price_of_the_day_of_the_sale_is_given_back(shop: RunningShop) -> None:
    code = shop.code(precio=1000)
    sale = shop.sell((code, 2))
    shop.ana.ok("PUT", f"/product/barcode/{code}", {"precio": 5000, "exento": True})
    back = give_back(shop, sale, (code, 1))
    assert (back["total"], back["exento"]) == (1000, 0)


def test_a_retired_product_comes_back_too(shop: RunningShop) -> None:
    code = shop.code()
    sale = shop.sell((code, 1))
    shop.ana.ok("DELETE", f"/product/barcode/{code}")
    give_back(shop, sale)
    assert shop.stock(code) == 100


@pytest.mark.parametrize("quantity", [0, 0.5])
def test_a_quantity_that_comes_back_is_one_that_can_be_sold(
    shop: RunningShop, quantity: float
) -> None:
    code = shop.code()
    unfit(send(shop, shop.sell((code, 2)), (code, quantity)), "detalle[0].cantidad")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"motivo": ""}, "motivo"),
        ({"motivo": "  "}, "motivo"),
        ({"motivo": "x" * 2001}, "motivo"),
        ({"motivo": "a\x00b"}, "motivo"),
        ({"motivo": None}, "motivo"),
        ({"detalle": []}, "detalle"),
        ({"medio": "pendiente"}, "medio"),
        ({"medio": "cheque"}, "medio"),
        ({"reponer": "no"}, "reponer"),
        ({"monto": 5}, "monto"),
    ],
)
def test_what_makes_no_return_is_refused(
    shop: RunningShop, change: dict[str, Any], field: str
) -> None:
    code = shop.code()
    unfit(send(shop, shop.sell((code, 1)), **change), field)
    assert shop.stock(code) == 99


def test_a_return_says_why(shop: RunningShop) -> None:
    sale = shop.sell((shop.code(), 1))
    unfit(shop.beto.post(f"/ventas/{sale['id_venta']}/devoluciones", json={}), "motivo")


def test_the_reason_is_kept_tidy(shop: RunningShop) -> None:
    code = shop.code()
    assert give_back(shop, shop.sell((code, 1)), motivo="  roto ")["motivo"] == "roto"


@pytest.mark.parametrize("number", ["0", "999999999", "x"])
def test_a_sale_that_is_not_there_takes_nothing_back(
    shop: RunningShop, number: str
) -> None:
    refused(send(shop, {"id_venta": number}), 404, "no_encontrado")


def test_any_staff_take_back_any_sale(shop: RunningShop) -> None:
    code = shop.code()
    by_ana = shop.sell((code, 2), by=shop.ana)
    assert give_back(shop, by_ana, (code, 1))["vendedor"]["rut"] == BETO_RUT


def test_returns_are_listed_to_those_who_list_their_sales(shop: RunningShop) -> None:
    def listed(role: str) -> set[int]:
        return {one["id_devolucion"] for one in shop.by_role[role].all("/devoluciones")}

    code, of_clara = shop.code(), listed("Cliente")
    own = give_back(shop, shop.sell((code, 1), cliente=CLARA_RUT))["id_devolucion"]
    of_ana = give_back(shop, shop.sell((code, 1), by=shop.ana))["id_devolucion"]
    assert {own, of_ana} <= listed("Administrador")
    assert own in listed("Cajero")
    assert of_ana not in listed("Cajero")
    assert listed("Cliente") - of_clara == {own}


def test_a_return_in_the_list_is_the_one_that_was_answered(shop: RunningShop) -> None:
    code = shop.code()
    back = give_back(shop, shop.sell((code, 1)))
    assert shop.beto.ok("GET", "/devoluciones", params={"limite": 1})["datos"] == [back]
    assert shop.beto.ok("GET", "/devoluciones", params={"q": code})["datos"] == [back]
