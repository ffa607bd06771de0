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
    """An amount, and the method by which it is paid."""

    method: Method
    amount_minor: int


class Settlement(Struct, frozen=True):
    """How an amount was settled: Σ payments - change = amount + rounding."""

    payments: tuple[Payment, ...]
    rounding_minor: int = 0
    """Below 0 where the rounding of cash takes something off the amount."""
    change_minor: int = 0
    owed_minor: int = 0
    """What stays to be paid later."""


def _sum_up(payments: Sequence[Payment]) -> tuple[int, int]:
    """Return what is paid in cash, and what by other means."""
    if len(payments) > MAX_PAYMENTS:
        raise Invalid("payments", "too_many", limit=MAX_PAYMENTS)

    cash_minor = other_minor = 0
    for position, payment in enumerate(payments):
        if not 0 <= payment.amount_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"payments[{position}].amount", "amount_range")
        if payment.method is Method.CASH:
            cash_minor += payment.amount_minor
        else:
            other_minor += payment.amount_minor
    return cash_minor, other_minor


def _due(
    rest_minor: int,
    cash_minor: int,
    other_minor: int,
    rounding: CashRounding,
) -> int:
    """Return what is due of what is left for cash: rounded, where cash pays some of it.

    Cash of 0 pays nothing, nor does cash that all comes back: beside a card it would only
    take something off the price.
    """
    rounded_minor = rounding(rest_minor)
    cash_pays = cash_minor > 0 and (rounded_minor > 0 or other_minor == 0)
    return rounded_minor if cash_pays else rest_minor


def settle(
    total_minor: int,
    payments: Sequence[Payment] | None,
    rounding: CashRounding,
) -> Settlement:
    """Settle a sale at once; ``payments`` None means cash, exactly what is due.

    Raises Invalid for more than the total by other means than cash, InsufficientPayment
    for too little.
    """
    if payments is None:
        due_minor = rounding(total_minor)
        return Settlement((Payment(Method.CASH, due_minor),), due_minor - total_minor)

    cash_minor, other_minor = _sum_up(payments)
    rest_minor = total_minor - other_minor
    if rest_minor < 0:
        raise Invalid("payments", "more_than_total")

    due_minor = _due(rest_minor, cash_minor, other_minor, rounding)
    if cash_minor < due_minor:
        raise InsufficientPayment(due_minor + other_minor, cash_minor + other_minor)

    owed = [item.amount_minor for item in payments if item.method is Method.OWED]
    return Settlement(
        tuple(payments),
        rounding_minor=due_minor - rest_minor,
        change_minor=cash_minor - due_minor,
        owed_minor=sum(owed),
    )


def settle_debt(
    owed_minor: int,
    payments: Sequence[Payment],
    rounding: CashRounding,
) -> Settlement:
    """Settle what is owed, wholly or in part; ``owed_minor`` of the answer is what is
    left of the debt.

    Cash that covers the rounded rest settles all of it, with change. Less cash counts
    as it is, without rounding; what lies between the rounded rest and the rest comes
    back as change.
    """
    if owed_minor == 0:
        raise NothingOwed
    if not payments:
        raise Invalid("payments", "must_not_be_empty")
    for position, payment in enumerate(payments):
        if payment.method is Method.OWED:
            raise Invalid(f"payments[{position}].method", "debt_with_debt")

    cash_minor, other_minor = _sum_up(payments)
    rest_minor = owed_minor - other_minor
    if rest_minor < 0:
        raise Invalid("payments", "more_than_owed")

    due_minor = _due(rest_minor, cash_minor, other_minor, rounding)
    if cash_minor >= due_minor:
        return Settlement(
            tuple(payments),
            rounding_minor=due_minor - rest_minor,
            change_minor=cash_minor - due_minor,
        )

    if other_minor + cash_minor == 0:
        raise Invalid("payments", "must_be_positive")
    change_minor = max(0, cash_minor - rest_minor)
    left_minor = rest_minor - cash_minor + change_minor
    return Settlement(tuple(payments), change_minor=change_minor, owed_minor=left_minor)


def payments_as_of_now(
    sold: Sequence[Payment],
    settled: Sequence[Payment],
    covered_minor: int,
) -> tuple[Payment, ...]:
    """Return a sale's payments after ``settled`` has covered ``covered_minor`` of its
    debt.

    ``sold`` are the payments made with the sale. The money owed among them becomes less
    by what is covered.
    """
    payments: list[Payment] = []
    for payment in sold:
        if payment.method is not Method.OWED:
            payments.append(payment)
            continue

        paid_minor = min(covered_minor, payment.amount_minor)
        covered_minor -= paid_minor
        left_minor = payment.amount_minor - paid_minor
        if left_minor or not paid_minor:  # a debt of 0 stays as it was written
            payments.append(Payment(Method.OWED, left_minor))
    return (*payments, *settled)
