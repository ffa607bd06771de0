"""``export``: the files that it writes."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook
from tests.harness.books import TestShop
from tests.harness.past import BREAD, CASH, fill
from tests.harness.shop import RunningShop

from trastienda.actions import products
from trastienda.cli import main
from trastienda.cli.exports import SOURCES
from trastienda.domain.payments import Payment
from trastienda.domain.products import ProductDraft
from trastienda.files.exports.rows import HEADERS
from trastienda.files.exports.spreadsheets import write_xlsx
from trastienda.files.exports.text_files import Sheet


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


@pytest.mark.parametrize("table_name", ["compras", "movimientos", "registros"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_exported_purchases_movements_and_audit_are_not_imported(
    past: TestShop, table_name: str, form: str
) -> None:
    file = exported(past, f"{table_name}.{form}", "--what", table_name)
    answer = run(past, "import", str(file))
    assert answer.exit_code == 1
    assert "no se importó" not in answer.output


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
            if id_name in item
        }
        for item in shop.ana.ok("GET", path)["datos"]:
            assert lines[item[id_name]] == item
