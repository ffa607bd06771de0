"""Tables in spreadsheets of Excel and LibreOffice.

Their cells have types; they become texts that are parsed the same in every file.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path

from msgspec import Struct
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from trastienda.files.cells.dates import render_typed_date
from trastienda.files.cells.numbers import as_written, render_typed_float
from trastienda.files.tables.excel_faults import find_excel_faults
from trastienda.files.tables.merged_cells import (
    MergedCells,
    merged_downwards,
    merged_remarks,
)
from trastienda.files.tables.open_document_faults import find_open_document_faults
from trastienda.files.tables.sheet_choice import SheetChoice
from trastienda.files.tables.sheet_faults import SheetFaults
from trastienda.files.tables.table import (
    FileRefused,
    HeaderMatch,
    ReportDone,
    Row,
    Table,
    find_header,
    ignore_progress,
)
from trastienda.files.tables.trimmed_workbook import trimmed
from trastienda.files.tables.zipped_xml import Archive, unreadable

MAX_SPREADSHEET_BYTES = 64 * 1024 * 1024
"""A spreadsheet is held in memory whole, some twenty times its size; CSV has no such
limit."""
_ARCHIVE_START = b"PK"
_SAMPLE_ROWS = 100
_ROWS_PER_REPORT = 2048

Cell = int | float | str | bool | time | date | datetime | timedelta


class SpreadsheetTable(Table):
    """A sheet that is a table; its lines are the row numbers that the spreadsheet
    shows."""

    def __init__(
        self,
        path: Path,
        sheet: "_Sheet",
        match: HeaderMatch,
    ) -> None:
        header = list(map(as_written, match.header))
        super().__init__(path, header, sheet.values.total_height)
        self._sheet = sheet
        self._header_row = match.position
        merged_ranges = sheet.values.merged_cell_ranges or []
        self._merged_ranges = merged_downwards(merged_ranges, match.position)
        self.remarks += merged_remarks(self.header, self._merged_ranges)

    def rows(self, report: ReportDone = ignore_progress) -> Iterator[Row]:
        """Yield the rows; a value that is merged downwards stands in each of its rows."""
        merged_cells = MergedCells(self._merged_ranges)
        faults_by_line = dict(self._sheet.faults.by_line)
        for position, cells in enumerate(self._sheet.values.iter_rows()):
            if position % _ROWS_PER_REPORT == 0:
                report(position)
            line = position + 1
            faults = faults_by_line.pop(line, None)
            if position <= self._header_row:
                continue

            texts = [_text_of(cell) for cell in cells]
            merged_cells.fill(position, texts)
            row = self._row_of(line, texts, faults)
            if row is not None:
                yield row

        # Rows at the end that hold no values at all.
        for line, faults in sorted(faults_by_line.items()):
            row = self._row_of(line, [], faults)
            if row is not None and line > self._header_row + 1:
                yield row
        report(self.size)

    def _row_of(
        self,
        line: int,
        texts: list[str],
        faults: Mapping[int, str] | None,
    ) -> Row | None:
        """Return the row; its errors stand in it as the spreadsheet shows them."""
        if not faults:
            return self.row(line, texts)

        lacking_texts = max(faults) + 1 - len(texts)
        texts += [""] * lacking_texts
        for position, fault in faults.items():
            texts[position] = fault
        return self.row(line, texts, faults)


class _Sheet(Struct, frozen=True):
    """A sheet: its values, and the faults that stand where it has none."""

    values: CalamineSheet
    faults: SheetFaults

    def records(self) -> list[list[str]]:
        """Return the first rows, among which the header is."""
        first_rows = islice(self.values.iter_rows(), _SAMPLE_ROWS)
        records = []
        for cells in first_rows:
            texts = [_text_of(cell) for cell in cells]
            records.append(texts)
        return records


class _Prepared(Struct, frozen=True):
    """A spreadsheet that can be read, and the faults of each sheet by its name."""

    file: Path | BytesIO
    faults: Mapping[str, SheetFaults] = {}

    @classmethod
    def of(cls, path: Path) -> "_Prepared":
        """Look at a spreadsheet; one of the old kind, which is no archive, is taken to
        have no faults.

        Raises FileRefused for an archive that expands too much.
        """
        with path.open("rb") as file:
            if file.read(2) != _ARCHIVE_START:
                return cls(path)

        with Archive(path) as archive:
            archive.check_size()
            faults = find_open_document_faults(archive) or find_excel_faults(archive)
            far_parts = [
                sheet.part
                for sheet in faults.values()
                if sheet.part and sheet.reaches_too_far
            ]
            if not far_parts:
                return cls(path, faults)
            copy = trimmed(archive, far_parts)
        with Archive(copy) as archive:
            faults = find_excel_faults(archive)
        copy.seek(0)
        return cls(copy, faults)


def open_spreadsheet(
    path: Path,
    known_headers: Container[str],
    sheet_name: str | None,
) -> SpreadsheetTable:
    """Open the sheet of that name, or else the first one with a header of known names.

    Raises FileRefused if there is none, or if the file is no spreadsheet.
    """
    if path.stat().st_size > MAX_SPREADSHEET_BYTES:
        raise FileRefused("La planilla es demasiado grande; guárdala como CSV.")
    prepared = _Prepared.of(path)
    sheets = {}
    matches = {}
    try:
        book = CalamineWorkbook.from_object(prepared.file)
        choice = SheetChoice(
            names=book.sheet_names,
            visible_names=[
                metadata.name
                for metadata in book.sheets_metadata
                if metadata.visible == SheetVisibleEnum.Visible
            ],
            wanted=sheet_name,
        )
        for name in choice.candidates():
            faults = prepared.faults.get(name, SheetFaults())
            faults.check_size(name)
            sheets[name] = _Sheet(book.get_sheet_by_name(name), faults)
            matches[name] = find_header(sheets[name].records(), known_headers)
    except PasswordError as error:
        raise FileRefused("La planilla tiene clave; guárdala sin ella.") from error
    except CalamineError as error:
        raise unreadable() from error

    best = choice.best(matches)
    table = SpreadsheetTable(path, sheets[best], matches[best])
    table.remarks += choice.remarks(best)
    return table


def _text_of(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "si" if cell else "no"
    if isinstance(cell, int | float):
        return render_typed_float(cell)
    if isinstance(cell, datetime | date):
        return render_typed_date(cell)
    return str(cell)
