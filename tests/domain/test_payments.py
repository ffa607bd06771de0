"""Payments: mixed, rounded, changed, owed, settled."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trastienda.domain.errors import InsufficientPayment, Invalid, NothingOwed
from trastienda.domain.money import EXACT, CashRounding
from trastienda.domain.payments import (
    MAX_PAYMENTS,
    Method,
    Payment,
    Settlement,
    settle,
    settle_debt,
)

PESOS = CashRounding(10, half_down=True)
CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED
CREDIT, TRANSFER, OTHER = Method.CREDIT, Method.TRANSFER, Method.OTHER
ROUNDINGS = st.sampled_from([PESOS, EXACT, CashRounding(5), CashRounding(100)])
AMOUNTS = st.integers(0, 10**7)


def paid(*payments: tuple[Method, int]) -> list[Payment]:
    return [Payment(*one) for one in payments]


def balanced(settlement: Settlement, amount: int) -> bool:
    given_ = sum(one.amount_minor for one in settlement.payments)
    return given_ - settlement.change_minor == amount + settlement.rounding_minor


@given(AMOUNTS, ROUNDINGS)
def test_nothing_said_is_cash_exactly_as_due(
    total: int, rounding: CashRounding
) -> None:
    settlement = settle(total, None, rounding)
    assert settlement.payments == (Payment(CASH, rounding(total)),)
    assert (settlement.change_minor, settlement.owed_minor) == (0, 0)
    assert balanced(settlement, total)


@pytest.mark.parametrize(
    ("total", "payments", "rounding", "change"),
    [
        (1990, [(CASH, 2000)], 0, 10),
        (1994, [(CASH, 2000)], -4, 10),
        (1996, [(CASH, 5000)], 4, 3000),
        (1994, [(DEBIT, 1994)], 0, 0),
        (1994, [(DEBIT, 994), (CASH, 1000)], 0, 0),
        (1994, [(CREDIT, 1000), (CASH, 1000)], -4, 10),
        (1996, [(TRANSFER, 500), (OTHER, 500), (CASH, 1000)], 4, 0),
        (1000, [(DEBIT, 1000), (CASH, 0)], 0, 0),
        (1994, [(CASH, 990), (CASH, 1000)], -4, 0),
        (0, [], 0, 0),
    ],
)
def test_only_what_is_left_for_cash_is_rounded(
    total: int, payments: list[tuple[Method, int]], rounding: int, change: int
) -> None:
    settlement = settle(total, paid(*payments), PESOS)
    assert settlement == Settlement(tuple(paid(*payments)), rounding, change, 0)
    assert balanced(settlement, total)


@pytest.mark.parametrize(
    ("payments", "due", "given_minor"),
    [
        ([(CASH, 1980)], 1990, 1980),
        ([(DEBIT, 1993)], 1994, 1993),
        ([(DEBIT, 980), (CASH, 1000)], 1990, 1980),
        ([], 1994, 0),
        ([(DEBIT, 1990), (CASH, 0)], 1994, 1990),
        ([(DEBIT, 1990), (CASH, 1)], 1994, 1991),
        ([(CASH, 0)], 1994, 0),
    ],
)
def test_too_little_is_refused_with_what_is_due(
    payments: list[tuple[Method, int]], due: int, given_minor: int
) -> None:
    with pytest.raises(InsufficientPayment) as refusal:
        settle(1994, paid(*payments), PESOS)
    assert (refusal.value.due_minor, refusal.value.given_minor) == (due, given_minor)


@pytest.mark.parametrize("method", [DEBIT, CREDIT, TRANSFER, OTHER, OWED])
@pytest.mark.parametrize("cash", [[], [(CASH, 1000)]])
def test_more_than_the_total_is_taken_in_cash_only(
    method: Method, cash: list[tuple[Method, int]]
) -> None:
    with pytest.raises(Invalid) as refusal:
        settle(1994, paid((method, 1995), *cash), PESOS)
    assert (refusal.value.field, refusal.value.reason) == (
        "payments",
        "more_than_total",
    )


@pytest.mark.parametrize(
    ("payments", "owed"),
    [
        ([(OWED, 1994)], 1994),
        ([(OWED, 994), (CASH, 1000)], 994),
        ([(OWED, 500), (DEBIT, 994), (OWED, 500)], 1000),
    ],
)
def test_what_is_owed_is_summed_and_never_rounded(
    payments: list[tuple[Method, int]], owed: int
) -> None:
    settlement = settle(1994, paid(*payments), PESOS)
    assert settlement == Settlement(tuple(paid(*payments)), 0, 0, owed)


@given(
    AMOUNTS,
    st.lists(st.tuples(st.sampled_from(list(Method)), AMOUNTS), max_size=5),
    ROUNDINGS,
)
def test_what_is_taken_balances_and_what_is_not_is_refused(
    total: int, payments: list[tuple[Method, int]], rounding: CashRounding
) -> None:
    other = sum(amount for method, amount in payments if method is not CASH)
    cash = sum(amount for method, amount in payments if method is CASH)
    has_cash = any(method is CASH and amount for method, amount in payments)
    due = rounding(total - other) if has_cash and other <= total else total - other
    if other and not due:
        due = total - other
    if other > total:
        with pytest.raises(Invalid):
            settle(total, paid(*payments), rounding)
    elif cash < due:
        with pytest.raises(InsufficientPayment):
            settle(total, paid(*payments), rounding)
    else:
        settlement = settle(total, paid(*payments), rounding)
        assert balanced(settlement, total)
        assert settlement.rounding_minor == due - (total - other)
        assert settlement.change_minor == cash - due >= 0
        assert settlement.owed_minor == sum(
            amount for method, amount in payments if method is OWED
        )
        assert settlement.rounding_minor == 0 or has_cash


def test_the_refusal_tells_what_is_to_be_paid_and_what_was_given() -> None:
    with pytest.raises(InsufficientPayment) as refusal:
        settle(1994, paid((DEBIT, 500), (CASH, 1000)), PESOS)
    assert (refusal.value.due_minor, refusal.value.given_minor) == (1990, 1500)


@pytest.mark.parametrize("amount", [-1, 10**12 + 1, 10**40])
def test_an_amount_is_neither_negative_nor_absurd(amount: int) -> None:
    for work in (settle, settle_debt):
        with pytest.raises(Invalid) as refusal:
            work(10, paid((CASH, 1), (CASH, amount)), PESOS)
        assert refusal.value.field == "payments[1].amount"


def test_there_are_twenty_payments_at_most() -> None:
    twenty = paid(*[(DEBIT, 1)] * MAX_PAYMENTS)
    assert settle(20, twenty, PESOS).payments == tuple(twenty)
    assert settle_debt(21, twenty, PESOS).owed_minor == 1
    for work in (settle, settle_debt):
        with pytest.raises(Invalid) as refusal:
            work(21, [*twenty, Payment(DEBIT, 1)], PESOS)
        assert (refusal.value.field, refusal.value.reason) == ("payments", "too_many")
        assert refusal.value.data == {"limit": 20}


@given(
    st.integers(1, 10**6),
    st.lists(
        st.tuples(st.sampled_from([CASH, DEBIT]), AMOUNTS), min_size=1, max_size=4
    ),
    ROUNDINGS,
)
def test_a_debt_goes_down_by_what_is_paid(
    owed: int, payments: list[tuple[Method, int]], rounding: CashRounding
) -> None:
    other = sum(amount for method, amount in payments if method is not CASH)
    cash = sum(amount for method, amount in payments if method is CASH)
    assume(other <= owed)
    if not other + cash and rounding(owed) > 0:
        with pytest.raises(Invalid):
            settle_debt(owed, paid(*payments), rounding)
        return
    try:
        settlement = settle_debt(owed, paid(*payments), rounding)
    except Invalid:
        assert other + cash == 0
        return
    assert balanced(settlement, owed - settlement.owed_minor)
    assert 0 <= settlement.owed_minor <= owed
    assert settlement.change_minor == 0 or settlement.owed_minor == 0
    assert settlement.rounding_minor == 0 or settlement.owed_minor == 0


def test_cash_that_covers_the_rounded_rest_settles_it() -> None:
    assert settle_debt(1994, paid((CASH, 1990)), PESOS) == Settlement(
        (Payment(CASH, 1990),), -4, 0, 0
    )
    assert settle_debt(1996, paid((CASH, 2000)), PESOS) == Settlement(
        (Payment(CASH, 2000),), 4, 0, 0
    )


def test_cash_of_zero_is_no_cash_and_rounds_no_debt() -> None:
    payments = paid((DEBIT, 985), (CASH, 1))
    assert settle_debt(990, payments, PESOS) == Settlement(tuple(payments), 0, 0, 4)
    payments = paid((DEBIT, 985), (CASH, 0))
    assert settle_debt(990, payments, PESOS) == Settlement(tuple(payments), 0, 0, 5)


def test_cash_between_the_debt_and_its_rounding_settles_it_and_the_rest_comes_back() -> (
    None
):
    assert settle_debt(1996, paid((CASH, 1999)), PESOS) == Settlement(
        (Payment(CASH, 1999),), 0, 3, 0
    )


def test_less_cash_goes_against_the_debt_as_it_is() -> None:
    assert settle_debt(1994, paid((CASH, 1989)), PESOS) == Settlement(
        (Payment(CASH, 1989),), 0, 0, 5
    )


def test_a_debt_is_settled_piece_by_piece_with_the_rounding_and_change_of_its_cash() -> (
    None
):
    first = settle_debt(1994, paid((DEBIT, 994)), PESOS)
    assert first == Settlement((Payment(DEBIT, 994),), 0, 0, 1000)
    second = settle_debt(1000, paid((CASH, 500)), PESOS)
    assert second == Settlement((Payment(CASH, 500),), 0, 0, 500)
    both = paid((CREDIT, 103), (CASH, 1000))
    third = settle_debt(500, both, PESOS)
    assert third == Settlement(tuple(both), 3, 600, 0)


@pytest.mark.parametrize(
    ("payments", "field", "reason"),
    [
        ([], "payments", "must_not_be_empty"),
        ([(DEBIT, 1), (OWED, 5)], "payments[1].method", "debt_with_debt"),
        ([(DEBIT, 11)], "payments", "more_than_owed"),
        ([(DEBIT, 11), (CASH, 10)], "payments", "more_than_owed"),
        ([(CASH, 0)], "payments", "must_be_positive"),
        ([(DEBIT, 0)], "payments", "must_be_positive"),
        ([(CASH, -5)], "payments[0].amount", "amount_range"),
    ],
)
def test_what_is_no_money_settles_nothing(
    payments: list[tuple[Method, int]], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        settle_debt(10, paid(*payments), PESOS)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)


def test_who_owes_nothing_pays_nothing() -> None:
    with pytest.raises(NothingOwed):
        settle_debt(0, paid((CASH, 10)), PESOS)
