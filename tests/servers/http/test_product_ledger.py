"""``GET /product/barcode/<codigo_barras>/movimientos``."""

from datetime import datetime

from tests.harness.cast import new_code
from tests.harness.http import refused
from tests.harness.shop import RunningShop

BY_CODE = "/product/barcode/{}"


def test_the_ledger_has_a_row_for_every_change_with_its_cause_and_the_balance(
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
