"""``export``: the files that it writes."""

import csv
import json
import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from tests.harness.books import TestShop
from tests.harness.past import BREAD, CASH, OWED, fill
from tests.harness.shop import RunningShop

from trastienda.actions import products, reports, returns
from trastienda.cli import main
from trastienda.cli.exports import SOURCES
from trastienda.domain.payments import Payment
from trastienda.domain.products import ProductDraft
from trastienda.domain.returns import ReturnOrder
from trastienda.files.exports.rows import HEADERS
from trastienda.files.exports.spreadsheets import write_xlsx
from trastienda.files.exports.text_files import Sheet
from trastienda.wire.reports import Resumen, report_out


@pytest.fixture
def past(tmp_path: Path) -> TestShop:
    (tmp_path / "shop").mkdir()
    shop = TestShop(tmp_path / "shop" / "trastienda.db")
    fill(shop)
    return shop


def run(shop: TestShop, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, [*arguments, "--data", str(shop.path.parent)], catch_exceptions=False
    )


def exported(shop: TestShop, name: str, *arguments: str) -> Path:
    file = shop.path.parent.parent / name
    result = run(shop, "export", str(file), *arguments)
    assert result.exit_code == 0, result.output
    return file


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text, delimiter=";"))


def sheet(file: Path, name: str) -> list[list[object]]:
    return [
        list(row)
        for row in CalamineWorkbook.from_path(file).get_sheet_by_name(name).to_python()
    ]


def test_texts_that_look_like_formulas_are_exported_as_texts(
    past: TestShop,
) -> None:
    draft = ProductDraft(code="=1+1", name="@SUM(A1)", category="-2+3", price_minor=100)
    past.do(lambda transaction: products.create(transaction, past.ana, draft, None))
    last = table(exported(past, "p.csv"))[-1]
    assert (last["codigo_barras"], last["nombre"], last["categoria"]) == (
        "'=1+1",
        "'@SUM(A1)",
        "'-2+3",
    )
    row = sheet(exported(past, "p.xlsx"), "productos")[-1]
    assert (row[0], row[2], row[7]) == ("=1+1", "@SUM(A1)", "-2+3")
    for cells in (
        CalamineWorkbook.from_path(exported(past, "q.xlsx"))
        .get_sheet_by_name("productos")
        .to_python()[1:]
    ):
        assert isinstance(cells[0], str)


def test_a_csv_opens_in_a_chilean_spreadsheet(past: TestShop) -> None:
    file = exported(past, "v.csv", "--what", "ventas")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfnumero;fecha;")
    rows = table(file)
    cheese = next(row for row in rows if row["nombre"] == "Queso")
    assert (cheese["cantidad"], cheese["precio_unitario"]) == ("0,35", "8990")
    assert {row["cantidad"][0] for row in rows if row["numero"].startswith("D")} == {
        "-"
    }
    assert any(" + " in row["pagos"] for row in rows)


def test_desde_and_hasta_are_days_of_the_shop_and_inclusive(past: TestShop) -> None:
    days = sorted(
        {row["fecha"] for row in table(exported(past, "v.csv", "--what", "ventas"))}
    )
    assert len(days) > 1
    one_day = exported(
        past, "w.csv", "--what", "ventas", "--desde", days[0], "--hasta", days[0]
    )
    assert {row["fecha"] for row in table(one_day)} == {days[0]}
    assert (
        run(past, "export", "x.csv", "--what", "ventas", "--desde", "ayer").exit_code
        == 1
    )
    assert "no tienen fecha" in run(past, "export", "x.csv", "--desde", days[0]).output


SUMS = ("neto", "iva", "exento", "total", "ajuste_redondeo")


def summary(shop: TestShop, first: date, last: date) -> Resumen:
    return shop.look(
        lambda snapshot: report_out(reports.summary(snapshot, shop.ana, first, last))
    )


def test_the_accountant_s_documents_add_up_to_the_summary(past: TestShop) -> None:
    rows = table(exported(past, "d.csv", "--what", "documentos"))
    found = summary(past, date(2025, 11, 1), date(2025, 12, 31))
    assert {row["tipo"] for row in rows} == {"venta", "devolucion"}
    assert 0 not in (found.devoluciones, found.exento, found.ajuste_redondeo)
    for column in SUMS:
        left = sum(int(row[column]) for row in rows)
        assert left == getattr(found, f"{column}_menos_devoluciones")
        sold = sum(int(row[column]) for row in rows if row["tipo"] == "venta")
        assert sold == getattr(found, column)

    days = {row["fecha"] for row in rows}
    assert days == {one.fecha for one in found.por_dia}
    for one in found.por_dia:
        file = exported(
            past,
            f"{one.fecha}.xlsx",
            *("--what", "documentos", "--desde", one.fecha, "--hasta", one.fecha),
        )
        header, *cells = sheet(file, "documentos")
        for column in SUMS:
            numbers = [row[header.index(column)] for row in cells]
            of_day = sum(number for number in numbers if isinstance(number, float))
            assert of_day == getattr(one, f"{column}_menos_devoluciones"), column


def test_a_document_tells_its_customer_and_how_it_was_paid(past: TestShop) -> None:
    sale = past.sell(
        (BREAD, 2000),
        payments=[Payment(CASH, 2000), Payment(OWED, 1980)],
        customer_rut="12345678-5",
    )
    order = ReturnOrder(reason="duro")
    past.do(
        lambda transaction: returns.take_back(transaction, past.ana, sale.id, order)
    )
    rows = table(exported(past, "d.csv", "--what", "documentos"))
    sold = next(row for row in rows if row["numero"] == f"F{sale.folio}")
    back = next(row for row in rows if row["venta_origen"] == f"F{sale.folio}")
    assert (sold["cliente"], sold["pagos"]) == (
        "12345678-5",
        "efectivo 2000 + pendiente 1980",
    )
    assert (back["tipo"], back["cliente"]) == ("devolucion", "12345678-5")
    assert back["pagos"] == "pendiente -1980 + efectivo -2000"
    assert (back["neto"], back["iva"], back["total"]) == ("-3345", "-635", "-3980")


def test_an_export_of_everything_has_a_sheet_for_each_or_a_line_for_each(
    past: TestShop,
) -> None:
    book = CalamineWorkbook.from_path(exported(past, "todo.xlsx", "--what", "todo"))
    assert book.sheet_names == [
        "productos",
        "ventas",
        "compras",
        "movimientos",
        "registros",
    ]
    lines = [
        json.loads(line)
        for line in exported(past, "todo.jsonl", "--what", "todo")
        .read_text()
        .splitlines()
    ]
    for field in (
        "precio_final",
        "folio",
        "id_devolucion",
        "id_compra",
        "saldo",
        "hash_anterior",
    ):
        assert any(field in line for line in lines), field
    assert run(past, "export", "todo.csv", "--what", "todo").exit_code == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_exported_documents_are_for_people_and_are_not_imported(
    past: TestShop, form: str
) -> None:
    file = exported(past, f"d.{form}", "--what", "documentos")
    answer = run(past, "import", str(file))
    assert answer.exit_code == 1
    assert "no se importó" not in answer.output

    objects = file.with_suffix(".jsonl")
    answer = run(past, "export", str(objects), "--what", "documentos")
    assert answer.exit_code == 1
    assert "ventas" in answer.output
    assert not objects.exists()


@pytest.mark.parametrize("table_name", ["compras", "movimientos", "registros"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_exported_purchases_movements_and_audit_are_not_imported(
    past: TestShop, table_name: str, form: str
) -> None:
    file = exported(past, f"{table_name}.{form}", "--what", table_name)
    answer = run(past, "import", str(file))
    assert answer.exit_code == 1
    assert "no se importó" not in answer.output


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.jsonl", "a.json"])
def test_an_export_is_its_owner_s_alone(past: TestShop, name: str) -> None:
    before = os.umask(0)
    try:
        file = exported(past, name)
        file.chmod(0o666)
        exported(past, name, "--force")
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="Windows has other links")
@pytest.mark.parametrize("is_there", [True, False])
def test_an_export_replaces_a_link_and_does_not_follow_it(
    past: TestShop, tmp_path: Path, is_there: bool
) -> None:
    precious = tmp_path / "precious"
    if is_there:
        precious.write_text("precious")
    (tmp_path / "a.csv").symlink_to(precious)

    assert run(past, "export", str(tmp_path / "a.csv")).exit_code == 1
    file = exported(past, "a.csv", "--force")
    assert not file.is_symlink()
    assert precious.exists() == is_there
    assert not is_there or precious.read_text() == "precious"


def test_an_existing_file_is_kept_without_force(past: TestShop, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("mío")
    answer = run(past, "export", str(file))
    assert (answer.exit_code, file.read_text()) == (1, "mío")
    assert "--force" in answer.output
    assert run(past, "export", str(file), "--force").exit_code == 0
    assert table(file)
    assert not [path for path in tmp_path.iterdir() if "sin-terminar" in path.name]


@pytest.mark.parametrize("name", ["p", "p.txt", "no/hay/p.csv"])
def test_an_impossible_file_or_format_is_reported(
    past: TestShop, tmp_path: Path, name: str
) -> None:
    answer = run(past, "export", str(tmp_path / name))
    assert answer.exit_code == 1
    assert answer.output.startswith("trastienda: ")


def test_export_founds_no_shop(tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        main, ["export", str(tmp_path / "p.csv"), "--data", str(tmp_path / "none")]
    )
    assert answer.exit_code == 1
    assert not (tmp_path / "none").exists()


def test_a_full_sheet_continues_in_another(tmp_path: Path) -> None:
    for count, names in ((0, 1), (9, 1), (10, 2), (18, 2), (19, 3)):
        write_xlsx(
            tmp_path / "a.xlsx",
            [Sheet("ventas", ("n",), ((str(n),) for n in range(count)))],
            max_sheet_rows=10,
        )
        book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
        assert book.sheet_names == ["ventas", "ventas 2", "ventas 3"][:names]
        cells = [
            row[0]
            for name in book.sheet_names
            for row in book.get_sheet_by_name(name).to_python()
        ]
        assert [cell for cell in cells if cell != "n"] == [
            str(number) for number in range(count)
        ]


def test_exported_payments_leave_out_the_change(past: TestShop) -> None:
    sale = past.sell(
        (BREAD, 1000), payments=[Payment(CASH, 500), Payment(CASH, 20_000)]
    )
    row = next(
        row
        for row in table(exported(past, "v.csv", "--what", "ventas"))
        if row["numero"] == f"F{sale.folio}"
    )
    assert sum(int(part.split()[-1]) for part in row["pagos"].split(" + ")) == 1990


def test_every_table_has_its_columns() -> None:
    assert HEADERS.keys() == SOURCES.keys()


def test_an_export_of_a_served_shop_equals_what_http_answers(
    shop: RunningShop, tmp_path: Path
) -> None:
    shop.sell((shop.code(), 1))
    for table_name, path, id_name in (
        ("ventas", "/ventas", "id_venta"),
        ("productos", "/products", "codigo_barras"),
    ):
        file = tmp_path / f"{table_name}.jsonl"
        arguments = [
            "export",
            str(file),
            "--what",
            table_name,
            "--data",
            str(shop.server.data),
        ]
        assert CliRunner().invoke(main, arguments).exit_code == 0
        lines = {
            item[id_name]: item
            for item in map(json.loads, file.read_text("utf-8").splitlines())
            if id_name in item and "id_devolucion" not in item
        }
        for item in shop.ana.ok("GET", path)["datos"]:
            assert lines[item[id_name]] == item
