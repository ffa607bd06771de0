"""Text files that an export writes row by row: CSV for spreadsheets, and JSON lines."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from trastienda.files.cells.formulas import guarded
from trastienda.files.cells.numbers import render_decimal_comma
from trastienda.files.exports.rows import Cell


class Sheet(NamedTuple):
    """A table to be written: its name, its header, its rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_csv(
    path: Path,
    sheet: Sheet,
) -> None:
    """Write a table as a Chilean spreadsheet opens it with a double click, and an
    import reads."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(sheet.header)
        for cells in sheet.rows:
            texts = []
            for cell in cells:
                match cell:
                    case None:
                        text = ""
                    case str():
                        text = guarded(cell)
                    case bool():
                        text = "si" if cell else "no"
                    case Decimal():
                        text = render_decimal_comma(cell)
                    case date():
                        text = cell.isoformat()
                    case _:
                        text = str(cell)
                texts.append(text)
            writer.writerow(texts)


def write_json_lines(
    path: Path,
    objects: Iterable[object],
) -> None:
    """Write objects as JSON, one a line."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for item in objects:
            file.write(encoder.encode(item) + b"\n")
