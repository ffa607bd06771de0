"""How old documents were paid, as far as what they say of it tells."""

from collections.abc import Sequence

from trastienda.domain.payments import Method, Payment

Paid = Sequence[tuple[Method, int | None]]
"""Methods with their amounts; None where an amount is not told."""


def payments_of(
    paid: Paid,
    total_minor: int,
    *,
    may_owe: bool,
) -> tuple[Payment, ...]:
    """Return how a sale was paid; without a customer nobody owes anything."""
    if may_owe:
        return _divide(paid, total_minor)

    known = [
        (Method.OTHER if method is Method.OWED else method, amount_minor)
        for method, amount_minor in paid
    ]
    return _divide(known, total_minor)


def refunds_of(
    paid: Paid,
    refund_minor: int,
) -> tuple[Payment, ...]:
    """Return how money was given back; there is one payment at least."""
    money = [part for part in paid if part[0] is not Method.OWED]
    payments = _divide(money, refund_minor)
    refunds = tuple(payment for payment in payments if payment.amount_minor)
    return refunds or payments[:1]


def _divide(
    paid: Paid,
    total_minor: int,
) -> tuple[Payment, ...]:
    """Divide a total among the methods, to the cent.

    What was rounded, and what the amounts lack, is not known any more: the method without
    an amount takes the rest; else cash does, else the first.
    """
    paid = paid or ((Method.CASH, None),)
    methods = [method for method, _ in paid]
    amounts = [amount_minor for _, amount_minor in paid]
    if None in amounts:
        rest_place = amounts.index(None)
    elif Method.CASH in methods:
        rest_place = methods.index(Method.CASH)
    else:
        rest_place = 0

    paid_minor = [amount_minor or 0 for amount_minor in amounts]
    paid_minor[rest_place] += total_minor - sum(paid_minor)
    if paid_minor[rest_place] < 0:
        return (Payment(methods[rest_place], total_minor),)
    return tuple(map(Payment, methods, paid_minor))
