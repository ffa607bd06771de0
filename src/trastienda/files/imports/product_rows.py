"""A row of a product list: its cells become what is given of a product."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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
from trastienda.wire.names import path
from trastienda.wire.products import Descuento, discount_in
from trastienda.wire.values import time_in

_UNITS = {
    spelling: unit
    for unit, spellings in {
        Unit.PIECE: "un u ud uds und unid unidad unidades unit units ea each pz pza pieza pcs pc c/u",
        Unit.KILOGRAM: "kg kgs kilo kilos kilogramo kilogramos kilogram",
        Unit.GRAM: "g gr grs gramo gramos gram",
        Unit.LITRE: "l lt lts litro litros litre liter",
        Unit.MILLILITRE: "ml mililitro mililitros",
        Unit.METRE: "m mt mts metro metros metre meter",
    }.items()
    for spelling in spellings.split()
}
_WORDS = {
    "price": "el precio", "cost": "el costo", "stock": "el stock", "min_stock": "el stock mínimo",
    "exempt": "exento", "in_house": "interno", "active": "el estado",
    "discount_percent": "el porcentaje de descuento", "discount_amount": "el monto de descuento",
}  # fmt: skip


class JsonNumber(Struct, frozen=True):
    """A number of JSON, whose decimal mark is the point."""

    value: Decimal


class Marking(Struct, frozen=True):
    """The decimal marks of a file's money and quantities, where known, and the decimals of the shop's currency."""

    money_mark: str | None
    quantity_mark: str | None
    exponent: int
    minor: bool = False
    """Money is in minor units, as by HTTP."""


def product_of(
    line: int, fields: Mapping[str, Any], marking: Marking, notices: Notices
) -> ListedProduct:
    """Return what a row gives of a product; raise BadCell where it cannot be one. Empty cells give nothing."""
    given = {field: value for field, value in fields.items() if not _empty(value)}
    name = text_in(_text(given, "name"), "el nombre", MAX_NAME)
    if not name:
        raise BadCell("falta el nombre")
    if "price" not in given:
        raise BadCell("falta el precio")
    code = code_in(_text(given, "code"), name)
    if lost_a_zero(code):
        notices.see(LOST_ZERO, line)
    in_house = _flag(given, "in_house")
    if "code" not in given and only_looks_like_gtin(code):
        in_house = True
    try:
        barcode.check_code(code, in_house=in_house is True)
        change = ProductChange(
            in_house=in_house,
            name=name,
            price_minor=_money(given, "price", marking, notices, line),
            cost_minor=_money(given, "cost", marking, notices, line),
            stock_milli=_quantity(given, "stock", marking),
            min_stock_milli=_quantity(given, "min_stock", marking),
            category=text_in(_text(given, "category"), "la categoría", MAX_NAME)
            or UNSET,
            unit=_unit(given),
            exempt=_flag(given, "exempt"),
            active=_flag(given, "active"),
            discount=_discount(given, marking),
        )
        listed = ListedProduct(line, code, change)
        listed.to_draft().to_product(0)
    except Invalid as invalid:
        raise BadCell(
            f"«{path(invalid.field)}» {refusals.reason(invalid)}"
        ) from invalid
    return listed


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(given: Mapping[str, Any], field: str) -> str:
    value = given.get(field, "")
    if isinstance(value, JsonNumber):
        return format(value.value, "f")
    if not isinstance(value, str):
        raise BadCell(f"«{path(field)}» no es un texto")
    return value.strip()


def _number(given: Mapping[str, Any], field: str, mark: str | None) -> tuple[int, int]:
    """Return mantissa and scale of a number that is zero or more."""
    value, words = given[field], _WORDS[field]
    if isinstance(value, JsonNumber):
        number, size, power = value.value.as_tuple()
        if not isinstance(power, int) or abs(power) > 30 or len(size) > 30:
            raise BadCell(f"{words} es demasiado grande")
        mantissa, scale = int("".join(map(str, size))) * (-1 if number else 1), -power
        if scale < 0:
            mantissa, scale = mantissa * 10**-scale, 0
    elif isinstance(value, str):
        found, scale = number_in(value, mark, words)
        mantissa = found.mantissa
    else:
        raise BadCell(f"{words} no es un número")
    if mantissa < 0:
        raise BadCell(f"{words} es negativo")
    return mantissa, scale


def _money(
    given: Mapping[str, Any], field: str, marking: Marking, notices: Notices, line: int
) -> int | UnsetType:
    if field not in given:
        return UNSET
    mantissa, scale = _number(given, field, marking.money_mark)
    amount_minor = mantissa * (1 if marking.minor else 10**marking.exponent)
    if amount_minor % 10**scale:
        if marking.minor:
            raise BadCell(
                f"{_WORDS[field]} no es un entero en la unidad menor de la moneda"
            )
        notices.see(ROUNDED, line)
    return divide_half_up(amount_minor, 10**scale)


def _quantity(
    given: Mapping[str, Any], field: str, marking: Marking
) -> int | UnsetType:
    if field not in given:
        return UNSET
    mantissa, scale = _number(given, field, marking.quantity_mark)
    quantity_milli, rest = divmod(mantissa * MILLI, int(10**scale))
    if rest:
        raise BadCell(f"{_WORDS[field]} tiene más de tres decimales")
    return quantity_milli


def _flag(given: Mapping[str, Any], field: str) -> bool | UnsetType:
    if field not in given:
        return UNSET
    value = given[field]
    if isinstance(value, bool):
        return value
    return flag_in(_text(given, field), _WORDS[field])


def _unit(given: Mapping[str, Any]) -> Unit | UnsetType:
    if "unit" not in given:
        return UNSET
    word = fold(_text(given, "unit")).rstrip(".")
    if word not in _UNITS:
        raise BadCell(f"la unidad «{_text(given, 'unit')}» no es un, kg, g, l, ml ni m")
    return _UNITS[word]


def _discount(given: Mapping[str, Any], marking: Marking) -> Discount | UnsetType:
    """Return the discount: of an object of JSON, written as by HTTP, or of the columns of a table."""
    if "discount" in given:
        try:
            value = msgspec.json.encode(given["discount"], enc_hook=str)
            return discount_in(msgspec.json.decode(value, type=Descuento, strict=False))
        except (msgspec.ValidationError, TypeError) as error:
            raise BadCell(
                "el descuento no tiene la forma {porcentaje o monto, desde, hasta}"
            ) from error
    share, amount = "discount_percent" in given, "discount_amount" in given
    if not (share or amount):
        return UNSET
    if "discount_from" not in given or "discount_until" not in given:
        raise BadCell("al descuento le falta desde o hasta")
    share_bp = amount_minor = None
    if share:
        share_bp = _exactly(given, "discount_percent", marking.quantity_mark, 100)
    if amount:
        amount_minor = _exactly(
            given, "discount_amount", marking.money_mark, 10**marking.exponent
        )
    return Discount(
        share_bp=share_bp,
        amount_minor=amount_minor,
        from_ms=time_in(_text(given, "discount_from"), "discount.from"),
        until_ms=time_in(_text(given, "discount_until"), "discount.until"),
    )


def _exactly(given: Mapping[str, Any], field: str, mark: str | None, parts: int) -> int:
    mantissa, scale = _number(given, field, mark)
    value, rest = divmod(mantissa * parts, int(10**scale))
    if rest:
        raise BadCell(f"{_WORDS[field]} tiene demasiados decimales")
    return value
