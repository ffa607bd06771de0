"""Rows of a product list that are no products: titles of sections, totals, the header
once more.

They are left out and told. A row that only looks like a total is refused instead.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from trastienda.domain.text import fold
from trastienda.files.cells.numbers import parse_number
from trastienda.files.imports.notices import Notices
from trastienda.files.imports.product_rows import ProductRow
from trastienda.files.tables.table import header_key

SECTIONS = "Títulos entre los productos; no se tomaron"
REPEATED_HEADERS = "El encabezado otra vez; no se tomó"
TOTALS = "Filas de totales, que no son productos; no se tomaron"
OTHER_TOTALS = (
    "Filas de totales, que no son productos; no se tomaron, pero sus números no son la "
    "suma ni la cuenta de las filas: revisa que no falte ninguna"
)
NO_TOTAL = (
    "parece una fila de total, pero no es la suma de las de arriba; "
    "si es un producto, ponle un código, y si no, borra la fila"
)

_TOTAL = re.compile(
    r"(?:(?:sub|gran)?[ -]*total(?:es)?|suma(?:s|toria)?|(?:monto|valor) total)"
    r"(?: (?:de )?(?:general(?:es)?|final|productos?|articulos?|items?|inventario|stock"
    r"|lista|pagina|hoja|unidades|categoria|seccion))?"
    r"[ :=.$]*[0-9.,]*(?: ?(?:productos?|articulos?|items?|unidades))?"
)


class OtherRows:
    """Finds the rows of a table that are no products; it is shown all rows first."""

    def __init__(
        self,
        header: Sequence[str],
        positions: Mapping[str, int],
    ) -> None:
        self._header_keys = [header_key(cell) for cell in header]
        self._name_position = positions.get("name")
        self._named_positions = [
            positions[field] for field in ("code", "name") if field in positions
        ]
        self._last_line = 0
        """Of the rows that may be products."""

    def observe(self, row: ProductRow) -> bool:
        """Take a row into account, and tell whether it may be a product."""
        is_other = (
            self._is_header(row) or self._is_section(row) or self._is_called_total(row)
        )
        if not is_other:
            self._last_line = row.line
        return not is_other

    def left_out(
        self,
        rows: Iterable[ProductRow],
        money_mark: str | None,
        quantity_mark: str | None,
        notices: Notices,
    ) -> Iterator[ProductRow]:
        """Yield the rows without those that are no products."""
        sums = _Sums({"price": money_mark, "cost": money_mark, "stock": quantity_mark})
        for row in rows:
            if self._is_header(row):
                notices.add(REPEATED_HEADERS, row.line)
            elif self._is_called_total(row):
                is_sum = sums.fit(row)
                is_last = row.line > self._last_line
                if not is_sum and not is_last:
                    yield replace(row, problem=NO_TOTAL)
                    continue
                notices.add(TOTALS if is_sum else OTHER_TOTALS, row.line)
                sums.start_section()
            elif self._is_section(row):
                notices.add(SECTIONS, row.line)
                sums.start_section()
            else:
                sums.add(row)
                yield row

    def _is_called_total(self, row: ProductRow) -> bool:
        """Tell whether a row without a code is called a total.

        The sum in it may be a formula that cannot be read.
        """
        for position in self._named_positions:
            if position < len(row.raw_cells) and row.raw_cells[position].strip():
                return _is_total(row.raw_cells[position])
        return any(map(_is_total, row.raw_cells))

    def _is_header(self, row: ProductRow) -> bool:
        keys = [header_key(cell) for cell in row.raw_cells]
        return keys == self._header_keys

    def _is_section(self, row: ProductRow) -> bool:
        """Tell whether nothing but a text stands in the row: in its first cell, or in
        capitals where the names are."""
        filled_positions = [
            position for position, cell in enumerate(row.raw_cells) if cell.strip()
        ]
        if row.problem is not None or len(filled_positions) != 1:
            return False

        position = filled_positions[0]
        text = row.raw_cells[position].strip()
        if not any(map(str.isalpha, text)):
            return False
        if position == 0:
            # One word with a digit in it is a code rather than a title.
            return " " in text or text.isalpha() or position == self._name_position
        return position == self._name_position and text == text.upper()


def _is_total(text: str) -> bool:
    return _TOTAL.fullmatch(" ".join(fold(text).split())) is not None


class _Sums:
    """What the numbers of the rows so far come to: of all rows, and of those since the
    last title or total."""

    def __init__(self, marks: Mapping[str, str | None]) -> None:
        self._marks = marks
        self._of_all: dict[str, Fraction] = {}
        self._of_section: dict[str, Fraction] = {}

    def start_section(self) -> None:
        """Begin a new section."""
        self._of_section.clear()

    def add(self, row: ProductRow) -> None:
        """Add the numbers of a row, and what its stock is worth."""
        numbers = self._numbers(row)
        stock = numbers.get("stock", Fraction())
        worths = {
            f"{field} of all stock": numbers[field] * stock
            for field in ("price", "cost")
            if field in numbers
        }
        addends = {"count": Fraction(1), **numbers, **worths}
        for sums in (self._of_all, self._of_section):
            for name, addend in addends.items():
                sums[name] = sums.get(name, Fraction()) + addend

    def fit(self, row: ProductRow) -> bool:
        """Tell whether a number of a total is one of the sums, or the count; a total
        without numbers has none to be wrong."""
        known_sums = {*self._of_all.values(), *self._of_section.values()}
        numbers = self._numbers(row).values()
        return not numbers or not known_sums.isdisjoint(numbers)

    def _numbers(self, row: ProductRow) -> dict[str, Fraction]:
        numbers = {}
        for field, mark in self._marks.items():
            cell = row.cells.get(field)
            number = parse_number(cell) if isinstance(cell, str) else None
            if number is not None:
                scale = number.scale_with(mark) or 0
                numbers[field] = Fraction(number.mantissa, 10**scale)
        return numbers
