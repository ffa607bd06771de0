"""Whether prices and totals of past sales agree: net prices, and totals of documents.

A price is taken for one with IVA, and a total for that of its line. A file in which
they are something else gives plausible totals that are wrong, so it is refused.
"""

from msgspec import Struct
from msgspec.structs import replace

from trastienda.files.cells.fields import BadCell
from trastienda.files.imports.notices import Notices
from trastienda.files.imports.options import ImportOptions
from trastienda.files.imports.past_sale_amounts import (
    AmountReader,
    Stated,
    agree,
)
from trastienda.files.imports.past_sale_columns import (
    PastSaleColumns,
    PastSaleStyle,
    readable_rows,
)
from trastienda.files.tables.column_names import DOUBTFUL_TOTALS, PAST_SALES
from trastienda.files.tables.columns import field_named
from trastienda.files.tables.table import (
    FileRefused,
    ReportDone,
    Row,
    Table,
    header_key,
)

_DOUBTED_AFTER = 2
"""Documents of several lines with one and the same total, when no other has two."""


class _Run(Struct):
    """The rows of one document that stand together in the file."""

    number: list[str]
    line: int
    rows: int = 0
    listed_minor: int = 0
    """The sum of price times quantity."""
    stated: Stated = Stated()
    """What the first row says; ``repeats`` while every other says the same."""
    repeats: bool = True
    rows_are_gross: bool = True
    rows_are_net: bool = True
    has_price: bool = True


class AmountCheck:
    """What all rows of a file show of its prices and totals."""

    def __init__(
        self,
        amounts: AmountReader,
        *,
        has_net: bool,
    ) -> None:
        self._amounts = amounts
        self._has_net = has_net
        self._run = _Run([], 0)
        self._first_net_line: int | None = None
        self._first_disagreeing_line: int | None = None
        self._runs_of_lines = 0
        self._runs_of_documents = 0
        self._runs_that_repeat = 0
        self._runs_that_differ = 0

    def observe(
        self,
        number: list[str],
        row: Row,
    ) -> None:
        """Take a row of the document into account; a bad one shows nothing."""
        try:
            quantity_milli = abs(self._amounts.quantity(row.cells))
            stated = self._amounts.stated(row.cells, is_return=True, line=row.line)
            has_price = self._amounts.has_price(row.cells)
            listed_minor = 0
            if has_price:
                listed_minor = self._amounts.listed(
                    row.cells, quantity_milli, is_return=True
                )
        except BadCell:
            return

        if number != self._run.number:
            self._end_run()
            self._run = _Run(number, row.line, stated=stated)
        run = self._run
        run.rows += 1
        run.listed_minor += listed_minor
        run.repeats = run.repeats and stated == run.stated
        run.has_price = run.has_price and has_price
        run.rows_are_gross = run.rows_are_gross and self._is_gross(listed_minor, stated)
        run.rows_are_net = run.rows_are_net and self._is_net(listed_minor, stated)

    def _is_gross(
        self,
        listed_minor: int,
        stated: Stated,
    ) -> bool:
        gross_minor = stated.gross_minor
        if gross_minor is None and stated.net_minor is not None:
            gross_minor = self._amounts.with_vat(stated.net_minor)
        return agree(listed_minor, gross_minor)

    def _is_net(
        self,
        listed_minor: int,
        stated: Stated,
    ) -> bool:
        is_net = agree(listed_minor, stated.net_minor)
        return is_net and not self._is_gross(listed_minor, stated)

    def _end_run(self) -> None:
        """Draw from the rows of a document what they show together."""
        run = self._run
        if not run.rows:
            return
        if run.rows > 1:
            self._runs_that_repeat += run.repeats
            self._runs_that_differ += not run.repeats
        if not run.has_price:
            if run.stated.gross_minor is None and run.stated.net_minor is not None:
                self._note_net(run)
            return
        if run.stated == Stated():
            return

        is_of_document = run.rows > 1 and run.repeats
        is_named_net = self._amounts.prices_are_named_net
        if run.rows_are_gross:
            self._runs_of_lines += run.rows > 1
            if is_named_net and run.stated.net_minor is None:
                self._note_net(run)  # and so is the total
        elif run.rows_are_net:
            self._note_net(run)
        elif is_of_document and self._is_gross(run.listed_minor, run.stated):
            self._runs_of_documents += 1
        elif is_of_document and self._is_net(run.listed_minor, run.stated):
            self._runs_of_documents += 1
            self._note_net(run)
        elif self._first_disagreeing_line is None:
            self._first_disagreeing_line = run.line

    def _note_net(self, run: _Run) -> None:
        if self._first_net_line is None:
            self._first_net_line = run.line

    def totals_are_of_documents(
        self,
        *,
        prices_are_net: bool,
        is_trusted: bool,
    ) -> bool:
        """Tell whether each row repeats the total of its document.

        ``is_trusted``: the importer has said that the total is that of the line. Raises
        FileRefused for net prices that were not said to be so, and for a total that is
        nothing that can be worked out.
        """
        self._end_run()
        self._run = _Run([], 0)
        if self._first_net_line is not None and not prices_are_net:
            raise FileRefused(
                "Los precios son netos: en la línea "
                f"{self._first_net_line} no traen el IVA. Con --net se les suma."
            )
        if self._has_net and self._first_disagreeing_line is not None:
            raise FileRefused(
                f"En la línea {self._first_disagreeing_line}, el precio por la cantidad "
                "no es ni el neto ni el total. Corrige la planilla, o di con "
                "--map COLUMNA= qué columna no vale."
            )

        if is_trusted:
            return False
        are_of_documents = self._runs_of_documents > self._runs_of_lines
        only_repeats = not self._runs_that_differ
        if not are_of_documents and only_repeats and not self._runs_of_lines:
            self._doubt_repeated_totals()
        return are_of_documents

    def _doubt_repeated_totals(self) -> None:
        if self._runs_that_repeat >= _DOUBTED_AFTER:
            raise FileRefused(
                "Las líneas de cada documento repiten un mismo total, que parece el del "
                "documento. Si es el de la línea, dilo con --map COLUMNA=total_linea; "
                "si no lo es, con --map COLUMNA= no se usa."
            )


def _total_is_said(options: ImportOptions) -> bool:
    """Tell whether the importer has named the column of the line totals."""
    words = [word for _, word in options.column_map if word]
    return any(field_named(PAST_SALES, word) == "total" for word in words)


def amounts_are_doubtful(
    table: Table,
    columns: PastSaleColumns,
    options: ImportOptions,
) -> bool:
    """Tell whether prices may be net, or totals those of documents."""
    if columns.net >= 0 or columns.vat >= 0:
        return True
    if columns.price < 0 <= min(columns.net_price, columns.total):
        return True
    if columns.total < 0 or _total_is_said(options):
        return False
    return header_key(table.header[columns.total]) in DOUBTFUL_TOTALS


def checked_style(
    table: Table,
    columns: PastSaleColumns,
    style: PastSaleStyle,
    options: ImportOptions,
    report: ReportDone,
) -> PastSaleStyle:
    """Return the style with what comparing the amounts of all rows shows.

    Raises FileRefused for net prices that were not said to be so.
    """
    amounts = AmountReader(columns, style, options, Notices())
    has_net = columns.net >= 0 or columns.vat >= 0
    check = AmountCheck(amounts, has_net=has_net)
    for row in readable_rows(table, report):
        number_cells = [
            row.cells[position]
            for position in (columns.number, columns.type, columns.till, columns.branch)
            if position >= 0
        ]
        check.observe(number_cells, row)
    are_of_documents = check.totals_are_of_documents(
        prices_are_net=options.prices_are_net,
        is_trusted=_total_is_said(options),
    )
    return replace(style, totals_are_of_documents=are_of_documents)
