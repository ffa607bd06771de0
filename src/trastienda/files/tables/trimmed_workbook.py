"""Spreadsheets of Excel without the blanks that stand far away from their tables.

A space that somebody typed in the last cell of a sheet would have the reader make room
for seventeen thousand million cells.
"""

import re
import zipfile
from collections.abc import Collection
from io import BytesIO

from msgspec import Struct

from trastienda.files.tables.shared_texts import blank_texts
from trastienda.files.tables.zipped_xml import (
    Archive,
    Attributes,
    local_name,
    new_parser,
)

_CELL = re.compile(
    rb'<c\s[^>]*?\br="(?P<letters>[A-Z]+)(?P<line>[0-9]+)"[^>]*?(?:/>|>.*?</c>)',
    re.DOTALL,
)


class _UsedArea(Struct):
    """How far the cells of a sheet reach that are not blank."""

    last_line: int = 0
    letters: frozenset[str] = frozenset()
    """Of the columns."""


def _used_area(
    archive: Archive,
    part: str,
    blanks: frozenset[str],
) -> _UsedArea:
    """Return how far a sheet reaches; ``blanks`` are its blank shared texts."""
    area = _UsedArea()
    letters: set[str] = set()
    cell: Attributes = {}
    texts: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal cell
        if local_name(tag) == "c":
            cell = attributes
            texts.clear()

    def end(tag: str) -> None:
        if local_name(tag) != "c":
            return
        text = "".join(texts).strip()
        is_blank = not text or (cell.get("t") == "s" and text in blanks)
        reference = cell.get("r", "")
        if reference and not is_blank:
            column = reference.rstrip("0123456789")
            letters.add(column)
            area.last_line = max(area.last_line, int(reference[len(column) :]))

    parser = new_parser(
        StartElementHandler=start,
        EndElementHandler=end,
        CharacterDataHandler=texts.append,
    )
    archive.parse(part, parser)
    area.letters = frozenset(letters)
    return area


def trimmed(
    archive: Archive,
    sheet_parts: Collection[str],
) -> BytesIO:
    """Return the archive with these sheets cut down to the cells that are not blank."""
    blanks = blank_texts(archive)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.names:
            content = b"".join(archive.blocks(name))
            if name in sheet_parts:
                area = _used_area(archive, name, blanks)
                content = _without_far_cells(content, area)
            copy.writestr(name, content)
    file.seek(0)
    return file


def _without_far_cells(
    xml: bytes,
    area: _UsedArea,
) -> bytes:
    def keep(cell: re.Match[bytes]) -> bytes:
        is_far = int(cell["line"]) > area.last_line
        if is_far or cell["letters"].decode() not in area.letters:
            return b""
        return cell[0]

    return _CELL.sub(keep, xml)
