"""A shop with a printer: what it prints by itself, and what on request."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import CLARA_RUT
from tests.harness.http import refused
from tests.harness.printers import NetworkPrinter
from tests.harness.server import free_port
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually
from tests.wire.receipts.escpos_emulator import Printer

STOP_S = 10
"""The promise."""
OWED = [{"medio": "pendiente", "monto": 1000}]


@pytest.fixture
def printer() -> Iterator[NetworkPrinter]:
    with NetworkPrinter() as network_printer:
        yield network_printer


def printed(printer: NetworkPrinter, count: int, columns: int = 48) -> list[Printer]:
    eventually(lambda: len(printer.received) >= count, f"{count} receipts")
    assert len(printer.received) == count
    return [Printer(columns).feed(content) for content in printer.received]


def test_each_sale_of_the_staff_is_printed_once(
    open_shop: OpenShop, printer: NetworkPrinter
) -> None:
    shop = open_shop(printer=printer.address)
    code = shop.code(nombre="Piñón")
    first = shop.sell((code, 2), key="k")
    assert shop.sell((code, 2), key="k") == first
    owing = shop.sell((code, 1), pagos=OWED, cliente=CLARA_RUT)["id_venta"]
    shop.beto.ok(
        "POST",
        f"/ventas/{owing}/pagos",
        {"pagos": [{"medio": "efectivo", "monto": 400}]},
    )
    shop.beto.ok("POST", f"/ventas/{owing}/devoluciones", {"motivo": "roto"})
    last = shop.sell((code, 1), by=shop.ana)["id_venta"]
    receipts = printed(printer, 3)
    assert [paper.codes for paper in receipts] == [
        [f"TRASTIENDA.V.{n}"] for n in (first["id_venta"], owing, last)
    ]
    assert any("Piñón" in line for line in receipts[0].receipts[0])
    assert all(paper.drawer_opened == 0 for paper in receipts)


def test_a_sale_in_cash_opens_the_drawer_where_the_setting_says_so(
    open_shop: OpenShop, printer: NetworkPrinter
) -> None:
    shop = open_shop(printer=printer.address, cash_drawer="si", printer_columns="32")
    code = shop.code()
    shop.sell((code, 1))
    shop.sell((code, 1), pagos=[{"medio": "debito", "monto": 1000}])
    sale = shop.sell(
        (code, 1),
        pagos=[{"medio": "debito", "monto": 500}, {"medio": "efectivo", "monto": 500}],
    )
    no_cash = [{"medio": "debito", "monto": 1000}, {"medio": "efectivo", "monto": 0}]
    shop.sell((code, 1), pagos=no_cash)
    printed(printer, 4, 32)
    shop.beto.ok("POST", f"/boleta/{sale['id_venta']}/imprimir")
    receipts = printed(printer, 5, 32)
    assert [paper.drawer_opened for paper in receipts] == [1, 0, 1, 0, 0]


def test_a_receipt_is_printed_on_request(
    open_shop: OpenShop, printer: NetworkPrinter
) -> None:
    shop = open_shop(printer=printer.address, print_sales="no")
    sale = shop.sell((shop.code(), 1))["id_venta"]
    shop.beto.ok("POST", f"/ventas/{sale}/devoluciones", {"motivo": "roto"})
    answer = shop.beto.post(f"/boleta/{sale}/imprimir")
    assert (answer.status_code, answer.json()) == (202, {"en_cola": 1})
    (paper,) = printed(printer, 1)
    assert any("ANULADA" in line for line in paper.receipts[0])
    refused(shop.clara.post(f"/boleta/{sale}/imprimir"), 403, "sin_permiso")
    refused(shop.beto.post("/boleta/999/imprimir"), 404, "no_encontrado")
    refused(shop.beto.post("/boleta/x/imprimir"), 404, "no_encontrado")


def test_the_printers_state_is_shown(open_shop: OpenShop) -> None:
    port = free_port()
    shop = open_shop(printer=f"tcp://127.0.0.1:{port}")
    ready = {
        "impresora": f"tcp://127.0.0.1:{port}",
        "estado": "lista",
        "en_cola": 0,
        "ultimo_error": None,
    }
    assert shop.beto.ok("GET", "/impresora") == ready
    shop.sell((shop.code(), 1))
    eventually(
        lambda: shop.beto.ok("GET", "/impresora")["estado"] == "sin_conexion",
        "a printer that is off",
    )
    printer_state = shop.ana.ok("GET", "/impresora")
    assert printer_state["en_cola"] == 1
    assert printer_state["ultimo_error"].startswith("el equipo rechaza la conexión")
    with NetworkPrinter(port) as printer:
        printed(printer, 1)
        eventually(
            lambda: shop.beto.ok("GET", "/impresora") == ready,
            "a printer that is ready",
        )
    refused(shop.clara.get("/impresora"), 403, "sin_permiso")


def test_a_full_queue_refuses_another_receipt(open_shop: OpenShop) -> None:
    shop = open_shop(printer=f"tcp://127.0.0.1:{free_port()}", print_sales="no")
    sale = shop.sell((shop.code(), 1))["id_venta"]
    waiting = [
        shop.beto.ok("POST", f"/boleta/{sale}/imprimir")["en_cola"] for _ in range(100)
    ]
    assert waiting == list(range(1, 101))
    refused(shop.beto.post(f"/boleta/{sale}/imprimir"), 503, "no_disponible")
    shop.sell((shop.code(), 1))


def test_without_a_printer_printing_is_refused(shop: RunningShop) -> None:
    sale = shop.sell((shop.code(), 1))["id_venta"]
    refused(shop.beto.post(f"/boleta/{sale}/imprimir"), 409, "sin_impresora")
    printer_state = {
        "impresora": None,
        "estado": "no_configurada",
        "en_cola": 0,
        "ultimo_error": None,
    }
    assert shop.beto.ok("GET", "/impresora") == printer_state


@pytest.mark.parametrize("stuck", [False, True], ids=["off", "stuck"])
def test_a_broken_printer_delays_neither_sales_nor_stopping(
    open_shop: OpenShop, *, stuck: bool
) -> None:
    with NetworkPrinter(stuck=True) as hanging:
        shop = open_shop(
            printer=hanging.address if stuck else f"tcp://127.0.0.1:{free_port()}"
        )
        code = shop.code(stock=1000)
        began = time.monotonic()
        for _ in range(150):
            shop.sell((code, 1))
        assert time.monotonic() - began < 30
        began = time.monotonic()
        assert shop.server.stop() == 0
        assert time.monotonic() - began < STOP_S


def test_receipts_are_printed_on_a_device_file(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    device = tmp_path / "lp0"
    device.touch()
    shop = open_shop(printer=str(device))
    sale = shop.sell((shop.code(), 1))["id_venta"]
    eventually(lambda: device.read_bytes().endswith(b"\x1dVB\x00"), "a whole receipt")
    assert Printer(48).feed(device.read_bytes()).codes == [f"TRASTIENDA.V.{sale}"]
