"""Buying and giving back alone: the same sales and returns as at the till, without anybody who sells."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop, key_of, sold
from tests.harness.damage import Damaged
from tests.harness.past import BREAD, CASH, CHEESE, DEBIT, MILK, OLD, OWED, STAMP
from tests.harness.plans import plan_of

from trastienda.actions import products, reports, returns, sales
from trastienda.actions.once import Outcome
from trastienda.actions.sales import Selling
from trastienda.actions.verification import verify
from trastienda.domain.audit import Action
from trastienda.domain.errors import (
    ExcessiveReturn,
    Forbidden,
    InsufficientStock,
    Invalid,
    KeyReused,
    UnknownProducts,
)
from trastienda.domain.events import Event, Kind, may_hear
from trastienda.domain.lists import Window
from trastienda.domain.payments import Payment
from trastienda.domain.people import Actor
from trastienda.domain.products import Discount, ProductDraft, Unit
from trastienda.domain.reports import NOBODY
from trastienda.domain.returns import Return, ReturnOrder
from trastienda.domain.sales import Sale
from trastienda.storage import audit, journal
from trastienda.storage import products as product_rows
from trastienda.storage import returns as return_rows
from trastienda.storage.transactions import Snapshot

UPC, EAN = "036000291452", "0036000291452"


@pytest.fixture
def one(books: TestShop) -> TestShop:
    discount = Discount(share_bp=1250, from_ms=0, until_ms=2**52)
    for draft in (
        ProductDraft(code=BREAD, name="Pan", price_minor=1990, stock_milli=300_000),
        ProductDraft(
            code=MILK,
            name="Leche",
            price_minor=1093,
            stock_milli=10_000,
            discount=discount,
        ),
        ProductDraft(
            code=CHEESE,
            name="Queso",
            price_minor=8990,
            unit=Unit.KILOGRAM,
            stock_milli=5000,
        ),
        ProductDraft(code=STAMP, name="Estampilla", price_minor=0, stock_milli=10_000),
        ProductDraft(code=OLD, name="Radio", price_minor=24_990, stock_milli=1000),
        ProductDraft(code=UPC, name="Pañuelos", price_minor=500, stock_milli=5000),
    ):
        books.do(
            lambda transaction, draft=draft: products.create(  # type: ignore[misc]
                transaction, books.ana, draft
            )
        )
    return books


def alone(
    one: TestShop,
    by: Actor,
    *lines: tuple[str, int],
    key: str | None = None,
    **more: Any,
) -> Selling:
    return replace(one.selling(*lines, by=by, key=key, **more), self_service=True)


def buy(
    one: TestShop, by: Actor, *lines: tuple[str, int], key: str | None = None
) -> Sale:
    return one.do(
        lambda transaction: sold(
            sales.sell(transaction, [alone(one, by, *lines, key=key)])[0]
        )
    )


def give_back(
    one: TestShop, by: Actor, code: str, milli: int, key: str | None = None
) -> Outcome[tuple[Return, ...]]:
    known = None if key is None else key_of(by, "give-back", key)
    return one.do(
        lambda transaction: returns.give_back(
            transaction, by, code, milli, "no lo quiero", known
        )
    )


def refused(
    one: TestShop, by: Actor, code: str, milli: int
) -> list[tuple[str, int, int]]:
    with pytest.raises(ExcessiveReturn) as refusal:
        give_back(one, by, code, milli)
    return refusal.value.excesses


def left(one: TestShop, code: str) -> int:
    return one.look(
        lambda snapshot: product_rows.by_codes(snapshot.connection, [code])
    )[code].stock_milli


def get(one: TestShop, by: Actor, sale_id: int) -> Sale:
    return one.look(lambda snapshot: sales.get(snapshot, by, sale_id))


def listed(one: TestShop, by: Actor) -> list[int]:
    return [
        sale.id
        for sale in one.look(
            lambda snapshot: sales.listed(snapshot, by, Window())
        ).items
    ]


def told_after(one: TestShop, n: int) -> Sequence[Event]:
    return one.look(lambda snapshot: journal.after(snapshot.connection, n, 1000))


def n_of(one: TestShop) -> int:
    return one.look(lambda snapshot: snapshot.n)


def hears(event: Event, who: Actor) -> bool:
    assert who.user_id is not None
    assert who.rut is not None
    return may_hear(
        event, user_id=who.user_id, role=who.role, rut=who.rut, verified=who.verified
    )


class TestBuyingAlone:
    def test_a_customer_buys_on_account_without_a_seller(self, one: TestShop) -> None:
        sale = buy(one, one.clara, (MILK, 3000), (BREAD, 1000))
        assert (sale.seller_id, sale.seller) == (None, None)
        assert (sale.buyer_id, sale.customer_rut) == (one.clara.user_id, one.clara.rut)
        assert sale.total_minor == 3 * 956 + 1990
        assert sale.payments == (Payment(OWED, sale.total_minor),)
        assert (sale.owed_minor, sale.rounding_minor, sale.change_minor) == (
            sale.total_minor,
            0,
            0,
        )
        assert get(one, one.clara, sale.id) == sale
        assert left(one, MILK) == 7000
        assert one.look(verify) is None

    def test_staff_buy_for_cash_and_are_the_seller(self, one: TestShop) -> None:
        for who in (one.beto, one.ana):
            sale = buy(one, who, (MILK, 3000))
            assert sale.seller_id == sale.buyer_id == who.user_id
            assert (sale.seller, sale.customer_rut) == (who.person, None)
            assert (sale.total_minor, sale.rounding_minor) == (2868, 2)
            assert (sale.payments, sale.owed_minor) == ((Payment(CASH, 2870),), 0)
        assert one.look(verify) is None

    def test_a_buyer_cannot_choose_payments_or_customer(self, one: TestShop) -> None:
        wish: dict[str, Any] = {
            "payments": [Payment(DEBIT, 1990)],
            "customer_rut": one.ana.rut,
        }
        calls = [
            alone(one, who, (BREAD, 1000), **wish) for who in (one.clara, one.beto)
        ]
        mine, theirs = [
            sold(answer)
            for answer in one.do(lambda transaction: sales.sell(transaction, calls))
        ]
        assert (mine.payments, mine.customer_rut) == (
            (Payment(OWED, 1990),),
            one.clara.rut,
        )
        assert (theirs.payments, theirs.customer_rut) == ((Payment(CASH, 1990),), None)

    def test_a_free_product_leaves_no_debt(self, one: TestShop) -> None:
        assert buy(one, one.clara, (STAMP, 1000)).owed_minor == 0
        assert give_back(one, one.clara, STAMP, 1000).value[0].total_minor == 0
        assert one.look(verify) is None

    def test_a_very_large_total_is_owed_as_well(self, one: TestShop) -> None:
        draft = ProductDraft(
            code="CARO", name="Caro", price_minor=10**12, stock_milli=2000
        )
        one.do(lambda transaction: products.create(transaction, one.ana, draft))
        assert buy(one, one.clara, ("CARO", 2000)).owed_minor == 2 * 10**12
        assert one.look(verify) is None

    def test_a_customer_cannot_sell(self, one: TestShop) -> None:
        calls = [
            one.selling((BREAD, 1000), by=one.clara),
            alone(one, one.clara, (BREAD, 1000)),
        ]
        answers = one.do(lambda transaction: sales.sell(transaction, calls))
        assert isinstance(answers[0], Forbidden)
        assert isinstance(answers[1], Outcome)

    @pytest.mark.parametrize("alone_first", [True, False])
    def test_till_and_buyer_in_one_group_cannot_both_get_the_last_unit(
        self, one: TestShop, alone_first: bool
    ) -> None:
        calls = [alone(one, one.clara, (OLD, 1000)), one.selling((OLD, 1000))]
        if not alone_first:
            calls.reverse()
        got, missed = one.do(
            lambda transaction: sales.sell(
                transaction, [*calls, alone(one, one.beto, (OLD, 1000))]
            )
        )[:2]
        assert sold(got).buyer_id == (one.clara.user_id if alone_first else None)
        assert isinstance(missed, InsufficientStock)
        assert left(one, OLD) == 0
        assert one.look(verify) is None

    def test_sales_of_tills_and_buyers_share_the_folios(self, one: TestShop) -> None:
        calls = [
            one.selling((BREAD, 1000)),
            alone(one, one.clara, (BREAD, 1000)),
            alone(one, one.ana, (BREAD, 1000)),
        ]
        made = [
            sold(answer)
            for answer in one.do(
                lambda transaction: sales.sell(transaction, [*calls, *calls])
            )
        ]
        assert [sale.folio for sale in made] == [1, 2, 3, 4, 5, 6]
        assert one.look(verify) is None

    def test_a_repeated_key_buys_once(self, one: TestShop) -> None:
        calls = [
            alone(one, one.clara, (BREAD, 1000), key="k"),
            alone(one, one.beto, (BREAD, 1000), key="k"),
        ]
        first = one.do(lambda transaction: sales.sell(transaction, [*calls, *calls]))
        again = one.do(lambda transaction: sales.sell(transaction, calls))
        assert [sold(answer).id for answer in (*first, *again)] == [1, 2] * 3
        assert [answer.replayed for answer in again if isinstance(answer, Outcome)] == [
            True,
            True,
        ]
        assert left(one, BREAD) == 298_000
        assert one.look(verify) is None


class TestWhoSeesIt:
    def test_a_purchase_is_listed_to_its_buyer_and_administrators(
        self, one: TestShop
    ) -> None:
        everybody = (one.ana, one.beto, one.clara)
        for who in (one.clara, one.beto):
            before = n_of(one)
            sale = buy(one, who, (BREAD, 1000))
            (event,) = [
                event for event in told_after(one, before) if event.kind is Kind.SALE
            ]
            for other in everybody:
                assert (
                    hears(event, other)
                    is (sale.id in listed(one, other))
                    is (other in (one.ana, who))
                )

    def test_an_unconfirmed_customer_sees_their_own_purchase(
        self, one: TestShop
    ) -> None:
        new = replace(one.clara, verified=False)
        before = n_of(one)
        sale = buy(one, new, (BREAD, 1000))
        give_back(one, new, BREAD, 1000)
        assert listed(one, new) == [sale.id]
        assert [
            back.sale_id
            for back in one.look(
                lambda snapshot: returns.listed(snapshot, new, Window())
            ).items
        ] == [sale.id]
        assert all(hears(event, new) for event in told_after(one, before))

    def test_a_report_counts_it_under_no_seller(self, one: TestShop) -> None:
        buy(one, one.clara, (BREAD, 1000))
        buy(one, one.beto, (BREAD, 2000))
        report = one.look(
            lambda snapshot: reports.summary(
                snapshot, one.ana, date(2025, 11, 1), date(2025, 12, 31)
            )
        )
        assert {
            who: seller.total_minor for who, seller in report.sums.sellers.items()
        } == {
            NOBODY: 1990,
            one.beto.user_id: 3980,
        }

    def test_buying_and_giving_back_are_recorded(self, one: TestShop) -> None:
        buy(one, one.clara, (BREAD, 1000))
        give_back(one, one.clara, BREAD, 1000)
        rows = [
            row
            for row, _ in one.look(
                lambda snapshot: audit.listed(snapshot.connection, Window())
            ).items[:2]
        ]
        assert [row.action for row in rows] == [Action.RETURN, Action.SALE]
        assert {row.user_id for row in rows} == {one.clara.user_id}


class TestGivingBack:
    def test_the_latest_purchase_is_given_back_first(self, one: TestShop) -> None:
        bought = [buy(one, one.clara, (BREAD, milli)) for milli in (3000, 2000, 1000)]
        back = give_back(one, one.clara, BREAD, 4000).value
        assert [(piece.sale_id, piece.lines[0].quantity_milli) for piece in back] == [
            (bought[2].id, 1000),
            (bought[1].id, 2000),
            (bought[0].id, 1000),
        ]
        assert [
            piece.sale_id for piece in give_back(one, one.clara, BREAD, 2000).value
        ] == [bought[0].id]
        assert refused(one, one.clara, BREAD, 1000) == [(BREAD, 1000, 0)]
        assert left(one, BREAD) == 300_000
        assert one.look(verify) is None

    def test_giving_back_reduces_the_debt_of_a_customer(self, one: TestShop) -> None:
        sale = buy(one, one.clara, (BREAD, 3000), (MILK, 1000))
        (back,) = give_back(one, one.clara, BREAD, 2000).value
        assert (back.seller_id, back.seller, back.reason) == (
            None,
            None,
            "no lo quiero",
        )
        assert (back.debt_reduced_minor, back.refund_minor, back.rounding_minor) == (
            3980,
            0,
            0,
        )
        now = get(one, one.clara, sale.id)
        assert now.owed_minor == sale.owed_minor - 3980
        assert one.look(verify) is None

    def test_staff_are_refunded_in_cash(self, one: TestShop) -> None:
        buy(one, one.beto, (BREAD, 2000))
        (back,) = give_back(one, one.beto, BREAD, 1000).value
        assert (back.seller_id, back.seller) == (one.beto.user_id, one.beto.person)
        assert (back.method, back.refund_minor, back.debt_reduced_minor) == (
            CASH,
            1990,
            0,
        )
        assert one.look(verify) is None

    def test_a_settled_debt_is_refunded_in_cash(self, one: TestShop) -> None:
        sale = buy(one, one.clara, (BREAD, 2000))
        one.do(
            lambda transaction: sales.settle(
                transaction, one.beto, sale.id, [Payment(DEBIT, 3000)]
            )
        )
        assert get(one, one.ana, sale.id).seller is None
        (back,) = give_back(one, one.clara, BREAD, 2000).value
        assert (back.debt_reduced_minor, back.refund_minor, back.method) == (
            980,
            3000,
            CASH,
        )
        assert one.look(verify) is None

    def test_giving_back_too_much_is_refused_as_a_whole(self, one: TestShop) -> None:
        for milli in (2000, 1000):
            buy(one, one.clara, (BREAD, milli))
        before, n = left(one, BREAD), n_of(one)
        assert refused(one, one.clara, BREAD, 4000) == [(BREAD, 4000, 3000)]
        assert (left(one, BREAD), n_of(one)) == (before, n)
        assert (
            one.look(lambda snapshot: returns.listed(snapshot, one.ana, Window())).items
            == []
        )
        assert one.look(verify) is None

    def test_only_what_the_user_bought_by_themselves_is_given_back(
        self, one: TestShop
    ) -> None:
        one.sell(
            (BREAD, 5000),
            by=one.beto,
            payments=[Payment(OWED, 9950)],
            customer_rut=one.clara.rut,
        )
        buy(one, one.ana, (BREAD, 1000))
        for who in (one.beto, one.clara):
            assert refused(one, who, BREAD, 1000) == [(BREAD, 1000, 0)]
        assert refused(one, one.ana, MILK, 1000) == [(MILK, 1000, 0)]

    def test_an_unknown_code_is_refused(self, one: TestShop) -> None:
        with pytest.raises(UnknownProducts) as refusal:
            give_back(one, one.clara, "NADA", 1000)
        assert refusal.value.codes == ["NADA"]

    @pytest.mark.parametrize("milli", [0, -1000, 1500, 10**13])
    def test_an_impossible_quantity_is_refused(self, one: TestShop, milli: int) -> None:
        buy(one, one.clara, (BREAD, 2000))
        with pytest.raises(Invalid) as refusal:
            give_back(one, one.clara, BREAD, milli)
        assert refusal.value.field == "quantity"

    def test_part_of_a_weight_is_given_back(self, one: TestShop) -> None:
        for milli in (350, 777):
            buy(one, one.clara, (CHEESE, milli))
        assert [
            piece.lines[0].quantity_milli
            for piece in give_back(one, one.clara, CHEESE, 778).value
        ] == [777, 1]
        assert refused(one, one.clara, CHEESE, 350) == [(CHEESE, 350, 349)]
        give_back(one, one.clara, CHEESE, 349)
        assert all(
            sale.owed_minor == 0
            for sale in one.look(
                lambda snapshot: sales.listed(snapshot, one.ana, Window())
            ).items
        )
        assert one.look(verify) is None

    def test_a_code_may_be_spelled_with_or_without_zeros(self, one: TestShop) -> None:
        buy(one, one.clara, (EAN, 2000))
        for code in (UPC, EAN):
            assert give_back(one, one.clara, code, 1000).value[0].lines[0].code == UPC

    def test_a_retired_product_is_given_back(self, one: TestShop) -> None:
        buy(one, one.clara, (OLD, 1000))
        one.do(lambda transaction: products.retire(transaction, one.ana, OLD))
        give_back(one, one.clara, OLD, 1000)
        assert left(one, OLD) == 1000

    def test_what_the_till_took_back_cannot_be_given_back_again(
        self, one: TestShop
    ) -> None:
        sale = buy(one, one.clara, (BREAD, 3000))
        buy(one, one.clara, (BREAD, 1000))
        one.do(
            lambda transaction: returns.take_back(
                transaction, one.beto, sale.id, ReturnOrder(reason="vencido")
            )
        )
        assert refused(one, one.clara, BREAD, 2000) == [(BREAD, 2000, 1000)]
        give_back(one, one.clara, BREAD, 1000)
        with pytest.raises(ExcessiveReturn):
            one.do(
                lambda transaction: returns.take_back(
                    transaction, one.beto, sale.id + 1, ReturnOrder(reason="vencido")
                )
            )
        assert left(one, BREAD) == 300_000
        assert one.look(verify) is None

    def test_stock_is_emitted_once_and_a_return_for_each_sale(
        self, one: TestShop
    ) -> None:
        for _ in range(2):
            buy(one, one.clara, (BREAD, 1000))
        before = n_of(one)
        give_back(one, one.clara, BREAD, 2000)
        told = told_after(one, before)
        assert [event.kind for event in told] == [
            Kind.STOCK,
            Kind.SALE,
            Kind.RETURN,
            Kind.SALE,
            Kind.RETURN,
        ]
        heard = [event.subject for event in told if isinstance(event.subject, Sale)]
        assert heard == [get(one, one.ana, sale_id) for sale_id in (2, 1)]

    def test_a_repeated_key_gives_back_once(self, one: TestShop) -> None:
        for _ in range(2):
            buy(one, one.beto, (BREAD, 2000))
        first = give_back(one, one.beto, BREAD, 3000, key="k")
        again = give_back(one, one.beto, BREAD, 3000, key="k")
        assert (first.replayed, again.replayed) == (False, True)
        assert first.value == again.value
        assert left(one, BREAD) == 299_000
        other = replace(key_of(one.beto, "give-back", "k"), fingerprint="0" * 64)
        with pytest.raises(KeyReused):
            one.do(
                lambda transaction: returns.give_back(
                    transaction, one.beto, BREAD, 1000, "otra", other
                )
            )

    def test_verification_checks_the_returns_of_a_stored_answer(
        self, one: TestShop
    ) -> None:
        for who in (one.clara, one.beto):
            for number in range(2):
                buy(one, who, (BREAD, 2000), key=f"buy{number}")
            give_back(one, who, BREAD, 3000, key="k")
        assert one.look(verify) is None
        damaged = Damaged(one.path)
        for who, other in ((one.clara, one.beto), (one.beto, one.clara)):
            mine = f"WHERE route = 'give-back' AND user_id = {who.user_id}"
            for damage in (
                f"user_id = {other.user_id}, key = 'other'",
                "result = json_set(result, '$[1].reason', 'otra')",
                "result = json_set(result, '$[1]', json_extract(result, '$[0]'))",
                "result = '[]'",
            ):
                broken = damaged.after(f"UPDATE idempotency_keys SET {damage} {mine}")
                assert broken is not None, damage
                assert (broken.clause, broken.table) == (3, "idempotency_keys")
        damaged.close()

    def test_a_customer_turned_cashier_gives_back_what_is_still_owed(
        self, one: TestShop
    ) -> None:
        buy(one, one.clara, (BREAD, 1000))
        hired = replace(one.clara, role=one.beto.role)
        (back,) = give_back(one, hired, BREAD, 1000).value
        assert (back.debt_reduced_minor, back.refund_minor) == (1990, 0)
        assert one.look(verify) is None


class TestALongPast:
    def test_the_ledger_is_read_in_pieces_from_its_newest_end(
        self, one: TestShop
    ) -> None:
        count = return_rows.LOOKED_AT_ONCE
        oldest = buy(one, one.clara, (OLD, 1000))
        calls = [alone(one, one.clara, (BREAD, 1000)) for _ in range(count - 1)]
        one.do(
            lambda transaction: sales.sell(transaction, calls)
        )  # all in one moment: their numbers tell them apart
        one.do(lambda transaction: sales.sell(transaction, calls[:3]))
        assert [
            piece.sale_id for piece in give_back(one, one.clara, OLD, 1000).value
        ] == [oldest.id]
        back = give_back(one, one.clara, BREAD, (count + 1) * 1000).value
        assert [piece.sale_id for piece in back] == list(range(count + 3, 2, -1))
        assert one.look(verify) is None

    def test_the_ledger_is_searched_only_to_a_limit(
        self, one: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(return_rows, "MAX_LOOKED_AT", return_rows.LOOKED_AT_ONCE)
        buy(one, one.clara, (OLD, 1000))
        calls = [
            alone(one, one.clara, (BREAD, 1000))
            for _ in range(return_rows.LOOKED_AT_ONCE)
        ]
        one.do(lambda transaction: sales.sell(transaction, calls))
        assert refused(one, one.clara, OLD, 1000) == [(OLD, 1000, 0)]

    def test_a_limited_number_of_purchases_is_given_back_at_once(
        self, one: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(returns, "MAX_PIECES", 2)
        for _ in range(3):
            buy(one, one.clara, (BREAD, 1000))
        assert refused(one, one.clara, BREAD, 3000) == [(BREAD, 3000, 2000)]
        give_back(one, one.clara, BREAD, 2000)
        give_back(one, one.clara, BREAD, 1000)

    def test_purchases_are_found_by_an_index_on_the_buyer(self, one: TestShop) -> None:
        def plan(snapshot: Snapshot) -> list[str]:
            query = return_rows._LEFT_WITH_BUYER
            assert list(return_rows.left_with(snapshot.connection, 1, 1)) == []
            return plan_of(snapshot.connection, query)

        steps = one.look(plan)
        assert any("ix_sales_buyer" in step for step in steps), steps
        assert not [
            step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step
        ]
