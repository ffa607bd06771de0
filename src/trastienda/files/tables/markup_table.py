"""Tables in web pages and in XML, which many programs hand out under the name of a
spreadsheet (.xls)."""

import codecs
import re
from collections.abc import Container, Iterator
from pathlib import Path

from trastienda.files.tables.page_tables import page_tables
from trastienda.files.tables.sheet_choice import HeldSheet, SheetChoice
from trastienda.files.tables.spreadsheet_table import MAX_SPREADSHEET_BYTES
from trastienda.files.tables.table import (
    FileRefused,
    HeaderMatch,
    ReportDone,
    Row,
    Table,
    error_words,
    find_header,
    ignore_progress,
)
from trastienda.files.tables.text_encoding import find_encoding
from trastienda.files.tables.xml_sheets import xml_sheets

_START_BYTES = 1 << 16
_SAMPLE_ROWS = 100
_WEB_ARCHIVE = b"mime-version:"
_XML_WORKBOOK = re.compile(r"<(?:\w+:)?workbook[\s>]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype html|html|head|meta|body|table)\b", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})"
    rb"|<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)


class MarkupTable(Table):
    """A table of a web page or of XML; its lines are the rows of that table."""

    def __init__(
        self,
        path: Path,
        sheet: HeldSheet,
        match: HeaderMatch,
    ) -> None:
        super().__init__(path, match.header, len(sheet.rows))
        self._rows = sheet.rows[match.position + 1 :]
        self._faults = sheet.faults

    def rows(self, report: ReportDone = ignore_progress) -> Iterator[Row]:
        """Yield the rows."""
        for line, cells in self._rows:
            faults = {**error_words(cells), **self._faults.get(line, {})}
            row = self.row(line, list(cells), faults)
            if row is not None:
                yield row
        report(self.size)


def is_markup(path: Path) -> bool:
    """Tell whether the file is a web page or a spreadsheet of XML."""
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if start.lower().startswith(_WEB_ARCHIVE):
        return True
    text = _start_text(start)
    if not text.startswith("<"):
        return False
    return bool(_XML_WORKBOOK.search(text) or _PAGE.search(text))


def _start_text(start: bytes) -> str:
    encoding = "utf-8"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    return start.decode(encoding, "replace").lstrip("\ufeff \t\r\n")


def open_markup(
    path: Path,
    known_headers: Container[str],
    sheet_name: str | None,
) -> MarkupTable:
    """Open the sheet of that name, or else the first one with a header of known names.

    Raises FileRefused if there is none.
    """
    if path.stat().st_size > MAX_SPREADSHEET_BYTES:
        raise FileRefused("El archivo es demasiado grande; guárdalo como CSV.")
    content = path.read_bytes()
    if content.lower().startswith(_WEB_ARCHIVE):
        raise _not_readable()

    text = _decoded(path, content)
    is_xml = _XML_WORKBOOK.search(text[:_START_BYTES]) is not None
    sheets = xml_sheets(text) if is_xml else page_tables(text)
    if not sheets:
        raise _not_readable()

    choice = SheetChoice(
        names=[sheet.name for sheet in sheets],
        visible_names=[sheet.name for sheet in sheets if sheet.is_visible],
        wanted=sheet_name,
    )
    sheets_by_name = {sheet.name: sheet for sheet in sheets}
    matches = {}
    for name in choice.candidates():
        first_rows = sheets_by_name[name].rows[:_SAMPLE_ROWS]
        records = [cells for _, cells in first_rows]
        matches[name] = find_header(records, known_headers)
    best = choice.best(matches)
    table = MarkupTable(path, sheets_by_name[best], matches[best])
    table.remarks += choice.remarks(best)
    return table


def _not_readable() -> FileRefused:
    return FileRefused(
        "Es una página web con nombre de planilla, y sin una tabla que se pueda leer: "
        "ábrela en Excel o LibreOffice y guárdala como .xlsx."
    )


def _decoded(path: Path, content: bytes) -> str:
    """Return the text of a page, by its mark, by its letters, or by what it says."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace").lstrip()
    try:
        # Bytes that fit UTF-8 are UTF-8, whatever the page says.
        return content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        pass

    for encoding in (_declared_encoding(content), find_encoding(path).name):
        try:
            return content.decode(encoding).lstrip()
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", "replace").lstrip()


def _declared_encoding(content: bytes) -> str:
    """Return the encoding that a page says it has, or else Windows-1252."""
    declared = _DECLARED.search(content[:_START_BYTES])
    if declared is None:
        return "cp1252"
    label = (declared[1] or declared[2]).decode("ascii").lower()
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return "cp1252"
    # Pages that say Latin-1 have the signs of Windows all the same.
    return "cp1252" if name in {"iso8859-1", "ascii", "utf-8"} else name
