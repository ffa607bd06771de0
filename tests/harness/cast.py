"""The people of the tests, RUTs and codes that nobody has had yet, and rows to compare."""

import itertools

from trastienda.domain.barcode import check_digit
from trastienda.domain.errors import Shortage
from trastienda.domain.rut import check_digit as rut_digit

PASSWORD = "clave-de-prueba"
ANA_RUT, BETO_RUT, CLARA_RUT = "11111111-1", "22222222-2", "33333333-3"

_numbers = itertools.count(10_000_000)


def new_number() -> int:
    """A number of eight digits that was not given out before."""
    return next(_numbers)


def new_rut() -> str:
    """A RUT that nobody has had yet."""
    number = new_number()
    return f"{number}-{rut_digit(number)}"


def new_code() -> str:
    """An EAN-13 that names nothing yet."""
    digits = f"7801{new_number():08d}"
    return digits + check_digit(digits)


def rows_of(shortages: list[Shortage]) -> list[tuple[str, int, int]]:
    """Of each shortage the code, what was asked for, and what is left."""
    return [(item.code, item.asked_milli, item.left_milli) for item in shortages]
