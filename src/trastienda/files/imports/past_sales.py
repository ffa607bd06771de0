"""Past sales in a file, a row a line sold: read once for its habits, once more for its rows.

Rows with a negative quantity are returns, and so are those of a number like ``C536379`` where the file uses that
letter for them. A number that has both comes as a sale and a return of the same number. Rows of one number that lie
on another day than its first are a document of their own, whose number has the day behind it.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from types import TracebackType

from trastienda.domain import barcode
from trastienda.domain.past_sales import PastDocument, PastGood, PastLine
from trastienda.domain.payments import Method
from trastienda.files.cells.dates import ORDERS, OrderEvidence
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import Marks, decide
from trastienda.files.imports.detection import (
    ImportOptions,
    is_json_lines,
    no_progress,
    open_table,
)
from trastienda.files.imports.notices import Notices
from trastienda.files.imports.past_sale_rows import (
    RETURN_NUMBER,
    Columns,
    Habits,
    PastRow,
    RowReader,
)
from trastienda.files.imports.past_sales_json import SaleLines
from trastienda.files.imports.refused_rows import RefusedRows, write_beside
from trastienda.files.imports.sorted_rows import SortedRows
from trastienda.files.tables.columns import PAST_SALES, Found, find, missing
from trastienda.files.tables.table import FileRefused, Progress, Table, check_width

_REQUIRED = {
    "number": "el número del documento",
    "quantity": "la cantidad",
    "date": "la fecha",
}


class DateOrderOpen(FileRefused):
    """The dates fit several orders (or none fits all of them): somebody has to say which one it is."""

    def __init__(self, sentence: str, orders: list[str]) -> None:
        super().__init__(sentence)
        self.orders = orders


def _columns(table: Table, places: Mapping[str, int]) -> Columns:
    lacking = [words for field, words in _REQUIRED.items() if field not in places]
    if "code" not in places and "name" not in places:
        lacking.append("el código del producto")
    if "price" not in places and "total" not in places:
        lacking.append("el precio unitario")
    if lacking:
        raise missing(table, lacking)
    return Columns(**places)


class PastSales:
    """A file of past sales, read: what cannot be taken, and the documents that the rest makes.

    A context: at its end the temporary files go.
    """

    def __init__(self, table: Table, columns: Found, options: ImportOptions) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="trastienda-")
        self.table = table
        self.columns = columns
        self.remarks = table.remarks
        self.notices = Notices()
        self.total_rows = 0
        self.refused = RefusedRows(Path(self._temporary.name))
        self.goods: dict[str, PastGood] = {}
        """By :func:`barcode.key`: what the file says of each code, its price that of the last row with one."""
        self._options = options
        self._rows: SortedRows[PastRow] = SortedRows(
            Path(self._temporary.name), PastRow
        )

    def __enter__(self) -> "PastSales":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self.refused.close()
        self._temporary.cleanup()

    @property
    def taken_rows(self) -> int:
        """Rows that the documents are made of."""
        return self.total_rows - len(self.refused)

    def write_refused(self) -> Path:
        """Write the rows that are not taken beside the file, each with its line and reason; return where."""
        return write_beside(
            self.table.path, self.table.header, self.table.separator, self.refused
        )

    def load(
        self, columns: Columns, habits: Habits, tell: Callable[[int], None]
    ) -> None:
        """Read every row, and put each into its document or aside with the reason."""
        reader = RowReader(columns, habits, self._options, self.goods, self.notices)
        for line, cells in self.table.rows(tell):
            self.total_rows += 1
            try:
                self._rows.add(
                    reader.read(self.total_rows, line, check_width(self.table, cells))
                )
            except BadCell as bad:
                self.refused.add(
                    line, str(bad), bad.cells if isinstance(cells, BadCell) else cells
                )

    def documents(self) -> Iterator[PastDocument]:
        """Yield the documents, sales before returns, each in order of number; may be called again."""
        before: tuple[bool, str] | None = None
        for (is_return, _, number, day), group in groupby(
            self._rows, key=lambda row: row[:4]
        ):
            rows = list(group)
            again = before == (is_return, number)
            before = is_return, number
            named_sale = next((row[12] for row in rows if row[12]), "")
            paid = next((row[15] for row in rows if row[15]), ())
            yield PastDocument(
                number=f"{number} ({date.fromordinal(day)})" if again else number,
                is_return=is_return,
                at_ms=min(row[5] for row in rows),
                lines=tuple(
                    [
                        PastLine(row[6], row[7] or self._name(row[6]), *row[8:12])
                        for row in rows
                    ]
                ),
                customer_rut=next((row[13] for row in rows if row[13]), None),
                sale_number=(named_sale or number) if is_return else None,
                reason=next((row[14] for row in rows if row[14]), ""),
                paid=tuple(
                    [(Method(method), amount_minor) for method, amount_minor in paid]
                ),
            )

    def _name(self, code: str) -> str:
        return self.goods[barcode.key(code)].name or code


def read(
    path: Path, options: ImportOptions, progress: Progress = no_progress
) -> PastSales:
    """Read a file of past sales whole, in bounded memory; nothing of it is kept yet.

    Raises FileRefused where it cannot be taken as a whole, DateOrderOpen where the order of its dates has to be said,
    OSError where it cannot be read. Close what is returned.
    """
    table: Table = (
        SaleLines(path, options)
        if is_json_lines(path)
        else open_table(path, options, PAST_SALES)
    )
    found = find(table, PAST_SALES, options.given)
    columns = _columns(table, found.places)
    total = 2 * table.size
    habits = _study(table, columns, options, lambda done: progress(done, total))
    sales = PastSales(table, found, options)
    try:
        sales.load(columns, habits, lambda done: progress(table.size + done, total))
    except BaseException:
        sales.close()
        raise
    return sales


def _study(
    table: Table, columns: Columns, options: ImportOptions, tell: Callable[[int], None]
) -> Habits:
    """Read the file for what only all of it tells."""
    quantities, money, order = (
        Marks(),
        Marks(whole=options.exponent == 0),
        OrderEvidence(),
    )
    signs: set[tuple[bool, bool]] = (
        set()
    )  # whether the number has the C, whether the quantity is negative
    width = len(table.header)
    for line, cells in table.rows(tell):
        if isinstance(cells, BadCell) or len(cells) > width:
            continue
        quantity = cells[columns.quantity]
        quantities.see(quantity)
        for place in (columns.price, columns.total):
            if place >= 0:
                money.see(cells[place])
        order.see(columns.moment(cells), line)
        negative = quantity.lstrip().startswith(("-", "(", "−"))
        signs.add(
            (
                RETURN_NUMBER.fullmatch(cells[columns.number].strip()) is not None,
                negative,
            )
        )
    return Habits(
        decide(quantities, money),
        decide(money, quantities),
        options.date_order or _order(order),
        (True, True) in signs
        or ((False, False) in signs and (False, True) not in signs),
    )


def _order(evidence: OrderEvidence) -> str:
    """Return the one order that the dates have; raise DateOrderOpen where that is not plain."""
    if evidence.open:
        raise DateOrderOpen(
            f"Las fechas sirven en varios órdenes ({', '.join(evidence.open)}) y darían días distintos; "
            "indique --date-order.",
            evidence.open,
        )
    if evidence.fitting:
        return next(order for order in ORDERS if order in evidence.fitting)
    against = ", ".join(
        f"{order} no en la línea {line}"
        for order, line in sorted(evidence.first_line.items())
    )
    raise DateOrderOpen(
        f"Ningún orden de día, mes y año sirve para todas las fechas ({against}); indique --date-order.",
        list(ORDERS),
    )
