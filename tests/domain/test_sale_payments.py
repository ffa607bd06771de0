"""How sales are paid: at once, on account, by a user who buys alone; and how that reads later."""

import pytest
from tests.domain.documents import (
    BETO,
    CLARA_RUT,
    NUMBERS,
    goods,
    order,
    paid,
    sell,
)

from trastienda.domain.errors import Invalid
from trastienda.domain.payments import Method, Payment, payments_as_of_now
from trastienda.domain.people import Actor, Role
from trastienda.domain.self_service import as_bought_alone

CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED


class TestPaying:
    """What a sale takes from its payments; their own tables are those of ``settle``."""

    @pytest.mark.parametrize(
        ("price", "due"),
        [
            (1001, 1000),
            (1004, 1000),
            (1005, 1000),
            (1006, 1010),
            (1009, 1010),
            (1010, 1010),
            (5, 0),
            (6, 10),
            (0, 0),
        ],
    )
    def test_cash_is_rounded_one_to_five_down_and_six_to_nine_up(
        self, price: int, due: int
    ) -> None:
        sale = sell((goods(price), 1000))
        assert sale.total_minor == price
        assert sale.rounding_minor == due - price
        assert sale.payments == (Payment(CASH, due),)

    def test_the_change_and_the_rounding_are_those_of_the_settlement(self) -> None:
        sale = sell((goods(1996), 1000), payments=paid((DEBIT, 500), (CASH, 2000)))
        assert sale.payments == (Payment(DEBIT, 500), Payment(CASH, 2000))
        assert (sale.rounding_minor, sale.change_minor, sale.owed_minor) == (4, 500, 0)

    def test_a_debt_needs_a_customer(self) -> None:
        with pytest.raises(Invalid) as refusal:
            sell((goods(1000), 1000), payments=paid((OWED, 1000)))
        complaint = refusal.value
        assert (complaint.field, complaint.reason) == (
            "customer",
            "debt_needs_customer",
        )

    def test_a_debt_is_not_rounded(self) -> None:
        sale = sell(
            (goods(1994), 1000), payments=paid((OWED, 1994)), customer_rut=CLARA_RUT
        )
        assert (sale.owed_minor, sale.rounding_minor) == (1994, 0)

    def test_a_sale_may_be_paid_in_part(self) -> None:
        payments = paid((OWED, 994), (CASH, 1000))
        sale = sell((goods(1994), 1000), payments=payments, customer_rut=CLARA_RUT)
        assert (sale.owed_minor, sale.change_minor) == (994, 0)

    def test_on_account_all_is_owed_whatever_the_payments_say(self) -> None:
        sale = sell(
            (goods(1994), 1000),
            payments=paid((CASH, 5)),
            customer_rut=CLARA_RUT,
            on_account=True,
        )
        assert sale.payments == (Payment(OWED, 1994),)
        assert (sale.owed_minor, sale.rounding_minor, sale.change_minor) == (1994, 0, 0)

    def test_what_costs_nothing_owes_nothing_and_needs_nobody(self) -> None:
        sale = sell((goods(0), 1000), on_account=True)
        assert (sale.total_minor, sale.owed_minor) == (0, 0)


class TestSelfService:
    """A user who buys alone."""

    def test_a_customer_buys_on_account_in_their_own_name_and_nobody_sells(
        self,
    ) -> None:
        clara = Actor(user_id=3, rut=CLARA_RUT, name="Clara", role=Role.CUSTOMER)
        asked = order(("A", 1000), payments=paid((CASH, 1)), customer_rut="1-9")
        bought, numbers = as_bought_alone(asked, NUMBERS, clara)
        assert (bought.customer_rut, bought.on_account) == (CLARA_RUT, True)
        assert bought.payments is None
        assert bought.lines == asked.lines
        seen = (numbers.buyer_id, numbers.seller_id, numbers.seller)
        assert seen == (3, None, None)

    @pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMINISTRATOR])
    def test_staff_sell_to_themselves_for_cash(self, role: Role) -> None:
        beto = Actor(user_id=2, rut=BETO.rut, name="Beto", role=role)
        asked = order(
            ("A", 1000), payments=paid((OWED, 1)), customer_rut="1-9", on_account=True
        )
        bought, numbers = as_bought_alone(asked, NUMBERS, beto)
        assert (bought.customer_rut, bought.on_account) == (None, False)
        assert bought.payments is None
        seen = (numbers.buyer_id, numbers.seller_id, numbers.seller)
        assert seen == (2, 2, BETO)


class TestPaymentsAsOfNow:
    """How a sale was paid, as debts are settled."""

    SOLD = (Payment(OWED, 1500), Payment(DEBIT, 494))

    def test_nothing_settled_leaves_them_as_they_were(self) -> None:
        assert payments_as_of_now(self.SOLD, (), 0) == self.SOLD

    def test_what_is_covered_is_owed_no_longer(self) -> None:
        settled = (Payment(CASH, 1000),)
        now = payments_as_of_now(self.SOLD, settled, 1000)
        assert now == (Payment(OWED, 500), Payment(DEBIT, 494), Payment(CASH, 1000))

    def test_a_debt_that_is_settled_is_gone(self) -> None:
        settled = (Payment(CASH, 1500),)
        now = payments_as_of_now(self.SOLD, settled, 1500)
        assert now == (Payment(DEBIT, 494), Payment(CASH, 1500))

    def test_several_debts_are_covered_in_their_order(self) -> None:
        sold = (Payment(OWED, 100), Payment(OWED, 200), Payment(OWED, 300))
        now = payments_as_of_now(sold, (), 250)
        assert now == (Payment(OWED, 50), Payment(OWED, 300))

    def test_a_debt_of_nothing_stays(self) -> None:
        assert payments_as_of_now((Payment(OWED, 0),), (), 0) == (Payment(OWED, 0),)
