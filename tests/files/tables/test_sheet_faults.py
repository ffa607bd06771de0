"""Cells of spreadsheets without a value, and spreadsheets that ask for too much."""

import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from trastienda.files.imports import products
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables import sheet_faults, zipped_xml
from trastienda.files.tables.table import FileRefused, cell_name

PESOS = ImportOptions(exponent=0, time_zone=ZoneInfo("America/Santiago"))
HEADER = "".join(
    f'<c r="{letter}1" t="inlineStr"><is><t>{title}</t></is></c>'
    for letter, title in zip(
        "ABCDE", ("codigo", "nombre", "precio", "stock", "margen"), strict=True
    )
)
NAME = '<c r="B2" t="inlineStr"><is><t>Miel</t></is></c>'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(folder: Path, second_row: str, calculation: str = "") -> Path:
    """A spreadsheet whose second row is this XML."""
    path = folder / "planilla.xlsx"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/'
        'package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships"><Relationship Id="a" '
        f'Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
        f'<sheet name="Hoja1" sheetId="1" r:id="rId1"/></sheets>{calculation}'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.'
        'openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
        f'<row r="1">{HEADER}</row>{second_row}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def open_document(folder: Path, cells: str) -> Path:
    path = folder / "planilla.ods"
    names = "urn:oasis:names:tc:opendocument:xmlns"
    header = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{title}</text:p>'
        "</table:table-cell>"
        for title in ("codigo", "nombre", "precio")
    )
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:'
        'calcext:1.0"><office:body><office:spreadsheet><table:table '
        f'table:name="Hoja1"><table:table-row>{header}</table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/>'
        f"</table:table-row><table:table-row>{cells}</table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>',
        )
    return path


def reasons(path: Path) -> dict[int, str]:
    with products.read(path, PESOS) as file:
        return {row.line: row.reason for row in file.refused}


def test_cells_are_named_as_a_spreadsheet_does() -> None:
    names = [cell_name(7, position) for position in (0, 25, 26, 701, 702, 16383)]
    assert names == ["A7", "Z7", "AA7", "ZZ7", "AAA7", "XFD7"]


def test_an_error_is_named_with_its_cell(tmp_path: Path) -> None:
    row = (
        f'<row r="2"><c r="A2" t="e"><v>#N/A</v></c>{NAME}<c r="C2"><v>9</v></c></row>'
    )
    assert reasons(workbook(tmp_path, row)) == {2: "la celda A2 es #N/A"}


@pytest.mark.parametrize("value", ["<v></v>", "<v />", ""])
def test_a_formula_without_a_result_is_named(tmp_path: Path, value: str) -> None:
    row = (
        f'<row r="2">{NAME}<c r="C2"><v>9</v></c><c r="D2"><f>1+1</f>{value}</c></row>'
    )
    reason = reasons(workbook(tmp_path, row))[2]
    assert "la celda D2 es una fórmula sin resultado guardado" in reason
    assert "guárdala de nuevo" in reason


def test_a_zero_that_nobody_worked_out_is_no_result(tmp_path: Path) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["codigo", "nombre", "precio", "stock"])
        sheet.write_row(1, 0, ["A1", "Miel", 990])
        sheet.write_formula(1, 3, "=10+14")
    assert "la celda D2 es una fórmula" in reasons(path)[2]


def test_formulas_with_results_are_their_results(tmp_path: Path) -> None:
    row = (
        f'<row r="2"><c r="A2" t="str"><f>1</f><v></v></c>{NAME}'
        '<c r="C2"><f>0+990</f><v>990</v></c><c r="D2"><f>0*1</f><v>0</v></c></row>'
    )
    path = workbook(tmp_path, row)
    assert reasons(path) == {}
    with products.read(path, PESOS) as file:
        assert file.products[0].change.stock_milli == 0


def test_an_error_in_a_column_that_is_not_used_does_not_matter(
    tmp_path: Path,
) -> None:
    row = (
        f'<row r="2">{NAME}<c r="C2"><v>9</v></c>'
        '<c r="E2" t="e"><v>#DIV/0!</v></c></row>'
    )
    assert reasons(workbook(tmp_path, row)) == {}


def test_a_row_of_nothing_but_faults_is_a_row(tmp_path: Path) -> None:
    row = '<row r="2"><c r="B2"><f>X1</f></c></row><row r="9"><c r="B9"><f>X1</f></c></row>'
    assert list(reasons(workbook(tmp_path, row))) == [2, 9]


def test_cells_need_not_say_where_they_are(tmp_path: Path) -> None:
    row = '<row><c><v>5</v></c><c t="e"><v>#REF!</v></c><c><v>9</v></c></row>'
    assert reasons(workbook(tmp_path, row)) == {2: "la celda B2 es #REF!"}


def test_errors_of_libreoffice_are_named(tmp_path: Path) -> None:
    cells = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#N/D</text:p>'
        '</table:table-cell><table:table-cell office:value-type="string"><text:p>Té'
        '</text:p></table:table-cell><table:table-cell table:formula="of:=1+1"/>'
    )
    reason = reasons(open_document(tmp_path, cells))[4]
    assert "la celda A4 es #N/D" in reason
    assert "la celda C4 es una fórmula sin resultado" in reason


def test_a_password_of_libreoffice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "planilla.ods"
    names = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x8f\x01\x00 no xml")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}"><manifest:file-entry '
            'manifest:full-path="content.xml"><manifest:encryption-data/>'
            "</manifest:file-entry></manifest:manifest>",
        )
    with pytest.raises(FileRefused, match="tiene clave"):
        reasons(path)


@pytest.mark.parametrize("error", ["#N/A", "#N/D", "#¡REF!", "#¿NOMBRE?", "#####"])
def test_an_error_in_a_text_file_is_named(tmp_path: Path, error: str) -> None:
    path = tmp_path / "lista.csv"
    path.write_text(f"codigo;nombre;precio\n{error};Miel;990\n")
    assert reasons(path) == {2: f"la celda A2 es {error}"}


def test_a_cell_far_away_is_refused_before_memory_runs_out(tmp_path: Path) -> None:
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(FileRefused, match="hasta la celda XFD1048576"):
        reasons(workbook(tmp_path, row))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576" t="inlineStr"><is><t xml:space="preserve"> </t></is></c>',
        '<c r="XFD1048576" t="str"><v> </v></c>',
    ],
)
def test_a_blank_far_away_is_left_out(tmp_path: Path, cell: str) -> None:
    row = f'<row r="2"><c r="A2"><v>5</v></c>{NAME}<c r="C2"><v>9</v></c></row>'
    path = workbook(tmp_path, f'{row}<row r="1048576">{cell}</row>')
    with products.read(path, PESOS) as file:
        assert [product.code for product in file.products] == ["5"]


def test_a_shared_blank_far_away_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["codigo", "nombre", "precio"])
        sheet.write_row(1, 0, ["A1", "Miel", 990])
        sheet.write_string(1_048_575, 16_383, "  ")
    with products.read(path, PESOS) as file:
        assert [product.code for product in file.products] == ["A1"]


def test_formats_far_away_are_no_cells(tmp_path: Path) -> None:
    row = f'<row r="2">{NAME}<c r="C2"><v>9</v></c></row>'
    row += '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert reasons(workbook(tmp_path, row)) == {}


def test_a_table_repeated_without_end_is_refused(tmp_path: Path) -> None:
    cells = (
        '<table:table-cell table:number-columns-repeated="900000000" '
        'office:value-type="float" office:value="1"/>'
    )
    with pytest.raises(FileRefused, match="demasiado"):
        reasons(open_document(tmp_path, cells))


def test_an_archive_that_expands_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped_xml, "MAX_EXPANDED_BYTES", 1 << 20)
    path = workbook(tmp_path, " " * (1 << 21))
    assert path.stat().st_size < 10_000
    with pytest.raises(FileRefused, match="demasiado grande"):
        reasons(path)


def test_an_archive_that_says_less_than_it_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped_xml, "MAX_EXPANDED_BYTES", 1 << 20)
    path = workbook(tmp_path, " " * (1 << 21))
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    honest = size.to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (9).to_bytes(4, "little")))
    with pytest.raises(FileRefused):
        reasons(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = workbook(tmp_path, "")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("content.xml", bomb)
    with pytest.raises(FileRefused, match="No es una planilla legible"):
        reasons(path)


def test_too_many_faults_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_faults, "MAX_FAULTS", 1)
    row = '<row r="2"><c r="B2"><f>X1</f></c><c r="C2"><f>X1</f></c></row>'
    with pytest.raises(FileRefused, match="demasiadas celdas con errores"):
        reasons(workbook(tmp_path, row))


ONE_TEXT = "x" * 32_000
MANY_CELLS = 20_000


def test_cells_that_do_not_say_where_they_are_cannot_be_far_away(
    tmp_path: Path,
) -> None:
    cells = "<c/>" * 16_383 + "<c><v>1</v></c>"
    path = workbook(tmp_path, f'<row r="1048576">{cells}</row>')
    assert path.stat().st_size < 5_000
    with pytest.raises(FileRefused, match="hasta la celda XFD1048576"):
        reasons(path)


def test_rows_that_do_not_say_where_they_are_are_counted(tmp_path: Path) -> None:
    rows = "<row/>" * 1_500_000 + "<row>" + "<c/>" * 16 + "<c><v>1</v></c></row>"
    with pytest.raises(FileRefused, match="hasta la celda Q1500002"):
        reasons(workbook(tmp_path, rows))


def test_a_cell_may_say_another_line_than_its_row(tmp_path: Path) -> None:
    row = '<row r="2"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(FileRefused, match="hasta la celda XFD1048576"):
        reasons(workbook(tmp_path, row))


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c></row>" * 2_000_000,
        "<row/>" * 8_000_000,
    ],
    ids=["of values", "of nothing"],
)
def test_what_is_small_outside_and_large_inside_is_refused_unread(
    tmp_path: Path, rows: str
) -> None:
    path = workbook(tmp_path, rows)
    assert path.stat().st_size < 200_000
    with pytest.raises(FileRefused, match="demasiado grande por dentro"):
        reasons(path)


def test_a_list_that_repeats_itself_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["codigo", "nombre", "precio", "stock"])
        for line in range(1, 20_001):
            sheet.write_row(line, 0, [line, "Miel", 990, 1])
    with products.read(path, PESOS) as file:
        assert len(file.products) == 20_000


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_cell_with_too_much_text_is_refused(tmp_path: Path, kind: str) -> None:
    text = "x" * 2_000_000
    if kind == "xlsx":
        cell = f'<c r="A2" t="inlineStr"><is><t>{text}</t></is></c>'
        path = workbook(tmp_path, f'<row r="2">{cell}</row>')
    else:
        cell = '<table:table-cell office:value-type="string"><text:p>'
        path = open_document(tmp_path, f"{cell}{text}</text:p></table:table-cell>")
    with pytest.raises(FileRefused, match="texto demasiado largo"):
        reasons(path)


def test_a_text_that_many_cells_share_is_counted_with_each(tmp_path: Path) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["codigo", "nombre", "precio"])
        for line in range(1, MANY_CELLS):
            sheet.write_string(line, 1, ONE_TEXT)
    assert path.stat().st_size < 200_000
    with pytest.raises(FileRefused, match="repite textos largos"):
        reasons(path)


def test_one_long_text_that_few_cells_share_is_none_of_many(tmp_path: Path) -> None:
    path = tmp_path / "planilla.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["codigo", "nombre", "precio", "notas"])
        sheet.write_string(1, 3, ONE_TEXT)
        for line in range(1, MANY_CELLS):
            sheet.write_row(line, 0, [line, "Miel", 990])
    with products.read(path, PESOS) as file:
        assert len(file.products) == MANY_CELLS - 1


def test_a_text_that_is_repeated_is_counted_as_often(tmp_path: Path) -> None:
    cells = (
        '<table:table-cell table:number-columns-repeated="1000000" '
        f'office:value-type="string"><text:p>{"x" * 1000}</text:p></table:table-cell>'
    )
    with pytest.raises(FileRefused, match="repite textos largos"):
        reasons(open_document(tmp_path, cells))


def test_a_packing_that_no_spreadsheet_uses_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, "")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/media/image1.xml", bytes(1 << 22))
    with pytest.raises(FileRefused, match="No es una planilla legible"):
        reasons(path)
