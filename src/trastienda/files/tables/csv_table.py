"""Tables in text files. Encoding, separator and header are found out from the
content."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from trastienda.files.cells.formulas import unguarded
from trastienda.files.tables.table import (
    FileRefused,
    HeaderMatch,
    ReportDone,
    Row,
    Table,
    find_header,
    report_nothing,
)

SAMPLE_CHARACTERS = 65536
_SAMPLE_RECORDS = 100
_BLOCK_BYTES = 1 << 20
_ROWS_PER_REPORT = 2048
_SEPARATORS = ",;\t|"
_SURROGATES = re.compile("[\udc80-\udcff]")


class CsvTable(Table):
    """A text file that is a table.

    ``header_record`` is the position of the header among the file's records.
    """

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

    def rows(self, report: ReportDone = report_nothing) -> Iterator[Row]:
        """Yield the rows; one with a quote that is never closed has a problem."""
        with self.path.open("rb") as raw, _decoded(raw, self.encoding) as text:
            records = _records(text, self.separator)
            for position, (line, cells) in enumerate(records):
                if position % _ROWS_PER_REPORT == 0:
                    report(raw.tell())
                if position <= self._header_record:
                    continue
                if cells is None:
                    problem = (
                        "comillas sin cerrar, o una celda de más de 131072 caracteres"
                    )
                    yield Row(line, [], problem)
                    continue

                unguarded_cells = [unguarded(cell) for cell in cells]
                row = self.row(line, unguarded_cells)
                if row is not None:
                    yield row
        report(self.size)


def open_csv(path: Path, known_headers: frozenset[str]) -> CsvTable:
    """Open ``path`` as a table with some of the known headers, or raise FileRefused."""
    encoding, remarks = find_encoding(path)
    with path.open("rb") as raw, _decoded(raw, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)

    # The right separator is the one under which most headers are known.
    best_match = HeaderMatch()
    best_separator = ""
    header: list[str] = []
    for separator in _SEPARATORS:
        sample_lines = io.StringIO(sample, newline="")
        first_records = islice(_records(sample_lines, separator), _SAMPLE_RECORDS)
        records = [cells or [] for _, cells in first_records]
        match = find_header(records, known_headers)
        if match.fits_better_than(best_match):
            best_match = match
            best_separator = separator
            header = [unguarded(cell) for cell in records[match.position]]
    if not best_match.known_cells:
        raise FileRefused(
            "No se reconoce el encabezado: la primera fila debe nombrar las columnas."
        )

    table = CsvTable(path, encoding, best_separator, header, best_match.position)
    table.remarks += remarks
    return table


def _decoded(
    raw: io.BufferedReader,
    encoding: str,
) -> io.TextIOWrapper:
    # Bytes that do not fit the encoding become surrogates. No name may hold them, so
    # the row that has them is refused and named.
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(
        raw,
        encoding=encoding,
        errors=errors,
        newline="",
    )


def find_encoding(path: Path) -> tuple[str, list[str]]:
    """Return the encoding of a text file, found by reading it through once, and remarks
    on it.

    Raises FileRefused for a file that is no text.
    """
    utf8_letters = other_letters = 0
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
            if text.isascii():
                continue

            undecoded_letters = len(_SURROGATES.findall(text))
            # Without a loop in Python: a file may have a hundred million letters.
            code_points = map(ord, text)
            letters_beyond_ascii = sum(map((127).__lt__, code_points))
            other_letters += undecoded_letters
            utf8_letters += letters_beyond_ascii - undecoded_letters
    # What is left is a letter that the end of the file cuts off.
    unfinished_letter = decoder.decode(b"", final=True)
    other_letters += len(unfinished_letter)

    # One damaged letter does not make it a file of another encoding: its row will be
    # refused.
    is_utf8 = utf8_letters >= other_letters
    remarks = []
    if utf8_letters and other_letters:
        if is_utf8:
            encoding_read, other_encoding = "UTF-8", "Windows-1252"
            odd_letters = other_letters
        else:
            encoding_read, other_encoding = "Windows-1252", "UTF-8"
            odd_letters = utf8_letters
        remarks.append(
            f"El archivo mezcla codificaciones: se leyó como {encoding_read}, "
            f"y {odd_letters} letras parecen de {other_encoding}."
        )

    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", remarks
    encoding = "utf-8" if is_utf8 else "cp1252"
    return encoding, remarks


def _records(
    text: Iterable[str],
    separator: str,
) -> Iterator[tuple[int, list[str] | None]]:
    """Yield ``(line, cells)`` of each record; None for one that cannot be read."""
    reader = csv.reader(text, delimiter=separator)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
