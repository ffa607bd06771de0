"""How something was paid, in one cell: ``efectivo``, or ``debito 5000 + efectivo 1990``."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from trastienda.domain.money import divide_half_up
from trastienda.domain.payments import MAX_PAYMENTS, Method, Payment
from trastienda.domain.text import fold
from trastienda.files.cells.fields import BadCell, number_in
from trastienda.wire.sales import MEDIOS, METHODS

Paid = tuple[str, int | None]
"""A method, and how much by it in minor units; None is all of it."""

_PART = re.compile(r"(?P<words>.*?[^\W\d_].*?)(?:\s+(?P<amount>[^\s]*[0-9][^\s]*))?")
_STEMS = {
    "efectivo": Method.CASH, "contado": Method.CASH, "cash": Method.CASH, "debit": Method.DEBIT,
    "redcompra": Method.DEBIT, "credit": Method.CREDIT, "transf": Method.TRANSFER, "pendiente": Method.OWED,
}  # fmt: skip
"""Parts of the words that other programs have for the methods; whatever else is OTHER."""


@lru_cache(maxsize=4096)
def paid_in(text: str, mark: str | None, unit: int) -> tuple[Paid, ...]:
    """Return what the cell says, ``unit`` being the minor units of one; raise BadCell for an amount that is none."""
    return tuple(
        _part(part.strip(), mark, unit)
        for part in text.split("+")[:MAX_PAYMENTS]
        if part.strip()
    )


def _part(text: str, mark: str | None, unit: int) -> Paid:
    found = _PART.fullmatch(text)
    if found is None:
        raise BadCell(f"el pago «{text}» no es un medio con su monto")
    amount_minor = None
    if found["amount"]:
        amount, scale = number_in(found["amount"], mark, "el pago")
        amount_minor = divide_half_up(abs(amount.mantissa) * unit, 10**scale)
    return _method(fold(found["words"])).value, amount_minor


def _method(word: str) -> Method:
    exact = next((method for medio, method in METHODS.items() if medio == word), None)
    return exact or next(
        (method for stem, method in _STEMS.items() if stem in word), Method.OTHER
    )


def paid_out(
    payments: Sequence[Payment], change_minor: int, money: Callable[[int], str]
) -> str:
    """Return payments as one cell, less the change, which is cash; ``money`` writes an amount."""
    if len(payments) == 1:
        return MEDIOS[payments[0].method]
    parts = []
    for one in payments:
        taken_minor = (
            min(change_minor, one.amount_minor) if one.method is Method.CASH else 0
        )
        change_minor -= taken_minor
        parts.append(f"{MEDIOS[one.method]} {money(one.amount_minor - taken_minor)}")
    return " + ".join(parts)
