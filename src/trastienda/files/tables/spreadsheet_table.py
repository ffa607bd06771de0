"""Tables in spreadsheets of Excel and LibreOffice: cells come typed, and become texts that can mean one thing only."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from trastienda.files.cells.dates import typed_date
from trastienda.files.cells.numbers import typed
from trastienda.files.tables.table import FileRefused, Row, Table, find_header

MAX_SHEET_BYTES = 64 * 1024 * 1024
"""A sheet is held in memory whole, some twenty times the size of its file; CSV has no such limit."""
_SAMPLE_ROWS = 100
_ROWS_A_TELLING = 2048
_EXACT_BELOW = 10**15
"""A spreadsheet keeps fifteen digits; of a longer number the last ones are made up."""

Cell = int | float | str | bool | time | date | datetime | timedelta


class SheetTable(Table):
    """A sheet found to be a table; lines are the numbers that the spreadsheet shows beside its rows."""

    def __init__(
        self, path: Path, sheet: CalamineSheet, header: list[str], header_row: int
    ) -> None:
        super().__init__(path, header, sheet.total_height)
        self._sheet = sheet
        self._header_row = header_row

    def rows(self, tell: Callable[[int], None] = lambda done: None) -> Iterator[Row]:
        """Yield the rows."""
        for row, cells in enumerate(self._sheet.iter_rows()):
            if row % _ROWS_A_TELLING == 0:
                tell(row)
            if (
                row > self._header_row
                and (filled := self.filled([_text(cell) for cell in cells])) is not None
            ):
                yield row + 1, filled
        tell(self.size)


def open_sheet(path: Path, known: frozenset[str], name: str | None) -> SheetTable:
    """Return the sheet called ``name``, or else the first one with a header of ``known`` names.

    Raises FileRefused where there is none, or the file is no spreadsheet.
    """
    if path.stat().st_size > MAX_SHEET_BYTES:
        raise FileRefused("La planilla es demasiado grande; guárdela como CSV.")
    try:
        book = CalamineWorkbook.from_path(path)
        names = [
            one.name
            for one in book.sheets_metadata
            if one.visible == SheetVisibleEnum.Visible
        ]
        if name is not None and name not in book.sheet_names:
            raise FileRefused(
                f"No hay una hoja «{name}»; las hojas son: {', '.join(book.sheet_names)}."
            )
        found = [
            _found(book.get_sheet_by_name(one), known)
            for one in ([name] if name is not None else names)
        ]
    except PasswordError as error:
        raise FileRefused("La planilla tiene clave; guárdela sin ella.") from error
    except CalamineError as error:
        raise FileRefused(f"No es una planilla legible: {error}.") from error
    best = next((one for one in found if one[0] > 1), None) or next(
        (one for one in found if one[0]), None
    )
    if best is None:
        where = (
            f"la hoja «{name}»"
            if name is not None
            else f"ninguna hoja ({', '.join(names)})"
        )
        raise FileRefused(
            f"No se reconoce el encabezado en {where}: una fila debe nombrar las columnas."
        )
    _, sheet, header, row = best
    table = SheetTable(path, sheet, header, row)
    if len(names) > 1 and name is None:
        table.remarks.append(
            f"Se leyó la hoja «{sheet.name}» de {len(names)}; otra se elige con --sheet."
        )
    return table


def _found(
    sheet: CalamineSheet, known: frozenset[str]
) -> tuple[int, CalamineSheet, list[str], int]:
    """Return how many headers are known, the sheet, its header, and the header's row."""
    records = [
        [_text(cell) for cell in cells]
        for cells in islice(sheet.iter_rows(), _SAMPLE_ROWS)
    ]
    (matching, _), place = find_header(records, known)
    return matching, sheet, records[place] if records else [], place


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "si" if cell else "no"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime | date):
        return typed_date(cell)
    return str(cell)


def _number(value: float) -> str:
    if abs(value) >= _EXACT_BELOW:
        return f"{value:.14E}"
    return typed(
        Decimal(f"{value:.15g}")
    )  # as the spreadsheet shows it: 0.1 + 0.2 is 0.3 there
