"""One row of past sales: its cells become what a document needs of it."""

import re
from contextlib import suppress

from msgspec import Struct

from trastienda.domain import barcode
from trastienda.domain.past_sales import PastGood
from trastienda.domain.payments import Method
from trastienda.domain.quantities import MILLI
from trastienda.domain.text import MAX_NAME, MAX_TEXT
from trastienda.files.cells.codes import code_in, lost_a_zero
from trastienda.files.cells.dates import DateParser, LocalMoment, written_date
from trastienda.files.cells.documents import (
    DocumentType,
    Role,
    document_type_in,
    is_paid_or_void,
    is_void_state,
    number_in_full,
    says_void,
)
from trastienda.files.cells.fields import (
    BadCell,
    flag_in,
    rut_in,
    text_in,
)
from trastienda.files.cells.payments import PaidPart, payments_in
from trastienda.files.imports.notices import LOST_ZERO, Notices
from trastienda.files.imports.options import ImportOptions
from trastienda.files.imports.past_sale_amounts import AmountReader, LineAmounts
from trastienda.files.imports.past_sale_columns import (
    PastSaleColumns,
    PastSaleStyle,
    cell_at,
)

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
    bare_number: str
    """As the file has it, without type and till."""
    code: str
    name: str
    quantity_milli: int
    """Above zero, of a return too."""
    unit_price_minor: int
    total_minor: int
    cost_minor: int | None
    exempt: bool | None
    sale_number: str
    customer_rut: str
    reason: str
    payments: tuple[PaidPart, ...]

    @property
    def document_key(self) -> tuple[bool, str, int]:
        """What all rows of a document have in common."""
        return self.is_return, self.number, self.day


class _Sold(Struct, frozen=True):
    """What a row says of the goods."""

    is_return: bool
    code: str
    name: str
    quantity_milli: int
    exempt: bool | None
    amounts: LineAmounts


class LeftOut(Exception):
    """A row that counts for nothing in the books of the shop; the text says why."""


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
        self._amounts = AmountReader(columns, style, options, notices)
        self._minor_per_unit = 10**options.exponent
        self._latest_ms = options.latest_ms
        date_parser = DateParser(
            options.time_zone,
            style.date_order,
            typed_are_swapped=style.typed_dates_are_swapped,
        )
        self._parse_date = date_parser.parse
        self._previous_number = ""
        self._rows_of_number = 0
        self._customer_of_number = ""

    def read(
        self,
        position: int,
        line: int,
        cells: list[str],
    ) -> PastRow:
        """Return the row, the file's ``position``-th.

        Raises LeftOut if it is none of a sale or return, BadCell if it cannot be taken.
        """
        document_type = self._type_that_counts(cells)
        state_cell = cell_at(cells, self._columns.state)
        if is_paid_or_void(state_cell):
            raise BadCell(
                f"el estado «{state_cell}» puede ser pagada o anulada; "
                "escribe una de las dos, o no uses la columna con --map COLUMNA="
            )
        number = self.number(cells)
        self._count_rows(number)
        moment = self._moment(cells)
        sold = self._sold(cells, document_type, line)
        sale_number = self._text(cells, self._columns.sale_number, "la venta de origen")
        if not sale_number and document_type.role is not Role.RETURN:
            sale_number = number  # what came back stands among what was sold
        customer_rut = self._customer(cells)
        reason_cell = cell_at(cells, self._columns.reason)
        reason = text_in(reason_cell, "el motivo", MAX_TEXT)
        payments = self._payments(cells, is_return=sold.is_return)

        # What a refused row says of its goods does not count.
        self._add_good(sold)
        # By position: keywords would cost as much as reading the row does otherwise.
        return PastRow(
            sold.is_return,
            len(number),
            number,
            moment.day,
            position,
            moment.at_ms,
            cell_at(cells, self._columns.number),
            sold.code,
            sold.name,
            sold.quantity_milli,
            sold.amounts.unit_price_minor,
            sold.amounts.total_minor,
            sold.amounts.cost_minor,
            sold.exempt,
            sale_number,
            customer_rut,
            reason,
            payments,
        )

    def _sold(
        self,
        cells: list[str],
        document_type: DocumentType,
        line: int,
    ) -> _Sold:
        """Return what the row at ``line`` says of the goods."""
        columns = self._columns
        name_cell = cell_at(cells, columns.name)
        name = text_in(name_cell, "la descripción", MAX_NAME)
        code_cell = cell_at(cells, columns.code)
        code = code_in(code_cell, name)
        signed_quantity_milli = self._amounts.quantity(cells)
        if lost_a_zero(code):
            self._notices.add(LOST_ZERO, line)

        bare_number = cell_at(cells, columns.number)
        is_return = self._is_return(document_type, bare_number, signed_quantity_milli)
        quantity_milli = abs(signed_quantity_milli)
        exempt_cell = cell_at(cells, columns.exempt)
        exempt = document_type.exempt
        if exempt_cell:
            exempt = flag_in(exempt_cell, "exento")
        amounts = self._amounts.line(
            cells,
            quantity_milli,
            is_return=is_return,
            is_exempt=exempt is True,
            line=line,
        )
        return _Sold(is_return, code, name, quantity_milli, exempt, amounts)

    def _text(
        self,
        cells: list[str],
        position: int,
        words: str,
    ) -> str:
        return text_in(cell_at(cells, position), words, MAX_NUMBER)

    def number(self, cells: list[str]) -> str:
        """Return the number of the row's document, with its type, till and branch."""
        columns = self._columns
        number = self._text(cells, columns.number, "el número de documento")
        if not number:
            raise BadCell("falta el número de documento")
        if columns.type < 0 and columns.till < 0 and columns.branch < 0:
            return number

        full_number = number_in_full(
            number,
            document_type_in(cell_at(cells, columns.type)).name,
            cell_at(cells, columns.till),
            cell_at(cells, columns.branch),
        )
        return text_in(full_number, "el número con su tipo y su caja", MAX_NUMBER)

    def document_of(self, cells: list[str]) -> tuple[str, int]:
        """Return number and day of the document, as far as a bad row shows them.

        Else they are empty and 0. Raises LeftOut for a row that does not count.
        """
        self._type_that_counts(cells)
        number = ""
        day = 0
        with suppress(BadCell):
            number = self.number(cells)
        with suppress(BadCell):
            day = self._moment(cells).day
        return number, day

    def _type_that_counts(self, cells: list[str]) -> DocumentType:
        """Return the type of the document; raise LeftOut for one that does not count."""
        columns = self._columns
        is_void = is_void_state(cell_at(cells, columns.state))
        if is_void or says_void(cell_at(cells, columns.void)):
            raise LeftOut("Filas anuladas, que quedan fuera")

        document_type = document_type_in(cell_at(cells, columns.type))
        if document_type.role is Role.NO_SALE:
            raise LeftOut(
                f"Filas de «{document_type.name}», que no es una venta y queda fuera"
            )
        return document_type

    def _count_rows(self, number: str) -> None:
        if number != self._previous_number:
            self._previous_number = number
            self._rows_of_number = 0
            self._customer_of_number = ""
        self._rows_of_number += 1
        if self._rows_of_number > MAX_DOCUMENT_LINES:
            raise BadCell(f"el documento {number} pasa de {MAX_DOCUMENT_LINES} líneas")

    def _moment(self, cells: list[str]) -> LocalMoment:
        columns = self._columns
        moment_text = columns.moment(cells)
        date_text = written_date(cell_at(cells, columns.date))
        if moment_text is None:
            raise BadCell(
                f"la fecha «{date_text}» y la hora «{cell_at(cells, columns.time)}» "
                "no son la misma; deja una con --map COLUMNA="
            )
        moment = self._parse_date(moment_text)
        if moment is None:
            time_text = cell_at(cells, columns.time)
            if time_text and self._parse_date(cell_at(cells, columns.date)):
                raise BadCell(f"la hora «{time_text}» no es una hora")
            order = self._style.date_order
            raise BadCell(f"la fecha «{date_text}» no es una fecha {order}")
        if moment.at_ms < 0:
            raise BadCell(f"la fecha «{date_text}» es anterior a 1970")
        if self._latest_ms is not None and moment.at_ms > self._latest_ms:
            raise BadCell(f"la fecha «{date_text}» está en el futuro")
        return moment

    def _is_return(
        self,
        document_type: DocumentType,
        bare_number: str,
        signed_quantity_milli: int,
    ) -> bool:
        if document_type.role is Role.RETURN or signed_quantity_milli < 0:
            return True
        has_c = RETURN_NUMBER.fullmatch(bare_number) is not None
        return self._style.c_means_return and has_c

    def _customer(self, cells: list[str]) -> str:
        customer_rut = rut_in(cell_at(cells, self._columns.customer))
        self._customer_of_number = customer_rut or self._customer_of_number
        return customer_rut

    def _payments(
        self,
        cells: list[str],
        *,
        is_return: bool,
    ) -> tuple[PaidPart, ...]:
        """Return how the row says that its document was paid."""
        payments_cell = cell_at(cells, self._columns.payments)
        payments = payments_in(
            payments_cell, self._style.money_mark, self._minor_per_unit
        )
        is_debt = any(method == Method.OWED for method, _ in payments)
        if is_debt and not is_return and not self._customer_of_number:
            raise BadCell(
                f"«{payments_cell}» queda por cobrar y falta el RUT de quien debe; "
                "va en la columna del cliente"
            )
        return payments

    def _add_good(self, sold: _Sold) -> None:
        """Keep what the rows say of a code: the last price, and the name beside it."""
        seen = PastGood(
            sold.code,
            sold.name,
            sold.amounts.unit_price_minor or None,
            sold.quantity_milli % MILLI > 0,
            sold.exempt,
            sold.amounts.cost_minor,
        )
        code_key = barcode.key(seen.code)
        good = self._goods.get(code_key)
        if good is None:
            self._goods[code_key] = seen
            return

        # What was given back may be less than the price.
        may_set_price = not sold.is_return or not good.price_minor
        if seen.price_minor and may_set_price:
            good.price_minor = seen.price_minor
            good.name = seen.name or good.name

        good.name = good.name or seen.name
        good.divisible = good.divisible or seen.divisible
        if seen.cost_minor is not None:
            good.cost_minor = seen.cost_minor
        if good.exempt is None:
            good.exempt = seen.exempt
