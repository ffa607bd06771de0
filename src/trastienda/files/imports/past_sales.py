"""Past sales in a file, one row for each line sold.

The file is read twice: once for how it writes numbers and dates, once for its rows.

Rows with a negative quantity are returns, and so are rows with a number like
``C536379`` if the file uses that letter for them. A number that has both becomes a sale
and a return of the same number. Rows of one number on another day than its first rows
are a separate document, with the day behind its number.
"""

from array import array
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from trastienda.domain import barcode
from trastienda.domain.past_sales import PastDocument, PastGood, PastLine
from trastienda.domain.payments import Method
from trastienda.files.cells.fields import BadCell
from trastienda.files.imports.detection import is_json_lines, open_table
from trastienda.files.imports.import_file import ImportFile
from trastienda.files.imports.options import ImportOptions, Progress, no_progress
from trastienda.files.imports.past_sale_checks import (
    amounts_are_doubtful,
    checked_style,
)
from trastienda.files.imports.past_sale_columns import checked_columns, readable_rows
from trastienda.files.imports.past_sale_rows import LeftOut, PastRow, PastSaleReader
from trastienda.files.imports.past_sale_style import StyleEvidence
from trastienda.files.imports.past_sales_json import JsonSalesTable
from trastienda.files.imports.refused_rows import RefusedRows, write_beside
from trastienda.files.imports.sorted_rows import SortedRows
from trastienda.files.imports.unused_columns import UnusedColumns
from trastienda.files.tables.column_names import PAST_SALES
from trastienda.files.tables.columns import FoundColumns, find_columns
from trastienda.files.tables.table import (
    FileRefused,
    ReportDone,
    Row,
    Table,
)

DATES_SWAPPED = (
    "Las celdas de fecha tenían el día y el mes cambiados; "
    "se leyeron como los textos de la columna."
)
MAX_BROKEN_DOCUMENTS = 50_000
"""With bad rows in more of them than this, a column is not what it was taken for."""


class PastSales(ImportFile):
    """A file of past sales, read: the documents of its rows, and the rows refused."""

    def __init__(
        self,
        table: Table,
        columns: FoundColumns,
    ) -> None:
        super().__init__(
            table.path,
            table.header,
            table.separator,
            columns,
            table.remarks,
        )
        self.goods: dict[str, PastGood] = {}
        """What the file says of each code, by :func:`barcode.key`; the price is the
        last one."""
        self._table = table
        self._rows = SortedRows(self.temporary_directory, PastRow)
        self._companions = RefusedRows(self.temporary_directory, "companions")
        """Rows that are right, of documents in which another row is not."""
        self._broken: dict[tuple[str, int], int] = {}
        """Number and day of those documents, with the line of the first bad row. Day 0:
        of any day."""
        self._bad_positions = array("Q")
        self._left_out_rows = 0
        self._referenced: set[str] = set()
        """The numbers by which returns name their sales, without type and till."""

    def close(self) -> None:
        """Remove the temporary files."""
        self._companions.close()
        super().close()

    @property
    def taken_rows(self) -> int:
        """How many rows go into documents."""
        return self.total_rows - self.left_behind - self._left_out_rows

    @property
    def left_behind(self) -> int:
        """How many rows go to the file of refused rows: those of whole documents."""
        return len(self.refused) + len(self._companions)

    def write_refused(self) -> Path:
        """Write the refused rows beside the file, with the other rows of their
        documents; return where."""
        return write_beside(
            self._path,
            self.header,
            self._separator,
            self.decimal_marks,
            self.refused,
            self._companions,
        )

    def load(
        self,
        reader: PastSaleReader,
        report: ReportDone,
    ) -> None:
        """Read every row; keep it for its document, or refuse it with the reason.

        The other rows of a document with a bad one are put aside, too: half of it would
        be a sale that never was.
        """
        previous = "", 0
        for row in self._table.rows(report):
            self.total_rows += 1
            try:
                cells = self._table.cells_of(row)
                past_row = reader.read(self.total_rows, row.line, cells)
            except LeftOut as reason:
                self.notices.add(str(reason), row.line)
                self._left_out_rows += 1
            except BadCell as error:
                self.refused.add(row.line, str(error), row.cells)
                self._bad_positions.append(self.total_rows)
                self._break_document(reader, row, previous)
            else:
                self._rows.add(past_row)
                previous = past_row.number, past_row.day
                if past_row.is_return and past_row.number != past_row.bare_number:
                    self._referenced.add(past_row.sale_number)

        if self._broken:
            self._put_companions_aside(reader)

    def _break_document(
        self,
        reader: PastSaleReader,
        row: Row,
        previous: tuple[str, int],
    ) -> None:
        """Note which document lacks a row; ``previous`` is that of the row above."""
        try:
            number, day = self._document_of(reader, row)
        except LeftOut:
            return

        # A row without a number goes with the one above, unless it has another day.
        if not number and previous[0] and day in {0, previous[1]}:
            number, day = previous
        if number:
            self._broken.setdefault((number, day), row.line)
        if len(self._broken) > MAX_BROKEN_DOCUMENTS:
            first = next(iter(self.refused))
            raise FileRefused(
                f"Más de {MAX_BROKEN_DOCUMENTS} documentos tienen filas que no se "
                f"pueden tomar; la primera es la de la línea {first.line}: "
                f"{first.reason}. Di con --map qué trae cada columna."
            )

    def _document_of(
        self,
        reader: PastSaleReader,
        row: Row,
    ) -> tuple[str, int]:
        if len(row.cells) < len(self.header):  # an unreadable one
            return "", 0
        return reader.document_of(row.cells)

    def _line_that_broke(
        self,
        number: str,
        day: int,
    ) -> int | None:
        """Return the line of a bad row of that document; None if it has none."""
        return self._broken.get((number, day)) or self._broken.get((number, 0))

    def _put_companions_aside(self, reader: PastSaleReader) -> None:
        bad_positions = iter(self._bad_positions)
        next_bad_position = next(bad_positions, 0)
        for position, row in enumerate(self._table.rows(), start=1):
            if position == next_bad_position:
                next_bad_position = next(bad_positions, 0)
                continue
            try:
                number, day = self._document_of(reader, row)
            except LeftOut:
                continue
            bad_line = self._line_that_broke(number, day)
            if bad_line is not None:
                reason = (
                    f"la fila de la línea {bad_line}, del mismo documento {number}, "
                    "no se puede tomar"
                )
                self._companions.add(row.line, reason, row.cells)

    def documents(self) -> Iterator[PastDocument]:
        """Yield the documents, sales before returns, in order of number.

        It may be called again.
        """
        previous: tuple[bool, str] | None = None
        numbers_in_full: dict[str, set[str]] = {}
        first_broken_days = {
            number: day for number, day in sorted(self._broken, reverse=True) if day
        }
        documents = groupby(self._rows, key=attrgetter("document_key"))
        for (is_return, number, day), rows_of_document in documents:
            rows = list(rows_of_document)
            document_number = number
            # The same number on a later day is another document; it has the number that
            # it will have when bad rows of an earlier day are mended.
            is_later = previous == (is_return, number)
            if is_later or first_broken_days.get(number, day) < day:
                document_number = f"{number} ({date.fromordinal(day)})"
            previous = is_return, number
            if self._line_that_broke(number, day) is not None:
                continue

            bare_number = rows[0].bare_number
            if not is_return and bare_number in self._referenced:
                in_full = numbers_in_full.setdefault(bare_number, set())
                in_full.add(document_number)
            yield self._document(document_number, rows, numbers_in_full)

    def _document(
        self,
        number: str,
        rows: list[PastRow],
        numbers_in_full: dict[str, set[str]],
    ) -> PastDocument:
        """Return the document of these rows; what one of them says, it says of all.

        ``numbers_in_full`` are the sales that returns name by their bare numbers.
        """
        lines = []
        for row in rows:
            code_key = barcode.key(row.code)
            name = row.name or self.goods[code_key].name or row.code
            line = PastLine(
                row.code,
                name,
                row.quantity_milli,
                row.unit_price_minor,
                row.total_minor,
                row.exempt,
                row.cost_minor,
            )
            lines.append(line)

        first_row = rows[0]
        sale_number = None
        if first_row.is_return:
            sale_numbers = (row.sale_number for row in rows if row.sale_number)
            sale_number = next(sale_numbers, None)
            in_full = numbers_in_full.get(sale_number or "", ())
            sale_number = _of_the_same_place(in_full, first_row) or sale_number

        customer_ruts = (row.customer_rut for row in rows if row.customer_rut)
        reasons = (row.reason for row in rows if row.reason)
        payments = (row.payments for row in rows if row.payments)
        paid = []
        for method, amount_minor in next(payments, ()):
            paid.append((Method(method), amount_minor))

        return PastDocument(
            number=number,
            is_return=first_row.is_return,
            at_ms=min([row.at_ms for row in rows]),
            lines=tuple(lines),
            customer_rut=next(customer_ruts, None),
            sale_number=sale_number,
            reason=next(reasons, ""),
            paid=tuple(paid),
        )


def _of_the_same_place(
    numbers: Iterable[str],
    row: PastRow,
) -> str | None:
    """Return the only one of the numbers, or the only one of the row's own till."""
    candidates = list(numbers)
    if len(candidates) > 1:
        _, _, place = row.number.rpartition(row.bare_number)
        candidates = [number for number in candidates if number.endswith(place)]
    return candidates[0] if len(candidates) == 1 else None


def read(
    path: Path,
    options: ImportOptions,
    progress: Progress = no_progress,
) -> PastSales:
    """Read a file of past sales whole, in bounded memory.

    The caller closes what is returned. Raises FileRefused if it cannot be taken as a
    whole, DateOrderOpen if the order of its dates has to be named, OSError if it cannot
    be read.
    """
    table: Table
    if is_json_lines(path):
        table = JsonSalesTable(path, options)
    else:
        table = open_table(path, options, PAST_SALES)
    found_columns = find_columns(table, PAST_SALES, options.column_map)
    table.use(found_columns.positions.values())
    columns = checked_columns(table, found_columns, options)
    is_doubtful = amounts_are_doubtful(table, columns, options)

    # The file is read twice, and once more where its amounts have to be compared.
    total = (3 if is_doubtful else 2) * table.size
    evidence = StyleEvidence(table.header, columns, options)
    unused_columns = UnusedColumns(found_columns)
    for row in readable_rows(table, lambda done: progress(done, total)):
        evidence.observe(row)
        unused_columns.observe(row.cells)
    unused_columns.check_barcodes()
    table.remarks += unused_columns.remarks

    sales = PastSales(table, found_columns)
    with sales.closed_on_error():
        style = evidence.style()
        if style.typed_dates_are_swapped:
            sales.remarks += (DATES_SWAPPED,)
        done_before = table.size
        if is_doubtful:
            style = checked_style(
                table,
                columns,
                style,
                options,
                lambda done: progress(table.size + done, total),
            )
            done_before += table.size
        money_columns = (columns.price, columns.net_price, columns.total, columns.cost)
        sales.decimal_marks = dict.fromkeys(money_columns, style.money_mark)
        sales.decimal_marks[columns.quantity] = style.quantity_mark
        reader = PastSaleReader(columns, style, options, sales.goods, sales.notices)
        sales.load(reader, lambda done: progress(done_before + done, total))
    return sales
