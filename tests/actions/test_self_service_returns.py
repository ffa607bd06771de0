"""Giving back alone: what this same person bought, and still owes."""

import pytest
from msgspec.structs import replace
from tests.harness.books import TestShop, key_of
from tests.harness.cast import rows_of
from tests.harness.damage import Damaged
from tests.harness.past import BREAD, CASH, CHEESE, DEBIT, MILK, OLD, OWED
from tests.harness.plans import plan_of
from tests.harness.self_service import (
    EAN,
    UPC,
    alone,
    buy,
    get,
    give_back,
    left,
    n_of,
    refused,
    told_after,
)

from trastienda.actions import products, returns, sales
from trastienda.actions.verification import verify
from trastienda.domain.errors import (
    ExcessiveReturn,
    Invalid,
    KeyReused,
    PaidFor,
    UnknownProducts,
)
from trastienda.domain.events import Kind
from trastienda.domain.lists import Window
from trastienda.domain.payments import Payment
from trastienda.domain.returns import ReturnOrder
from trastienda.domain.sales import Sale
from trastienda.storage import returns as return_rows
from trastienda.storage.transactions import Snapshot


class TestGivingBack:
    def test_the_latest_purchase_is_given_back_first(self, stocked: TestShop) -> None:
        bought = [
            buy(stocked, stocked.clara, (BREAD, milli)) for milli in (3000, 2000, 1000)
        ]
        back = give_back(stocked, stocked.clara, BREAD, 4000).value
        assert [(piece.sale_id, piece.lines[0].quantity_milli) for piece in back] == [
            (bought[2].id, 1000),
            (bought[1].id, 2000),
            (bought[0].id, 1000),
        ]
        assert [
            piece.sale_id
            for piece in give_back(stocked, stocked.clara, BREAD, 2000).value
        ] == [bought[0].id]
        assert refused(stocked, stocked.clara, BREAD, 1000) == [(BREAD, 1000, 0)]
        assert left(stocked, BREAD) == 300_000
        assert stocked.look(verify) is None

    def test_giving_back_reduces_the_debt_of_a_customer(
        self, stocked: TestShop
    ) -> None:
        sale = buy(stocked, stocked.clara, (BREAD, 3000), (MILK, 1000))
        (back,) = give_back(stocked, stocked.clara, BREAD, 2000).value
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
        now = get(stocked, stocked.clara, sale.id)
        assert now.owed_minor == sale.owed_minor - 3980
        assert stocked.look(verify) is None

    def test_staff_are_refunded_in_cash(self, stocked: TestShop) -> None:
        buy(stocked, stocked.beto, (BREAD, 2000))
        (back,) = give_back(stocked, stocked.beto, BREAD, 1000).value
        assert (back.seller_id, back.seller) == (
            stocked.beto.user_id,
            stocked.beto.person,
        )
        assert (back.method, back.refund_minor, back.debt_reduced_minor) == (
            CASH,
            1990,
            0,
        )
        assert stocked.look(verify) is None

    def test_a_customer_gives_back_what_is_owed_and_never_what_was_paid_for(
        self, stocked: TestShop
    ) -> None:
        sale = buy(stocked, stocked.clara, (BREAD, 3000))
        stocked.do(
            lambda transaction: sales.settle(
                transaction, stocked.beto, sale.id, [Payment(DEBIT, 3000)]
            )
        )
        assert get(stocked, stocked.ana, sale.id).seller is None
        with pytest.raises(PaidFor) as refusal:
            give_back(stocked, stocked.clara, BREAD, 2000)
        assert rows_of(refusal.value.excesses) == [(BREAD, 2000, 1000)]
        (back,) = give_back(stocked, stocked.clara, BREAD, 1000).value
        assert (back.debt_reduced_minor, back.refund_minor) == (1990, 0)
        with pytest.raises(PaidFor):
            give_back(stocked, stocked.clara, BREAD, 1000)
        assert get(stocked, stocked.ana, sale.id).owed_minor == 980
        assert stocked.look(verify) is None

    def test_of_a_weight_comes_back_what_the_rest_of_its_debt_is_worth(
        self, stocked: TestShop
    ) -> None:
        sale = buy(stocked, stocked.clara, (CHEESE, 500))
        stocked.do(
            lambda transaction: sales.settle(
                transaction, stocked.beto, sale.id, [Payment(DEBIT, 4000)]
            )
        )
        with pytest.raises(PaidFor) as refusal:
            give_back(stocked, stocked.clara, CHEESE, 500)
        # 55 g at $8.990 a kilogram are $494, 56 g are $503, and $495 are owed.
        assert rows_of(refusal.value.excesses) == [(CHEESE, 500, 55)]
        give_back(stocked, stocked.clara, CHEESE, 55)
        assert get(stocked, stocked.ana, sale.id).owed_minor == 1
        assert stocked.look(verify) is None

    def test_what_is_paid_for_is_passed_over_for_an_older_debt(
        self, stocked: TestShop
    ) -> None:
        older, newer = (buy(stocked, stocked.clara, (BREAD, 2000)) for _ in range(2))
        stocked.do(
            lambda transaction: sales.settle(
                transaction, stocked.beto, newer.id, [Payment(DEBIT, 2500)]
            )
        )
        back = give_back(stocked, stocked.clara, BREAD, 2000).value
        assert [piece.sale_id for piece in back] == [older.id]
        assert [piece.refund_minor for piece in back] == [0]

    def test_giving_back_too_much_is_refused_as_a_whole(
        self, stocked: TestShop
    ) -> None:
        for milli in (2000, 1000):
            buy(stocked, stocked.clara, (BREAD, milli))
        before, n = left(stocked, BREAD), n_of(stocked)
        assert refused(stocked, stocked.clara, BREAD, 4000) == [(BREAD, 4000, 3000)]
        assert (left(stocked, BREAD), n_of(stocked)) == (before, n)
        assert (
            stocked.look(
                lambda snapshot: returns.listed(snapshot, stocked.ana, Window())
            ).items
            == []
        )
        assert stocked.look(verify) is None

    def test_only_what_the_user_bought_by_themselves_is_given_back(
        self, stocked: TestShop
    ) -> None:
        stocked.sell(
            (BREAD, 5000),
            by=stocked.beto,
            payments=[Payment(OWED, 9950)],
            customer_rut=stocked.clara.rut,
        )
        buy(stocked, stocked.ana, (BREAD, 1000))
        for who in (stocked.beto, stocked.clara):
            assert refused(stocked, who, BREAD, 1000) == [(BREAD, 1000, 0)]
        assert refused(stocked, stocked.ana, MILK, 1000) == [(MILK, 1000, 0)]

    def test_an_unknown_code_is_refused(self, stocked: TestShop) -> None:
        with pytest.raises(UnknownProducts) as refusal:
            give_back(stocked, stocked.clara, "NADA", 1000)
        assert refusal.value.codes == ["NADA"]

    @pytest.mark.parametrize("milli", [0, -1000, 1500, 10**13])
    def test_an_impossible_quantity_is_refused(
        self, stocked: TestShop, milli: int
    ) -> None:
        buy(stocked, stocked.clara, (BREAD, 2000))
        with pytest.raises(Invalid) as refusal:
            give_back(stocked, stocked.clara, BREAD, milli)
        assert refusal.value.field == "quantity"

    def test_part_of_a_weight_is_given_back(self, stocked: TestShop) -> None:
        for milli in (350, 777):
            buy(stocked, stocked.clara, (CHEESE, milli))
        assert [
            piece.lines[0].quantity_milli
            for piece in give_back(stocked, stocked.clara, CHEESE, 778).value
        ] == [777, 1]
        assert refused(stocked, stocked.clara, CHEESE, 350) == [(CHEESE, 350, 349)]
        give_back(stocked, stocked.clara, CHEESE, 349)
        assert all(
            sale.owed_minor == 0
            for sale in stocked.look(
                lambda snapshot: sales.listed(snapshot, stocked.ana, Window())
            ).items
        )
        assert stocked.look(verify) is None

    def test_a_code_may_be_spelled_with_or_without_zeros(
        self, stocked: TestShop
    ) -> None:
        buy(stocked, stocked.clara, (EAN, 2000))
        for code in (UPC, EAN):
            assert (
                give_back(stocked, stocked.clara, code, 1000).value[0].lines[0].code
                == UPC
            )

    def test_a_retired_product_is_given_back(self, stocked: TestShop) -> None:
        buy(stocked, stocked.clara, (OLD, 1000))
        stocked.do(lambda transaction: products.retire(transaction, stocked.ana, OLD))
        give_back(stocked, stocked.clara, OLD, 1000)
        assert left(stocked, OLD) == 1000

    def test_what_the_till_took_back_cannot_be_given_back_again(
        self, stocked: TestShop
    ) -> None:
        sale = buy(stocked, stocked.clara, (BREAD, 3000))
        buy(stocked, stocked.clara, (BREAD, 1000))
        stocked.do(
            lambda transaction: returns.take_back(
                transaction, stocked.beto, sale.id, ReturnOrder(reason="vencido")
            )
        )
        assert refused(stocked, stocked.clara, BREAD, 2000) == [(BREAD, 2000, 1000)]
        give_back(stocked, stocked.clara, BREAD, 1000)
        with pytest.raises(ExcessiveReturn):
            stocked.do(
                lambda transaction: returns.take_back(
                    transaction,
                    stocked.beto,
                    sale.id + 1,
                    ReturnOrder(reason="vencido"),
                )
            )
        assert left(stocked, BREAD) == 300_000
        assert stocked.look(verify) is None

    def test_stock_is_emitted_once_and_a_return_for_each_sale(
        self, stocked: TestShop
    ) -> None:
        for _ in range(2):
            buy(stocked, stocked.clara, (BREAD, 1000))
        before = n_of(stocked)
        give_back(stocked, stocked.clara, BREAD, 2000)
        told = told_after(stocked, before)
        assert [event.kind for event in told] == [
            Kind.STOCK,
            Kind.SALE,
            Kind.RETURN,
            Kind.SALE,
            Kind.RETURN,
        ]
        heard = [event.subject for event in told if isinstance(event.subject, Sale)]
        assert heard == [get(stocked, stocked.ana, sale_id) for sale_id in (2, 1)]

    def test_a_repeated_key_gives_back_once(self, stocked: TestShop) -> None:
        for _ in range(2):
            buy(stocked, stocked.beto, (BREAD, 2000))
        first = give_back(stocked, stocked.beto, BREAD, 3000, key="k")
        again = give_back(stocked, stocked.beto, BREAD, 3000, key="k")
        assert (first.replayed, again.replayed) == (False, True)
        assert first.body == again.body
        assert left(stocked, BREAD) == 299_000
        other = replace(key_of(stocked.beto, "give-back", "k"), fingerprint="0" * 64)
        with pytest.raises(KeyReused):
            stocked.do(
                lambda transaction: returns.give_back(
                    transaction, stocked.beto, BREAD, 1000, "otra", other
                )
            )

    def test_verification_checks_the_returns_of_a_stored_answer(
        self, stocked: TestShop
    ) -> None:
        for who in (stocked.clara, stocked.beto):
            for number in range(2):
                buy(stocked, who, (BREAD, 2000), key=f"buy{number}")
            give_back(stocked, who, BREAD, 3000, key="k")
        assert stocked.look(verify) is None
        damaged = Damaged(stocked.path)
        for who, other in (
            (stocked.clara, stocked.beto),
            (stocked.beto, stocked.clara),
        ):
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
        self, stocked: TestShop
    ) -> None:
        buy(stocked, stocked.clara, (BREAD, 1000))
        hired = replace(stocked.clara, role=stocked.beto.role)
        (back,) = give_back(stocked, hired, BREAD, 1000).value
        assert (back.debt_reduced_minor, back.refund_minor) == (1990, 0)
        assert stocked.look(verify) is None


class TestALongPast:
    def test_the_ledger_is_read_in_pieces_from_its_newest_end(
        self, stocked: TestShop
    ) -> None:
        count = return_rows.LOOKED_AT_ONCE
        oldest = buy(stocked, stocked.clara, (OLD, 1000))
        calls = [alone(stocked, stocked.clara, (BREAD, 1000)) for _ in range(count - 1)]
        stocked.do(
            lambda transaction: sales.sell(transaction, calls)
        )  # all in one moment: their numbers tell them apart
        stocked.do(lambda transaction: sales.sell(transaction, calls[:3]))
        assert [
            piece.sale_id
            for piece in give_back(stocked, stocked.clara, OLD, 1000).value
        ] == [oldest.id]
        back = give_back(stocked, stocked.clara, BREAD, (count + 1) * 1000).value
        assert [piece.sale_id for piece in back] == list(range(count + 3, 2, -1))
        assert stocked.look(verify) is None

    def test_the_ledger_is_searched_only_to_a_limit(
        self, stocked: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(return_rows, "MAX_LOOKED_AT", return_rows.LOOKED_AT_ONCE)
        buy(stocked, stocked.clara, (OLD, 1000))
        calls = [
            alone(stocked, stocked.clara, (BREAD, 1000))
            for _ in range(return_rows.LOOKED_AT_ONCE)
        ]
        stocked.do(lambda transaction: sales.sell(transaction, calls))
        assert refused(stocked, stocked.clara, OLD, 1000) == [(OLD, 1000, 0)]

    def test_a_limited_number_of_purchases_is_given_back_at_once(
        self, stocked: TestShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(returns, "MAX_PIECES", 2)
        for _ in range(3):
            buy(stocked, stocked.clara, (BREAD, 1000))
        assert refused(stocked, stocked.clara, BREAD, 3000) == [(BREAD, 3000, 2000)]
        give_back(stocked, stocked.clara, BREAD, 2000)
        give_back(stocked, stocked.clara, BREAD, 1000)

    def test_purchases_are_found_by_an_index_on_the_buyer(
        self, stocked: TestShop
    ) -> None:
        def plan(snapshot: Snapshot) -> list[str]:
            query = return_rows._LEFT_WITH_BUYER
            assert list(return_rows.left_with(snapshot.connection, 1, 1)) == []
            return plan_of(snapshot.connection, query)

        steps = stocked.look(plan)
        assert any("ix_sales_buyer" in step for step in steps), steps
        assert not [
            step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step
        ]
