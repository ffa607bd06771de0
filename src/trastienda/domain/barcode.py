"""Barcodes: GTIN check digits, codes that are one code, and in-store labels with a
weight or a price inside.
"""

import enum
import re
from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from trastienda.domain import gs1
from trastienda.domain.errors import Invalid
from trastienda.domain.money import divide_half_up

_PRINTABLE = re.compile(r"[!-.0-~]{1,48}", re.ASCII)
"""Printable ASCII without space and slash."""
_GTIN_LENGTHS = frozenset((8, 12, 13, 14))
EAN_13_LENGTH = 13
SHORTEST_GTIN = 8
LONGEST_GTIN = 14
Named = TypeVar("Named")


def check_digit(digits: str) -> str:
    """Return the GTIN check digit for the ``digits`` in front of it (GS1: weights 3 and
    1 from the right).
    """
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1)
        for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def is_gtin(code: str) -> bool:
    """Tell whether ``code`` has the length, the digits and the check digit of a GTIN."""
    return _looks_like_gtin(code) and check_digit(code[:-1]) == code[-1]


def _looks_like_gtin(code: str) -> bool:
    return len(code) in _GTIN_LENGTHS and code.isascii() and code.isdigit()


def check_code(
    code: str,
    *,
    in_house: bool,
) -> None:
    """Raise Invalid for a code that no product can have; ``in_house`` codes need no check digit."""
    if not _PRINTABLE.fullmatch(code) or code in {".", ".."}:
        raise Invalid("code", "code_shape")
    if in_house or not _looks_like_gtin(code) or is_gtin(code):
        return
    if _upc_a_of(code) == code:
        raise Invalid("code", "gtin_check_digit", expected=check_digit(code[:-1]))


def key(code: str) -> str:
    """Return what all spellings of one code share.

    A UPC-A and a UPC-E are the EAN-13 with a zero in front, zeros that only fill up a
    code of 14 digits do not count, and what scanners send for a GS1 symbol is the code
    of the item in it. Whoever looks a code up asks :func:`keys` and :func:`named`.
    """
    length = len(code)
    if length < SHORTEST_GTIN or (length == EAN_13_LENGTH and code[0] not in "0]"):
        return code  # nearly every code of a shop
    code = own_code(code)
    return _shortest(code) if _looks_like_gtin(code) else code


def _shortest(digits: str) -> str:
    """Return the spelling without filling: an EAN-8, an EAN-13, or 14 digits of a pack."""
    digits = _upc_a_of(digits)
    if len(digits) == 12:
        digits = "0" + digits
    elif len(digits) == 14 and digits[0] == "0" and is_gtin(digits):
        digits = digits[1:]
    if digits.startswith("00000") and len(digits) == 13 and is_gtin(digits):
        return digits[5:]
    return digits


def _upc_a_of(digits: str) -> str:
    """Return the UPC-A that a right UPC-E of eight digits stands for; another code stays.

    What is right as an EAN-8 as well is that first.
    """
    if len(digits) != 8 or digits[0] not in "01" or is_gtin(digits):
        return digits
    upc_a = _expanded(digits)
    return upc_a if is_gtin(upc_a) else digits


def _expanded(digits: str) -> str:
    """Return the twelve digits that the eight of a UPC-E are short for."""
    item = digits[1:7]
    match item[5]:
        case "0" | "1" | "2":
            body = f"{item[:2]}{item[5]}0000{item[2:5]}"
        case "3":
            body = f"{item[:3]}00000{item[3:5]}"
        case "4":
            body = f"{item[:4]}00000{item[4]}"
        case _:
            body = f"{item[:5]}0000{item[5]}"
    return digits[0] + body + digits[7]


def keys(code: str) -> tuple[str, ...]:
    """Return the keys by which a product may stand that ``code`` names, the surest first.

    A product of before may stand under its own spelling. Eight digits may be right as
    an EAN-8 and as a UPC-E; then they are a UPC-E where no product has the EAN-8.
    """
    shared = key(code)
    if shared != code:
        return code, shared
    if len(code) == SHORTEST_GTIN and code[0] in "01" and is_gtin(code):
        return code, key(_expanded(code))
    return (code,)


def is_symbol(code: str) -> bool:
    """Tell whether a scanner has read more than a code: a GS1 symbol of an item."""
    is_long = len(code) > LONGEST_GTIN or code.startswith("]")
    return is_long and own_code(code) != code


def own_code(code: str) -> str:
    """Return the code by which a product is known whose symbol a scanner has read.

    Of a GS1 symbol that is the item's number without batch, date and weight. Any other
    code stays as it is.
    """
    if len(code) <= LONGEST_GTIN and not code.startswith("]"):
        return code
    content = gs1.content(code)
    fields = _fields(content)
    return _shortest(fields[gs1.GTIN]) if gs1.GTIN in fields else content


def _fields(content: str) -> dict[str, str]:
    """Return the fields of a GS1 symbol with an item's number; of another code none.

    A shop's own long number may look like fields by chance: without brackets, the check
    digit has to be right as well.
    """
    if len(content) <= LONGEST_GTIN:
        return {}
    fields = gs1.bracketed_fields(content) or gs1.linked_fields(content)
    if not fields:
        fields = gs1.strung_fields(content)
        if not is_gtin(fields.get(gs1.GTIN, "")):
            return {}
    return fields if _looks_like_gtin(fields.get(gs1.GTIN, "")) else {}


def named(
    products: Mapping[str, Named],
    code: str,
) -> Named | None:
    """Return what a code names of ``products``, which stand by their keys.

    An exact match wins.
    """
    exact = products.get(code)
    if exact is not None:
        return exact
    for code_key in keys(code):
        if code_key in products:
            return products[code_key]
    return None


class Measure(enum.Enum):
    """What a GS1 symbol may say of how much of the item is in the pack."""

    KILOGRAMS = "310"
    METRES = "311"
    LITRES = "315"
    PIECES = "30"


def read_measures(code: str) -> dict[Measure, int]:
    """Return how much is in the pack, in thousandths, as far as its symbol says so."""
    measures = {}
    for identifier, value in _fields(gs1.content(code)).items():
        if not (value.isascii() and value.isdigit() and len(value) <= 8):
            continue
        if identifier == Measure.PIECES.value:
            measures[Measure.PIECES] = int(value) * 1000
        elif identifier[:3] in _WITH_DECIMALS and identifier[3:].isdecimal():
            decimals = int(identifier[3:])
            thousandths = divide_half_up(int(value) * 1000, 10**decimals)
            measures[Measure(identifier[:3])] = thousandths
    return measures


_WITH_DECIMALS = frozenset(
    measure.value for measure in Measure if measure is not Measure.PIECES
)
"""The identifiers whose fourth digit says how many decimals the value has."""


class LabelLayout(Struct, frozen=True):
    """How a scale of the shop prints its EAN-13 labels: prefix, product code, weight or
    price, check digit.

    The value is grams for ``holds == "weight"`` and minor units for ``"price"``.
    """

    prefix: str
    holds: str = "weight"
    code_digits: int = 5

    def __post_init__(self) -> None:
        if not re.fullmatch(r"2[0-9]", self.prefix, re.ASCII):
            raise Invalid("labels.prefix", "label_prefix")
        if self.holds not in {"weight", "price"}:
            raise Invalid("labels.holds", "label_holds")
        if not 3 <= self.code_digits <= 6:
            raise Invalid("labels.code_digits", "label_code_digits")


DEFAULT_LABELS = (LabelLayout("20"),)


class Label(Struct, frozen=True):
    """What an in-store label says: the product's code and its weight in grams or its
    price in minor units.
    """

    code: str
    grams: int | None = None
    price_minor: int | None = None


def read_label(
    code: str,
    layouts: tuple[LabelLayout, ...],
) -> Label | None:
    """Return what the label says, or None for a code that is none of the shop's labels."""
    code = key(code)
    if len(code) != EAN_13_LENGTH or not is_gtin(code):
        return None
    for layout in layouts:
        if code.startswith(layout.prefix):
            end = 2 + layout.code_digits
            value = int(code[end:-1])
            if layout.holds == "weight":
                return Label(code[2:end], grams=value)
            return Label(code[2:end], price_minor=value)
    return None
