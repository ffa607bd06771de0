"""How a file of past sales writes: what only all of its rows show."""

from trastienda.files.cells.date_orders import OrderEvidence
from trastienda.files.cells.numbers import MarkEvidence, choose_mark, parse_number
from trastienda.files.imports.date_order import only_order
from trastienda.files.imports.options import ImportOptions
from trastienda.files.imports.past_sale_columns import (
    DiscountStyle,
    PastSaleColumns,
    PastSaleStyle,
)
from trastienda.files.imports.past_sale_rows import RETURN_NUMBER
from trastienda.files.tables.table import Row, header_key


class StyleEvidence:
    """Decimal marks, order of dates, what a C means, what a discount is."""

    def __init__(
        self,
        header: tuple[str, ...],
        columns: PastSaleColumns,
        options: ImportOptions,
    ) -> None:
        self._columns = columns
        self._date_order = options.date_order
        self._quantities = MarkEvidence()
        self._money = MarkEvidence(no_decimals=options.exponent == 0)
        self._money_columns = [
            position
            for position in (
                columns.price,
                columns.net_price,
                columns.total,
                columns.net,
                columns.vat,
                columns.cost,
                columns.line_cost,
            )
            if position >= 0
        ]
        self._orders = OrderEvidence()
        self._signs: set[tuple[bool, bool]] = set()
        """The pairs that occur of "has a C before the number" and "is negative"."""
        self._discounts = _DiscountEvidence(header, columns, options)

    def observe(self, row: Row) -> None:
        """Take a row into account."""
        columns = self._columns
        cells = row.cells
        quantity_cell = cells[columns.quantity]
        self._quantities.observe(quantity_cell)
        for position in self._money_columns:
            self._money.observe(cells[position])
        if columns.discount >= 0:
            self._discounts.observe(cells[columns.discount])
            if not self._discounts.has_percent:
                self._money.observe(cells[columns.discount])
        moment_text = columns.moment(cells)
        if moment_text is not None:
            self._orders.observe(moment_text, row.line)

        number = cells[columns.number].strip()
        has_c = RETURN_NUMBER.fullmatch(number) is not None
        is_negative = quantity_cell.lstrip().startswith(("-", "(", "−"))
        self._signs.add((has_c, is_negative))

    def style(self) -> PastSaleStyle:
        """Return how the file writes.

        Raises DateOrderOpen if its order of dates is unclear.
        """
        date_order = self._date_order or only_order(self._orders)
        return PastSaleStyle(
            quantity_mark=choose_mark(self._quantities, self._money),
            money_mark=choose_mark(self._money, self._quantities),
            date_order=date_order,
            c_means_return=self._c_means_return(),
            typed_dates_are_swapped=self._orders.typed_are_swapped(date_order),
            discounts=self._discounts.style,
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


class _DiscountEvidence:
    """Whether a column holds amounts that were taken off, or parts of the price."""

    def __init__(
        self,
        header: tuple[str, ...],
        columns: PastSaleColumns,
        options: ImportOptions,
    ) -> None:
        title = header[columns.discount] if columns.discount >= 0 else ""
        self.has_percent = "%" in title or "porc" in header_key(title)
        self.has_percent = self.has_percent or "percent" in header_key(title)
        self._may_be_shares = self.has_percent or options.exponent == 0
        self._has_share = False

    def observe(self, cell: str) -> None:
        """Take a cell into account."""
        number = parse_number(cell)
        if number is None or not number.mantissa:
            return
        is_below_one = abs(number.mantissa) < 10**number.scale
        self._has_share = self._has_share or is_below_one
        self._may_be_shares = self._may_be_shares and is_below_one

    @property
    def style(self) -> DiscountStyle:
        """What the numbers of the column are."""
        if self._may_be_shares and self._has_share:
            return DiscountStyle.SHARE
        return DiscountStyle.PERCENT if self.has_percent else DiscountStyle.AMOUNT
