"""A table in a file of any kind: a header, and rows that are read one after the
other."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from trastienda.domain.text import fold
from trastienda.files.cells.fields import BadCell

ReportDone = Callable[[int], None]
"""Shows how much of a table's ``size`` is read."""

HEADER_WITHIN = 10
"""Rows: titles and blanks may stand above the header, a page of text may not."""
_NOT_A_WORD = re.compile(r"[^a-z0-9]")


class FileRefused(Exception):
    """The file as a whole cannot be taken; the text says why, in Spanish."""


class Row(Struct, frozen=True):
    """A row: the line where it begins, its cells, and for an unreadable one the problem
    with it."""

    line: int
    cells: list[str]
    problem: str | None = None


def header_key(header: str) -> str:
    """Return a header without accents, case, spaces and signs, to compare spellings of
    it."""
    return _NOT_A_WORD.sub("", fold(header))


def quoted(headers: Sequence[str]) -> str:
    """Return headers as they stand in a sentence, without blank ones."""
    one_line = (" ".join(header.split()) for header in headers)
    return ", ".join(f"«{header}»" for header in one_line if header)


def report_nothing(done: int) -> None:
    """Show no progress."""


class Table(ABC):
    """A table in a file.

    ``size`` is the total of its progress, in bytes or rows; ``remarks`` say what was
    odd about the file, in Spanish.
    """

    def __init__(
        self,
        path: Path,
        header: Sequence[str],
        size: int,
        separator: str = ";",
    ) -> None:
        self.path = path
        self.header = tuple(header)
        self.size = size
        self.separator = separator
        self.remarks: list[str] = []

    @abstractmethod
    def rows(self, report: ReportDone = report_nothing) -> Iterator[Row]:
        """Yield the rows below the header, without blank ones; may be called again.

        Short rows are filled up, longer ones left as they are.
        """

    def row(
        self,
        line: int,
        cells: list[str],
    ) -> Row | None:
        """Return the row of these cells, at least as wide as the header; None for a
        blank row."""
        if not any(cells) or not any(map(str.strip, cells)):
            return None
        lacking = len(self.header) - len(cells)
        if lacking > 0:
            cells += [""] * lacking
        return Row(line, cells)

    def cells_of(self, row: Row) -> list[str]:
        """Return the cells; raise BadCell for an unreadable row or one wider than the
        header."""
        if row.problem is not None:
            raise BadCell(row.problem)
        cells = row.cells
        width = len(self.header)
        if len(cells) > width and any(cells[width:]):
            raise BadCell(f"tiene {len(cells)} columnas y el encabezado {width}")
        return cells


class HeaderMatch(Struct, frozen=True):
    """The record that fits best as a header.

    ``known_cells`` of it are known headers (0: there is no header), and
    ``similar_rows``, itself among them, have the same width.
    """

    known_cells: int = 0
    similar_rows: int = 0
    position: int = 0

    def fits_better_than(self, other: "HeaderMatch") -> bool:
        """Tell whether more cells are known, or as many and more rows are similar."""
        fit = (self.known_cells, self.similar_rows)
        return fit > (other.known_cells, other.similar_rows)


def find_header(
    records: Sequence[list[str]],
    known: frozenset[str],
) -> HeaderMatch:
    """Return the best header among the first records; ``known`` are keys of headers."""
    best = HeaderMatch()
    for position, cells in enumerate(records[:HEADER_WITHIN]):
        known_cells = sum(header_key(cell) in known for cell in cells)
        similar_rows = sum(len(row) == len(cells) for row in records[position:])
        match = HeaderMatch(known_cells, similar_rows, position)
        if known_cells and match.fits_better_than(best):
            best = match
    return best
