"""Tables in text files: encoding, separator and header are found out."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.formulas import unguarded
from trastienda.files.tables.table import FileRefused, Row, Table, find_header

SAMPLE_CHARACTERS = 65536
_BLOCK_BYTES = 1 << 20
_ROWS_A_TELLING = 2048
_SEPARATORS = ",;\t|"
_SURROGATES = re.compile("[\udc80-\udcff]")


class TextTable(Table):
    """A text file found to be a table. ``header_record`` is the header's place among the file's records."""

    def __init__(
        self,
        path: Path,
        encoding: str,
        separator: str,
        header: list[str],
        header_record: int,
    ) -> None:
        super().__init__(path, header, path.stat().st_size, separator)
        self.encoding = encoding
        self._header_record = header_record

    def rows(self, tell: Callable[[int], None] = lambda done: None) -> Iterator[Row]:
        """Yield the rows; one that cannot be told from the next has a quote that is never closed."""
        with self.path.open("rb") as raw, _text(raw, self.encoding) as text:
            for count, (line, cells) in enumerate(_records(text, self.separator)):
                if count % _ROWS_A_TELLING == 0:
                    tell(raw.tell())
                if count <= self._header_record:
                    continue
                if cells is None:
                    yield (
                        line,
                        BadCell(
                            "comillas sin cerrar, o una celda de más de 131072 caracteres"
                        ),
                    )
                elif (
                    filled := self.filled([unguarded(cell) for cell in cells])
                ) is not None:
                    yield line, filled
        tell(self.size)


def open_text(path: Path, known: frozenset[str]) -> TextTable:
    """Find out how to read ``path`` as a table with some of the ``known`` headers, or raise FileRefused."""
    encoding, remarks = find_encoding(path)
    with path.open("rb") as raw, _text(raw, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)
    separator, header, record = _header(sample, known)
    table = TextTable(path, encoding, separator, header, record)
    table.remarks += remarks
    return table


def _text(raw: io.BufferedReader, encoding: str) -> io.TextIOWrapper:
    # What does not fit the encoding comes as surrogates, which no name may hold: so the row is named.
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")


def find_encoding(path: Path) -> tuple[str, list[str]]:
    """Return the encoding of a text file by reading it through once, and what is odd about it.

    Raises FileRefused where it is no text.
    """
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as raw:
        start = raw.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", []
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
    # One damaged letter does not make a file of another kind: its row will be named.
    encoding = "utf-8" if good >= bad else "cp1252"
    remarks = []
    if good and bad:
        other, count = ("Windows-1252", bad) if encoding == "utf-8" else ("UTF-8", good)
        read = "UTF-8" if encoding == "utf-8" else "Windows-1252"
        remarks.append(
            f"El archivo mezcla codificaciones: se leyó como {read}, y {count} letras parecen de {other}."
        )
    return ("utf-8-sig" if start.startswith(codecs.BOM_UTF8) else encoding), remarks


def _records(
    text: Iterable[str], separator: str
) -> Iterator[tuple[int, list[str] | None]]:
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
        records = [
            cells or []
            for _, cells in islice(
                _records(io.StringIO(sample, newline=""), separator), 100
            )
        ]
        fits, place = find_header(records, known)
        if fits > best[0]:
            best = fits, separator, [unguarded(cell) for cell in records[place]], place
    if not best[0][0]:
        raise FileRefused(
            "No se reconoce el encabezado: la primera fila debe nombrar las columnas."
        )
    return best[1:]
