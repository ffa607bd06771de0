"""RUT: the number of a person or a company in Chile, with a check digit modulo 11."""

import re

from trastienda.domain.errors import Invalid

_DASHES = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
"""What a word processor makes of the dash: hyphens, long dashes, the minus."""
_SHAPE = re.compile(
    # Banks fill their files with zeros in front.
    rf"0{{0,12}}(\d{{1,9}}|\d{{1,3}}(?:\.\d{{3}}){{1,2}})[{_DASHES}]?([0-9Kk])",
    re.ASCII,
)


def check_digit(number: int) -> str:
    """Return the check digit of the RUT ``number``: ``0`` to ``9`` or ``K``."""
    total, weight = 0, 2
    while number:
        number, digit = divmod(number, 10)
        total += digit * weight
        weight = 2 if weight == 7 else weight + 1
    return "0123456789K"[-total % 11]


def normalise(
    text: str,
    field: str = "rut",
) -> str:
    """Return the RUT as ``12345678-5``, without dots and with an upper-case K.

    Dots and the dash may be missing, the dash may be a long one, and zeros in front are
    dropped. Raises Invalid for a text that is no RUT or has another check digit.
    """
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        raise Invalid(field, "rut_shape")
    number = int(shape[1].replace(".", ""))
    digit = shape[2].upper()
    if number == 0 or check_digit(number) != digit:
        raise Invalid(field, "rut_check_digit")
    return f"{number}-{digit}"
