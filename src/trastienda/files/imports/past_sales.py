"""Past sales in a file, one row for each line sold.

The file is read twice: once for how it writes numbers and dates, once for its rows.

Rows with a negative quantity are returns, and so are rows with a number like
``C536379`` if the file uses that letter for them. A number that has both becomes a sale
and a return of the same number. Rows of one number on another day than its first rows
are a separate document, with the day behind its number.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from trastienda.domain import barcode
from trastienda.domain.past_sales import PastDocument, PastGood, PastLine
from trastienda.domain.payments import Method
from trastienda.files.cells.date_orders import OrderEvidence
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import MarkEvidence, choose_mark
from trastienda.files.imports.date_order import only_order
from trastienda.files.imports.detection import is_json_lines, open_table
from trastienda.files.imports.import_file import ImportFile
from trastienda.files.imports.options import ImportOptions, Progress, no_progress
from trastienda.files.imports.past_sale_rows import (
    RETURN_NUMBER,
    PastRow,
    PastSaleColumns,
    PastSaleReader,
    PastSaleStyle,
)
from trastienda.files.imports.past_sales_json import JsonSalesTable
from trastienda.files.imports.sorted_rows import SortedRows
from trastienda.files.tables.column_names import PAST_SALES
from trastienda.files.tables.columns import FoundColumns, find_columns, missing_columns
from trastienda.files.tables.table import ReportDone, Row, Table

_REQUIRED = {
    "number": "el número del documento",
    "quantity": "la cantidad",
    "date": "la fecha",
}


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

    def load(
        self,
        reader: PastSaleReader,
        report: ReportDone,
    ) -> None:
        """Read every row; keep it for its document, or refuse it with the reason."""
        for row in self._table.rows(report):
            self.total_rows += 1
            try:
                cells = self._table.cells_of(row)
                past_row = reader.read(self.total_rows, row.line, cells)
                self._rows.add(past_row)
            except BadCell as error:
                self.refused.add(row.line, str(error), row.cells)

    def documents(self) -> Iterator[PastDocument]:
        """Yield the documents, sales before returns, in order of number.

        It may be called again.
        """
        previous: tuple[bool, str] | None = None
        documents = groupby(self._rows, key=attrgetter("document_key"))
        for (is_return, number, day), rows in documents:
            document_number = number
            # The same number on a later day is another document.
            if previous == (is_return, number):
                document_number = f"{number} ({date.fromordinal(day)})"
            previous = is_return, number
            yield self._document(document_number, list(rows))

    def _document(
        self,
        number: str,
        rows: list[PastRow],
    ) -> PastDocument:
        """Return the document of these rows; what one of them says, it says of all."""
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
            )
            lines.append(line)

        first_row = rows[0]
        sale_number = None
        if first_row.is_return:
            sale_numbers = (row.sale_number for row in rows if row.sale_number)
            # A return that names no sale has the number of one.
            sale_number = next(sale_numbers, first_row.number)

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
    positions = found_columns.positions

    lacking = [words for field, words in _REQUIRED.items() if field not in positions]
    if "code" not in positions and "name" not in positions:
        lacking.append("el código del producto")
    if "price" not in positions and "total" not in positions:
        lacking.append("el precio unitario")
    if lacking:
        raise missing_columns(table, lacking)
    columns = PastSaleColumns(**positions)

    # The file is read twice, so that is the total of its progress.
    total = 2 * table.size
    evidence = _StyleEvidence(columns, options)
    width = len(table.header)
    for row in table.rows(lambda done: progress(done, total)):
        if row.problem is None and len(row.cells) <= width:
            evidence.observe(row)

    sales = PastSales(table, found_columns)
    with sales.closed_on_error():
        style = evidence.style()
        reader = PastSaleReader(columns, style, options, sales.goods, sales.notices)
        sales.load(reader, lambda done: progress(table.size + done, total))
    return sales


class _StyleEvidence:
    """What only all rows of a file show: decimal marks, order of dates, what a C means."""

    def __init__(
        self,
        columns: PastSaleColumns,
        options: ImportOptions,
    ) -> None:
        self._columns = columns
        self._date_order = options.date_order
        self._quantities = MarkEvidence()
        self._money = MarkEvidence(no_decimals=options.exponent == 0)
        self._orders = OrderEvidence()
        self._signs: set[tuple[bool, bool]] = set()
        """The pairs that occur of "has a C before the number" and "is negative"."""

    def observe(self, row: Row) -> None:
        """Take a row into account."""
        columns = self._columns
        cells = row.cells
        quantity_cell = cells[columns.quantity]
        self._quantities.observe(quantity_cell)
        if columns.price >= 0:
            self._money.observe(cells[columns.price])
        if columns.total >= 0:
            self._money.observe(cells[columns.total])
        moment_text = columns.moment(cells)
        self._orders.observe(moment_text, row.line)

        number = cells[columns.number].strip()
        has_c = RETURN_NUMBER.fullmatch(number) is not None
        is_negative = quantity_cell.lstrip().startswith(("-", "(", "−"))
        self._signs.add((has_c, is_negative))

    def style(self) -> PastSaleStyle:
        """Return how the file writes.

        Raises DateOrderOpen if its order of dates is unclear.
        """
        return PastSaleStyle(
            quantity_mark=choose_mark(self._quantities, self._money),
            money_mark=choose_mark(self._money, self._quantities),
            date_order=self._date_order or only_order(self._orders),
            c_means_return=self._c_means_return(),
        )

    def _c_means_return(self) -> bool:
        """Tell whether a C before a number means a return.

        It does if it comes with a negative quantity, or if some numbers lack it and
        none of those has one.
        """
        if (True, True) in self._signs:
            return True
        has_plain_sales = (False, False) in self._signs
        has_plain_returns = (False, True) in self._signs
        return has_plain_sales and not has_plain_returns
