"""Spreadsheets that an export writes row by row."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from trastienda.files.exports.rows import Cell
from trastienda.files.exports.text_files import Sheet

MAX_SHEET_ROWS = 1_048_576
"""All that a sheet of a spreadsheet holds, with its header; the rest goes to a second
sheet."""
MAX_TEXT = 32_767
"""Characters in a cell; a spreadsheet has no more."""
_WIDE_COLUMNS = {"nombre", "proveedor", "detalle", "motivo"}
_CODE_COLUMN = "codigo_barras"
_TEXT_FORMAT = 49
"""The number of the format @: what is typed under it is a text, and keeps its leading
zeros."""
_WIDE, _NORMAL = 32, 16
"""Widths of columns, in characters."""


def write_xlsx(
    path: Path,
    sheets: Iterable[Sheet],
    max_sheet_rows: int = MAX_SHEET_ROWS,
) -> None:
    """Write tables as the sheets of one file, row by row."""
    # Rows go to temporary files as they come; sheets above 4 GB need the larger kind of
    # archive.
    with Workbook(path, {"constant_memory": True, "use_zip64": True}) as book:
        bold = book.add_format({"bold": True})
        day_format = book.add_format({"num_format": "dd-mm-yyyy"})
        code_format = book.add_format({"num_format": _TEXT_FORMAT})
        for sheet in sheets:
            number = 1
            worksheet = _add_worksheet(
                book, sheet.name, sheet.header, bold, code_format
            )
            position = 1
            for cells in sheet.rows:
                if position == max_sheet_rows:
                    number += 1
                    name = f"{sheet.name} {number}"
                    worksheet = _add_worksheet(
                        book, name, sheet.header, bold, code_format
                    )
                    position = 1
                _write_row(worksheet, position, cells, day_format)
                position += 1


def _add_worksheet(
    book: Any,
    name: str,
    header: Sequence[str],
    bold: Any,
    code_format: Any,
) -> Any:
    worksheet = book.add_worksheet(name)
    worksheet.freeze_panes(1, 0)
    for column, title in enumerate(header):
        width = _WIDE if title in _WIDE_COLUMNS else _NORMAL
        column_format = code_format if title == _CODE_COLUMN else None
        worksheet.set_column(column, column, width, column_format)
        worksheet.write_string(0, column, title, bold)
    return worksheet


def _write_row(
    worksheet: Any,
    row: int,
    cells: Sequence[Cell],
    day_format: Any,
) -> None:
    for column, cell in enumerate(cells):
        match cell:
            case None | "":
                pass
            case str():
                # As a text, even if it begins like a formula.
                text = cell if len(cell) <= MAX_TEXT else cell[: MAX_TEXT - 1] + "…"
                worksheet.write_string(row, column, text)
            case bool():
                worksheet.write_boolean(row, column, cell)
            case date():
                worksheet.write_datetime(row, column, cell, day_format)
            case Decimal() | int():
                worksheet.write_number(row, column, float(cell))
