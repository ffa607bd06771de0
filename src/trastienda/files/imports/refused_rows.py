"""The rows that an import refuses: kept with their reason, and written beside the
file."""

import csv
import heapq
import os
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path

import msgspec
from msgspec import Struct

from trastienda.files.cells.formulas import guarded, is_error_word
from trastienda.files.cells.numbers import as_written, parse_number
from trastienda.files.tables.own_columns import REFUSAL_HEADER
from trastienda.files.tables.table import FileRefused


class RefusedRow(Struct, frozen=True):
    """A refused row: the line where it begins, the reason in Spanish, and its cells."""

    line: int
    reason: str
    cells: list[str]


class RefusedRows:
    """Refused rows in the order of the file, kept on disk: it may be every row of a
    long file."""

    def __init__(
        self,
        directory: Path,
        name: str = "refused",
    ) -> None:
        self._path = directory / name
        self._file = self._path.open("wb")
        self._count = 0

    def add(
        self,
        line: int,
        reason: str,
        cells: list[str],
    ) -> None:
        """Refuse a row."""
        encodable = [cell.encode("utf-8", "replace").decode() for cell in cells]
        row = RefusedRow(line, reason, encodable)
        self._file.write(msgspec.json.encode(row) + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RefusedRow]:
        self._file.flush()
        decoder = msgspec.json.Decoder(RefusedRow)
        with self._path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_beside(
    path: Path,
    header: tuple[str, ...],
    separator: str,
    decimal_marks: Mapping[int, str | None],
    *refused: RefusedRows,
) -> Path:
    """Write the refused rows to ``FILE.rechazadas.csv``: their columns, line and
    reason.

    ``decimal_marks`` are those of the columns, by position: what proved them stays behind
    in the rows that were taken. Raises FileRefused if that file cannot be written.
    """
    beside = path.with_name(f"{path.name}.rechazadas.csv")
    files = 1
    while os.path.lexists(beside):  # somebody may be mending that one
        files += 1
        beside = path.with_name(f"{path.name}.rechazadas-{files}.csv")
    titles = [guarded(title) for title in header]
    try:
        # Made here and now, for its owner alone: no link that somebody laid is followed.
        with open(
            beside, "x", encoding="utf-8-sig", newline="", opener=_for_its_owner
        ) as file:
            writer = csv.writer(file, delimiter=separator)
            writer.writerow([*titles, *REFUSAL_HEADER])
            for row in heapq.merge(*refused, key=attrgetter("line")):
                cells = []
                for position, cell in enumerate(row.cells):
                    if is_error_word(cell):  # to be mended, and no text
                        cells.append(cell)
                    elif parse_number(cell):  # ``-1`` is a number, and no formula
                        number = as_written(cell)
                        cells.append(_proven(number, decimal_marks.get(position)))
                    else:
                        cells.append(guarded(cell))

                lacking = [""] * (len(header) - len(cells))
                writer.writerow([*cells, *lacking, row.line, guarded(row.reason)])
    except OSError as error:
        raise FileRefused(
            f"No se pueden guardar las filas rechazadas en {beside}: {error.strerror}."
        ) from error
    return beside


def _for_its_owner(
    path: str,
    flags: int,
) -> int:
    return os.open(path, flags, 0o600)


def _proven(
    number: str,
    decimal_mark: str | None,
) -> str:
    """Return a number so that its mark is seen to be one of decimals: ``1.250`` alone may
    be a thousand, and ``1.2500`` may not.
    """
    if decimal_mark is None:
        return number
    whole, mark, decimals = number.rpartition(decimal_mark)
    is_open = mark and len(decimals) == 3 and decimals.isdigit() and len(whole) <= 4
    return f"{number}0" if is_open else number
