"""One row of past sales: its cells become what a document needs of it."""

import re

from msgspec import Struct

from trastienda.domain import barcode
from trastienda.domain.money import MAX_MONEY_MINOR, divide_half_up
from trastienda.domain.past_sales import PastGood
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI
from trastienda.domain.text import MAX_NAME, MAX_TEXT
from trastienda.files.cells.dates import DateParser, LocalMoment
from trastienda.files.cells.fields import (
    BadCell,
    code_in,
    flag_in,
    lost_a_zero,
    number_in,
    rut_in,
    text_in,
)
from trastienda.files.cells.numbers import as_written
from trastienda.files.cells.payments import PaidPart, payments_in
from trastienda.files.imports.notices import LOST_ZERO, ROUNDED, Notices
from trastienda.files.imports.options import ImportOptions

MAX_NUMBER = 48
"""Characters; a number with a day behind it still fits into its column."""
MAX_DOCUMENT_LINES = 20_000
"""Rows in a row with one number. More of them means that the column is no document
number, and one document that long would fill the memory."""

RETURN_NUMBER = re.compile(r"[Cc][0-9]+")


class PastRow(Struct, frozen=True, array_like=True, order=True):
    """A row of a document.

    In the order of these fields rows sort into documents: sales before returns, numbers
    as people count them, and within a document as in the file.
    """

    is_return: bool
    number_length: int
    number: str
    day: int
    """In the shop's zone, as an ordinal."""
    position: int
    """Of the row in the file, and so unlike any other."""
    at_ms: int
    code: str
    name: str
    quantity_milli: int
    """Above zero, of a return too."""
    unit_price_minor: int
    total_minor: int
    exempt: bool | None
    sale_number: str
    customer_rut: str
    reason: str
    payments: tuple[PaidPart, ...]

    @property
    def document_key(self) -> tuple[bool, str, int]:
        """What all rows of a document have in common."""
        return self.is_return, self.number, self.day


class PastSaleColumns(Struct, frozen=True):
    """The position of each field's column; -1 for a field that the file lacks."""

    number: int
    quantity: int
    date: int
    code: int = -1
    name: int = -1
    time: int = -1
    price: int = -1
    total: int = -1
    customer: int = -1
    sale_number: int = -1
    reason: int = -1
    exempt: int = -1
    payments: int = -1

    def moment(self, cells: list[str]) -> str:
        """Return the date with its time."""
        date_text = cells[self.date]
        if self.time < 0:
            return date_text
        return f"{date_text} {cells[self.time]}"


class PastSaleStyle(Struct, frozen=True):
    """How a file writes: decimal marks, order of dates, what a C before a number means.

    A decimal mark is None if the file leaves it open.
    """

    quantity_mark: str | None
    money_mark: str | None
    date_order: str
    c_means_return: bool


def _cell(
    cells: list[str],
    position: int,
) -> str:
    """Return a cell without blanks around it; empty for a column that is not there."""
    if position < 0:
        return ""
    return cells[position].strip()


class PastSaleReader:
    """Turns the cells of rows into what documents need, and collects the goods sold."""

    def __init__(
        self,
        columns: PastSaleColumns,
        style: PastSaleStyle,
        options: ImportOptions,
        goods: dict[str, PastGood],
        notices: Notices,
    ) -> None:
        self._columns = columns
        self._style = style
        self._goods = goods
        self._notices = notices
        self._minor_per_unit = 10**options.exponent
        self._latest_ms = options.latest_ms
        date_parser = DateParser(options.time_zone, style.date_order)
        self._parse_date = date_parser.parse
        self._previous_number = ""
        self._rows_of_number = 0

    def read(
        self,
        position: int,
        line: int,
        cells: list[str],
    ) -> PastRow:
        """Return the row, the file's ``position``-th.

        Raises BadCell if it cannot be taken.
        """
        columns = self._columns
        number = self._document_number(cells)
        moment = self._moment(cells)
        name_cell = _cell(cells, columns.name)
        name = text_in(name_cell, "la descripción", MAX_NAME)
        code_cell = _cell(cells, columns.code)
        code = code_in(code_cell, name)
        signed_quantity_milli = self._quantity(cells)
        if lost_a_zero(code):
            self._notices.add(LOST_ZERO, line)
        unit_price_minor, total_minor = self._money(cells, signed_quantity_milli, line)

        is_return = signed_quantity_milli < 0
        if self._style.c_means_return and RETURN_NUMBER.fullmatch(number):
            is_return = True

        quantity_milli = abs(signed_quantity_milli)
        exempt_cell = _cell(cells, columns.exempt)
        exempt = flag_in(exempt_cell, "exento") if exempt_cell else None
        is_divisible = quantity_milli % MILLI > 0
        good = PastGood(code, name, unit_price_minor or None, is_divisible, exempt)
        self._add_good(good, is_return)

        sale_number_cell = _cell(cells, columns.sale_number)
        sale_number = text_in(sale_number_cell, "la venta de origen", MAX_NUMBER)
        customer_cell = _cell(cells, columns.customer)
        customer_rut = rut_in(customer_cell)
        reason_cell = _cell(cells, columns.reason)
        reason = text_in(reason_cell, "el motivo", MAX_TEXT)
        payments_cell = _cell(cells, columns.payments)
        payments = payments_in(
            payments_cell, self._style.money_mark, self._minor_per_unit
        )
        # By position: keywords would cost as much as reading the row does otherwise.
        return PastRow(
            is_return,
            len(number),
            number,
            moment.day,
            position,
            moment.at_ms,
            code,
            name,
            quantity_milli,
            unit_price_minor,
            total_minor,
            exempt,
            sale_number,
            customer_rut,
            reason,
            payments,
        )

    def _document_number(self, cells: list[str]) -> str:
        number_cell = _cell(cells, self._columns.number)
        number = text_in(number_cell, "el número de documento", MAX_NUMBER)
        if not number:
            raise BadCell("falta el número de documento")

        if number != self._previous_number:
            self._previous_number = number
            self._rows_of_number = 0
        self._rows_of_number += 1
        if self._rows_of_number > MAX_DOCUMENT_LINES:
            raise BadCell(f"el documento {number} pasa de {MAX_DOCUMENT_LINES} líneas")
        return number

    def _moment(self, cells: list[str]) -> LocalMoment:
        moment_text = self._columns.moment(cells)
        moment = self._parse_date(moment_text)
        if moment is None:
            order = self._style.date_order
            raise BadCell(f"la fecha «{moment_text.strip()}» no es una fecha {order}")
        if self._latest_ms is not None and moment.at_ms > self._latest_ms:
            raise BadCell(f"la fecha «{moment_text.strip()}» está en el futuro")
        return moment

    def _quantity(self, cells: list[str]) -> int:
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

    def _money(
        self,
        cells: list[str],
        signed_quantity_milli: int,
        line: int,
    ) -> tuple[int, int]:
        """Return unit price and line total in minor units, none of them below zero.

        A total that the file does not give is the exact price times the quantity, half
        up.
        """
        quantity_milli = abs(signed_quantity_milli)
        has_price = bool(_cell(cells, self._columns.price))
        has_total = bool(_cell(cells, self._columns.total))
        if not has_price and not has_total:
            raise BadCell("falta el precio")

        unit_price_minor = total_minor = 0
        if has_price:
            mantissa, scale = self._price(cells)
            unit_price_minor = self._rounded_minor(mantissa, scale, line)
            exact_total = quantity_milli * mantissa * self._minor_per_unit
            total_minor = divide_half_up(exact_total, MILLI * 10**scale)

        # What the file says of the total counts for more than its price.
        if has_total:
            mantissa, scale = self._total(cells, signed_quantity_milli)
            total_minor = self._rounded_minor(abs(mantissa), scale, line)
            if not has_price:
                unit_price_minor = divide_half_up(total_minor * MILLI, quantity_milli)

        if max(unit_price_minor, total_minor) > MAX_MONEY_MINOR:
            raise BadCell("el monto es demasiado grande")
        return unit_price_minor, total_minor

    def _price(self, cells: list[str]) -> tuple[int, int]:
        """Return the price as mantissa and scale; it is zero or more."""
        price_cell = cells[self._columns.price]
        mantissa, scale = number_in(price_cell, self._style.money_mark, "el precio")
        if mantissa < 0:
            raise BadCell(f"el precio «{price_cell}» es negativo")
        return mantissa, scale

    def _total(
        self,
        cells: list[str],
        signed_quantity_milli: int,
    ) -> tuple[int, int]:
        """Return the total as mantissa and scale; only a return's may be below zero."""
        total_cell = cells[self._columns.total]
        mantissa, scale = number_in(
            total_cell, self._style.money_mark, "el total de la línea"
        )
        if mantissa < 0 < signed_quantity_milli:
            raise BadCell(f"el total de la línea «{total_cell}» es negativo")
        return mantissa, scale

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

    def _add_good(
        self,
        seen: PastGood,
        is_return: bool,
    ) -> None:
        """Keep what the rows say of a code: the last price, and the name beside it."""
        code_key = barcode.key(seen.code)
        good = self._goods.get(code_key)
        if good is None:
            self._goods[code_key] = seen
            return

        # What was given back may be less than the price.
        may_set_price = not is_return or not good.price_minor
        if seen.price_minor and may_set_price:
            good.price_minor = seen.price_minor
            good.name = seen.name or good.name

        good.name = good.name or seen.name
        good.divisible = good.divisible or seen.divisible
        if good.exempt is None:
            good.exempt = seen.exempt
