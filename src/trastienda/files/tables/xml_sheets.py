"""The sheets of a spreadsheet in XML, as Excel 2003 wrote it and many programs still
do."""

import re
from datetime import datetime
from xml.parsers import expat

from trastienda.files.cells.dates import render_typed_date
from trastienda.files.cells.numbers import render_typed_float
from trastienda.files.tables.sheet_choice import HeldSheet
from trastienda.files.tables.sheet_faults import MAX_CELLS
from trastienda.files.tables.table import NO_RESULT, FileRefused
from trastienda.files.tables.zipped_xml import (
    Attributes,
    local_name,
    new_parser,
    unreadable,
)

_DECLARATION = re.compile(r"<\?xml[^>]*\?>\s*")
_MAX_LINE, _MAX_COLUMN = 1_048_576, 16_384
"""All that a sheet has."""
_FIRST_YEAR = 1900
"""Earlier ones are those of a time without a day."""


def xml_sheets(text: str) -> list[HeldSheet]:
    """Return the sheets of a workbook.

    Raises FileRefused for one that cannot be read or has too many cells.
    """
    reader = _Workbook()
    parser = new_parser(
        StartElementHandler=reader.start,
        EndElementHandler=reader.end,
        CharacterDataHandler=reader.characters,
    )
    try:
        # The text is decoded; what it says of its encoding is no longer so.
        parser.Parse(_DECLARATION.sub("", text, count=1), True)
    except (expat.ExpatError, ValueError) as error:
        raise unreadable() from error
    return reader.sheets


class _Workbook:
    """Puts the cells into the rows of their sheets as they come."""

    def __init__(self) -> None:
        self.sheets: list[HeldSheet] = []
        self._row: list[str] = []
        self._line = 0
        self._next_line = 1
        self._next_column = 0
        self._column = 0
        self._has_formula = False
        self._kind = ""
        self._text: list[str] | None = None
        self._value: str | None = None
        self._in_comment = False
        self._in_options = False
        self._cells = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """Begin a sheet, a row, a cell, or what is in it."""
        words = {local_name(word): text for word, text in attributes.items()}
        match local_name(tag):
            case "Worksheet":
                name = words.get("Name", f"Hoja {len(self.sheets) + 1}")
                self.sheets.append(HeldSheet(name))
                self._next_line = 1
            case "Row":
                self._line = int(words.get("Index", self._next_line))
                self._next_line = self._line + 1 + int(words.get("Span", "0"))
                self._row = []
                self._next_column = 0
            case "Cell":
                index = words.get("Index")
                self._column = int(index) - 1 if index else self._next_column
                self._next_column = (
                    self._column + 1 + int(words.get("MergeAcross", "0"))
                )
                self._has_formula = "Formula" in words
                self._value = None
            case "Comment":
                self._in_comment = True
            case "Data" if not self._in_comment:
                self._kind = words.get("Type", "String")
                self._text = []
            case "Visible" if self.sheets:
                self._text = []

    def characters(self, text: str) -> None:
        """Add to the text that is open."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """Finish what was begun."""
        match local_name(tag):
            case "Data" if self._text is not None:
                self._value = _text_of("".join(self._text), self._kind)
                self._text = None
            case "Comment":
                self._in_comment = False
            case "Cell":
                self._finish_cell()
            case "Row":
                if self._row and self.sheets:
                    self.sheets[-1].rows.append((self._line, self._row))
            case "Visible" if self._text is not None:
                self.sheets[-1].is_visible = "".join(self._text) == "SheetVisible"
                self._text = None

    def _finish_cell(self) -> None:
        if not self.sheets:
            return
        if self._value is None and self._has_formula:
            line_faults = self.sheets[-1].faults.setdefault(self._line, {})
            line_faults[self._column] = NO_RESULT
        if not self._value and not self._has_formula:
            return

        blanks = self._column - len(self._row)
        self._cells += blanks + 1
        if not 0 < self._line <= _MAX_LINE or not 0 <= blanks <= _MAX_COLUMN:
            raise unreadable()
        if self._cells > MAX_CELLS:
            raise FileRefused("La planilla es demasiado grande; guárdala como CSV.")
        self._row += [""] * blanks
        self._row.append(self._value or "")


def _text_of(
    text: str,
    kind: str,
) -> str:
    """Return the value of a cell as a text that is parsed the same in every file."""
    match kind:
        case "Number":
            return render_typed_float(float(text))
        case "Boolean":
            return "si" if text.strip() == "1" else "no"
        case "DateTime":
            moment = datetime.fromisoformat(text.strip())
            if moment.year < _FIRST_YEAR:
                return moment.time().isoformat()
            return render_typed_date(moment)
    return text
