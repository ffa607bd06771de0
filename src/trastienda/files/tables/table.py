"""A table in a file of any kind: a header, and rows that are read one after the
other."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from trastienda.domain.text import fold
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.formulas import is_error_word

ReportDone = Callable[[int], None]
"""Shows how much of a table's ``size`` is read."""

HEADER_WITHIN = 10
"""Rows: titles and blanks may stand above the header, a page of text may not."""
NO_RESULT = ""
"""The fault of a cell with a formula that nobody has worked out; that of any other cell
is the error that it shows."""
_NO_FAULTS: Mapping[int, str] = MappingProxyType({})
_NOT_A_WORD = re.compile(r"[^a-z0-9]")


class FileRefused(Exception):
    """The file as a whole cannot be taken; the text says why, in Spanish."""


class Row(Struct, frozen=True):
    """A row: the line where it begins, its cells, and the problem if it is unreadable.

    ``faults`` are those of its cells that have no value, by position.
    """

    line: int
    cells: list[str]
    problem: str | None = None
    faults: Mapping[int, str] = _NO_FAULTS


def cell_name(
    line: int,
    position: int,
) -> str:
    """Return the name of a cell as a spreadsheet has it, like ``B2``."""
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line}"


def header_key(header: str) -> str:
    """Return a header without accents, case, spaces and signs, to compare spellings of
    it."""
    plain_header = fold(header)
    return _NOT_A_WORD.sub("", plain_header)


def quoted(headers: Sequence[str]) -> str:
    """Return headers as they stand in a sentence, without blank ones."""
    quotes = []
    for header in headers:
        # A header may hold line breaks, a sentence may not.
        one_line = " ".join(header.split())
        if one_line:
            quotes.append(f"«{one_line}»")
    return ", ".join(quotes)


def ignore_progress(done: int) -> None:
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
        self._used_positions: Collection[int] = range(len(self.header))

    def use(self, positions: Collection[int]) -> None:
        """Take only these columns; a fault in another one does not matter."""
        self._used_positions = frozenset(positions)

    @abstractmethod
    def rows(self, report: ReportDone = ignore_progress) -> Iterator[Row]:
        """Yield the rows below the header, without blank ones; may be called again.

        Short rows are filled up, longer ones left as they are.
        """

    def row(
        self,
        line: int,
        cells: list[str],
        faults: Mapping[int, str] | None = None,
    ) -> Row | None:
        """Return the row of these cells, filled up to the header; None for a blank row.

        ``faults`` are those of its cells that have no value, by position.
        """
        # The first test is the cheap one; a cell of spaces is rare.
        if not faults and (not any(cells) or not any(map(str.strip, cells))):
            return None

        lacking_cells = len(self.header) - len(cells)
        if lacking_cells > 0:
            cells += [""] * lacking_cells
        return Row(line, cells, faults=faults or _NO_FAULTS)

    def cells_of(self, row: Row) -> list[str]:
        """Return the cells of a row.

        Raises BadCell for an unreadable row, or one wider than the header.
        """
        if row.problem is not None:
            raise BadCell(row.problem)

        cells = row.cells
        width = len(self.header)
        if len(cells) > width and any(cells[width:]):
            raise BadCell(f"tiene {len(cells)} columnas y el encabezado {width}")
        if row.faults:
            self._refuse_faults(row)
        return cells

    def _refuse_faults(self, row: Row) -> None:
        reasons = []
        for position, fault in sorted(row.faults.items()):
            if position not in self._used_positions:
                continue
            name = cell_name(row.line, position)
            if fault == NO_RESULT:
                fault = "una fórmula sin resultado guardado"
            reasons.append(f"la celda {name} es {fault}")
        if not reasons:
            return

        if NO_RESULT in row.faults.values():
            reasons.append(
                "abre la planilla en Excel o LibreOffice y guárdala de nuevo"
            )
        raise BadCell("; ".join(reasons))


def error_words(cells: Sequence[str]) -> Mapping[int, str]:
    """Return the errors that stand in cells as texts, by position."""
    # Hardly any row has one of these, and this is the cheap test.
    text = "\n".join(cells)
    if "#" not in text and "Err:" not in text:
        return _NO_FAULTS

    errors = {}
    for position, cell in enumerate(cells):
        word = cell.strip()
        if is_error_word(word):
            errors[position] = word
    return errors


class HeaderMatch(Struct, frozen=True):
    """The header that fits best.

    ``known_cells`` of it are known headers (0: there is no header), and
    ``similar_rows``, itself among them, have the same width. ``position`` is that of
    its last row.
    """

    header: list[str] = []
    known_cells: int = 0
    similar_rows: int = 0
    position: int = 0

    def fits_better_than(self, other: "HeaderMatch") -> bool:
        """Tell whether more cells are known, or as many and more rows are similar."""
        own_fit = (self.known_cells, self.similar_rows)
        other_fit = (other.known_cells, other.similar_rows)
        return own_fit > other_fit


def find_header(
    records: Sequence[list[str]],
    known_headers: Container[str],
) -> HeaderMatch:
    """Return the best header among the first records of a file.

    ``known_headers`` tell whether a cell names a column. A header may have two rows,
    ``Precio`` over ``Costo`` and ``Venta``.
    """
    best_match = HeaderMatch()
    for position, cells in enumerate(records[:HEADER_WITHIN]):
        # Titles and blanks above the header are of another width than the rows below.
        similar_rows = 0
        for record in records[position:]:
            similar_rows += len(record) == len(cells)

        headers = [cells]
        if position:
            headers.append(_joined(records[position - 1], cells, known_headers))
        for header in headers:
            known_cells = 0
            for cell in header:
                known_cells += cell in known_headers
            match = HeaderMatch(header, known_cells, similar_rows, position)
            if known_cells and match.fits_better_than(best_match):
                best_match = match
    return best_match


def _joined(
    upper: Sequence[str],
    lower: Sequence[str],
    known_headers: Container[str],
) -> list[str]:
    """Return the header that two rows make: each lower cell with the one above it, or
    with the last one before that, as of merged cells."""
    width = max(len(upper), len(lower))
    header = []
    group = ""
    for position in range(width):
        above = upper[position].strip() if position < len(upper) else ""
        below = lower[position].strip() if position < len(lower) else ""
        group = above or group
        together = f"{group} {below}".strip()
        if not below:
            header.append(above)
        elif together in known_headers:
            header.append(together)
        else:
            header.append(below)
    return header
