"""Tables in files of any kind: a header, and rows that come as a stream with their lines."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from trastienda.domain.text import fold
from trastienda.files.cells.fields import BadCell

Progress = Callable[[int, int], None]
"""Told ``(done, in all)``, in bytes or rows."""
Names = Mapping[str, tuple[str, ...]]
"""For each field the headers that name it, folded, the best first."""
Row = tuple[int, list[str] | BadCell]
"""The line where a row begins, and its cells or why it has none."""

HEADER_WITHIN = 10
"""Rows: titles and blanks may stand above the header, a page of text may not."""
_NOT_A_WORD = re.compile(r"[^a-z0-9]")


class FileRefused(Exception):
    """The file as a whole cannot be taken; the text says why, in Spanish."""


def header_key(header: str) -> str:
    """Return what two spellings of one header share: accents, case, spaces and signs do not matter."""
    return _NOT_A_WORD.sub("", fold(header))


def quoted(headers: Sequence[str]) -> str:
    """Return headers as they stand in a sentence, without blank ones."""
    return ", ".join(
        f"«{' '.join(header.split())}»" for header in headers if header.strip()
    )


class Table(ABC):
    """A file found to be a table. ``size`` is what its progress is told in; ``remarks`` what was odd about it."""

    def __init__(
        self, path: Path, header: Sequence[str], size: int, separator: str = ";"
    ) -> None:
        self.path = path
        self.header = tuple(header)
        self.size = size
        self.separator = separator
        self.remarks: list[str] = []

    @abstractmethod
    def rows(self, tell: Callable[[int], None] = lambda done: None) -> Iterator[Row]:
        """Yield the rows below the header, without blank ones; may be called again.

        Short rows are filled up, longer ones left as they are. ``tell`` hears now and then how much was read.
        """

    def filled(self, cells: list[str]) -> list[str] | None:
        """Return the cells, as many as the header has or more; None for a blank row."""
        if not any(cells) or not any(map(str.strip, cells)):
            return None
        if len(cells) < len(self.header):
            cells += [""] * (len(self.header) - len(cells))
        return cells


def check_width(table: Table, cells: list[str] | BadCell) -> list[str]:
    """Return the cells; raise BadCell for a row that does not have the header's columns."""
    if isinstance(cells, BadCell):
        raise cells
    if len(cells) > len(table.header) and any(cells[len(table.header) :]):
        raise BadCell(
            f"tiene {len(cells)} columnas y el encabezado {len(table.header)}"
        )
    return cells


def find_header(
    records: Sequence[list[str]], known: frozenset[str]
) -> tuple[tuple[int, int], int]:
    """Return how well the best header fits, and its place among the records.

    It fits the better the more of its cells are ``known``, and the more rows below it are as long; ``(0, 0)`` is none.
    """
    best = (0, 0), 0
    for place, cells in enumerate(records[:HEADER_WITHIN]):
        matching = sum(header_key(cell) in known for cell in cells)
        alike = sum(len(row) == len(cells) for row in records[place:])
        if matching and (matching, alike) > best[0]:
            best = (matching, alike), place
    return best
