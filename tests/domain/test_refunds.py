"""Refunds: money goes back by the methods that it came in by."""

from typing import Any

import pytest
from tests.domain.documents import Counter, goods, paid, sell

from trastienda.domain.errors import ExcessiveRefund, Invalid
from trastienda.domain.payments import Method
from trastienda.domain.returns import Return

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED
TRANSFER = Method.TRANSFER


def given_for(back: Return) -> dict[Method, int]:
    """What was given for a return, by method."""
    return {payment.method: payment.amount_minor for payment in back.payments}


class TestGivingBackByWhatItWasPaidWith:
    """A sale of 1995, paid 1000 by card and 1000 in cash, of which 10 came back."""

    @pytest.fixture
    def counter(self) -> Counter:
        payments = paid((DEBIT, 1000), (CASH, 1000))
        return Counter(sell((goods(1995), 1000), payments=payments))

    def test_each_method_gets_back_what_came_in_by_it(self, counter: Counter) -> None:
        back = counter.give_back(refunds=paid((DEBIT, 1000), (CASH, 990)))
        assert given_for(back) == {DEBIT: 1000, CASH: 990}
        assert (back.method, back.refund_minor, back.rounding_minor) == (
            DEBIT,
            1990,
            -5,
        )

    def test_all_of_it_may_be_given_in_cash(self, counter: Counter) -> None:
        assert given_for(counter.give_back()) == {CASH: 1990}
        assert counter.returns[0].refunds == ()

    @pytest.mark.parametrize(
        ("order", "method", "asked", "left"),
        [
            ({"method": DEBIT}, DEBIT, 1990, 1000),
            ({"method": TRANSFER}, TRANSFER, 1990, 0),
            ({"refunds": paid((DEBIT, 1001), (CASH, 989))}, DEBIT, 1001, 1000),
            ({"refunds": paid((TRANSFER, 1), (CASH, 1989))}, TRANSFER, 1, 0),
        ],
    )
    def test_no_method_gives_back_more_than_came_in_by_it(
        self,
        counter: Counter,
        order: dict[str, Any],
        method: Method,
        asked: int,
        left: int,
    ) -> None:
        with pytest.raises(ExcessiveRefund) as refusal:
            counter.give_back(**order)
        assert refusal.value.args == (method, asked, left)

    def test_what_went_back_before_counts(self) -> None:
        product = goods(1000)
        payments = paid((DEBIT, 1500), (CASH, 1500))
        counter = Counter(sell((product, 3000), payments=payments))
        counter.give_back((product.code, 1000), method=DEBIT)
        with pytest.raises(ExcessiveRefund) as refusal:
            counter.give_back((product.code, 1000), method=DEBIT)
        assert refusal.value.left_minor == 500
        back = counter.give_back(refunds=paid((CASH, 1500), (DEBIT, 500)))
        assert given_for(back) == {CASH: 1500, DEBIT: 500}
        assert sum(back.total_minor for back in counter.returns) == 3000

    @pytest.mark.parametrize(
        "refunds",
        [
            [(DEBIT, 1000)],
            [(DEBIT, 1000), (CASH, 995)],
            [(DEBIT, 1000), (CASH, 1000)],
            [(CASH, 1995)],
        ],
    )
    def test_other_sums_than_those_due_are_refused_with_what_is_due(
        self, counter: Counter, refunds: list[tuple[Method, int]]
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            counter.give_back(refunds=paid(*refunds))
        assert (refusal.value.field, refusal.value.reason) == (
            "payments",
            "refund_differs",
        )
        assert refusal.value.data == {"due_minor": 1990}

    @pytest.mark.parametrize(
        ("refunds", "field", "reason"),
        [
            ([], "payments", "must_not_be_empty"),
            ([(OWED, 1990)], "payments[0].method", "refund_method"),
            ([(CASH, 990), (CASH, 1000)], "payments[1].method", "repeated"),
            ([(DEBIT, 0), (CASH, 1990)], "payments[0].amount", "amount_range"),
            ([(CASH, -1)], "payments[0].amount", "amount_range"),
        ],
    )
    def test_what_is_no_money_is_refused(
        self,
        counter: Counter,
        refunds: list[tuple[Method, int]],
        field: str,
        reason: str,
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            counter.give_back(refunds=paid(*refunds))
        assert (refusal.value.field, refusal.value.reason) == (field, reason)
