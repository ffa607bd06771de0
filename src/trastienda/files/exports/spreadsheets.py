"""Spreadsheets that an export writes as a stream."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from trastienda.files.exports.rows import Cell
from trastienda.files.exports.text_files import Sheet

SHEET_ROWS = 1_048_576
"""All that a sheet of a spreadsheet holds, its header among them; what is more goes on in a second sheet."""
MAX_TEXT = 32_767
"""Characters in a cell; a spreadsheet has no more."""


def write_xlsx(
    path: Path, sheets: Iterable[Sheet], sheet_rows: int = SHEET_ROWS
) -> None:
    """Write tables as the sheets of one file, row by row."""
    # Rows go to temporary files as they come; sheets above 4 GB need the larger kind of archive.
    with Workbook(path, {"constant_memory": True, "use_zip64": True}) as book:
        bold, day = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "dd-mm-yyyy"}),
        )
        for name, header, rows in sheets:
            rest = iter(rows)
            for number, first in enumerate(chain([None], rest), start=1):
                sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
                _head(sheet, header, bold)
                more = islice(rest, sheet_rows - (1 if first is None else 2))
                for place, cells in enumerate(
                    more if first is None else chain([first], more), start=1
                ):
                    _row(sheet, place, cells, day)


def _head(sheet: Any, header: Sequence[str], bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(header):
        sheet.set_column(
            column,
            column,
            32 if title in {"nombre", "proveedor", "detalle", "motivo"} else 16,
        )
        sheet.write_string(0, column, title, bold)


def _row(sheet: Any, row: int, cells: Sequence[Cell], day: Any) -> None:
    for column, cell in enumerate(cells):
        match cell:
            case None | "":
                pass
            case str():  # as a text, whatever it begins with
                sheet.write_string(
                    row,
                    column,
                    cell if len(cell) <= MAX_TEXT else cell[: MAX_TEXT - 1] + "…",
                )
            case bool():
                sheet.write_boolean(row, column, cell)
            case date():
                sheet.write_datetime(row, column, cell, day)
            case Decimal() | int():
                sheet.write_number(row, column, float(cell))
