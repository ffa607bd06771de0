"""The cells of one row of a product list, read by field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.money import divide_half_up
from trastienda.domain.products import Discount, Unit
from trastienda.domain.quantities import MILLI
from trastienda.domain.text import fold
from trastienda.files.cells.dates import DateParser, has_time, render_typed_date
from trastienda.files.cells.fields import BadCell, flag_in, number_in
from trastienda.files.cells.numbers import as_written
from trastienda.files.imports.notices import (
    NEGATIVE_STOCK,
    PERCENT_AS_SHARE,
    ROUNDED,
    UNKNOWN_UNIT,
    Notices,
)
from trastienda.wire.products import Descuento, discount_in

_UNIT_SPELLINGS = {
    Unit.PIECE: "un u ud uds und unid unidad unidades unit units ea each pz pza pieza "
    "piezas pzas pcs pc c/u",
    Unit.KILOGRAM: "k kg kgs kgr kilo kilos kilogramo kilogramos kilogram kilograms",
    Unit.GRAM: "g gr grs gramo gramos gram grams",
    Unit.LITRE: "l lt lts ltr litro litros litre litres liter liters",
    Unit.MILLILITRE: "ml mililitro mililitros cc",
    Unit.METRE: "m mt mts metro metros metre metres meter meters",
}
_UNITS = {
    spelling: unit
    for unit, spellings in _UNIT_SPELLINGS.items()
    for spelling in spellings.split()
}
_WORDS = {
    "price": "el precio",
    "cost": "el costo",
    "stock": "el stock",
    "min_stock": "el stock mínimo",
    "exempt": "exento",
    "taxed": "afecto",
    "vat": "el IVA",
    "in_house": "interno",
    "active": "el estado",
    "discount_percent": "el porcentaje de descuento",
    "discount_amount": "el monto de descuento",
    "discount_from": "el comienzo del descuento",
    "discount_until": "el fin del descuento",
}
"""The fields as a reason for refusing names them."""
_EXEMPT_WORDS = {"exento": True, "exenta": True, "e": True}
_EXEMPT_WORDS |= {"afecto": False, "afecta": False, "a": False}
_MAX_POWER = 30
"""Of a number of JSON, and its digits; far more than any amount has."""


class JsonNumber(Struct, frozen=True):
    """A number of JSON, whose decimal mark is the point."""

    value: Decimal


ProductCell = str | bool | JsonNumber | dict[str, object]
"""A cell of a table is a text; only JSON has the others, and objects only for a
discount."""
ProductCells = Mapping[str, ProductCell]
"""The cells of a product by field."""


class ProductStyle(Struct, frozen=True):
    """How a file writes money, quantities and dates, and what the importer decided.

    A decimal mark is None if the file leaves it open. ``exponent`` is the number of
    decimals of the shop's currency; with ``in_minor_units`` money is in minor units, as
    in HTTP answers. ``percent_is_share``: percentages are shares of one, as a
    spreadsheet keeps them. ``has_name`` and ``has_price`` say whether the file has these
    fields at all.
    """

    money_mark: str | None
    quantity_mark: str | None
    exponent: int
    dates: DateParser
    in_minor_units: bool = False
    percent_is_share: bool = False
    negative_stock_is_zero: bool = False
    has_name: bool = True
    has_price: bool = True


class CellReader:
    """Reads the cells of one row by field; what the row does not have is UNSET."""

    def __init__(
        self,
        cells: ProductCells,
        line: int,
        style: ProductStyle,
        notices: Notices,
    ) -> None:
        self._line = line
        self._style = style
        self._notices = notices
        self._cells: dict[str, ProductCell] = {}
        for field, cell in cells.items():
            is_empty = isinstance(cell, str) and not cell.strip()
            if not is_empty:
                self._cells[field] = cell

    def has(self, field: str) -> bool:
        """Tell whether the row has something in that field."""
        return field in self._cells

    def text(self, field: str) -> str:
        """Return the text, which is empty if the row has none."""
        cell = self._cells.get(field, "")
        if isinstance(cell, JsonNumber):
            return format(cell.value, "f")
        if not isinstance(cell, str):
            raise BadCell(f"{_WORDS.get(field, field)} no es un texto")
        return cell.strip()

    def flag(self, field: str) -> bool | UnsetType:
        """Return yes or no."""
        if field not in self._cells:
            return UNSET
        cell = self._cells[field]
        if isinstance(cell, bool):
            return cell
        return flag_in(self.text(field), _WORDS[field])

    def exempt(self) -> bool | UnsetType:
        """Return whether the product is exempt, by whichever columns say it."""
        answers = set()
        if self.has("exempt"):
            answers.add(self._exempt_word("exempt"))
        if self.has("taxed"):
            answers.add(self._exempt_word("taxed", means_taxed=True))
        if self.has("vat"):
            answers.add(self._has_no_vat())
        if len(answers) > 1:
            raise BadCell("una columna dice que es exento de IVA y otra que no")
        return answers.pop() if answers else UNSET

    def _exempt_word(
        self,
        field: str,
        *,
        means_taxed: bool = False,
    ) -> bool:
        """Return the answer of a cell that says exempt or taxed, or yes or no to one."""
        cell = self._cells[field]
        if isinstance(cell, str):
            word = fold(cell.strip()).rstrip(".")
            if word in _EXEMPT_WORDS:
                return _EXEMPT_WORDS[word]
        return bool(self.flag(field)) is not means_taxed

    def _has_no_vat(self) -> bool:
        """Return whether a rate or an amount of VAT is nothing; words count as well."""
        cell = self._cells["vat"]
        if not isinstance(cell, str):
            mantissa, _ = self._number("vat", None)
            return mantissa == 0
        number_text = cell.strip().removesuffix("%")
        if any(map(str.isdigit, number_text)):
            # Whatever the mark means, nothing is nothing.
            mantissa, _ = number_in(number_text, ",", _WORDS["vat"])
            return mantissa == 0
        return self._exempt_word("vat", means_taxed=True)

    def money(self, field: str) -> int | UnsetType:
        """Return an amount in minor units, rounded half up with a notice."""
        if field not in self._cells:
            return UNSET
        style = self._style
        mantissa, scale = self._amount(field, style.money_mark)
        minor_per_unit = 1 if style.in_minor_units else 10**style.exponent
        amount_minor = mantissa * minor_per_unit
        if amount_minor % 10**scale:
            if style.in_minor_units:
                raise BadCell(
                    f"{_WORDS[field]} no es un entero en la unidad menor de la moneda"
                )
            self._notices.add(ROUNDED, self._line)
        return divide_half_up(amount_minor, 10**scale)

    def stock(self) -> int | UnsetType:
        """Return the stock in thousandths; one below zero only where that is wanted."""
        if "stock" not in self._cells:
            return UNSET
        mantissa, _ = self._number("stock", self._style.quantity_mark)
        if mantissa >= 0:
            return self.quantity("stock")
        if not self._style.negative_stock_is_zero:
            raise BadCell(
                "el stock es negativo; con --negative-stock zero se toma como 0"
            )
        self._notices.add(NEGATIVE_STOCK, self._line)
        return 0

    def quantity(self, field: str) -> int | UnsetType:
        """Return a quantity in thousandths."""
        if field not in self._cells:
            return UNSET
        mantissa, scale = self._amount(field, self._style.quantity_mark)
        quantity_milli, rest = divmod(mantissa * MILLI, int(10**scale))
        if rest:
            raise BadCell(f"{_WORDS[field]} tiene más de tres decimales")
        return quantity_milli

    def unit(self) -> Unit | UnsetType:
        """Return the unit of measure.

        A word that is none (a box, a pack) says nothing: the product keeps its own unit,
        and a new one is sold by the piece.
        """
        if "unit" not in self._cells:
            return UNSET
        text = self.text("unit")
        unit = _UNITS.get(fold(text).rstrip(". "))
        if unit is None:
            self._notices.add(UNKNOWN_UNIT, self._line, text)
            return UNSET
        return unit

    def discount(self) -> Discount | UnsetType:
        """Return the discount: an object as by HTTP, or what the columns of a table
        say."""
        if "discount" in self._cells:
            return self._discount_of_json()
        has_percent = "discount_percent" in self._cells
        has_amount = "discount_amount" in self._cells
        if not has_percent and not has_amount:
            return UNSET
        for field in ("discount_from", "discount_until"):
            if field not in self._cells:
                raise BadCell(f"falta {_WORDS[field]}")

        share_bp = amount_minor = None
        if has_percent:
            share_bp = self._share()
        if has_amount:
            minor_per_unit = 10**self._style.exponent
            amount_minor = self._exact(
                "discount_amount", self._style.money_mark, minor_per_unit
            )
        return Discount(
            share_bp=share_bp,
            amount_minor=amount_minor,
            from_ms=self._moment("discount_from"),
            until_ms=self._moment("discount_until", at_end=True),
        )

    def _discount_of_json(self) -> Discount:
        try:
            encoded = msgspec.json.encode(self._cells["discount"], enc_hook=str)
            shape = msgspec.json.decode(encoded, type=Descuento, strict=False)
            return discount_in(shape)
        except (msgspec.ValidationError, TypeError) as error:
            raise BadCell(
                "el descuento no tiene la forma {porcentaje o monto, desde, hasta}"
            ) from error

    def _share(self) -> int:
        """Return the percentage of the discount in basis points."""
        field = "discount_percent"
        mark = self._style.quantity_mark
        cell = self._cells[field]
        if isinstance(cell, str) and cell.rstrip().endswith("%"):
            mantissa, scale = number_in(cell.rstrip()[:-1], mark or ",", _WORDS[field])
            share_bp, rest = divmod(mantissa * 100, int(10**scale))
            if rest:
                raise BadCell(f"{_WORDS[field]} tiene demasiados decimales")
            return share_bp
        if self._style.percent_is_share:
            self._notices.add(PERCENT_AS_SHARE, self._line)
            return self._exact(field, mark, 10_000)
        return self._exact(field, mark, 100)

    def _moment(
        self,
        field: str,
        *,
        at_end: bool = False,
    ) -> int:
        """Return a moment; a day means its beginning, or the beginning of the next one."""
        text = self.text(field)
        moment = self._style.dates.parse(text)
        if moment is None:
            raise BadCell(f"{_WORDS[field]} «{as_written(text)}» no es una fecha")
        if at_end and not has_time(text) and moment.day < date.max.toordinal():
            next_day = date.fromordinal(moment.day + 1)
            moment = self._style.dates.parse(render_typed_date(next_day)) or moment
        return moment.at_ms

    def _exact(
        self,
        field: str,
        decimal_mark: str | None,
        parts: int,
    ) -> int:
        """Return a number in ``parts`` of one; it may not have more decimals than they
        show."""
        mantissa, scale = self._amount(field, decimal_mark)
        value, rest = divmod(mantissa * parts, int(10**scale))
        if rest:
            raise BadCell(f"{_WORDS[field]} tiene demasiados decimales")
        return value

    def _amount(
        self,
        field: str,
        decimal_mark: str | None,
    ) -> tuple[int, int]:
        """Return mantissa and scale of a number that is zero or more."""
        mantissa, scale = self._number(field, decimal_mark)
        if mantissa < 0:
            raise BadCell(f"{_WORDS[field]} es negativo")
        return mantissa, scale

    def _number(
        self,
        field: str,
        decimal_mark: str | None,
    ) -> tuple[int, int]:
        """Return mantissa and scale of a number."""
        cell = self._cells[field]
        words = _WORDS[field]
        if isinstance(cell, JsonNumber):
            return _json_number(cell.value, words)
        if isinstance(cell, str):
            return number_in(cell, decimal_mark, words)
        raise BadCell(f"{words} no es un número")


def _json_number(
    value: Decimal,
    words: str,
) -> tuple[int, int]:
    is_negative, digits, power = value.as_tuple()
    if not isinstance(power, int) or abs(power) > _MAX_POWER:  # a text if infinite
        raise BadCell(f"{words} es demasiado grande")
    if len(digits) > _MAX_POWER:
        raise BadCell(f"{words} es demasiado grande")
    mantissa = int("".join(map(str, digits)))
    if is_negative:
        mantissa = -mantissa
    if power > 0:
        return mantissa * 10**power, 0
    return mantissa, -power
