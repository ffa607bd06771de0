"""Files that an export writes as a stream: CSV for spreadsheets, JSON lines, and ``inventario.json``."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from trastienda.files.cells.formulas import guarded
from trastienda.files.cells.numbers import decimal_comma
from trastienda.files.exports.rows import Cell

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]
"""Name, header and rows of a table."""


def write_csv(path: Path, sheet: Sheet) -> None:
    """Write a table the way that a Chilean spreadsheet opens with a double click, and an import reads back."""
    _, header, rows = sheet
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows(map(_text, rows))


def _text(cells: Sequence[Cell]) -> list[str]:
    return [_cell(cell) for cell in cells]


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case bool():
            return "si" if cell else "no"
        case Decimal():
            return decimal_comma(cell)
        case date():
            return cell.isoformat()
    return str(cell)


def write_lines(path: Path, objects: Iterable[Any]) -> None:
    """Write objects as JSON, one a line."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for one in objects:
            file.write(encoder.encode(one) + b"\n")
