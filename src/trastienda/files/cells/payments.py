"""How a sale was paid, in one cell: ``efectivo``, or ``debito 5000 + efectivo
1990``."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from trastienda.domain.money import divide_half_up
from trastienda.domain.payments import MAX_PAYMENTS, Method, Payment
from trastienda.domain.text import fold
from trastienda.files.cells.fields import BadCell, number_in
from trastienda.wire.sales import MEDIOS, METHODS

PaidPart = tuple[str, int | None]
"""A method, and the amount paid by it in minor units; None is all of it."""

_PART = re.compile(r"(?P<words>.*?[^\W\d_].*?)(?:\s+(?P<amount>[^\s]*[0-9][^\s]*))?")
_STEMS = {
    "efectivo": Method.CASH,
    "contado": Method.CASH,
    "cash": Method.CASH,
    "cuenta rut": Method.DEBIT,
    "cuentarut": Method.DEBIT,
    "debit": Method.DEBIT,
    "redcompra": Method.DEBIT,
    "transf": Method.TRANSFER,
    "pendiente": Method.OWED,
    "fiad": Method.OWED,
    "por cobrar": Method.OWED,
    "por pagar": Method.OWED,
    "no pagad": Method.OWED,
    "impag": Method.OWED,
    "deuda": Method.OWED,
    "libreta": Method.OWED,
    "cuaderno": Method.OWED,
    "cuenta": Method.OWED,
    "cta": Method.OWED,
    "credito de la casa": Method.OWED,
    "credito casa": Method.OWED,
    "credito tienda": Method.OWED,
    "credito local": Method.OWED,
    "credito interno": Method.OWED,
    "credito directo": Method.OWED,
    "credito personal": Method.OWED,
    "credito cliente": Method.OWED,
    "credito simple": Method.OWED,
    "credito a ": Method.OWED,
    " dias": Method.OWED,
    "on account": Method.OWED,
    "house account": Method.OWED,
    "unpaid": Method.OWED,
    "credit": Method.CREDIT,
}
"""Parts of the words that other programs use for the methods; the first one counts, and
anything else is OTHER.

A sale on account is a debt, and so is the credit of the house; a card is none.
"""


@lru_cache(maxsize=4096)
def payments_in(
    text: str,
    decimal_mark: str | None,
    minor_per_unit: int,
) -> tuple[PaidPart, ...]:
    """Return the parts that the cell names.

    Raises BadCell for an amount that is no number.
    """
    parts: list[PaidPart] = []
    for part_text in text.split("+")[:MAX_PAYMENTS]:
        part_text = part_text.strip()
        if not part_text:
            continue

        part = _PART.fullmatch(part_text)
        if part is None:
            raise BadCell(f"el pago «{part_text}» no es un medio con su monto")
        amount_minor = None
        if part["amount"]:
            mantissa, scale = number_in(part["amount"], decimal_mark, "el pago")
            paid = abs(mantissa) * minor_per_unit
            amount_minor = divide_half_up(paid, 10**scale)

        words = fold(part["words"])
        method = _method(words)
        parts.append((method.value, amount_minor))
    return tuple(parts)


def _method(words: str) -> Method:
    """Return the method of our own word for it, or of a stem in other words."""
    for medio, method in METHODS.items():
        if medio == words:
            return method
    for stem, method in _STEMS.items():
        if stem in words:
            return method
    return Method.OTHER


def payments_out(
    payments: Sequence[Payment],
    change_minor: int,
    render_money: Callable[[int], str],
) -> str:
    """Return payments as one cell, less the change, which is cash."""
    if len(payments) == 1:
        (payment,) = payments
        return MEDIOS[payment.method]

    parts = []
    for payment in payments:
        amount_minor = payment.amount_minor
        if payment.method is Method.CASH:
            returned_minor = min(change_minor, amount_minor)
            change_minor -= returned_minor
            amount_minor -= returned_minor
        parts.append(f"{MEDIOS[payment.method]} {render_money(amount_minor)}")
    return " + ".join(parts)
