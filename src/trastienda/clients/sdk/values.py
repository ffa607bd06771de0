"""Arguments of methods as the wire takes them: quantities, lines, payments."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from trastienda.wire.sales import LineaPedida, Medio, Pago
from trastienda.wire.values import Quantity

Amount = int | float | Decimal
"""A quantity, with at most three decimals."""
Lines = Mapping[str, Amount] | Iterable[str | tuple[str, Amount]]
"""Codes with quantities; a code alone is a scale label, which contains its quantity or
price."""
Day = date | str
"""A day in the shop's zone: a date, or ``2026-01-31``."""
Payments = Mapping[Medio, int] | Sequence[tuple[Medio, int]]
"""Amounts in the minor unit by method of payment: ``{"efectivo": 10000}``."""

NOISE_DECIMALS = 9
"""Decimals of a float that are meant: ``0.1 + 0.2`` is 0.3. The shop refuses more than
three."""


def quantity(amount: Amount) -> Quantity:
    """Return a quantity as the wire takes it, whole ones as integers.

    Raises ValueError for NaN and infinity.
    """
    if isinstance(amount, int):
        return amount
    value = round(float(amount), NOISE_DECIMALS)
    if not math.isfinite(value):
        raise ValueError(f"{amount} is no quantity")
    return int(value) if value.is_integer() else value


def lines_of(lines: Lines) -> list[LineaPedida]:
    """Return the lines of a sale or a return."""
    if isinstance(lines, str):  # would be iterated letter by letter
        raise TypeError("lines are several: [code] or [(code, quantity)]")
    pairs = lines.items() if isinstance(lines, Mapping) else lines
    result = []
    for line in pairs:
        if isinstance(line, str):
            result.append(LineaPedida(line))
        else:
            code, amount = line
            result.append(LineaPedida(code, quantity(amount)))
    return result


def payments_of(payments: Payments) -> list[Pago]:
    """Return payments."""
    pairs = payments.items() if isinstance(payments, Mapping) else payments
    return [Pago(method, amount_minor) for method, amount_minor in pairs]
