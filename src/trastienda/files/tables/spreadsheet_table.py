"""Tables in spreadsheets of Excel and LibreOffice.

Their cells have types; they become texts that are parsed the same in every file.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
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
from trastienda.files.cells.numbers import render_typed
from trastienda.files.tables.table import (
    FileRefused,
    HeaderMatch,
    ReportDone,
    Row,
    Table,
    find_header,
    report_nothing,
)

MAX_SPREADSHEET_BYTES = 64 * 1024 * 1024
"""A spreadsheet is held in memory whole, some twenty times its size; CSV has no such
limit."""
_SAMPLE_ROWS = 100
_ROWS_PER_REPORT = 2048
_EXACT_BELOW = 10**15
"""A spreadsheet keeps fifteen digits; of a longer number the last ones are made up."""

Cell = int | float | str | bool | time | date | datetime | timedelta


class SpreadsheetTable(Table):
    """A sheet that is a table; its lines are the row numbers that the spreadsheet
    shows."""

    def __init__(
        self,
        path: Path,
        sheet: CalamineSheet,
        header: list[str],
        header_row: int,
    ) -> None:
        super().__init__(path, header, sheet.total_height)
        self._sheet = sheet
        self._header_row = header_row

    def rows(self, report: ReportDone = report_nothing) -> Iterator[Row]:
        """Yield the rows."""
        for position, cells in enumerate(self._sheet.iter_rows()):
            if position % _ROWS_PER_REPORT == 0:
                report(position)
            if position <= self._header_row:
                continue

            texts = [_text_of(cell) for cell in cells]
            row = self.row(position + 1, texts)
            if row is not None:
                yield row
        report(self.size)


class _SheetHeader(Struct, frozen=True):
    """A sheet, and the header that was found in it."""

    sheet: CalamineSheet
    header: list[str]
    match: HeaderMatch

    @classmethod
    def find(
        cls,
        sheet: CalamineSheet,
        known_headers: frozenset[str],
    ) -> "_SheetHeader":
        """Return the best header of a sheet."""
        first_rows = islice(sheet.iter_rows(), _SAMPLE_ROWS)
        records = []
        for cells in first_rows:
            texts = [_text_of(cell) for cell in cells]
            records.append(texts)
        match = find_header(records, known_headers)
        header = records[match.position] if records else []
        return cls(sheet, header, match)


def open_spreadsheet(
    path: Path,
    known_headers: frozenset[str],
    sheet_name: str | None,
) -> SpreadsheetTable:
    """Open the sheet of that name, or else the first one with a header of known names.

    Raises FileRefused if there is none, or if the file is no spreadsheet.
    """
    if path.stat().st_size > MAX_SPREADSHEET_BYTES:
        raise FileRefused("La planilla es demasiado grande; guárdela como CSV.")
    try:
        book = CalamineWorkbook.from_path(path)
        visible_names = [
            metadata.name
            for metadata in book.sheets_metadata
            if metadata.visible == SheetVisibleEnum.Visible
        ]
        if sheet_name is not None and sheet_name not in book.sheet_names:
            sheet_names = ", ".join(book.sheet_names)
            raise FileRefused(
                f"No hay una hoja «{sheet_name}»; las hojas son: {sheet_names}."
            )

        candidates = visible_names if sheet_name is None else [sheet_name]
        headers = []
        for candidate in candidates:
            sheet = book.get_sheet_by_name(candidate)
            headers.append(_SheetHeader.find(sheet, known_headers))
    except PasswordError as error:
        raise FileRefused("La planilla tiene clave; guárdela sin ella.") from error
    except CalamineError as error:
        raise FileRefused(f"No es una planilla legible: {error}.") from error

    best = _best_sheet(headers)
    if best is None:
        where = f"la hoja «{sheet_name}»"
        if sheet_name is None:
            where = f"ninguna hoja ({', '.join(visible_names)})"
        raise FileRefused(
            f"No se reconoce el encabezado en {where}: "
            "una fila debe nombrar las columnas."
        )

    table = SpreadsheetTable(path, best.sheet, best.header, best.match.position)
    if len(visible_names) > 1 and sheet_name is None:
        table.remarks.append(
            f"Se leyó la hoja «{best.sheet.name}» de {len(visible_names)}; "
            "otra se elige con --sheet."
        )
    return table


def _best_sheet(headers: list[_SheetHeader]) -> _SheetHeader | None:
    """Return the first sheet with two known headers, or else the first with any."""
    for least_known in (2, 1):
        for candidate in headers:
            if candidate.match.known_cells >= least_known:
                return candidate
    return None


def _text_of(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "si" if cell else "no"
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT_BELOW:
            return f"{cell:.14E}"
        # As the spreadsheet shows it: 0.1 + 0.2 is 0.3 there.
        return render_typed(Decimal(f"{cell:.15g}"))
    if isinstance(cell, datetime | date):
        return render_typed_date(cell)
    return str(cell)
