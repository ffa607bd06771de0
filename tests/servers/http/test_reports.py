"""``/reportes/resumen``."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from tests.conftest import OpenShop
from tests.harness.cast import ANA_RUT, BETO_RUT
from tests.harness.http import Caller, refused, unfit
from tests.harness.shop import RunningShop

ROUTE = "/reportes/resumen"


@pytest.fixture(scope="module")
def sold(open_shop: OpenShop) -> tuple[RunningShop, str, str]:
    """A shop of its own with a day's work, and the codes of what it sold: bread, and
    cheese by weight."""
    shop = open_shop()
    bread = shop.code(nombre="Pan", precio=1190, costo=500)
    cheese = shop.code(nombre="Queso", precio=10_000, costo=6000, unidad="kg", stock=20)
    shop.sell((bread, 3), pagos=[{"medio": "efectivo", "monto": 5000}])
    shop.sell((cheese, 0.5), by=shop.ana, pagos=[{"medio": "debito", "monto": 5000}])
    owed = shop.sell(
        (bread, 1),
        pagos=[{"medio": "pendiente", "monto": 1190}],
        cliente="12.345.678-5",
    )
    shop.beto.ok(
        "POST",
        f"/ventas/{owed['id_venta']}/pagos",
        {"pagos": [{"medio": "transferencia", "monto": 1190}]},
    )
    back = {"motivo": "duro", "detalle": [{"codigo_barras": bread, "cantidad": 1}]}
    shop.beto.ok("POST", "/ventas/1/devoluciones", back)
    return shop, bread, cheese


def today() -> str:
    return datetime.now(ZoneInfo("America/Santiago")).date().isoformat()


def test_a_summary_holds_every_sum_of_a_day(sold: tuple[RunningShop, str, str]) -> None:
    shop, bread, cheese = sold
    day = today()
    told = shop.ana.ok("GET", ROUTE, params={"desde": day, "hasta": day})
    sums = {
        "ventas": 3,
        "total": 9760,
        "devoluciones": 1190,
        "neto": 3000 + 4202 + 1000,
        "iva": 570 + 798 + 190,
        "exento": 0,
        "ajuste_redondeo": 0,
        "total_menos_devoluciones": 9760 - 1190,
        "neto_menos_devoluciones": 2000 + 4202 + 1000,
        "iva_menos_devoluciones": 380 + 798 + 190,
        "exento_menos_devoluciones": 0,
        "ajuste_redondeo_menos_devoluciones": 0,
    }
    assert told["por_dia"] == [{"fecha": day} | sums]
    assert {name: told[name] for name in sums} == sums
    assert (told["desde"], told["hasta"]) == (day, day)
    assert told["margen"] == (8202 - 5000) - (1000 - 500)
    assert told["por_producto"] == [
        {
            "codigo_barras": cheese,
            "nombre": "Queso",
            "cantidad": 0.5,
            "total": 5000,
            "cantidad_devuelta": 0,
            "devoluciones": 0,
            "margen": 1202,
        },
        {
            "codigo_barras": bread,
            "nombre": "Pan",
            "cantidad": 4,
            "total": 4760,
            "cantidad_devuelta": 1,
            "devoluciones": 1190,
            "margen": 1500,
        },
    ]
    assert told["por_vendedor"] == [
        {
            "vendedor": {"rut": ANA_RUT, "nombre": "Administrador"},
            "ventas": 1,
            "total": 5000,
            "devoluciones": 0,
        },
        {
            "vendedor": {"rut": BETO_RUT, "nombre": "Beto"},
            "ventas": 2,
            "total": 4760,
            "devoluciones": 1190,
        },
    ]
    assert told["por_medio"] == [
        {"medio": "efectivo", "total": 3570, "cobros": 0, "devoluciones": 1190},
        {"medio": "debito", "total": 5000, "cobros": 0, "devoluciones": 0},
        {"medio": "transferencia", "total": 0, "cobros": 1190, "devoluciones": 0},
        {"medio": "pendiente", "total": 1190, "cobros": 0, "devoluciones": 0},
    ]


def test_without_days_the_summary_is_today_s(
    sold: tuple[RunningShop, str, str],
) -> None:
    shop, _, _ = sold
    told = shop.ana.ok("GET", ROUTE)
    assert (told["desde"], told["hasta"], told["ventas"]) == (today(), today(), 3)


def test_a_period_ends_today_in_the_shop_s_zone(
    sold: tuple[RunningShop, str, str],
) -> None:
    shop, _, _ = sold
    day = date.fromisoformat(today())
    firsts = {
        "hoy": day,
        "semana": day - timedelta(days=day.weekday()),
        "mes": day.replace(day=1),
    }
    for period, first in firsts.items():
        told = shop.ana.ok("GET", ROUTE, params={"periodo": period})
        assert (told["desde"], told["hasta"]) == (first.isoformat(), today())
        assert (told["ventas"], told["total"]) == (3, 9760)


@pytest.mark.parametrize("days", [{"desde": "2026-02-01"}, {"hasta": "2026-02-01"}])
def test_a_period_beside_days_is_refused(ana: Caller, days: dict[str, str]) -> None:
    unfit(ana.get(ROUTE, params={"periodo": "hoy"} | days), "periodo")


def test_a_summary_has_the_number_of_its_snapshot(
    sold: tuple[RunningShop, str, str],
) -> None:
    shop, _, _ = sold
    newest = shop.ana.get("/ventas", params={"limite": 1})
    assert shop.ana.get(ROUTE).headers["trastienda-n"] == newest.headers["trastienda-n"]


def test_days_without_documents_have_empty_sums(ana: Caller) -> None:
    told = ana.ok("GET", ROUTE, params={"desde": "2001-01-01", "hasta": "2001-12-31"})
    assert (told["ventas"], told["total"], told["por_dia"], told["por_producto"]) == (
        0,
        0,
        [],
        [],
    )


def test_only_an_administrador_reads_the_summary(
    beto: Caller, clara: Caller, nobody: Caller
) -> None:
    refused(beto.get(ROUTE), 403, "sin_permiso")
    refused(clara.get(ROUTE), 403, "sin_permiso")
    refused(nobody.get(ROUTE), 401, "no_autenticado")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"desde": "ayer"}, "desde"),
        ({"hasta": "2026-02-30"}, "hasta"),
        ({"desde": "2026-02-02", "hasta": "2026-02-01"}, "hasta"),
        ({"desde": "1990-01-01", "hasta": "2026-02-01"}, "desde"),
        ({"hasta": "9999-12-31", "desde": "9999-12-31"}, "hasta"),
        ({"periodo": "ayer"}, "periodo"),
        ({"hata": "2026-02-01"}, "hata"),
        ({"limite": "3"}, "limite"),
    ],
)
def test_an_impossible_span_of_days_is_refused(
    ana: Caller, query: dict[str, str], field: str
) -> None:
    unfit(ana.get(ROUTE, params=query), field)


def test_a_table_as_csv_opens_in_a_chilean_spreadsheet(
    sold: tuple[RunningShop, str, str],
) -> None:
    shop, bread, cheese = sold
    query = {"desde": today(), "hasta": today(), "tabla": "por_producto"}
    told = shop.ana.get(ROUTE, params=query, headers={"Accept": "text/csv"})
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        told.headers["content-disposition"]
        == f'attachment; filename="por_producto-{today()}-{today()}.csv"'
    )
    assert "trastienda-n" in told.headers
    assert told.content.decode("utf-8-sig").splitlines() == [
        "codigo_barras;nombre;cantidad;total;cantidad_devuelta;devoluciones;margen",
        f"{cheese};Queso;0,5;5000;0;0;1202",
        f"{bread};Pan;4;4760;1;1190;1500",
    ]
    by_seller = shop.ana.get(
        ROUTE, params=query | {"tabla": "por_vendedor"}, headers={"Accept": "text/csv"}
    )
    assert (
        by_seller.content.decode("utf-8-sig").splitlines()[1]
        == f"{ANA_RUT};Administrador;1;5000;0"
    )
    unfit(shop.ana.get(ROUTE, params={"tabla": "por_hora"}), "tabla")


def test_a_spreadsheet_has_a_sheet_for_each_table(
    sold: tuple[RunningShop, str, str], tmp_path: Path
) -> None:
    shop, bread, _ = sold
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    told = shop.ana.get(
        ROUTE, params={"desde": today(), "hasta": today()}, headers={"Accept": media}
    )
    assert told.headers["content-type"] == media
    file = tmp_path / "report.xlsx"
    file.write_bytes(told.content)
    book = CalamineWorkbook.from_path(file)
    assert book.sheet_names == [
        "resumen",
        "por_dia",
        "por_producto",
        "por_vendedor",
        "por_medio",
    ]
    header, totals = book.get_sheet_by_name("resumen").to_python()
    assert dict(zip(header, totals, strict=True))["total"] == 9760
    day = book.get_sheet_by_name("por_dia").to_python()[1]
    assert day[:5] == [date.fromisoformat(today()), 3, 9760, 1190, 8202]
    assert len(day) == len(book.get_sheet_by_name("por_dia").to_python()[0])
    goods = book.get_sheet_by_name("por_producto").to_python()
    assert goods[2][:4] == [bread, "Pan", 4, 4760]


def test_another_medium_is_406(ana: Caller) -> None:
    assert ana.get(ROUTE, headers={"Accept": "application/pdf"}).status_code == 406
