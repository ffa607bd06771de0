"""One row of a product list: its cells become what the row says about a product."""

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from trastienda.domain import barcode
from trastienda.domain.errors import Invalid
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.past_sales import ListedProduct, only_looks_like_gtin
from trastienda.domain.products import ProductChange, Unit
from trastienda.domain.text import MAX_NAME
from trastienda.files.cells.codes import code_in, lost_a_zero
from trastienda.files.cells.fields import BadCell, text_in
from trastienda.files.imports.notices import LOST_ZERO, Notices
from trastienda.files.imports.product_cells import (
    CellReader,
    ProductCells,
    ProductStyle,
)
from trastienda.files.tables.column_names import PRODUCT_WORDS
from trastienda.wire import reasons
from trastienda.wire.names import path as wire_name

_COLUMNS = PRODUCT_WORDS | {
    "discount.percentage": PRODUCT_WORDS["discount_percent"],
    "discount.amount": PRODUCT_WORDS["discount_amount"],
    "discount.from": PRODUCT_WORDS["discount_from"],
    "discount.until": PRODUCT_WORDS["discount_until"],
}
"""The places of the domain as a file calls them."""
_COLUMN_REASONS = {
    "gtin_check_digit": "tiene mal el dígito verificador, que debe ser {expected}; "
    "si es un código propio de la tienda, va con «sí» en una columna «interno»",
    "lost_zeros": "parece ser «{code}» ({name}) sin sus ceros; si lo es, escribe el "
    "código completo, y si es otro producto, dale otro código",
    "more_than_price": "no puede ser mayor que el precio; si el archivo no trae "
    "descuento, es el que la tienda tiene puesto: bájalo o quítalo antes",
    "not_in_shop": "no es de ningún producto de la tienda, y sin nombre y precio no se "
    "puede crear uno",
    "not_in_shop_of_price_list": "no es de ningún producto de la tienda, y una lista de "
    "precios que los llama de otro modo no crea ninguno (si la lista es tuya: "
    "--replace-names)",
    "whole_units_only": "tiene decimales y el producto se vende por unidad; si se vende "
    "por peso o medida, va con «kg», «l» o «m» en una columna «unidad»",
    "until_before_from": "debe ser posterior a «descuento_desde»",
}
"""Reasons whose hints speak of columns, and not of what goes over HTTP."""


class ProductRow(Struct, frozen=True):
    """A product as it stands in a file.

    ``cells`` are those of the fields; ``raw_cells`` go to the file of refused rows if
    this one is refused. A row that cannot be read has a ``problem`` and no cells.
    """

    line: int
    cells: ProductCells
    raw_cells: list[str]
    problem: str | None = None


def reason_in_columns(
    invalid: Invalid,
    code: str = "",
) -> str:
    """Return why a product cannot be taken, in the words of a file.

    With its code, the sentence is about that and not about its column.
    """
    column = _COLUMNS.get(invalid.field) or wire_name(invalid.field)
    subject = f"«{column}»"
    if code and invalid.field == "code":
        subject = f"el código «{code}»"
    sentence = _COLUMN_REASONS.get(invalid.reason)
    if sentence is None:
        return f"{subject} {reasons.reason(invalid)}"
    return f"{subject} {sentence.format(**invalid.data)}"


def product_in(
    row: ProductRow,
    style: ProductStyle,
    notices: Notices,
) -> ListedProduct:
    """Return what a row says about a product; empty cells say nothing.

    Raises BadCell with all that is wrong if it cannot be a product.
    """
    if row.problem is not None:
        raise BadCell(row.problem)
    reading = _Reading(row, style, notices)
    code, change = reading.code_and_change()
    problems = list(dict.fromkeys(reading.problems))
    if problems:
        raise BadCell("; ".join(problems))
    if lost_a_zero(code):
        notices.add(LOST_ZERO, row.line)
    return ListedProduct(row.line, code, change)


class _Reading:
    """One row being read: what it says, and all that is wrong with it."""

    def __init__(
        self,
        row: ProductRow,
        style: ProductStyle,
        notices: Notices,
    ) -> None:
        self.problems: list[str] = []
        self._style = style
        self._cells = CellReader(row.cells, row.line, style, notices)

    def code_and_change(self) -> tuple[str, ProductChange]:
        """Return the code, and what the row gives of the product."""
        cells = self._cells
        name = self._tried(self._name)
        code = self._tried(lambda: self._code(name or "")) or ""
        in_house = self._tried(lambda: cells.flag("in_house"))
        if not cells.has("code") and only_looks_like_gtin(code):
            in_house = True

        fields = {
            "in_house": in_house,
            "name": name or UNSET,
            "price_minor": self._tried(self._price),
            "cost_minor": self._tried(lambda: cells.money("cost")),
            "stock_milli": self._tried(cells.stock),
            "min_stock_milli": self._tried(lambda: cells.quantity("min_stock")),
            "category": self._tried(self._category),
            "unit": self._tried(cells.unit),
            "exempt": self._tried(cells.exempt),
            "active": self._tried(lambda: cells.flag("active")),
            "discount": self._tried(cells.discount),
        }
        values = {field: value for field, value in fields.items() if value is not UNSET}
        if code:
            self._tried(lambda: barcode.check_code(code, in_house=in_house is True))
        self._check(values)
        return code, ProductChange(**values)

    def _tried(self, read: Callable[[], Any]) -> Any:
        """Return what is read; what is wrong is kept, and then nothing is said."""
        try:
            return read()
        except BadCell as error:
            self.problems.append(str(error))
        except Invalid as invalid:
            self.problems.append(reason_in_columns(invalid))
        return UNSET

    def _check(self, values: dict[str, Any]) -> None:
        """Check what creating the product would check, as far as the row says it.

        Unit and price of a product without them only the shop knows.
        """
        price_minor = values.get("price_minor", MAX_MONEY_MINOR)
        beside = {
            "unit": values.get("unit", Unit.KILOGRAM),
            "price_minor": min(price_minor, MAX_MONEY_MINOR),
        }
        whole = ProductChange(**beside | values)
        try:
            ListedProduct(0, "x", whole).to_draft().to_product(0)
        except Invalid:
            # A field at a time, for it tells only the first that is wrong.
            for field, value in values.items():
                alone = ProductChange(**beside | {field: value})
                draft = ListedProduct(0, "x", alone).to_draft()
                self._tried(partial(draft.to_product, 0))

    def _name(self) -> str:
        name = text_in(self._cells.text("name"), "el nombre", MAX_NAME)
        if not name and self._style.has_name:
            raise BadCell("falta el nombre")
        return name

    def _code(self, name: str) -> str:
        if not self._cells.has("code") and not name:
            # What the name lacks is told already.
            if self._style.has_name:
                return ""
            raise BadCell("falta el código")
        return code_in(self._cells.text("code"), name)

    def _price(self) -> int | UnsetType:
        if not self._cells.has("price") and self._style.has_price:
            raise BadCell("falta el precio")
        return self._cells.money("price")

    def _category(self) -> str | UnsetType:
        text = self._cells.text("category")
        return text_in(text, "la categoría", MAX_NAME) or UNSET
