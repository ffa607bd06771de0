"""Cells of a spreadsheet that are merged downwards: their value is that of all their
rows, and stands only in the first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from trastienda.files.tables.table import quoted

Corner = tuple[int, int]
"""A cell by its row and column."""


class MergedRange(Struct, frozen=True):
    """The rows that a value in a column stands for."""

    column: int
    first_row: int
    last_row: int


def merged_downwards(
    ranges: Iterable[tuple[Corner, Corner]],
    header_row: int,
) -> list[MergedRange]:
    """Return the ranges below the header that have several rows, by their corners."""
    downwards = []
    for (first_row, column), (last_row, _) in ranges:
        if last_row > first_row > header_row:
            downwards.append(MergedRange(column, first_row, last_row))
    return downwards


def merged_remarks(
    header: Sequence[str],
    ranges: Iterable[MergedRange],
) -> list[str]:
    """Return what to say of a sheet with such ranges."""
    columns = sorted({merged.column for merged in ranges})
    headers = quoted([header[column] for column in columns if column < len(header)])
    if not headers:
        return []
    remark = (
        "Hay celdas combinadas hacia abajo: su valor se tomó para cada una de sus "
        f"filas, en {headers}"
    )
    return [remark]


class MergedCells:
    """Fills the cells below the first ones of merged ranges, row by row."""

    def __init__(self, ranges: Iterable[MergedRange]) -> None:
        self._starting: dict[int, list[MergedRange]] = defaultdict(list)
        for merged in ranges:
            self._starting[merged.first_row].append(merged)
        self._values: dict[MergedRange, str] = {}
        """Of the ranges that go on."""

    def fill(
        self,
        row: int,
        texts: list[str],
    ) -> None:
        """Fill the cells of the next row; one without a value of its own stays blank."""
        has_values = any(texts)
        for merged, text in list(self._values.items()):
            if row > merged.last_row:
                del self._values[merged]
            elif has_values:
                texts += [""] * (merged.column + 1 - len(texts))
                texts[merged.column] = texts[merged.column] or text

        for merged in self._starting.get(row, ()):
            if merged.column < len(texts):
                self._values[merged] = texts[merged.column]
