"""``/registros``: who did what, when and from where, chained by hashes."""

import hashlib
import json
from typing import Any

import pytest
from tests.harness.cast import ANA_RUT, BETO_RUT, PASSWORD, new_rut
from tests.harness.http import order, refused, unfit
from tests.harness.shop import RunningShop


def last(shop: RunningShop) -> Any:
    return shop.ana.ok("GET", "/registros", params={"limite": 1})["datos"][0]


@pytest.mark.parametrize("text", ["Con $50.000", "", "面包 🥖"])
def test_staff_add_notes_to_the_trail(shop: RunningShop, text: str) -> None:
    for staff, rut in ((shop.beto, BETO_RUT), (shop.ana, ANA_RUT)):
        note = staff.post(
            "/registros", json={"accion": "apertura de caja", "detalle": text}
        )
        assert note.status_code == 201, note.text
        row = note.json()
        assert (row["accion"], row["detalle"], row["quien"]["rut"]) == (
            "apertura de caja",
            text,
            rut,
        )
        assert row["origen"] == "http 127.0.0.1"
        assert last(shop) == row


def test_only_staff_write_and_only_an_administrador_reads(
    shop: RunningShop,
) -> None:
    refused(
        shop.clara.post("/registros", json={"accion": "a", "detalle": "b"}),
        403,
        "sin_permiso",
    )
    for caller in (shop.clara, shop.beto):
        refused(caller.get("/registros"), 403, "sin_permiso")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accion": ""}, "accion"),
        ({"accion": "x" * 65}, "accion"),
        ({"accion": "a\x00"}, "accion"),
        ({"accion": 1}, "accion"),
        ({"detalle": "x" * 2001}, "detalle"),
        ({"detalle": "a\x00"}, "detalle"),
        ({"detalle": None}, "detalle"),
        ({"fecha": "2020-01-01"}, "fecha"),
        ({"hash": "0"}, "hash"),
    ],
)
def test_the_refusal_of_an_unfit_note_names_its_field(
    shop: RunningShop, change: dict[str, Any], field: str
) -> None:
    unfit(
        shop.beto.post("/registros", json={"accion": "a", "detalle": "b"} | change),
        field,
    )


def test_every_write_records_who_did_it(shop: RunningShop) -> None:
    rut, code = new_rut(), shop.code(stock=0)
    assert last(shop)["accion"] == "producto_creado"

    def expect(action: str, **detail: Any) -> None:
        row = last(shop)
        assert row["accion"] == action
        assert {name: row["detalle"][name] for name in detail} == detail

    shop.product(stock=3)
    expect("stock_corregido", apertura=True, antes=0, despues=3)
    path = f"/product/barcode/{code}"
    shop.ana.ok("PUT", path, {"precio": 5})
    expect("producto_cambiado", codigo_barras=code, cambios={"precio": 5})
    shop.ana.ok("PUT", path, {"stock": 9, "motivo": "conteo"})
    expect("stock_corregido", codigo_barras=code, motivo="conteo")
    bought = shop.ana.ok(
        "POST",
        "/compras-detalle",
        {
            "proveedor": "P",
            "detalle": [{"codigo_barras": code, "cantidad": 1, "costo": 2}],
        },
    )
    expect("compra", id_compra=bought["id_compra"], proveedor="P", total=2)
    owed = [{"medio": "pendiente", "monto": 10}]
    sale = shop.sell((code, 2), pagos=owed, cliente=rut)
    expect("venta", id_venta=sale["id_venta"], folio=sale["folio"], total=10)
    assert last(shop)["quien"] == {"rut": BETO_RUT, "nombre": "Beto"}
    shop.beto.ok(
        "POST",
        f"/ventas/{sale['id_venta']}/pagos",
        {"pagos": [{"medio": "debito", "monto": 4}]},
    )
    expect(
        "pago",
        id_venta=sale["id_venta"],
        pagos=[{"medio": "debito", "monto": 4}],
        pendiente=6,
    )
    back = shop.beto.ok(
        "POST", f"/ventas/{sale['id_venta']}/devoluciones", {"motivo": "x"}
    )
    expect(
        "devolucion",
        id_devolucion=back["id_devolucion"],
        id_venta=sale["id_venta"],
        total=10,
    )
    shop.ana.ok("DELETE", path)
    expect("producto_retirado", codigo_barras=code)
    body = {"rut": rut, "nombre": "Alguien", "usuario": f"r{rut}", "clave": PASSWORD}
    shop.nobody.ok("POST", "/register", body)
    expect("usuario_registrado", rut=rut, tipo="Cliente", usuario=f"r{rut}")
    assert last(shop)["quien"]["rut"] == rut
    shop.beto.ok("PUT", f"/users/{rut}", {"verificado": True})
    expect("usuario_cambiado", rut=rut, cambios={"verificado": True})
    shop.ana.ok("DELETE", f"/users/{rut}")
    expect("usuario_desactivado", rut=rut, cambios={"estado": "Inactivo"})
    shop.ana.ok("PUT", "/tienda", {"giro": f"Giro {rut}"})
    expect("tienda_cambiada", cambios={"giro": f"Giro {rut}"})
    shop.ana.ok("PUT", "/tienda", {"giro": None})


def test_a_change_is_shown_in_the_words_of_the_wire(shop: RunningShop) -> None:
    product = shop.product(unidad="kg", stock=0.5)
    off = {
        "desde": "2026-01-01T00:00:00.000-03:00",
        "hasta": "2090-01-01T00:00:00.000-03:00",
        "porcentaje": 12.5,
    }
    change = {
        "nombre": "Otro",
        "precio": 7,
        "costo": 3,
        "stock_minimo": 0.25,
        "categoria": "C",
        "unidad": "g",
        "exento": True,
        "interno": True,
        "estado": "Inactivo",
        "descuento": off,
    }
    shop.ana.ok("PUT", f"/product/barcode/{product['codigo_barras']}", change)
    told = last(shop)["detalle"]["cambios"]
    shown = {
        name: value
        for name, value in told.pop("descuento").items()
        if value is not None
    }
    assert shown == change.pop("descuento")
    assert told == change


def test_refusals_and_changes_of_nothing_are_not_recorded(
    shop: RunningShop,
) -> None:
    product = shop.product()
    before = last(shop)["id"]
    path = f"/product/barcode/{product['codigo_barras']}"
    shop.ana.ok("PUT", path, {"precio": product["precio"]})
    refused(
        shop.beto.post("/ventas-detalle", json=order((product["codigo_barras"], 500))),
        409,
        "stock_insuficiente",
    )
    unfit(shop.ana.put(path, json={"precio": 7, "stock": -1, "motivo": "x"}), "stock")
    assert last(shop)["id"] == before


def test_the_chain_of_hashes_can_be_recomputed_from_the_rows(
    shop: RunningShop,
) -> None:
    shop.beto.ok("POST", "/registros", {"accion": "eñe", "detalle": '\u2028 \\ " 🥖'})
    rows = shop.ana.all("/registros", limite=200)[::-1]
    previous = "0" * 64
    for number, row in enumerate(rows, start=1):
        assert row["id"] == number
        assert row["hash_anterior"] == previous
        previous = hashlib.sha256((previous + row["canonico"]).encode()).hexdigest()
        assert row["hash"] == previous
        number_in, _, _, _, origin, _ = json.loads(row["canonico"])
        assert number_in == row["id"]
        is_sealed = "." in row["origen"] or ":" in row["origen"]  # an address
        assert len(origin) == 64 if is_sealed else origin == row["origen"]


def test_rows_are_found_by_their_detail(shop: RunningShop) -> None:
    shop.beto.ok(
        "POST", "/registros", {"accion": "gaveta", "detalle": "palabra-rarísima"}
    )
    assert [
        row["accion"] for row in shop.ana.all("/registros", q="palabra-rarísima")
    ] == ["gaveta"]


def test_rows_are_found_by_the_spanish_name_of_their_action(shop: RunningShop) -> None:
    shop.product()
    assert shop.ana.all("/registros", q="producto_creado", limite=200)
