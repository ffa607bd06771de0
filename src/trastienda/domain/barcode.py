"""Barcodes: GTIN check digits, codes that are one code, and in-store labels with a
weight or a price inside.
"""

import re

from msgspec import Struct

from trastienda.domain.errors import Invalid

_PRINTABLE = re.compile(
    r"[!-.0-~]{1,48}", re.ASCII
)  # printable ASCII without space and slash
_GTIN_LENGTHS = frozenset((8, 12, 13, 14))
LABEL_LENGTH = 13


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
    if not in_house and _looks_like_gtin(code) and not is_gtin(code):
        raise Invalid("code", "gtin_check_digit", expected=check_digit(code[:-1]))


def key(code: str) -> str:
    """Return what two spellings of one code share: a UPC-A is its EAN-13 without the
    zero in front.
    """
    if len(code) == 12 and code.isascii() and code.isdigit():
        return "0" + code
    return code


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
    if len(code) != LABEL_LENGTH or not is_gtin(code):
        return None
    for layout in layouts:
        if code.startswith(layout.prefix):
            end = 2 + layout.code_digits
            value = int(code[end:-1])
            if layout.holds == "weight":
                return Label(code[2:end], grams=value)
            return Label(code[2:end], price_minor=value)
    return None
