"""The rows of a file that cannot be taken: kept aside with their reason, and written beside the file."""

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from trastienda.files.cells.formulas import guarded
from trastienda.files.cells.numbers import numeral, shown
from trastienda.files.tables.table import FileRefused

SUFFIX = ".rechazadas.csv"


class Refused(Struct, frozen=True):
    """A row that cannot be taken: the line where it begins, why, and what stands in it."""

    line: int
    reason: str
    cells: list[str]


class RefusedRows:
    """Refused rows in the order of the file, held on the disk: there may be as many of them as rows."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "refused"
        self._file = self._path.open("wb")
        self._count = 0

    def add(self, line: int, reason: str, cells: list[str]) -> None:
        """Put a row aside."""
        tidy = [cell.encode("utf-8", "replace").decode() for cell in cells]
        self._file.write(msgspec.json.encode(Refused(line, reason, tidy)) + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Refused]:
        self._file.flush()
        decode = msgspec.json.Decoder(Refused).decode
        with self._path.open("rb") as file:
            yield from map(decode, file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _harmless(cell: str) -> str:
    """Return a cell as people write it; ``-1`` is a number, and only a spreadsheet would take ``-1+1`` for one."""
    return shown(cell) if numeral(cell) else guarded(cell)


def write_beside(
    path: Path, header: tuple[str, ...], separator: str, refused: RefusedRows
) -> Path:
    """Write the refused rows to ``FILE.rechazadas.csv`` with the columns they had, their line and the reason.

    Raises FileRefused where that cannot be written.
    """
    beside = path.with_name(path.name + SUFFIX)
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=separator)
            writer.writerow(
                (*map(guarded, header), "linea_rechazada", "motivo_rechazo")
            )
            for row in refused:
                cells = (row.cells + [""] * len(header))[
                    : max(len(header), len(row.cells))
                ]
                writer.writerow((*map(_harmless, cells), row.line, guarded(row.reason)))
    except OSError as error:
        raise FileRefused(
            f"No se pueden guardar las filas rechazadas en {beside}: {error.strerror}."
        ) from error
    return beside
