"""Web pages and XML under the name of a spreadsheet."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from trastienda.files.imports import products
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables import page_tables, xml_sheets
from trastienda.files.tables.column_names import PRODUCTS
from trastienda.files.tables.table import FileRefused

PESOS = ImportOptions(exponent=0, time_zone=ZoneInfo("America/Santiago"))
HEADER = "<tr><th>Código<th>Nombre<th>Precio<th>Stock</tr>"
XML_HEADER = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "lista.xls"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def listed(
    path: Path, options: ImportOptions = PESOS
) -> list[tuple[str, str, object, object]]:
    with products.read(path, options) as file:
        assert [row.reason for row in file.refused] == []
        return [
            (
                product.code,
                str(product.change.name),
                product.change.price_minor,
                product.change.stock_milli,
            )
            for product in file.products
        ]


def reasons(path: Path) -> dict[int, str]:
    with products.read(path, PESOS) as file:
        return {row.line: row.reason for row in file.refused}


def page(rows: str) -> str:
    return f"<html><body><table>{HEADER}{rows}</table></body></html>"


def xml(*sheets: str) -> str:
    worksheets = "".join(
        f'<Worksheet ss:Name="Hoja{number}"><Table>{rows}</Table></Worksheet>'
        for number, rows in enumerate(sheets, start=1)
    )
    return f"{XML_HEADER}{worksheets}</Workbook>"


def xml_row(*texts: str) -> str:
    cells = "".join(
        f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in texts
    )
    return f"<Row>{cells}</Row>"


XML_TITLES = xml_row("Código", "Nombre", "Precio", "Stock")


def test_a_web_page_is_its_table(tmp_path: Path) -> None:
    rows = (
        "<tr><td>A1</td><td>Miel &amp; t&eacute;&nbsp;<br>verde</td><td>4.990</td>"
        "<td>24</td></tr><tr><td colspan=4>&nbsp;</td></tr>"
        "<tr><td>A2<td><b>Pan</b> <script>x</script>amasado<td>$&nbsp;300<td>5"
    )
    path = written(tmp_path, page(rows))
    assert detect_kind(path, PESOS) == PRODUCTS
    assert listed(path) == [
        ("A1", "Miel & té verde", 4990, 24_000),
        ("A2", "Pan amasado", 300, 5000),
    ]


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("cp1252", '<meta charset="windows-1252">'),
        (
            "cp1252",
            '<meta http-equiv=Content-Type content="text/html; charset=latin1">',
        ),
        ("cp1252", "<meta charset=utf-8>"),
        ("cp1252", ""),
        ("mac_roman", "<meta charset=macintosh>"),
        ("utf-8", "<meta charset=iso-8859-1>"),
    ],
)
def test_pages_of_every_encoding_are_read(
    tmp_path: Path, encoding: str, declaration: str
) -> None:
    text = declaration + page("<tr><td>A1<td>Piña «ñ»<td>5<td>1")
    path = written(tmp_path, f"\n<html>{text}".encode(encoding))
    assert listed(path) == [("A1", "Piña «ñ»", 5, 1000)]


def test_cells_over_several_columns_and_rows_keep_the_others_in_place(
    tmp_path: Path,
) -> None:
    rows = (
        "<tr><td colspan=2>A1</td><td>5</td><td>1</td></tr>"
        "<tr><td rowspan=2>A2</td><td>Té</td><td>6</td><td>2</td></tr>"
        "<tr><td>Café</td><td>7</td><td>3</td></tr>"
    )
    assert reasons(written(tmp_path, page(rows)))[2] == "falta el nombre"
    path = written(tmp_path, page(rows.partition("</tr>")[2]))
    assert [row[1:] for row in listed(path)] == [("Té", 6, 2000), ("Café", 7, 3000)]


def test_the_table_with_a_header_is_the_one_within_others(tmp_path: Path) -> None:
    inner = page("<tr><td>A1<td>Miel<td>5<td>1")
    text = f"<table><tr><td>Informe de hoy</td><td>{inner}</td></tr></table>"
    path = written(tmp_path, f"<html>{text}")
    assert listed(path) == [("A1", "Miel", 5, 1000)]
    with products.read(path, PESOS) as file:
        assert "tabla 2" in file.remarks[0]


def test_excel_keeps_the_whole_number_in_its_pages(tmp_path: Path) -> None:
    rows = (
        '<tr><td x:num="7804567000014">7,80457E+12</td><td>Miel</td>'
        '<td x:num="4990.4">4.990</td><td x:num>3</td></tr>'
    )
    assert listed(written(tmp_path, page(rows))) == [
        ("7804567000014", "Miel", 4990, 3000)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><p>Sin tabla</p></body></html>",
        "<html><frameset><frame src=hoja.htm></frameset></html>",
        "MIME-Version: 1.0\nContent-Type: multipart/related\n\n<table>",
    ],
)
def test_a_page_without_a_table_says_how_to_go_on(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused, match=r"guárdala como \.xlsx"):
        listed(written(tmp_path, text))


def test_a_page_that_asks_for_too_many_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_tables, "MAX_CELLS", 5000)
    path = written(tmp_path, page("<tr>" + "<td colspan=999>x" * 9))
    with pytest.raises(FileRefused, match="demasiado grande"):
        listed(path)


def test_an_xml_spreadsheet_is_its_first_sheet_with_a_header(tmp_path: Path) -> None:
    row = (
        '<Row ss:Index="5"><Cell><Data ss:Type="Number">7804567000014</Data>'
        "<Comment><ss:Data>no</ss:Data></Comment></Cell>"
        '<Cell ss:Index="2"><ss:Data ss:Type="String"><B>Miel</B> &#241;</ss:Data></Cell>'
        '<Cell><Data ss:Type="Number">4990</Data></Cell>'
        '<Cell ss:Formula="=1"><Data ss:Type="Number">2</Data></Cell></Row>'
    )
    path = written(tmp_path, xml(xml_row("Portada"), XML_TITLES + row))
    with products.read(path, PESOS) as file:
        (product,) = file.products
        assert (product.line, product.code) == (5, "7804567000014")
        assert (product.change.name, product.change.stock_milli) == ("Miel ñ", 2000)
        assert "Hoja2" in file.remarks[0]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_xml_of_every_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = xml(XML_TITLES + xml_row("A1", "Piña", "4.990", "1"))
    path = written(tmp_path, text.encode(encoding))
    assert listed(path) == [("A1", "Piña", 4990, 1000)]


def test_errors_and_formulas_of_xml_are_named(tmp_path: Path) -> None:
    row = (
        '<Row><Cell><Data ss:Type="Error">#N/A</Data></Cell><Cell ss:MergeAcross="1">'
        '<Data ss:Type="String">Miel</Data></Cell><Cell ss:Formula="=1"/></Row>'
    )
    reason = reasons(written(tmp_path, xml(XML_TITLES + row)))[2]
    assert "la celda A2 es #N/A" in reason
    assert "la celda D2 es una fórmula sin resultado guardado" in reason


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE Workbook [<!ENTITY a "b">]><Workbook>&a;</Workbook>',
        XML_HEADER + "<Worksheet>",
        xml('<Row ss:Index="99999999"><Cell><Data>1</Data></Cell></Row>'),
        xml('<Row><Cell ss:Index="99999999"><Data>1</Data></Cell></Row>'),
    ],
)
def test_xml_that_is_damaged_or_dangerous_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused, match="No es una planilla legible"):
        listed(written(tmp_path, text))


def test_xml_with_too_many_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_sheets, "MAX_CELLS", 10)
    path = written(tmp_path, xml(XML_TITLES * 3))
    with pytest.raises(FileRefused, match="demasiado grande"):
        listed(path)


def test_a_sheet_of_xml_is_chosen_by_name(tmp_path: Path) -> None:
    first = XML_TITLES + xml_row("A1", "Miel", "1", "1")
    second = XML_TITLES + xml_row("A2", "Té", "2", "1")
    path = written(tmp_path, xml(first, second))
    options = ImportOptions(exponent=0, time_zone=PESOS.time_zone, sheet="Hoja2")
    assert [row[0] for row in listed(path, options)] == ["A2"]
