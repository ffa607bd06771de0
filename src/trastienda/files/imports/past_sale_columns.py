"""The columns of past sales, and how a file writes what is in them."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from trastienda.files.cells.dates import with_time
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.columns import FoundColumns, missing_columns
from trastienda.files.tables.table import FileRefused, ReportDone, Row, Table

_REQUIRED = {
    "number": "el número del documento",
    "quantity": "la cantidad",
    "date": "la fecha",
}


class PastSaleColumns(Struct, frozen=True):
    """The position of each field's column; -1 for a field that the file lacks."""

    number: int
    quantity: int
    date: int
    code: int = -1
    name: int = -1
    time: int = -1
    price: int = -1
    net_price: int = -1
    discount: int = -1
    total: int = -1
    net: int = -1
    vat: int = -1
    cost: int = -1
    line_cost: int = -1
    type: int = -1
    till: int = -1
    branch: int = -1
    state: int = -1
    void: int = -1
    customer: int = -1
    sale_number: int = -1
    reason: int = -1
    exempt: int = -1
    payments: int = -1

    def moment(self, cells: list[str]) -> str | None:
        """Return the date with its time; None if they name two different times."""
        date_text = cells[self.date]
        if self.time < 0:
            return date_text
        return with_time(date_text, cells[self.time])


class DiscountStyle(StrEnum):
    """What a number in the column of discounts is."""

    AMOUNT = "amount"
    PERCENT = "percent"
    SHARE = "share"
    """A part of one: what a cell holds that a spreadsheet shows as a percentage."""


class PastSaleStyle(Struct, frozen=True):
    """How a file writes: decimal marks, order of dates, what a C before a number means.

    A decimal mark is None if the file leaves it open.
    """

    quantity_mark: str | None
    money_mark: str | None
    date_order: str
    c_means_return: bool
    typed_dates_are_swapped: bool = False
    discounts: DiscountStyle = DiscountStyle.AMOUNT
    totals_are_of_documents: bool = False
    """Then the column of totals says nothing of a line."""


def cell_at(
    cells: list[str],
    position: int,
) -> str:
    """Return a cell without blanks around it; empty for a column that is not there."""
    if position < 0:
        return ""
    return cells[position].strip()


def checked_columns(
    table: Table,
    found_columns: FoundColumns,
    options: ImportOptions,
) -> PastSaleColumns:
    """Return where the fields are; raise FileRefused if the file lacks one."""
    positions = found_columns.positions
    lacking = [words for field, words in _REQUIRED.items() if field not in positions]
    if "code" not in positions and "name" not in positions:
        lacking.append("el código del producto")
    amount_fields = {"price", "net_price", "total", "net"}
    if not amount_fields & positions.keys():
        lacking.append("el precio unitario")
    if lacking:
        raise missing_columns(table, lacking, found_columns)

    has_gross = bool({"price", "total"} & positions.keys())
    if not has_gross and "net_price" in positions and not options.prices_are_net:
        header = table.header[positions["net_price"]]
        raise FileRefused(
            f"Los precios son netos, según su columna «{header}». Con --net se les "
            f"suma el IVA; si ya lo llevan, dilo con --map «{header}=precio_unitario»."
        )
    return PastSaleColumns(**positions)


def readable_rows(
    table: Table,
    report: ReportDone,
) -> Iterator[Row]:
    """Yield the rows that have a cell for each column."""
    width = len(table.header)
    for row in table.rows(report):
        if row.problem is None and len(row.cells) <= width:
            yield row
