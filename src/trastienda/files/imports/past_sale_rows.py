"""A row of past sales: its cells become what a document needs of it."""

import re
from functools import lru_cache

from msgspec import Struct

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.money import MAX_MONEY_MINOR, divide_half_up
from trastienda.domain.past_sales import PastGood
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI
from trastienda.domain.rut import normalise
from trastienda.domain.text import MAX_NAME, MAX_TEXT
from trastienda.files.cells.dates import Calendar
from trastienda.files.cells.fields import (
    BadCell,
    code_in,
    flag_in,
    lost_a_zero,
    number_in,
    text_in,
)
from trastienda.files.cells.numbers import shown
from trastienda.files.cells.payments import Paid, paid_in
from trastienda.files.imports.detection import ImportOptions
from trastienda.files.imports.notices import LOST_ZERO, ROUNDED, Notices

MAX_NUMBER = 48
"""Characters; with the day behind it a number still has room in its column."""
MAX_DOCUMENT_LINES = 20_000
"""Rows in a row of one number: more of them is a column that is no number of a document, and would fill the memory."""

RETURN_NUMBER = re.compile(r"[Cc][0-9]+")

PastRow = tuple[
    bool,
    int,
    str,
    int,
    int,
    int,
    str,
    str,
    int,
    int,
    int,
    bool | None,
    str,
    str,
    str,
    tuple[Paid, ...],
]
"""Is a return, length of the number, number, day, place in the file, at, code, name, quantity, unit price, total,
exempt, sale's number, customer, reason, payments: in this order they sort into documents, sales first, numbers as
people count them."""


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place >= 0 else ""


class Columns(Struct, frozen=True):
    """Where each field stands; -1 for one that the file does not have."""

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
        if self.time < 0:
            return cells[self.date]
        return f"{cells[self.date]} {cells[self.time]}"


class Habits(Struct, frozen=True):
    """How this file writes: its decimal marks, the order of its dates, and whether a C in front means a return."""

    quantity_mark: str | None
    money_mark: str | None
    date_order: str
    c_returns: bool


class RowReader:
    """Turns the cells of a row into what a document needs of it."""

    def __init__(
        self,
        columns: Columns,
        habits: Habits,
        options: ImportOptions,
        goods: dict[str, PastGood],
        notices: Notices,
    ) -> None:
        self._columns = columns
        self._habits = habits
        self._goods = goods
        self._notices = notices
        self._unit = 10**options.exponent
        self._latest_ms = options.latest_ms
        self._moment = Calendar(options.zone, habits.date_order).read
        self._number_run = ("", 0)

    def read(self, place: int, line: int, cells: list[str]) -> PastRow:
        """Return the row, the file's ``place``-th; raise BadCell where it cannot be taken."""
        columns = self._columns
        number = self._document_number(cells)
        moment = self._moment(columns.moment(cells))
        if moment is None:
            raise BadCell(
                f"la fecha «{columns.moment(cells).strip()}» no es una fecha {self._habits.date_order}"
            )
        if self._latest_ms is not None and moment[0] > self._latest_ms:
            raise BadCell(
                f"la fecha «{columns.moment(cells).strip()}» está en el futuro"
            )
        name = text_in(_cell(cells, columns.name), "la descripción", MAX_NAME)
        code = code_in(_cell(cells, columns.code), name)
        quantity_milli = self._quantity(cells)
        if lost_a_zero(code):
            self._notices.see(LOST_ZERO, line)
        unit_price_minor, total_minor = self._money(cells, quantity_milli, line)
        is_return = quantity_milli < 0 or (
            self._habits.c_returns and RETURN_NUMBER.fullmatch(number) is not None
        )
        quantity_milli = abs(quantity_milli)
        exempt = self._exempt(cells)
        self._take_good(
            PastGood(
                code, name, unit_price_minor or None, quantity_milli % MILLI > 0, exempt
            ),
            is_return,
        )
        return (
            is_return,
            len(number),
            number,
            moment[1],
            place,
            moment[0],
            code,
            name,
            quantity_milli,
            unit_price_minor,
            total_minor,
            exempt,
            text_in(
                _cell(cells, columns.sale_number), "la venta de origen", MAX_NUMBER
            ),
            _rut(_cell(cells, columns.customer)),
            text_in(_cell(cells, columns.reason), "el motivo", MAX_TEXT),
            paid_in(
                _cell(cells, columns.payments), self._habits.money_mark, self._unit
            ),
        )

    def _exempt(self, cells: list[str]) -> bool | None:
        text = _cell(cells, self._columns.exempt)
        return flag_in(text, "exento") if text else None

    def _document_number(self, cells: list[str]) -> str:
        number = text_in(
            _cell(cells, self._columns.number), "el número de documento", MAX_NUMBER
        )
        if not number:
            raise BadCell("falta el número de documento")
        last, count = self._number_run
        count = count + 1 if number == last else 1
        self._number_run = number, count
        if count > MAX_DOCUMENT_LINES:
            raise BadCell(f"el documento {number} pasa de {MAX_DOCUMENT_LINES} líneas")
        return number

    def _quantity(self, cells: list[str]) -> int:
        found, scale = number_in(
            cells[self._columns.quantity], self._habits.quantity_mark, "la cantidad"
        )
        quantity_milli, rest = divmod(abs(found.mantissa) * MILLI, int(10**scale))
        if rest:
            raise BadCell(
                f"la cantidad «{shown(cells[self._columns.quantity])}» tiene más de tres decimales"
            )
        if not quantity_milli:
            raise BadCell("la cantidad es 0")
        if quantity_milli > MAX_QUANTITY_MILLI:
            raise BadCell("la cantidad es demasiado grande")
        return -quantity_milli if found.mantissa < 0 else quantity_milli

    def _money(
        self, cells: list[str], quantity_milli: int, line: int
    ) -> tuple[int, int]:
        """Return unit price and line total, both of an absolute quantity: the total of the exact price, half up."""
        columns, mark, unit = self._columns, self._habits.money_mark, self._unit
        units_milli = abs(quantity_milli)
        has_price = columns.price >= 0 and bool(cells[columns.price].strip())
        has_total = columns.total >= 0 and bool(cells[columns.total].strip())
        if not has_price and not has_total:
            raise BadCell("falta el precio")
        unit_price_minor = total_minor = 0
        if has_price:
            price, scale = number_in(cells[columns.price], mark, "el precio")
            if price.mantissa < 0:
                raise BadCell(f"el precio «{cells[columns.price]}» es negativo")
            unit_price_minor = self._rounded(price.mantissa, scale, line)
            total_minor = divide_half_up(
                units_milli * price.mantissa * unit, MILLI * 10**scale
            )
        if has_total:
            total, scale = number_in(cells[columns.total], mark, "el total de la línea")
            if total.mantissa < 0 < quantity_milli:
                raise BadCell(
                    f"el total de la línea «{cells[columns.total]}» es negativo"
                )
            total_minor = self._rounded(abs(total.mantissa), scale, line)
            if not has_price:
                unit_price_minor = divide_half_up(total_minor * MILLI, units_milli)
        if max(unit_price_minor, total_minor) > MAX_MONEY_MINOR:
            raise BadCell("el monto es demasiado grande")
        return unit_price_minor, total_minor

    def _rounded(self, mantissa: int, scale: int, line: int) -> int:
        if mantissa * self._unit % 10**scale:
            self._notices.see(ROUNDED, line)
        return divide_half_up(mantissa * self._unit, 10**scale)

    def _take_good(self, seen: PastGood, is_return: bool) -> None:
        key = barcode.key(seen.code)
        good = self._goods.get(key)
        if good is None:
            self._goods[key] = seen
            return
        if seen.price_minor and not (
            is_return and good.price_minor
        ):  # what was given back may be less than the price
            good.price_minor, good.name = seen.price_minor, seen.name or good.name
        good.name = good.name or seen.name
        good.divisible = good.divisible or seen.divisible
        good.exempt = seen.exempt if good.exempt is None else good.exempt


@lru_cache(maxsize=4096)
def _rut(text: str) -> str:
    """Return a customer's RUT, or nothing: other shops number their customers otherwise."""
    if "-" not in text:
        return ""
    try:
        return normalise(text)
    except Invalid:
        return ""
