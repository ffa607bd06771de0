"""Spreadsheets as input: their cells have types."""

import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import UNSET
from msgspec.structs import replace
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from trastienda.files.imports import past_sales
from trastienda.files.imports import products as product_files
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.column_names import PAST_SALES, PRODUCTS
from trastienda.files.tables.table import FileRefused

PESOS = ImportOptions(exponent=0, time_zone=ZoneInfo("America/Santiago"))
SALES = ("Boleta", "Fecha", "Código", "Descripción", "Cantidad", "Precio")
Sheets = dict[str, Sequence[Sequence[Any]]]


def written(folder: Path, sheets: Sheets) -> Path:
    path = folder / "planilla.xlsx"
    with Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for position, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(position, column, cell)
                    else:
                        sheet.write(position, column, cell)
    return path


def listed(path: Path, options: ImportOptions = PESOS) -> product_files.ProductList:
    with product_files.read(path, options) as file:
        return file


def test_a_value_that_is_merged_downwards_is_that_of_all_its_rows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("a")
        sheet.merge_range("A1:D1", "LISTA 2026")
        header = ("Categoría", "Código", "Producto", "Precio")
        rows = [header, ("", "A", "a", 1), ("", "B", "b", 2), ("", "C", "c", 3)]
        for position, row in enumerate(rows, start=1):
            sheet.write_row(position, 0, row)
        sheet.merge_range("A3:A4", "Pan")

    products = listed(path)
    categories = [product.change.category for product in products.products]
    assert categories == ["Pan", "Pan", UNSET]
    assert [remark for remark in products.remarks if "«Categoría»" in remark]


def reasons(path: Path) -> list[tuple[int, str]]:
    with product_files.read(path, PESOS) as file:
        return [(row.line, row.reason) for row in file.refused]


def test_a_code_in_a_number_cell_is_its_digits(tmp_path: Path) -> None:
    rows = [
        ("codigo", "nombre", "precio"),
        (7.804567000014e12, "Miel", 4990.0),
        (42, "Té", 1000),
    ]
    assert [
        product.code for product in listed(written(tmp_path, {"a": rows})).products
    ] == [
        "7804567000014",
        "42",
    ]


def test_a_code_that_lost_digits_is_refused(tmp_path: Path) -> None:
    rows = [
        ("codigo", "nombre", "precio"),
        (7.8045670000141234e18, "Miel", 4990),
        ("7,80457E+12", "Té", 1),
    ]
    assert [
        (line, "formato de texto" in why)
        for line, why in reasons(written(tmp_path, {"a": rows}))
    ] == [
        (2, True),
        (3, True),
    ]


def test_a_lost_leading_zero_is_noticed(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"a": [("codigo", "nombre", "precio"), (12345678905, "Miel", 4990)]}
    )
    with product_files.read(path, PESOS) as file:
        assert [remark for remark in file.notices if "cero a la izquierda" in remark]


def test_number_cells_are_exact_beside_texts_with_either_decimal_mark(
    tmp_path: Path,
) -> None:
    rows = [
        ("codigo", "nombre", "precio", "stock", "unidad"),
        ("a", "A", 1990.0, 1.234, "kg"),
    ]
    rows += [
        ("b", "B", "$ 12.990", "2,500", "kg"),
        ("c", "C", "1.990,00", 0.1 + 0.2, "kg"),
    ]
    products = listed(written(tmp_path, {"a": rows})).products
    assert [product.change.price_minor for product in products] == [1990, 12990, 1990]
    rows[2] = ("b", "B", "$ 12.990", "2,5", "kg")
    products = listed(written(tmp_path, {"a": rows})).products
    assert [product.change.stock_milli for product in products] == [1234, 2500, 300]


def test_date_cells_need_no_date_order(tmp_path: Path) -> None:
    rows = [
        SALES,
        ("1", datetime(2026, 2, 1, 10, 15), "A", "Té", 2, 1990),
        ("2", date(2026, 3, 2), "A", "Té", 1, 1990),
    ]
    path = written(tmp_path, {"a": rows})
    assert detect_kind(path, PESOS) == PAST_SALES
    with past_sales.read(path, PESOS) as file:
        assert list(file.refused) == []
        assert [sale.at_ms for sale in file.documents()] == [
            1_769_951_700_000,
            1_772_420_400_000,
        ]


def test_date_cells_beside_written_dates_ask_for_the_order(
    tmp_path: Path,
) -> None:
    rows = [
        SALES,
        ("1", datetime(2026, 5, 12, 10, 15), "A", "Té", 2, 1990),
        ("2", "13/02/2026", "A", "Té", 1, 1990),
    ]
    path = written(tmp_path, {"a": rows})
    with pytest.raises(FileRefused, match="--date-order"):
        past_sales.read(path, PESOS)

    # What the spreadsheet could not read as month and day shows what it did.
    day_first = replace(PESOS, date_order="dmy", time_zone=ZoneInfo("UTC"))
    with past_sales.read(path, day_first) as file:
        assert "cambiados" in file.remarks[-1]
        days = [
            datetime.fromtimestamp(sale.at_ms / 1000, UTC) for sale in file.documents()
        ]
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2026-12-05", "2026-02-13"]


def test_the_first_sheet_with_a_header_is_read_or_the_one_named(
    tmp_path: Path,
) -> None:
    header = ("codigo", "nombre", "precio")
    path = written(
        tmp_path,
        {
            "Portada": [("Nombre",)],
            "Uno": [header, ("a", "A", 1)],
            "Dos": [header, ("b", "B", 2)],
        },
    )
    assert detect_kind(path, PESOS) == PRODUCTS
    file = listed(path)
    assert [product.code for product in file.products] == ["a"]
    assert "«Uno» de 3" in file.remarks[0]
    other = ImportOptions(exponent=0, time_zone=PESOS.time_zone, sheet="Dos")
    assert [product.code for product in listed(path, other).products] == ["b"]
    with pytest.raises(FileRefused, match="las hojas son: Portada, Uno, Dos"):
        listed(path, ImportOptions(exponent=0, time_zone=PESOS.time_zone, sheet="Tres"))


def test_rows_have_the_numbers_of_the_spreadsheet(tmp_path: Path) -> None:
    rows = [
        (),
        ("Lista de precios",),
        (),
        ("codigo", "nombre", "precio"),
        (),
        ("a", "A", "gratis"),
        ("b", "B", True),
    ]
    path = written(tmp_path, {"a": rows})
    assert [line for line, _ in reasons(path)] == [6, 7]


def test_a_file_that_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "raro.xlsx"
    path.write_bytes(b"PK\x03\x04 nada")
    with pytest.raises(FileRefused, match="No es una planilla"):
        detect_kind(path, PESOS)
    with pytest.raises(FileRefused, match="No se reconoce el encabezado"):
        detect_kind(written(tmp_path, {"a": [("x", "y")], "b": []}), PESOS)


def test_a_libreoffice_spreadsheet_is_read(tmp_path: Path) -> None:
    def cell(kind: str, value: str) -> str:
        attribute = {"float": "value", "date": "date-value"}.get(kind)
        typed = f' office:{attribute}="{value}"' if attribute else ""
        content = f"<text:p>{value}</text:p>"
        start = f'<table:table-cell office:value-type="{kind}"{typed}>'
        return f"{start}{content}</table:table-cell>"

    rows = [[cell("string", text) for text in SALES]]
    rows.append(
        [
            cell("float", "1"),
            cell("date", "2026-02-01"),
            *(cell("string", text) for text in ("A", "Té")),
        ]
    )
    rows[1] += [cell("float", "2"), cell("float", "1990")]
    body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    path = tmp_path / "planilla.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="a">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert detect_kind(path, PESOS) == PAST_SALES
    with past_sales.read(path, PESOS) as file:
        assert list(file.refused) == []
        (sale,) = file.documents()
    assert (sale.at_ms, sale.lines[0].total_minor) == (1_769_914_800_000, 3980)
