"""Tables in text files: encoding, separator and header are found out, rows come as a stream with their lines."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from msgspec import Struct

from trastienda.domain.text import fold
from trastienda.wire.cells import BadCell

Progress = Callable[[int, int], None]
"""Told ``(bytes done, bytes in all)``."""
Names = Mapping[str, tuple[str, ...]]
"""For each field the headers that name it, folded, the best first."""

SAMPLE_CHARACTERS = 65536
HEADER_WITHIN = 10
"""Rows: titles and blanks may stand above the header, a page of text may not."""
_BLOCK_BYTES = 1 << 20
_ROWS_A_TELLING = 2048
_SEPARATORS = ",;\t|"
_NOT_A_WORD = re.compile(r"[^a-z0-9]")
_SURROGATES = re.compile("[\udc80-\udcff]")


class FileRefused(Exception):
    """The file as a whole cannot be taken; the text says why, in Spanish."""


def header_key(header: str) -> str:
    """Return what two spellings of one header share: accents, case, spaces and signs do not matter."""
    return _NOT_A_WORD.sub("", fold(header))


class Table(Struct, frozen=True):
    """A text file found to be a table. ``header_record`` is the header's place among the file's records."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_record: int
    size_bytes: int

    def columns(self, names: Names) -> dict[str, int]:
        """Return which column holds each field; raise FileRefused where two say that they do."""
        keys = [header_key(cell) for cell in self.header]
        found = {}
        for field, known in names.items():
            name = next((name for name in known if name in keys), None)
            if name is None:
                continue
            if keys.count(name) > 1:
                raise FileRefused(f"La columna «{self.header[keys.index(name)]}» está repetida.")
            found[field] = keys.index(name)
        return found

    def rows(self, tell: Callable[[int], None] = lambda done_bytes: None) -> Iterator[tuple[int, list[str] | None]]:
        """Yield ``(line where the row begins, its cells)`` below the header, without blank rows.

        Cells are None where a row cannot be told from the next: a quote that is never closed. Short rows are filled
        up, longer ones left as they are. ``tell`` hears now and then how many bytes were read.
        """
        width = len(self.header)
        with self.path.open("rb") as raw, _text(raw, self.encoding) as text:
            for count, (line, cells) in enumerate(_records(text, self.separator)):
                if count % _ROWS_A_TELLING == 0:
                    tell(raw.tell())
                if count <= self.header_record:
                    continue
                if cells is not None:
                    if not any(cells) or not any(map(str.strip, cells)):
                        continue
                    if len(cells) < width:
                        cells += [""] * (width - len(cells))
                yield line, cells
        tell(self.size_bytes)


def check_width(table: Table, cells: list[str] | None) -> list[str]:
    """Return the cells; raise BadCell for a row that does not have the header's columns."""
    if cells is None:
        raise BadCell("comillas sin cerrar, o una celda de más de 131072 caracteres")
    if len(cells) > len(table.header) and any(cells[len(table.header) :]):
        raise BadCell(f"tiene {len(cells)} columnas y el encabezado {len(table.header)}")
    return cells


def open_table(path: Path, known: Iterable[str]) -> Table:
    """Find out how to read ``path`` as a table with some of the ``known`` headers, or raise FileRefused."""
    encoding = find_encoding(path)
    with path.open("rb") as raw, _text(raw, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)
    separator, header, record = _header(sample, frozenset(known))
    return Table(path, encoding, separator, tuple(header), record, path.stat().st_size)


def _text(raw: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    # What does not fit the encoding comes as surrogates, which no name may hold: so the row is named.
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")


def find_encoding(path: Path) -> str:
    """Return the encoding of a text file by reading it through once; raise FileRefused where it is no text."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as raw:
        start = raw.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if start.startswith(b"PK\x03\x04"):
            raise FileRefused("Es un archivo de Excel o comprimido; guárdelo como CSV.")
        raw.seek(0)
        while block := raw.read(_BLOCK_BYTES):
            if b"\0" in block:
                raise FileRefused("No es un archivo de texto.")
            text = decoder.decode(block)
            if not text.isascii():
                wrong = len(_SURROGATES.findall(text))
                bad += wrong
                good += sum(map((127).__lt__, map(ord, text))) - wrong
    bad += len(decoder.decode(b"", final=True))
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    # One damaged letter does not make a file of another kind: its row will be named.
    return "utf-8" if good >= bad else "cp1252"


def _records(text: Iterable[str], separator: str) -> Iterator[tuple[int, list[str] | None]]:
    reader = csv.reader(text, delimiter=separator)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None


def _header(sample: str, known: frozenset[str]) -> tuple[str, list[str], int]:
    """Return the separator, the header and its place among the records: where most headers are known."""
    best: tuple[tuple[int, int], str, list[str], int] = ((0, 0), "", [], 0)
    for separator in _SEPARATORS:
        records = [cells or [] for _, cells in islice(_records(io.StringIO(sample, newline=""), separator), 100)]
        for place, cells in enumerate(records[:HEADER_WITHIN]):
            matching = sum(header_key(cell) in known for cell in cells)
            alike = sum(len(row) == len(cells) for row in records[place:])
            if (matching, alike) > best[0] and matching:
                best = ((matching, alike), separator, cells, place)
    if not best[0][0]:
        raise FileRefused("No se reconoce el encabezado: la primera fila debe nombrar las columnas.")
    return best[1:]
