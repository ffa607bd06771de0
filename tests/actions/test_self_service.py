"""Buying alone: the same sales as at the till, without anybody who sells."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop, sold
from tests.harness.past import BREAD, CASH, DEBIT, MILK, OLD, OWED, STAMP
from tests.harness.self_service import (
    alone,
    buy,
    get,
    give_back,
    hears,
    left,
    listed,
    n_of,
    told_after,
)

from trastienda.actions import products, reports, returns, sales
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.audit import Action
from trastienda.domain.errors import (
    Forbidden,
    InsufficientStock,
    Invalid,
    PaidFor,
)
from trastienda.domain.events import Kind
from trastienda.domain.lists import Window
from trastienda.domain.payments import Payment
from trastienda.domain.products import ProductDraft, Unit
from trastienda.domain.reports import NOBODY
from trastienda.storage import audit


class TestBuyingAlone:
    def test_a_customer_buys_on_account_without_a_seller(
        self, stocked: TestShop
    ) -> None:
        sale = buy(stocked, stocked.clara, (MILK, 3000), (BREAD, 1000))
        assert (sale.seller_id, sale.seller) == (None, None)
        assert (sale.buyer_id, sale.customer_rut) == (
            stocked.clara.user_id,
            stocked.clara.rut,
        )
        assert sale.total_minor == 3 * 956 + 1990
        assert sale.payments == (Payment(OWED, sale.total_minor),)
        assert (sale.owed_minor, sale.rounding_minor, sale.change_minor) == (
            sale.total_minor,
            0,
            0,
        )
        assert get(stocked, stocked.clara, sale.id) == sale
        assert left(stocked, MILK) == 7000
        assert stocked.look(verify) is None

    def test_staff_buy_for_cash_and_are_the_seller(self, stocked: TestShop) -> None:
        for who in (stocked.beto, stocked.ana):
            sale = buy(stocked, who, (MILK, 3000))
            assert sale.seller_id == sale.buyer_id == who.user_id
            assert (sale.seller, sale.customer_rut) == (who.person, None)
            assert (sale.total_minor, sale.rounding_minor) == (2868, 2)
            assert (sale.payments, sale.owed_minor) == ((Payment(CASH, 2870),), 0)
        assert stocked.look(verify) is None

    def test_a_buyer_cannot_choose_payments_or_customer(
        self, stocked: TestShop
    ) -> None:
        wish: dict[str, Any] = {
            "payments": [Payment(DEBIT, 1990)],
            "customer_rut": stocked.ana.rut,
        }
        calls = [
            alone(stocked, who, (BREAD, 1000), **wish)
            for who in (stocked.clara, stocked.beto)
        ]
        mine, theirs = [
            sold(answer)
            for answer in stocked.do(lambda transaction: sales.sell(transaction, calls))
        ]
        assert (mine.payments, mine.customer_rut) == (
            (Payment(OWED, 1990),),
            stocked.clara.rut,
        )
        assert (theirs.payments, theirs.customer_rut) == ((Payment(CASH, 1990),), None)

    def test_a_free_product_leaves_no_debt(self, stocked: TestShop) -> None:
        assert buy(stocked, stocked.clara, (STAMP, 1000)).owed_minor == 0
        with pytest.raises(PaidFor):
            give_back(stocked, stocked.clara, STAMP, 1000)
        assert stocked.look(verify) is None

    def test_a_quantity_too_small_to_cost_anything_is_refused(
        self, stocked: TestShop
    ) -> None:
        draft = ProductDraft(
            code="SAL",
            name="Sal",
            price_minor=400,
            stock_milli=1000,
            unit=Unit.KILOGRAM,
        )
        stocked.do(lambda transaction: products.create(transaction, stocked.ana, draft))
        for who in (stocked.clara, stocked.beto):
            with pytest.raises(Invalid) as refusal:
                buy(stocked, who, ("SAL", 1))
            assert refusal.value.field == "lines[0].quantity"
            assert refusal.value.reason == "quantity_costs_nothing"
        assert left(stocked, "SAL") == 1000
        assert buy(stocked, stocked.clara, ("SAL", 2)).total_minor == 1

        at_the_till = stocked.selling(("SAL", 1))
        sale = sold(
            stocked.do(lambda transaction: sales.sell(transaction, [at_the_till]))[0]
        )
        assert sale.total_minor == 0

    def test_a_very_large_total_is_owed_as_well(self, stocked: TestShop) -> None:
        draft = ProductDraft(
            code="CARO", name="Caro", price_minor=10**12, stock_milli=2000
        )
        stocked.do(lambda transaction: products.create(transaction, stocked.ana, draft))
        assert buy(stocked, stocked.clara, ("CARO", 2000)).owed_minor == 2 * 10**12
        assert stocked.look(verify) is None

    def test_a_customer_cannot_sell(self, stocked: TestShop) -> None:
        calls = [
            stocked.selling((BREAD, 1000), by=stocked.clara),
            alone(stocked, stocked.clara, (BREAD, 1000)),
        ]
        answers = stocked.do(lambda transaction: sales.sell(transaction, calls))
        assert isinstance(answers[0], Forbidden)
        assert isinstance(answers[1], Outcome)

    @pytest.mark.parametrize("alone_first", [True, False])
    def test_till_and_buyer_in_one_group_cannot_both_get_the_last_unit(
        self, stocked: TestShop, alone_first: bool
    ) -> None:
        calls = [
            alone(stocked, stocked.clara, (OLD, 1000)),
            stocked.selling((OLD, 1000)),
        ]
        if not alone_first:
            calls.reverse()
        got, missed = stocked.do(
            lambda transaction: sales.sell(
                transaction, [*calls, alone(stocked, stocked.beto, (OLD, 1000))]
            )
        )[:2]
        assert sold(got).buyer_id == (stocked.clara.user_id if alone_first else None)
        assert isinstance(missed, InsufficientStock)
        assert left(stocked, OLD) == 0
        assert stocked.look(verify) is None

    def test_sales_of_tills_and_buyers_share_the_folios(
        self, stocked: TestShop
    ) -> None:
        calls = [
            stocked.selling((BREAD, 1000)),
            alone(stocked, stocked.clara, (BREAD, 1000)),
            alone(stocked, stocked.ana, (BREAD, 1000)),
        ]
        made = [
            sold(answer)
            for answer in stocked.do(
                lambda transaction: sales.sell(transaction, [*calls, *calls])
            )
        ]
        assert [sale.folio for sale in made] == [1, 2, 3, 4, 5, 6]
        assert stocked.look(verify) is None

    def test_a_repeated_key_buys_once(self, stocked: TestShop) -> None:
        calls = [
            alone(stocked, stocked.clara, (BREAD, 1000), key="k"),
            alone(stocked, stocked.beto, (BREAD, 1000), key="k"),
        ]
        first = stocked.do(
            lambda transaction: sales.sell(transaction, [*calls, *calls])
        )
        again = stocked.do(lambda transaction: sales.sell(transaction, calls))
        assert [sold(answer).id for answer in (*first, *again)] == [1, 2] * 3
        assert [answer.replayed for answer in again if isinstance(answer, Outcome)] == [
            True,
            True,
        ]
        assert left(stocked, BREAD) == 298_000
        assert stocked.look(verify) is None


class TestWhoSeesIt:
    def test_a_purchase_is_listed_to_whom_it_concerns(self, stocked: TestShop) -> None:
        everybody = (stocked.ana, stocked.beto, stocked.clara)
        # What a customer buys is owed, so whoever is at the counter may collect it.
        listing = {
            stocked.clara: everybody,
            stocked.beto: (stocked.ana, stocked.beto),
        }
        for who in (stocked.clara, stocked.beto):
            before = n_of(stocked)
            sale = buy(stocked, who, (BREAD, 1000))
            (event,) = [
                event
                for event in told_after(stocked, before)
                if event.kind is Kind.SALE
            ]
            for other in everybody:
                assert (
                    hears(event, other)
                    is (sale.id in listed(stocked, other))
                    is (other in listing[who])
                )

    def test_an_unconfirmed_customer_sees_their_own_purchase(
        self, stocked: TestShop
    ) -> None:
        new = replace(stocked.clara, verified=False)
        before = n_of(stocked)
        sale = buy(stocked, new, (BREAD, 1000))
        give_back(stocked, new, BREAD, 1000)
        assert listed(stocked, new) == [sale.id]
        assert [
            back.sale_id
            for back in stocked.look(
                lambda snapshot: returns.listed(snapshot, new, Window())
            ).items
        ] == [sale.id]
        assert all(hears(event, new) for event in told_after(stocked, before))

    def test_a_report_counts_it_under_no_seller(self, stocked: TestShop) -> None:
        buy(stocked, stocked.clara, (BREAD, 1000))
        buy(stocked, stocked.beto, (BREAD, 2000))
        report = stocked.look(
            lambda snapshot: reports.summary(
                snapshot, stocked.ana, date(2025, 11, 1), date(2025, 12, 31)
            )
        )
        assert {
            who: seller.total_minor for who, seller in report.sums.sellers.items()
        } == {
            NOBODY: 1990,
            stocked.beto.user_id: 3980,
        }

    def test_buying_and_giving_back_are_recorded(self, stocked: TestShop) -> None:
        buy(stocked, stocked.clara, (BREAD, 1000))
        give_back(stocked, stocked.clara, BREAD, 1000)
        rows = [
            row
            for row, _ in stocked.look(
                lambda snapshot: audit.listed(snapshot.connection, Window())
            ).items[:2]
        ]
        assert [row.action for row in rows] == [Action.RETURN, Action.SALE]
        assert {row.user_id for row in rows} == {stocked.clara.user_id}
