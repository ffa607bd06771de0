"""One row of a product list: its cells become what the row says about a product."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.money import divide_half_up
from trastienda.domain.past_sales import ListedProduct, only_looks_like_gtin
from trastienda.domain.products import Discount, ProductChange, Unit
from trastienda.domain.quantities import MILLI
from trastienda.domain.text import MAX_NAME, fold
from trastienda.files.cells.fields import (
    BadCell,
    code_in,
    flag_in,
    lost_a_zero,
    number_in,
    text_in,
)
from trastienda.files.imports.notices import LOST_ZERO, ROUNDED, Notices
from trastienda.wire import refusals
from trastienda.wire.names import path as wire_name
from trastienda.wire.products import Descuento, discount_in
from trastienda.wire.values import time_in

_UNIT_SPELLINGS = {
    Unit.PIECE: "un u ud uds und unid unidad unidades unit units ea each pz pza pieza "
    "pcs pc c/u",
    Unit.KILOGRAM: "kg kgs kilo kilos kilogramo kilogramos kilogram",
    Unit.GRAM: "g gr grs gramo gramos gram",
    Unit.LITRE: "l lt lts litro litros litre liter",
    Unit.MILLILITRE: "ml mililitro mililitros",
    Unit.METRE: "m mt mts metro metros metre meter",
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
    "in_house": "interno",
    "active": "el estado",
    "discount_percent": "el porcentaje de descuento",
    "discount_amount": "el monto de descuento",
}
"""The fields as a reason for refusing names them."""
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


class ProductRow(Struct, frozen=True):
    """A product as it stands in a file.

    ``cells`` are those of the fields; ``raw_cells`` go to the file of refused rows if
    this one is refused. A row that cannot be read has a ``problem`` and no cells.
    """

    line: int
    cells: ProductCells
    raw_cells: list[str]
    problem: str | None = None


class ProductStyle(Struct, frozen=True):
    """How a file writes money and quantities.

    A decimal mark is None if the file leaves it open. ``exponent`` is the number of
    decimals of the shop's currency; with ``in_minor_units`` money is in minor units, as
    in HTTP answers.
    """

    money_mark: str | None
    quantity_mark: str | None
    exponent: int
    in_minor_units: bool = False


def product_in(
    row: ProductRow,
    style: ProductStyle,
    notices: Notices,
) -> ListedProduct:
    """Return what a row says about a product; empty cells say nothing.

    Raises BadCell if it cannot be a product.
    """
    if row.problem is not None:
        raise BadCell(row.problem)
    cells = _CellReader(row, style, notices)
    name = text_in(cells.text("name"), "el nombre", MAX_NAME)
    if not name:
        raise BadCell("falta el nombre")
    if not cells.has("price"):
        raise BadCell("falta el precio")
    code = code_in(cells.text("code"), name)
    if lost_a_zero(code):
        notices.add(LOST_ZERO, row.line)
    in_house = cells.flag("in_house")
    if not cells.has("code") and only_looks_like_gtin(code):
        in_house = True

    try:
        barcode.check_code(code, in_house=in_house is True)
        change = ProductChange(
            in_house=in_house,
            name=name,
            price_minor=cells.money("price"),
            cost_minor=cells.money("cost"),
            stock_milli=cells.quantity("stock"),
            min_stock_milli=cells.quantity("min_stock"),
            category=text_in(cells.text("category"), "la categoría", MAX_NAME) or UNSET,
            unit=cells.unit(),
            exempt=cells.flag("exempt"),
            active=cells.flag("active"),
            discount=cells.discount(),
        )
        listed = ListedProduct(row.line, code, change)
        # Check now what creating the product would check.
        listed.to_draft().to_product(0)
    except Invalid as invalid:
        field = wire_name(invalid.field)
        raise BadCell(f"«{field}» {refusals.reason(invalid)}") from invalid
    return listed


class _CellReader:
    """Reads the cells of one row by field; what the row does not have is UNSET."""

    def __init__(
        self,
        row: ProductRow,
        style: ProductStyle,
        notices: Notices,
    ) -> None:
        self._line = row.line
        self._style = style
        self._notices = notices
        self._cells: dict[str, ProductCell] = {}
        for field, cell in row.cells.items():
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
            raise BadCell(f"«{wire_name(field)}» no es un texto")
        return cell.strip()

    def flag(self, field: str) -> bool | UnsetType:
        """Return yes or no."""
        if field not in self._cells:
            return UNSET
        cell = self._cells[field]
        if isinstance(cell, bool):
            return cell
        return flag_in(self.text(field), _WORDS[field])

    def money(self, field: str) -> int | UnsetType:
        """Return an amount in minor units, rounded half up with a notice."""
        if field not in self._cells:
            return UNSET
        style = self._style
        mantissa, scale = self._number(field, style.money_mark)
        minor_per_unit = 1 if style.in_minor_units else 10**style.exponent
        amount_minor = mantissa * minor_per_unit
        if amount_minor % 10**scale:
            if style.in_minor_units:
                raise BadCell(
                    f"{_WORDS[field]} no es un entero en la unidad menor de la moneda"
                )
            self._notices.add(ROUNDED, self._line)
        return divide_half_up(amount_minor, 10**scale)

    def quantity(self, field: str) -> int | UnsetType:
        """Return a quantity in thousandths."""
        if field not in self._cells:
            return UNSET
        mantissa, scale = self._number(field, self._style.quantity_mark)
        quantity_milli, rest = divmod(mantissa * MILLI, int(10**scale))
        if rest:
            raise BadCell(f"{_WORDS[field]} tiene más de tres decimales")
        return quantity_milli

    def unit(self) -> Unit | UnsetType:
        """Return the unit of measure."""
        if "unit" not in self._cells:
            return UNSET
        text = self.text("unit")
        spelling = fold(text).rstrip(".")
        if spelling not in _UNITS:
            raise BadCell(f"la unidad «{text}» no es un, kg, g, l, ml ni m")
        return _UNITS[spelling]

    def discount(self) -> Discount | UnsetType:
        """Return the discount: an object as by HTTP, or what the columns of a table
        say."""
        if "discount" in self._cells:
            return self._discount_of_json()
        has_percent = "discount_percent" in self._cells
        has_amount = "discount_amount" in self._cells
        if not has_percent and not has_amount:
            return UNSET
        if "discount_from" not in self._cells or "discount_until" not in self._cells:
            raise BadCell("al descuento le falta desde o hasta")

        style = self._style
        share_bp = amount_minor = None
        if has_percent:
            share_bp = self._exact("discount_percent", style.quantity_mark, 100)
        if has_amount:
            minor_per_unit = 10**style.exponent
            amount_minor = self._exact(
                "discount_amount", style.money_mark, minor_per_unit
            )
        return Discount(
            share_bp=share_bp,
            amount_minor=amount_minor,
            from_ms=time_in(self.text("discount_from"), "discount.from"),
            until_ms=time_in(self.text("discount_until"), "discount.until"),
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

    def _exact(
        self,
        field: str,
        decimal_mark: str | None,
        parts: int,
    ) -> int:
        """Return a number in ``parts`` of one; it may not have more decimals than they
        show."""
        mantissa, scale = self._number(field, decimal_mark)
        value, rest = divmod(mantissa * parts, int(10**scale))
        if rest:
            raise BadCell(f"{_WORDS[field]} tiene demasiados decimales")
        return value

    def _number(
        self,
        field: str,
        decimal_mark: str | None,
    ) -> tuple[int, int]:
        """Return mantissa and scale of a number that is zero or more."""
        cell = self._cells[field]
        words = _WORDS[field]
        if isinstance(cell, JsonNumber):
            mantissa, scale = _json_number(cell.value, words)
        elif isinstance(cell, str):
            mantissa, scale = number_in(cell, decimal_mark, words)
        else:
            raise BadCell(f"{words} no es un número")
        if mantissa < 0:
            raise BadCell(f"{words} es negativo")
        return mantissa, scale


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
