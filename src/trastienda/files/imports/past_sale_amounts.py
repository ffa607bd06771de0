"""What a line of past sales came to: from its price, discount, total, net and IVA."""

import re

from msgspec import Struct

from trastienda.domain.money import MAX_MONEY_MINOR, divide_half_up
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI
from trastienda.files.cells.fields import BadCell, number_in
from trastienda.files.cells.numbers import TYPED_MARK, as_written, parse_number
from trastienda.files.imports.notices import ROUNDED, Notices
from trastienda.files.imports.options import ImportOptions
from trastienda.files.imports.past_sale_columns import (
    DiscountStyle,
    PastSaleColumns,
    PastSaleStyle,
    cell_at,
)

BASIS = 10_000
"""Basis points of the whole."""
_TOLERANCE_MINOR = 2
_TOLERANCE_SHARE = 100
"""One in a hundred: unit prices are rounded, and IVA is nowhere that little."""
_PERCENT = re.compile(rf"([0-9]+)(?:[.,{TYPED_MARK}]([0-9]+))? ?%")


class Stated(Struct, frozen=True):
    """What the row itself says it came to, in minor units; None for what it leaves out.

    Gross is with IVA, net without.
    """

    gross_minor: int | None = None
    net_minor: int | None = None


def agree(
    first_minor: int | None,
    second_minor: int | None,
) -> bool:
    """Tell whether two amounts are the same but for rounding."""
    if first_minor is None or second_minor is None:
        return False
    difference = abs(first_minor - second_minor)
    if difference <= _TOLERANCE_MINOR:
        return True
    return difference * _TOLERANCE_SHARE <= max(first_minor, second_minor)


class LineAmounts(Struct, frozen=True):
    """Unit price, total and cost of a unit, none of them below zero.

    The cost is None where the file does not give it.
    """

    unit_price_minor: int
    total_minor: int
    cost_minor: int | None = None


class AmountReader:
    """Reads the numbers of rows."""

    def __init__(
        self,
        columns: PastSaleColumns,
        style: PastSaleStyle,
        options: ImportOptions,
        notices: Notices,
    ) -> None:
        self._columns = columns
        self._style = style
        self._notices = notices
        self._minor_per_unit = 10**options.exponent
        self._vat_bp = options.vat_bp
        self._price_column = columns.price
        self._prices_are_net = options.prices_are_net
        if columns.price < 0:
            self._price_column = columns.net_price
        elif columns.net_price >= 0:
            self._prices_are_net = False  # those are in the other column

    def quantity(self, cells: list[str]) -> int:
        """Return the quantity in thousandths; that of a return may be below zero."""
        quantity_cell = cells[self._columns.quantity]
        mantissa, scale = number_in(
            quantity_cell, self._style.quantity_mark, "la cantidad"
        )
        quantity_milli, rest = divmod(abs(mantissa) * MILLI, int(10**scale))
        if rest:
            raise BadCell(
                f"la cantidad «{as_written(quantity_cell)}» tiene más de tres decimales"
            )
        if not quantity_milli:
            raise BadCell("la cantidad es 0")
        if quantity_milli > MAX_QUANTITY_MILLI:
            raise BadCell("la cantidad es demasiado grande")
        return -quantity_milli if mantissa < 0 else quantity_milli

    def line(
        self,
        cells: list[str],
        quantity_milli: int,
        *,
        is_return: bool,
        is_exempt: bool,
        line: int,
    ) -> LineAmounts:
        """Return what the row at ``line`` came to; ``quantity_milli`` is above zero.

        A total that the file does not give is the exact price times the quantity, less
        the discount, half up.
        """
        stated = Stated()
        if not self._style.totals_are_of_documents:
            stated = self.stated(cells, is_return=is_return, line=line)
        total_minor = stated.gross_minor
        if self.has_price(cells):
            adds_vat = self._prices_are_net and not is_exempt
            if adds_vat and total_minor is not None:
                listed_minor = self.listed(cells, quantity_milli, is_return=is_return)
                is_same = agree(listed_minor, total_minor)
                if is_same and stated.net_minor is None:
                    # The total is as net as the price.
                    total_minor = self.with_vat(total_minor)
                elif is_same:
                    # The prices of this document have their IVA, unlike others'.
                    adds_vat = False
            unit_price_minor = self._unit_price(cells, is_return, adds_vat, line)
            if total_minor is None:
                total_minor = self.listed(
                    cells, quantity_milli, is_return=is_return, adds_vat=adds_vat
                )
            # What the file says of the total counts for more than its price, and no
            # price is below what was paid: such a one lacks its IVA.
            lacking = total_minor * MILLI - unit_price_minor * quantity_milli
            if lacking > MILLI:
                unit_price_minor = divide_half_up(total_minor * MILLI, quantity_milli)
        elif total_minor is not None:
            before_discount_minor = total_minor + self._discount_minor(cells)
            unit_price_minor = divide_half_up(
                before_discount_minor * MILLI, quantity_milli
            )
        else:
            raise BadCell("falta el precio")

        if max(unit_price_minor, total_minor) > MAX_MONEY_MINOR:
            raise BadCell("el monto es demasiado grande")
        cost_minor = self._cost(cells, quantity_milli, line)
        return LineAmounts(unit_price_minor, total_minor, cost_minor)

    def listed(
        self,
        cells: list[str],
        quantity_milli: int,
        *,
        is_return: bool = False,
        adds_vat: bool = False,
    ) -> int:
        """Return the exact price times the quantity, less the discount, half up."""
        mantissa, scale = self._price(cells, is_return)
        numerator = quantity_milli * mantissa * self._minor_per_unit
        denominator = MILLI * 10**scale

        if cell_at(cells, self._columns.discount):
            is_amount, taken, off_scale = self._discount(cells)
            numerator *= 10**off_scale
            if is_amount:
                numerator -= taken * self._minor_per_unit * denominator
            else:
                numerator -= numerator // 10**off_scale * taken
            denominator *= 10**off_scale
            if numerator < 0:
                raise BadCell("el descuento es mayor que el precio de la línea")

        if adds_vat:
            numerator *= BASIS + self._vat_bp
            denominator *= BASIS
        return divide_half_up(numerator, denominator)

    def stated(
        self,
        cells: list[str],
        *,
        is_return: bool,
        line: int,
    ) -> Stated:
        """Return what the row says of its gross and net, as far as it does."""
        columns = self._columns
        total_minor = None
        if cell_at(cells, columns.total):
            total_minor = self._total(cells, is_return, line)
        if columns.net < 0 and columns.vat < 0:
            return Stated(total_minor)

        net_minor = self._money(cells, columns.net, "el neto", line)
        vat_minor = self._vat(cells, line)
        if net_minor is not None and vat_minor is not None:
            # A total of more than these has something exempt in it.
            return Stated(max(net_minor + vat_minor, total_minor or 0), net_minor)
        if total_minor is not None and net_minor is not None:
            return Stated(max(total_minor, net_minor), net_minor)
        if total_minor is not None and vat_minor is not None:
            # The total has its IVA in it, unless the IVA is that of a net amount.
            added_minor = divide_half_up(total_minor * self._vat_bp, BASIS)
            if self._vat_bp and abs(added_minor - vat_minor) <= 1:
                return Stated(total_minor + vat_minor, total_minor)
            return Stated(total_minor, total_minor - vat_minor)
        if net_minor is not None:
            gross_minor = None
            if self._prices_are_net:
                gross_minor = self.with_vat(net_minor)
            return Stated(gross_minor, net_minor)
        return Stated(total_minor)

    def with_vat(self, net_minor: int) -> int:
        """Return a net amount with its IVA."""
        return divide_half_up(net_minor * (BASIS + self._vat_bp), BASIS)

    @property
    def prices_are_named_net(self) -> bool:
        """Tell whether the only price is in a column that is called net."""
        return self._columns.price < 0 <= self._columns.net_price

    def has_price(self, cells: list[str]) -> bool:
        """Tell whether the row gives the price of a unit."""
        return bool(cell_at(cells, self._price_column))

    def _unit_price(
        self,
        cells: list[str],
        is_return: bool,
        adds_vat: bool,
        line: int,
    ) -> int:
        mantissa, scale = self._price(cells, is_return)
        if adds_vat:  # and so it is rounded without a notice
            with_vat = mantissa * self._minor_per_unit * (BASIS + self._vat_bp)
            return divide_half_up(with_vat, BASIS * 10**scale)
        return self._rounded_minor(mantissa, scale, line)

    def _price(
        self,
        cells: list[str],
        is_return: bool,
    ) -> tuple[int, int]:
        """Return the price as mantissa and scale; it is zero or more."""
        price_cell = cells[self._price_column]
        mantissa, scale = number_in(price_cell, self._style.money_mark, "el precio")
        if mantissa < 0 and not is_return:
            raise BadCell(f"el precio «{as_written(price_cell)}» es negativo")
        return abs(mantissa), scale

    def _discount(self, cells: list[str]) -> tuple[bool, int, int]:
        """Return whether the discount is an amount, and it or its share of the price.

        Both are a mantissa and a scale; a discount may be written with a minus sign.
        """
        text = cell_at(cells, self._columns.discount).lstrip("-−")
        percent = _PERCENT.fullmatch(text)
        if percent is not None:
            whole, fraction = percent.groups(default="")
            return False, int(whole + fraction), len(fraction) + 2

        style = self._style.discounts
        if style is DiscountStyle.PERCENT:
            percent = _PERCENT.fullmatch(f"{text}%")
            if percent is None:
                raise BadCell(f"el descuento «{as_written(text)}» no es un porcentaje")
            whole, fraction = percent.groups(default="")
            return False, int(whole + fraction), len(fraction) + 2
        mantissa, scale = number_in(text, self._style.money_mark, "el descuento")
        return style is DiscountStyle.AMOUNT, abs(mantissa), scale

    def _discount_minor(self, cells: list[str]) -> int:
        """Return what was taken off a total; 0 where that is no plain amount."""
        cell = cell_at(cells, self._columns.discount)
        if self._style.discounts is not DiscountStyle.AMOUNT or not parse_number(cell):
            return 0
        mantissa, scale = number_in(cell, self._style.money_mark, "el descuento")
        return divide_half_up(abs(mantissa) * self._minor_per_unit, 10**scale)

    def _total(
        self,
        cells: list[str],
        is_return: bool,
        line: int,
    ) -> int:
        """Return the total in minor units; only that of a return may be below zero."""
        total_cell = cells[self._columns.total]
        mantissa, scale = number_in(
            total_cell, self._style.money_mark, "el total de la línea"
        )
        if mantissa < 0 and not is_return:
            raise BadCell(
                f"el total de la línea «{as_written(total_cell)}» es negativo"
            )
        return self._rounded_minor(abs(mantissa), scale, line)

    def _money(
        self,
        cells: list[str],
        position: int,
        words: str,
        line: int,
    ) -> int | None:
        """Return an amount in minor units, without its sign; None for a blank cell."""
        cell = cell_at(cells, position)
        if not cell:
            return None
        mantissa, scale = number_in(cell, self._style.money_mark, words)
        return self._rounded_minor(abs(mantissa), scale, line)

    def _vat(
        self,
        cells: list[str],
        line: int,
    ) -> int | None:
        """Return the IVA in minor units; None for a rate, a yes or no, and a blank."""
        cell = cell_at(cells, self._columns.vat)
        if parse_number(cell) is None:  # 19 % is none either
            return None
        mantissa, scale = number_in(cell, self._style.money_mark, "el IVA")
        # 19, or 0.19 where the cell shows it as 19 %.
        share_bp = mantissa * BASIS // 10**scale
        if share_bp and share_bp in {self._vat_bp, self._vat_bp * 100}:
            return None
        return self._rounded_minor(abs(mantissa), scale, line)

    def _cost(
        self,
        cells: list[str],
        quantity_milli: int,
        line: int,
    ) -> int | None:
        """Return the cost of a unit, from that of the line if need be."""
        cost_minor = self._money(cells, self._columns.cost, "el costo", line)
        if cost_minor is None:
            line_cost_minor = self._money(
                cells, self._columns.line_cost, "el costo de la línea", line
            )
            if line_cost_minor is None:
                return None
            cost_minor = divide_half_up(line_cost_minor * MILLI, quantity_milli)
        if cost_minor > MAX_MONEY_MINOR:
            raise BadCell("el costo es demasiado grande")
        return cost_minor

    def _rounded_minor(
        self,
        mantissa: int,
        scale: int,
        line: int,
    ) -> int:
        """Return an amount in minor units, rounded half up with a notice."""
        amount_minor = mantissa * self._minor_per_unit
        if amount_minor % 10**scale:
            self._notices.add(ROUNDED, line)
        return divide_half_up(amount_minor, 10**scale)
