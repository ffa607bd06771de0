"""Errors and formulas without a result in spreadsheets of Excel (.xlsx)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from trastienda.files.tables.shared_texts import longest_bytes, text_lengths
from trastienda.files.tables.sheet_faults import (
    MAX_CELLS,
    MAX_CHARACTERS,
    SheetFaults,
)
from trastienda.files.tables.table import NO_RESULT
from trastienda.files.tables.zipped_xml import (
    Archive,
    Attributes,
    local_name,
    new_parser,
)

_DIGITS = "0123456789"
_SIGNS_OF_FAULTS = (b'"e"', b"'e'", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")
"""Of the type of an error, and of a formula. To look for plain bytes is the fastest."""
_CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"')
_LINE = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,7})"')
_OTHER_CELL = re.compile(rb':c[\s/>]|<c(?:[/>]|\s(?!r="[A-Z]{1,3}[0-9]{1,7}"))')
"""Cells need not say where they are; XML may be written otherwise."""
_KINDS_LOOKED_AT = {"e", "s"}
"""Errors, and shared texts by their numbers."""
_LONGEST_NUMBER = 18


def find_excel_faults(archive: Archive) -> dict[str, SheetFaults]:
    """Return the faults of each sheet by its name; nothing for what is not of Excel."""
    for relation in _relations(archive, PurePosixPath("/")).values():
        if relation.kind == "officeDocument" and archive.has(relation.target):
            return _read_workbook(archive, relation.target)
    return {}


class _Relation(Struct, frozen=True):
    """What another part is to a part of Excel, and the name of that other part."""

    kind: str
    target: str


def _relations(
    archive: Archive,
    part: PurePosixPath,
) -> dict[str, _Relation]:
    """Return the relations of a part by their ids; those of ``/`` are the archive's."""
    relations: dict[str, _Relation] = {}

    def see(tag: str, attributes: Attributes) -> None:
        if local_name(tag) == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            # Relative to the folder of the part, unless it begins with a slash.
            target = part.parent / attributes.get("Target", "")
            relation = _Relation(kind, str(target).lstrip("/"))
            relations[attributes.get("Id", "")] = relation

    name = str(part.parent / "_rels" / f"{part.name}.rels").lstrip("/")
    if archive.has(name):
        archive.parse(name, new_parser(StartElementHandler=see))
    return relations


def _read_workbook(
    archive: Archive,
    workbook: str,
) -> dict[str, SheetFaults]:
    ids_by_name: dict[str, str] = {}
    never_calculated = False

    def see(tag: str, attributes: Attributes) -> None:
        nonlocal never_calculated
        match local_name(tag):
            case "sheet":
                by_word = {local_name(word): text for word, text in attributes.items()}
                ids_by_name[by_word.get("name", "")] = by_word.get("id", "")
            case "calcPr":
                asked = attributes.get("fullCalcOnLoad", "")
                never_calculated = asked in {"1", "true"}

    archive.parse(workbook, new_parser(StartElementHandler=see))
    relations = _relations(archive, PurePosixPath("/", workbook))
    longest_text = longest_bytes(archive)
    faults = {}
    for name, sheet_id in ids_by_name.items():
        relation = relations.get(sheet_id)
        part = relation.target if relation else ""
        if not archive.has(part):
            continue
        if _looks_harmless(archive, part, longest_text):
            faults[name] = SheetFaults()
        else:
            sheet = _WorkbookSheet(text_lengths(archive), never_calculated)
            faults[name] = sheet.read(archive, part)
            faults[name].part = part
    return faults


def _looks_harmless(
    archive: Archive,
    part: str,
    longest_text: int,
) -> bool:
    """Tell at a glance that a sheet has neither errors nor formulas, and fits.

    To read it as XML costs five times as much, and most long sheets need it not.
    """
    last_line = 0
    columns: set[bytes] = set()
    count = 0
    cut_tag = b""
    for block in archive.blocks(part):
        # A tag may stand across two blocks.
        xml = cut_tag + block
        last_tag = xml.rfind(b"<")
        xml, cut_tag = xml[:last_tag], xml[last_tag:]
        if _OTHER_CELL.search(xml) or any(sign in xml for sign in _SIGNS_OF_FAULTS):
            return False
        cells = _CELL.findall(xml)
        count += len(cells)
        columns.update(cells)
        last_line = max(last_line, *map(int, set(_LINE.findall(xml))), 0)

    if not columns:
        return False
    width = 1 + max(_position(letters.decode()) for letters in columns)
    fits = last_line * width <= MAX_CELLS
    return fits and count * longest_text <= MAX_CHARACTERS


@lru_cache(maxsize=1024)
def _position(letters: str) -> int:
    """Return the position of a column by its letters."""
    if not letters.isalpha():
        raise ValueError(letters)
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


class _WorkbookSheet:
    """Looks at the cells of a sheet of Excel, one after the other."""

    def __init__(
        self,
        text_lengths: Sequence[int],
        never_calculated: bool,
    ) -> None:
        self._text_lengths = text_lengths
        """Of the shared texts, which cells name by their numbers."""
        self._never_calculated = never_calculated
        """Programs that write formulas put a 0 where the result is to stand, and ask
        for the results to be worked out."""
        self._faults = SheetFaults()
        self._parser = new_parser(StartElementHandler=self._start)
        self._line = 0
        self._column = -1
        self._kind = ""
        self._has_formula = False
        self._value: list[str] = []

    def read(
        self,
        archive: Archive,
        part: str,
    ) -> SheetFaults:
        archive.parse(part, self._parser)
        self._finish_cell()
        return self._faults

    def _start(self, tag: str, attributes: Attributes) -> None:
        match tag if ":" not in tag else local_name(tag):
            case "c":
                self._finish_cell()
                reference = attributes.get("r")
                self._column += 1
                if reference:
                    letters = reference.rstrip(_DIGITS)
                    self._column = _position(letters)
                    self._line = int(reference[len(letters) :])
                self._kind = attributes.get("t", "")
            case "row":
                self._finish_cell()
                self._line = int(attributes.get("r", self._line + 1))
                self._column = -1
            case "f":
                self._has_formula = True
            case "v" | "is":
                faults = self._faults
                faults.last_line = max(faults.last_line, self._line)
                faults.width = max(faults.width, self._column + 1)
                # Only of these the text is looked at; it costs as much as the rest.
                if self._has_formula or self._kind in _KINDS_LOOKED_AT:
                    self._parser.CharacterDataHandler = self._value.append

    def _finish_cell(self) -> None:
        """Note the fault and the shared text of the cell behind which another begins."""
        if not self._has_formula and self._kind not in _KINDS_LOOKED_AT:
            return

        value = "".join(self._value).strip()
        if self._kind == "s" and value.isdecimal():
            number = int(value[:_LONGEST_NUMBER])
            self._faults.characters += sum(self._text_lengths[number : number + 1])
        elif self._kind == "e":
            self._faults.add(self._line, self._column, value or "#N/A")
        elif self._has_formula and self._lacks_result(value):
            self._faults.add(self._line, self._column, NO_RESULT)
        self._parser.CharacterDataHandler = None
        self._value.clear()
        self._has_formula = False
        self._kind = ""

    def _lacks_result(self, value: str) -> bool:
        if self._kind == "str":
            # A formula may come to an empty text.
            return False
        return not value or (value == "0" and self._never_calculated)
