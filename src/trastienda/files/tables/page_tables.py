"""The tables of a web page."""

import re
from html.parser import HTMLParser

from trastienda.files.cells.numbers import parse_number, render_typed_float
from trastienda.files.tables.sheet_choice import HeldSheet
from trastienda.files.tables.sheet_faults import MAX_CELLS
from trastienda.files.tables.table import FileRefused

_MAX_SPAN = 1000
"""Columns or rows of one cell; browsers take no more either."""
_ROUNDED = re.compile(r"[0-9][.,0-9]*E\+[0-9]+")
_SILENT = frozenset(("script", "style"))
_BREAKS = frozenset(("br", "p", "div", "li"))
"""What begins a new line in a cell."""


def page_tables(text: str) -> list[HeldSheet]:
    """Return the tables of a page that hold anything, each as a sheet.

    Raises FileRefused for one with too many cells.
    """
    page = _Page()
    page.feed(text)
    page.close()
    page.finish()
    return [sheet for sheet in page.sheets if sheet.rows]


class _OpenTable:
    """A table while its cells come in."""

    def __init__(self, sheet: HeldSheet) -> None:
        self.sheet = sheet
        self.cell: list[str] | None = None
        self._typed_number: str | None = None
        self._spans = (1, 1)
        self._row: list[str] | None = None
        self._line = 0
        self._reserved: dict[int, int] = {}
        """How many rows more a cell from above takes of a column."""

    def begin_row(self) -> None:
        self.end_row()
        self._row = []
        self._line += 1

    def begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if self._row is None:
            self.begin_row()
        self.cell = []
        self._typed_number = attributes.get("x:num")
        self._spans = (
            _span(attributes.get("colspan")),
            _span(attributes.get("rowspan")),
        )

    def end_cell(self) -> int:
        """Put the cell into its row; return how many columns it takes."""
        if self.cell is None or self._row is None:
            return 0

        row = self._row
        first_length = len(row)
        while self._reserved.get(len(row)):
            row.append("")
        words = "".join(self.cell).split()
        text = _exact(" ".join(words), self._typed_number)
        columns, rows = self._spans
        for position in range(len(row), len(row) + columns):
            if rows > 1:
                # This row is one of them; it is taken off when the row ends.
                self._reserved[position] = rows
        row += [text, *[""] * (columns - 1)]
        self.cell = None
        return len(row) - first_length

    def end_row(self) -> None:
        self.end_cell()
        if self._row is None:
            return
        if any(self._row):
            self.sheet.rows.append((self._line, self._row))
        self._row = None
        still_reserved = {}
        for position, rows in self._reserved.items():
            if rows > 1:
                still_reserved[position] = rows - 1
        self._reserved = still_reserved


class _Page(HTMLParser):
    """Collects the tables of a page; a table within a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[HeldSheet] = []
        self._open: list[_OpenTable] = []
        self._silent = 0
        self._cells = 0

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],
    ) -> None:
        """Begin a table, a row or a cell; ends may be left out."""
        if tag in _SILENT:
            self._silent += 1
        if tag == "table":
            sheet = HeldSheet(f"tabla {len(self.sheets) + 1}")
            self.sheets.append(sheet)
            self._open.append(_OpenTable(sheet))
        if not self._open:
            return

        table = self._open[-1]
        if tag == "tr":
            self._count(table.end_cell())
            table.begin_row()
        elif tag in {"td", "th"}:
            self._count(table.end_cell())
            table.begin_cell(dict(attrs))
        elif tag in _BREAKS and table.cell is not None:
            table.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if not self._open:
            return

        table = self._open[-1]
        if tag in {"td", "th", "tr", "table"}:
            self._count(table.end_cell())
        if tag in {"tr", "table"}:
            table.end_row()
        if tag == "table":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add to the text of the cell."""
        if self._open and not self._silent:
            cell = self._open[-1].cell
            if cell is not None:
                cell.append(data)

    def finish(self) -> None:
        """End the tables that the page leaves open."""
        while self._open:
            self.handle_endtag("table")

    def _count(self, columns: int) -> None:
        self._cells += columns
        if self._cells > MAX_CELLS:
            raise FileRefused("La tabla es demasiado grande; guárdala como CSV.")


def _span(text: str | None) -> int:
    if text is None or not re.fullmatch("[0-9]{1,6}", text.strip()):
        return 1
    return min(max(int(text), 1), _MAX_SPAN)


def _exact(
    text: str,
    typed_number: str | None,
) -> str:
    """Return the number of a cell as Excel keeps it in its pages, where the text shows
    less of it."""
    if not typed_number:
        return text
    if parse_number(text) is None and not _ROUNDED.fullmatch(text):
        # A day or a percentage, which is a number only inside.
        return text
    try:
        return render_typed_float(float(typed_number))
    except (ValueError, ArithmeticError):
        return text
