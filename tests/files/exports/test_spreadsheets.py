"""Spreadsheets as an export writes them."""

import re
import zipfile
from pathlib import Path

from trastienda.files.exports.spreadsheets import write_xlsx
from trastienda.files.exports.text_files import Sheet


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def test_codes_and_those_typed_below_them_are_text(tmp_path: Path) -> None:
    path = tmp_path / "productos.xlsx"
    rows = [("Té", "00123", 5)]
    write_xlsx(path, [Sheet("productos", ("nombre", "codigo_barras", "stock"), rows)])

    sheet = part(path, "xl/worksheets/sheet1.xml")
    column = re.search(r'<col min="2" max="2" [^>]*style="(\d+)"', sheet)
    cell = re.search(r'<c r="B2" s="(\d+)"', sheet)
    assert column is not None
    assert cell is not None
    assert column[1] == cell[1]

    # 49 is the number of the format @ in every spreadsheet.
    cell_formats = part(path, "xl/styles.xml").partition("<cellXfs")[2]
    formats = re.findall(r'<xf numFmtId="(\d+)"', cell_formats)
    assert formats[int(cell[1])] == "49"
    assert re.search(r'<c r="C2"(?! s=)', sheet)
