"""What a refusal tells a shopkeeper: the product by its name, the amount as the shop writes
it, the code that was not found, the choices that there are."""

from tests.harness.cast import new_code
from tests.harness.http import order, refused, unfit
from tests.harness.shop import RunningShop

from trastienda.wire.sales import METHODS


def test_a_shortage_names_the_product_and_what_is_left(shop: RunningShop) -> None:
    jam = shop.code(nombre="Manjar 400 g", stock=2)
    cheese = shop.code(nombre="Queso fresco", unidad="kg", stock=0.35)
    body = order((jam, 3), (cheese, 1.5))
    answer = shop.beto.post("/ventas-detalle", json=body)
    told = refused(answer, 409, "stock_insuficiente")["detail"]
    for words in ("Manjar 400 g", " 2 ", " 3.", "Queso fresco", "0,350 kg", "1,500 kg"):
        assert words in told


def test_a_return_of_too_much_names_the_product(shop: RunningShop) -> None:
    jam = shop.code(nombre="Manjar 400 g")
    sale = shop.sell((jam, 2))
    path = f"/ventas/{sale['id_venta']}/devoluciones"
    reason = {"motivo": "Venía abierto"}

    answer = shop.beto.post(path, json=order((jam, 3)) | reason)
    told = refused(answer, 409, "devolucion_excesiva")["detail"]
    assert "Manjar 400 g" in told
    assert " 2 " in told

    shop.beto.ok("POST", path, reason)
    told = refused(shop.beto.post(path, json=reason), 409, "devolucion_excesiva")
    assert "Manjar 400 g" in told["detail"]


def test_amounts_are_told_the_shops_way(shop: RunningShop) -> None:
    code = shop.code(precio=12_990)

    body = order((code, 1), pagos=[{"medio": "efectivo", "monto": 10_000}])
    answer = shop.beto.post("/ventas-detalle", json=body)
    assert "$2.990" in refused(answer, 409, "pago_insuficiente")["detail"]

    body = order((code, 1), total_esperado=11_990)
    answer = shop.beto.post("/ventas-detalle", json=body)
    assert "$12.990" in refused(answer, 409, "precio_cambiado")["detail"]

    sale = shop.sell((code, 1), pagos=[{"medio": "debito", "monto": 12_990}])
    path = f"/ventas/{sale['id_venta']}/devoluciones"
    body = {"motivo": "Venía abierto", "medio": "credito"}
    told = refused(shop.beto.post(path, json=body), 409, "reembolso_excesivo")
    assert "tarjeta de crédito" in told["detail"]
    assert "$0" in told["detail"]

    cash = [{"medio": "efectivo", "monto": 100}]
    body = {"motivo": "Venía abierto", "pagos": cash}
    assert "$12.990" in unfit(shop.beto.post(path, json=body), "pagos")["pagos"]


def test_a_retired_product_is_named_and_an_unknown_code_is_in_the_sentence(
    shop: RunningShop,
) -> None:
    code = shop.code(nombre="Galletas de vino")
    shop.ana.ok("DELETE", f"/product/barcode/{code}")
    answer = shop.beto.post("/ventas-detalle", json=order((code, 1)))
    assert "Galletas de vino" in refused(answer, 409, "producto_retirado")["detail"]

    unknown = new_code()
    answers = [
        shop.beto.post("/ventas-detalle", json=order((unknown, 1))),
        shop.beto.get(f"/product/barcode/{unknown}"),
        shop.ana.put(f"/product/barcode/{unknown}", json={"precio": 1}),
        shop.ana.get(f"/product/barcode/{unknown}/movimientos"),
    ]
    for answer in answers:
        told = refused(answer, 404, "no_encontrado")
        assert unknown in told["detail"]
        assert told["codigos"] == [unknown]


def test_a_choice_that_does_not_exist_is_told_those_that_do(shop: RunningShop) -> None:
    body = order((shop.code(), 1), pagos=[{"medio": "cheque", "monto": 1000}])
    answer = shop.beto.post("/ventas-detalle", json=body)
    (words,) = unfit(answer, "pagos[0].medio").values()
    for medio in METHODS:
        assert medio in words
