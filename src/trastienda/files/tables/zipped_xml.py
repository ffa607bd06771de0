"""XML inside the archive that a spreadsheet is, read piece by piece and within
limits.

Small files can ask for terabytes: whatever is read here is counted first.
"""

import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers import expat

from trastienda.files.tables.table import FileRefused

MAX_EXPANDED_BYTES = 1 << 30
"""Of all parts together; a spreadsheet of 64 MB has some 500 to 900."""
EXPANDED_FREE_BYTES = 32 << 20
MAX_EXPANSION = 64
"""How many times its size a spreadsheet has inside, beyond what each may have. A list of
a hundred thousand products has 8, sales that are all alike 14; what is made to fill the
memory has hundreds."""
MAX_TEXT_BYTES = 1 << 20
"""Without a tag between them; a cell of Excel takes 32,767 characters."""
_BLOCK_BYTES = 1 << 18
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Those of spreadsheets. The others do not come piece by piece."""

Attributes = dict[str, str]


class Archive:
    """The parts of a spreadsheet.

    Raises FileRefused if the file is no archive, or one that expands too much.
    """

    def __init__(self, file: Path | BytesIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise unreadable() from error
        self._parts = {info.filename.lower(): info for info in self._zip.infolist()}
        if isinstance(file, Path):
            self._file_bytes = file.stat().st_size
        else:
            self._file_bytes = file.getbuffer().nbytes

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The names of the parts."""
        return self._zip.namelist()

    def has(self, name: str) -> bool:
        """Tell whether there is a part of that name."""
        return name.lower() in self._parts

    def check_size(self) -> None:
        """Refuse an archive whose parts would fill the memory, whatever it says of
        their sizes."""
        allowed_bytes = EXPANDED_FREE_BYTES + MAX_EXPANSION * self._file_bytes
        left_bytes = min(MAX_EXPANDED_BYTES, allowed_bytes)
        for info in self._zip.infolist():
            is_xml = info.filename.lower().endswith(".xml")
            text_bytes = 0
            for block in self._blocks(info):
                left_bytes -= len(block)
                if left_bytes < 0:
                    raise FileRefused(
                        "La planilla es demasiado grande por dentro; guárdala como CSV."
                    )
                text_bytes = 0 if b"<" in block else text_bytes + len(block)
                if text_bytes > MAX_TEXT_BYTES and is_xml:
                    raise FileRefused(
                        "La planilla tiene un texto demasiado largo en una celda; "
                        "bórralo y guárdala de nuevo."
                    )

    def parse(
        self,
        name: str,
        parser: expat.XMLParserType,
    ) -> None:
        """Parse a part, which has to be there."""
        try:
            for block in self.blocks(name):
                parser.Parse(block, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise unreadable() from error

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part, which has to be there, piece by piece."""
        return self._blocks(self._parts[name.lower()])

    def _blocks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        # An archive may say less of a part than it has. The reader of zipfile would
        # believe it and stop there; the one of the spreadsheet would not.
        if info.compress_type not in _PACKINGS:
            raise unreadable()
        whole_part = copy(info)
        whole_part.file_size = MAX_EXPANDED_BYTES + 1
        try:
            with self._zip.open(whole_part) as part:
                while block := part.read(_BLOCK_BYTES):
                    yield block
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError) as error:
            raise unreadable() from error


def local_name(tag: str) -> str:
    """Return a name of XML without its prefix."""
    return tag.rpartition(":")[2]


def unreadable() -> FileRefused:
    """Return the refusal of a damaged spreadsheet."""
    return FileRefused(
        "No es una planilla legible; ábrela en Excel o LibreOffice y guárdala de nuevo."
    )


def new_parser(**handlers: Any) -> expat.XMLParserType:
    """Return a parser of XML that takes no document type, and so no entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*declaration: object) -> None:
        raise unreadable()

    parser.StartDoctypeDeclHandler = refuse
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    return parser
