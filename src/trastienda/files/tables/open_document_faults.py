"""Errors and formulas without a result in spreadsheets of LibreOffice (.ods)."""

from trastienda.files.cells.formulas import is_error_word
from trastienda.files.tables.sheet_faults import SheetFaults
from trastienda.files.tables.table import NO_RESULT
from trastienda.files.tables.zipped_xml import (
    Archive,
    Attributes,
    local_name,
    new_parser,
)

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTED = b"encryption-data"


def find_open_document_faults(archive: Archive) -> dict[str, SheetFaults]:
    """Return the faults of each sheet by its name; nothing for what is not of
    LibreOffice, or is encrypted."""
    if not archive.has(_CONTENT):
        return {}
    if archive.has(_MANIFEST):
        manifest = b"".join(archive.blocks(_MANIFEST))
        if _ENCRYPTED in manifest:
            return {}
    return _OpenDocument().read(archive)


class _OpenDocument:
    """Looks at the cells of all sheets of LibreOffice, one after the other."""

    def __init__(self) -> None:
        self._all_faults: dict[str, SheetFaults] = {}
        self._faults = SheetFaults()
        self._sheet_name = ""
        self._parser = new_parser(
            StartElementHandler=self._start,
            EndElementHandler=self._end,
        )
        self._line = 0
        self._row_repeats = 1
        self._column = 0
        self._cell: Attributes = {}
        self._texts: list[str] = []

    def read(self, archive: Archive) -> dict[str, SheetFaults]:
        archive.parse(_CONTENT, self._parser)
        return self._all_faults

    def _start(self, tag: str, attributes: Attributes) -> None:
        match local_name(tag):
            case "table":
                self._sheet_name = attributes.get("table:name", "")
                self._faults = SheetFaults()
                self._all_faults[self._sheet_name] = self._faults
                self._line = 1
            case "table-row":
                repeats = attributes.get("table:number-rows-repeated", "1")
                self._row_repeats = int(repeats)
                self._column = 0
            case "table-cell" | "covered-table-cell":
                self._cell = attributes
                self._texts.clear()
            case "p":
                self._parser.CharacterDataHandler = self._texts.append

    def _end(self, tag: str) -> None:
        match local_name(tag):
            case "p":
                self._parser.CharacterDataHandler = None
            case "table-cell" | "covered-table-cell":
                self._finish_cell()
            case "table-row":
                self._line += self._row_repeats

    def _finish_cell(self) -> None:
        """Note how far the cell reaches, and its fault."""
        width = int(self._cell.get("table:number-columns-repeated", "1"))
        first_column = self._column
        self._column += width
        has_formula = "table:formula" in self._cell
        has_value = "office:value-type" in self._cell
        if not has_formula and not has_value:
            return

        faults = self._faults
        faults.last_line = self._line + self._row_repeats - 1
        faults.width = max(faults.width, self._column)
        text_length = sum(map(len, self._texts))
        faults.characters += text_length * width * self._row_repeats
        faults.check_size(self._sheet_name)

        fault = self._fault(has_value)
        if fault is None:
            return
        for line in range(self._line, faults.last_line + 1):
            for position in range(first_column, self._column):
                faults.add(line, position, fault)

    def _fault(self, has_value: bool) -> str | None:
        if not has_value:
            return NO_RESULT
        text = "".join(self._texts).strip()
        if self._cell.get("calcext:value-type") == "error":
            return text or "#N/A"
        is_error = "table:formula" in self._cell and is_error_word(text)
        return text if is_error else None
