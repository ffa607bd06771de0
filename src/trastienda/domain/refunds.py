"""Refunds: money that goes back by the methods that it came in by."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from trastienda.domain.errors import ExcessiveRefund, Invalid
from trastienda.domain.money import MAX_MONEY_MINOR, CashRounding
from trastienda.domain.payments import Method, Payment


class MoneyDue(Struct, frozen=True):
    """What is to be given back as money."""

    amount_minor: int
    in_till_minor: int
    """What was paid and not given back. The rounding of cash never goes beyond it."""
    left_minor: Mapping[Method, int]
    """The same by method. What is not there was not paid by it."""


def check_methods(
    method: Method,
    refunds: Sequence[Payment] | None,
) -> None:
    """Raise Invalid for refunds that are no money, or by one method twice."""
    if method is Method.OWED:
        raise Invalid("method", "refund_method")
    if refunds is None:
        return
    if not refunds:
        raise Invalid("payments", "must_not_be_empty")

    methods: set[Method] = set()
    for position, refund in enumerate(refunds):
        if refund.method is Method.OWED:
            raise Invalid(f"payments[{position}].method", "refund_method")
        if refund.method in methods:
            raise Invalid(f"payments[{position}].method", "repeated")
        if not 1 <= refund.amount_minor <= MAX_MONEY_MINOR:
            raise Invalid(f"payments[{position}].amount", "amount_range")
        methods.add(refund.method)


def divide(
    due: MoneyDue,
    method: Method,
    wanted: Sequence[Payment] | None,
    rounding: CashRounding,
) -> tuple[Payment, ...]:
    """Return how money is given back: as ``wanted``, or all of it by ``method``.

    By each method goes back no more than came in by it; cash may always be given. Raises
    ExcessiveRefund, or Invalid where ``wanted`` names other sums than those due.
    """
    if wanted is None and method is Method.CASH:
        cash_minor = _in_cash(due.amount_minor, due.in_till_minor, rounding)
        return (Payment(Method.CASH, cash_minor),)

    refunds = tuple(wanted or [Payment(method, due.amount_minor)])
    cash_minor = other_minor = 0
    for refund in refunds:
        if refund.method is Method.CASH:
            cash_minor = refund.amount_minor
            continue
        left_minor = max(0, due.left_minor.get(refund.method, 0))
        if refund.amount_minor > left_minor:
            raise ExcessiveRefund(refund.method, refund.amount_minor, left_minor)
        other_minor += refund.amount_minor

    rest_minor = max(0, due.amount_minor - other_minor)
    rest_in_cash_minor = _in_cash(rest_minor, due.in_till_minor - other_minor, rounding)
    if other_minor > due.amount_minor or cash_minor != rest_in_cash_minor:
        to_give_minor = min(other_minor, due.amount_minor) + rest_in_cash_minor
        raise Invalid("payments", "refund_differs", due_minor=to_give_minor)
    return refunds


def _in_cash(
    due_minor: int,
    in_till_minor: int,
    rounding: CashRounding,
) -> int:
    """Return what is given in cash for what is due: rounded, and no more than was paid."""
    cash_minor = rounding(due_minor)
    if cash_minor > in_till_minor:
        cash_minor = in_till_minor - in_till_minor % rounding.step_minor
    return cash_minor
