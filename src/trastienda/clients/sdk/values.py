"""What callers give, turned into what the wire takes: quantities, lines, payments."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from trastienda.wire.sales import LineaPedida, Medio, Pago
from trastienda.wire.values import Quantity

Amount = int | float | Decimal
"""A quantity, with three decimals at most."""
Lines = Mapping[str, Amount] | Iterable[str | tuple[str, Amount]]
"""Codes with quantities; a code alone is a label of the scale, which says itself how much."""
Day = date | str
"""A day of the shop's own zone: a date, or ``2026-01-31``."""
Payments = Mapping[Medio, int] | Sequence[tuple[Medio, int]]
"""Amounts in the minor unit by means of payment: ``{"efectivo": 10000}``."""

NOISE_DECIMALS = 9
"""Digits of a float that are meant: ``0.1 + 0.2`` is 0.3. The shop itself refuses more than three decimals."""


def quantity(given: Amount) -> Quantity:
    """Return a quantity as the wire takes it, whole ones as integers; raise ValueError for what is no number."""
    if isinstance(given, int):
        return given
    value = round(float(given), NOISE_DECIMALS)
    if not math.isfinite(value):
        raise ValueError(f"{given} is no quantity")
    return int(value) if value.is_integer() else value


def lines_of(given: Lines) -> list[LineaPedida]:
    """Return the lines of a sale or a return."""
    if isinstance(given, str):  # would be taken apart, letter by letter
        raise TypeError("lines are several: [code] or [(code, quantity)]")
    pairs = given.items() if isinstance(given, Mapping) else given
    return [
        LineaPedida(line)
        if isinstance(line, str)
        else LineaPedida(line[0], quantity(line[1]))
        for line in pairs
    ]


def payments_of(given: Payments) -> list[Pago]:
    """Return payments."""
    pairs = given.items() if isinstance(given, Mapping) else given
    return [Pago(method, amount) for method, amount in pairs]
