"""Tables in text files. Encoding, separator and header are found out from the
content."""

import csv
import io
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct

from trastienda.files.cells.formulas import unguarded
from trastienda.files.tables.table import (
    FileRefused,
    HeaderMatch,
    ReportDone,
    Row,
    Table,
    error_words,
    find_header,
    ignore_progress,
)
from trastienda.files.tables.text_encoding import find_encoding

SAMPLE_CHARACTERS = 65536
_SAMPLE_RECORDS = 100
_ROWS_PER_REPORT = 2048
_SEPARATORS = ",;\t|"
_DOS_END = "\x1a"
_LEAST_WIDTH = 2
"""Columns; a line of one column says nothing about being a row."""


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

    def rows(self, report: ReportDone = ignore_progress) -> Iterator[Row]:
        """Yield the rows; one with a quote that is never closed has a problem."""
        with self.path.open("rb") as raw, _decoded(raw, self.encoding) as text:
            width = len(self.header)
            records = _records(text, self.separator, width)
            for position, record in enumerate(records):
                if position % _ROWS_PER_REPORT == 0:
                    report(raw.tell())
                if position <= self._header_record:
                    continue

                cells = [unguarded(cell) for cell in record.cells]
                if record.problem is not None:
                    yield Row(record.line, cells, record.problem)
                    continue
                # An error that is guarded is a text.
                row = self.row(record.line, cells, error_words(record.cells))
                if row is not None:
                    yield row
        report(self.size)


def open_csv(path: Path, known_headers: Container[str]) -> CsvTable:
    """Open ``path`` as a table with some of the known headers, or raise FileRefused."""
    encoding = find_encoding(path)
    with path.open("rb") as raw, _decoded(raw, encoding.name) as text:
        sample = text.read(SAMPLE_CHARACTERS)

    # The right separator is the one under which most headers are known.
    best_match = HeaderMatch()
    best_separator = ""
    header: list[str] = []
    for separator in _SEPARATORS:
        sample_lines = io.StringIO(sample, newline="")
        first_records = islice(_records(sample_lines, separator), _SAMPLE_RECORDS)
        records = [record.cells for record in first_records]
        match = find_header(records, known_headers)
        if match.fits_better_than(best_match):
            best_match = match
            best_separator = separator
            header = [unguarded(cell) for cell in match.header]
    if not best_match.known_cells:
        raise FileRefused(
            "No se reconoce el encabezado: la primera fila debe nombrar las columnas."
        )

    table = CsvTable(path, encoding.name, best_separator, header, best_match.position)
    table.remarks += encoding.remarks
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


class _Lines:
    """The lines of a text, and which of them the last record was made of."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self._returned: list[str] = []
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while True:
            line = self._returned.pop() if self._returned else next(self._text, None)
            if line is None:
                return
            if _DOS_END in line:
                # Programs of DOS end a file with it; elsewhere it is a damaged
                # character.
                line = line.rstrip("\r\n" + _DOS_END)
            self.record.append(line)
            yield line

    def give_back_all_but_first(self) -> None:
        """Have the lines behind the record's first one read again."""
        self._returned += reversed(self.record[1:])
        del self.record[1:]


class _Record(Struct, frozen=True, gc=False):
    """A record of a text file: the line where it begins, its cells, and what is wrong
    if they cannot be read."""

    line: int
    cells: list[str]
    problem: str | None = None


def _records(
    text: Iterable[str],
    separator: str,
    width: int = 0,
) -> Iterator[_Record]:
    """Yield the records of a table of that ``width``; 0 where it is not known yet."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator)
    line = 1
    while True:
        line += len(lines.record)
        lines.record.clear()
        problem = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problem = "comillas sin cerrar, o una celda de más de 131072 caracteres"
        else:
            has_odd_shape = len(lines.record) > 1 or len(cells) < width
            if (
                has_odd_shape
                and width
                and _is_open_quote(lines.record, separator, width)
            ):
                problem = "comillas que se abren y no se cierran"

        if problem is None:
            yield _Record(line, cells)
            continue
        first_line = lines.record[0].rstrip("\r\n")
        yield _Record(line, first_line.split(separator), problem)
        lines.give_back_all_but_first()
        reader = csv.reader(lines, delimiter=separator)


def _is_open_quote(
    lines: Sequence[str],
    separator: str,
    width: int,
) -> bool:
    """Tell whether the lines of one record are rows, swallowed by a quote that is never
    closed.

    What closes it is then the quote that opens another cell, with text behind it; or
    whole rows lie within. Of a cell that has line breaks, a line is only a part of the
    row.
    """
    if len(lines) == 1:
        is_odd = lines[0].count('"') % 2 == 1
        return is_odd and _is_row(lines[0], separator, width)
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return True

    if width > _LEAST_WIDTH and any(
        _is_row(line, separator, width) for line in lines[1:-1]
    ):
        return True
    return all(_is_row(line, separator, width) for line in lines if line.strip())


def _is_row(
    line: str,
    separator: str,
    width: int,
) -> bool:
    """Tell whether a line has all the separators of a row; in a sentence a blank follows
    the comma, in a row it does not."""
    if width < _LEAST_WIDTH:
        return False
    separators = line.count(separator) - line.count(separator + " ")
    return separators >= width - 1
