"""Payments: mixed, in cash with the rounding of the law, and money still owed."""

import enum
from collections.abc import Sequence

from msgspec import Struct

from trastienda.domain.errors import InsufficientPayment, Invalid, NothingOwed
from trastienda.domain.money import MAX_MONEY_MINOR, CashRounding

MAX_PAYMENTS = 20
"""Payments in one call; nobody empties more than a few cards on one sale."""


class Method(enum.StrEnum):
    """How something is paid. OWED is money that will come later."""

    CASH = "cash"
    DEBIT = "debit"
    CREDIT = "credit"
    TRANSFER = "transfer"
    OTHER = "other"
    OWED = "owed"


class Payment(Struct, frozen=True, gc=False):
    """So much, by this method."""

    method: Method
    amount_minor: int


class Settlement(Struct, frozen=True):
    """How an amount was settled: Σ payments - change = amount + rounding."""

    payments: tuple[Payment, ...]
    rounding_minor: int = 0
    change_minor: int = 0
    owed_minor: int = 0


def _totals(payments: Sequence[Payment]) -> tuple[int, int, bool]:
    """Return what is paid otherwise than in cash, what in cash, and whether cash is there at all."""
    if len(payments) > MAX_PAYMENTS:
        raise Invalid("payments", "too_many", limit=MAX_PAYMENTS)
    other_minor = cash_minor = 0
    has_cash = False
    for place, payment in enumerate(payments):
        if not 0 <= payment.amount_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"payments[{place}].amount", "amount_range")
        if payment.method is Method.CASH:
            cash_minor += payment.amount_minor
            has_cash = True
        else:
            other_minor += payment.amount_minor
    return other_minor, cash_minor, has_cash


def settle(
    total_minor: int, payments: Sequence[Payment] | None, rounding: CashRounding
) -> Settlement:
    """Settle a sale at once; ``payments`` None means cash, exactly what is due.

    Raises Invalid for more than the total by other means than cash, InsufficientPayment for too little.
    """
    if payments is None:
        due_minor = rounding(total_minor)
        return Settlement((Payment(Method.CASH, due_minor),), due_minor - total_minor)
    other_minor, cash_minor, has_cash = _totals(payments)
    rest_minor = total_minor - other_minor
    if rest_minor < 0:
        raise Invalid("payments", "more_than_total")
    due_minor = rounding(rest_minor) if has_cash else rest_minor
    if cash_minor < due_minor:
        raise InsufficientPayment(due_minor + other_minor, cash_minor + other_minor)
    return Settlement(
        tuple(payments),
        due_minor - rest_minor,
        cash_minor - due_minor,
        sum(
            payment.amount_minor
            for payment in payments
            if payment.method is Method.OWED
        ),
    )


def settle_debt(
    owed_minor: int, payments: Sequence[Payment], rounding: CashRounding
) -> Settlement:
    """Settle what is owed, wholly or in part; ``owed_minor`` of the answer is what is left of the debt.

    Cash that covers the rounded rest settles it, with change; less of it goes against the debt as it is, and what lies
    between the two comes back.
    """
    if owed_minor == 0:
        raise NothingOwed
    if not payments:
        raise Invalid("payments", "must_not_be_empty")
    for place, payment in enumerate(payments):
        if payment.method is Method.OWED:
            raise Invalid(f"payments[{place}].method", "debt_with_debt")
    other_minor, cash_minor, has_cash = _totals(payments)
    rest_minor = owed_minor - other_minor
    if rest_minor < 0:
        raise Invalid("payments", "more_than_owed")
    due_minor = rounding(rest_minor)
    if has_cash and cash_minor >= due_minor:
        return Settlement(
            tuple(payments), due_minor - rest_minor, cash_minor - due_minor, 0
        )
    if other_minor + cash_minor == 0:
        raise Invalid("payments", "must_be_positive")
    change_minor = max(0, cash_minor - rest_minor)
    return Settlement(
        tuple(payments), 0, change_minor, rest_minor - cash_minor + change_minor
    )
