"""Whatever people do to a shop, in whatever order, it stays what a plain model of it says."""

from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from msgspec.structs import replace
from tests.harness.tiers import storm, tier
from tests.journeys import wishes
from tests.journeys.comparing import (
    METHODS,
    assert_same_return,
    assert_same_sale,
    milli,
    order_of,
    paid,
)
from tests.journeys.plain_shop import CASH, DEBIT, Good, Off, Order, Paid, Sold, label
from tests.journeys.shop_machine import DAY_MS, Done, Machine, key_of, took_in

from trastienda.actions import products, purchases, returns, sales
from trastienda.actions.once import Outcome
from trastienda.actions.sales import Selling
from trastienda.domain.errors import KeyReused, NotFound, Refusal
from trastienda.domain.products import Discount, ProductDraft, Unit
from trastienda.domain.purchases import PurchaseOrder, PurchaseOrderLine
from trastienda.domain.returns import Return, ReturnOrder
from trastienda.domain.sales import OrderLine, Sale
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.transactions import Tx


class ShopMachine(Machine):
    """People at work."""

    # the shelves

    @precondition(lambda self: len(self.model.goods) < len(wishes.CODES))
    @rule(
        price=wishes.PRICES,
        exempt=st.booleans(),
        whole=wishes.WHOLE,
        weight=wishes.WEIGHTS,
    )
    def create(
        self, price: int, exempt: bool, whole: Fraction, weight: Fraction
    ) -> None:
        code = wishes.CODES[len(self.model.goods)]
        weighed = code.isdigit()
        stock = weight if weighed else whole
        draft = ProductDraft(
            code=code,
            name=f"Producto {code}",
            price_minor=price,
            exempt=exempt,
            unit=Unit.KILOGRAM if weighed else Unit.PIECE,
            stock_milli=milli(stock),
        )
        self.once(
            self.ana,
            "products",
            repr(draft),
            lambda transaction, key: products.create(transaction, self.ana, draft, key),
        )
        self.model.goods[code] = Good(code, price, stock, weighed, exempt)

    @precondition(lambda self: self.model.goods)
    @rule(data=st.data(), price=wishes.PRICES)
    def reprice(self, data: st.DataObject, price: int) -> None:
        good = self.some(data, list(self.model.goods.values()))
        price = max(price, self.least_price(good))
        self.change(good, price_minor=price)
        good.price = price

    @precondition(lambda self: self.model.goods)
    @rule(
        data=st.data(),
        share=st.one_of(st.none(), st.integers(1, 10_000)),
        amount=st.integers(1, 9000),
        begins=st.sampled_from([-DAY_MS, 0, 1, DAY_MS]),
        lasts=st.sampled_from([1, DAY_MS, 3 * DAY_MS]),
    )
    def discount(
        self,
        data: st.DataObject,
        share: int | None,
        amount: int,
        begins: int,
        lasts: int,
    ) -> None:
        good = self.some(data, list(self.model.goods.values()))
        since = self.model.now + begins
        amount = min(amount, good.price)
        share = share if amount else 10_000
        off = Off(
            None if share is None else Fraction(share, 10_000),
            amount,
            since,
            since + lasts,
        )
        discount = Discount(
            share_bp=share,
            amount_minor=amount if share is None else None,
            from_ms=since,
            until_ms=since + lasts,
        )
        self.change(good, discount=discount)
        good.off = off

    @precondition(lambda self: self.model.goods)
    @rule(data=st.data(), whole=wishes.WHOLE, weight=wishes.WEIGHTS)
    def count(self, data: st.DataObject, whole: Fraction, weight: Fraction) -> None:
        good = self.some(data, list(self.model.goods.values()))
        stock = weight if good.weighed else whole
        self.refuses(lambda: self.change(good, stock_milli=milli(stock)), {"Invalid"})
        self.change(good, stock_milli=milli(stock), reason="conteo")
        good.stock = stock

    @precondition(lambda self: self.model.goods)
    @rule(data=st.data())
    def retire_or_bring_back(self, data: st.DataObject) -> None:
        good = self.some(data, list(self.model.goods.values()))
        if good.active:
            self.do(
                lambda transaction: products.retire(transaction, self.ana, good.code)
            )
        else:
            self.change(good, active=True)
        good.active = not good.active

    @precondition(lambda self: self.model.goods)
    @rule(data=st.data())
    def buy(self, data: st.DataObject) -> None:
        lines = []
        for good in data.draw(
            st.lists(
                st.sampled_from(list(self.model.goods.values())), min_size=1, max_size=3
            )
        ):
            quantity = data.draw(
                (wishes.WEIGHTS if good.weighed else wishes.WHOLE).filter(bool)
            )
            lines.append((good, quantity, data.draw(wishes.PRICES)))
        order = PurchaseOrder(
            supplier="Don Luis",
            lines=[
                PurchaseOrderLine(good.code, milli(quantity), cost * 1000)
                for good, quantity, cost in lines
            ],
        )

        def call(transaction: Tx, key: IdempotencyKey) -> Outcome[Any]:
            return purchases.buy(transaction, self.ana, order, key)

        if not all(good.active for good, _, _ in lines):
            self.refuses(
                lambda: self.once(self.ana, "purchases", repr(order), call),
                {"ProductRetired"},
            )
            return
        self.once(self.ana, "purchases", repr(order), call)
        took_in(lines)

    # time

    @rule(passes=st.sampled_from([1, 60_000, DAY_MS - 1, DAY_MS, 2 * DAY_MS]))
    def sleep(self, passes: int) -> None:
        self.model.now += passes

    # the counter

    @precondition(lambda self: any(code.isdigit() for code in self.model.goods))
    @rule(data=st.data(), grams=st.integers(1, 3000))
    def print_label(self, data: st.DataObject, grams: int) -> None:
        code = self.some(data, [code for code in self.model.goods if code.isdigit()])
        self.model.labels[label(code, grams)] = (code, Fraction(grams, 1000))

    @rule(data=st.data())
    def sell(self, data: st.DataObject) -> None:
        """Several orders at once: they compete for what is left, and some come twice under one
        key."""
        calls: list[tuple[Order, str | None]] = []
        for _ in range(data.draw(st.integers(1, 4))):
            twin = bool(calls) and data.draw(st.integers(0, 2)) == 0
            order = (
                calls[-1][0]
                if twin and data.draw(st.booleans())
                else wishes.order(self.model, data)
            )
            self.keys += 1
            key = (
                calls[-1][1]
                if twin
                else data.draw(
                    st.sampled_from([f"s{self.keys}", f"s{self.keys}", None])
                )
            )
            calls.append((order, key))
        answers = self.do(
            lambda transaction: sales.sell(
                transaction,
                [
                    Selling(
                        self.beto,
                        order_of(order),
                        None if key is None else self.till_key(key, order),
                    )
                    for order, key in calls
                ],
            )
        )
        for (order, key), answer in zip(calls, answers, strict=True):
            self._sold(order, key, answer)

    def _sold(
        self, order: Order, key: str | None, answer: Outcome[Sale] | Refusal
    ) -> None:
        known = None if key is None else self.till_key(key, order)
        earlier = None if known is None else self.done.get(known.place)
        if known is not None and earlier is not None:
            if earlier.key == known:
                assert answer == Outcome(None, earlier.answer, replayed=True)
            else:
                assert isinstance(answer, KeyReused)
            return
        expected = self.model.sell(order)
        if isinstance(expected, set):
            assert isinstance(answer, Refusal), expected
            assert type(answer).__name__ in expected
            return
        assert isinstance(answer, Outcome), (answer, expected)
        assert not answer.replayed
        assert_same_sale(expected, answer.value)
        if known is not None:
            self.done[known.place] = Done(known, self._sell_again(order), answer.body)

    def till_key(self, key: str, order: Order) -> IdempotencyKey:
        return key_of(self.beto, "sales", key, repr(order))

    def _sell_again(self, order: Order) -> Callable[[Tx, IdempotencyKey], Outcome[Any]]:
        def again(transaction: Tx, key: IdempotencyKey) -> Outcome[Any]:
            (answer,) = sales.sell(
                transaction, [Selling(self.beto, order_of(order), key)]
            )
            if isinstance(answer, Refusal):
                raise answer
            return answer

        return again

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """The same key and body give the same answer, whatever has happened since; another
        body is refused."""
        done = self.some(data, list(self.done.values()))
        again = self.do(lambda transaction: done.again(transaction, done.key))
        assert again == Outcome(None, done.answer, replayed=True)
        other = replace(done.key, fingerprint=sha256(b"another body").hexdigest())
        self.refuses(
            lambda: self.do(lambda transaction: done.again(transaction, other)),
            {"KeyReused"},
        )

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data(), how=st.sampled_from([CASH, DEBIT]), restocked=st.booleans())
    def take_back_a_part(self, data: st.DataObject, how: str, restocked: bool) -> None:
        sale = self.some(data, self.model.sales)
        self._take_back(
            sale, data.draw(wishes.wanted(self.model, sale)), how, restocked=restocked
        )

    @precondition(lambda self: self.model.sales)
    @rule(data=st.data(), how=st.sampled_from([CASH, DEBIT]), restocked=st.booleans())
    def take_back_all_that_is_left(
        self, data: st.DataObject, how: str, restocked: bool
    ) -> None:
        self._take_back(
            self.some(data, self.model.sales), None, how, restocked=restocked
        )

    def _take_back(
        self,
        sale: Sold,
        wanted: dict[str, Fraction] | None,
        how: str,
        *,
        restocked: bool,
    ) -> None:
        lines = (
            None
            if wanted is None
            else [OrderLine(code, milli(one)) for code, one in wanted.items()]
        )
        order = ReturnOrder(
            lines=lines, reason="no le gusta", method=METHODS[how], restock=restocked
        )

        def call(transaction: Tx, key: IdempotencyKey) -> Outcome[Return]:
            return returns.take_back(transaction, self.beto, sale.number, order, key)

        due = self.model.give_back(sale, wanted, how)
        if isinstance(due, set):
            self.refuses(
                lambda: self.once(
                    self.beto, "returns", f"{sale.number} {order!r}", call
                ),
                due,
            )
            return
        one = self.once(self.beto, "returns", f"{sale.number} {order!r}", call)
        self.model.took_back(sale, due, one.refund_minor, restocked=restocked)
        assert_same_return(sale.backs[-1], one)

    @precondition(lambda self: any(sale.customer for sale in self.model.sales))
    @rule(
        data=st.data(),
        cash=st.one_of(st.none(), wishes.CASH_SUMS),
        debit=st.one_of(st.none(), wishes.CASH_SUMS),
        rest=st.booleans(),
    )
    def settle(
        self, data: st.DataObject, cash: int | None, debit: int | None, rest: bool
    ) -> None:
        sale = self.some(data, [sale for sale in self.model.sales if sale.customer])
        payments: list[Paid] = [
            (how, amount)
            for how, amount in ((CASH, cash), (DEBIT, debit))
            if amount is not None
        ]
        if rest:
            payments = [
                (
                    data.draw(st.sampled_from([CASH, DEBIT])),
                    max(0, sale.owed + data.draw(st.integers(-9, 9))),
                )
            ]

        def call(transaction: Tx, key: IdempotencyKey) -> Outcome[Sale]:
            return sales.settle(
                transaction, self.beto, sale.number, paid(payments), key
            )

        body = f"{sale.number} {payments!r}"
        reasons = self.model.settle(sale, payments)
        if reasons:
            self.refuses(lambda: self.once(self.beto, "settlings", body, call), reasons)
        else:
            assert_same_sale(sale, self.once(self.beto, "settlings", body, call))

    @precondition(lambda self: self.model.goods)
    @rule(data=st.data())
    def fail_between(self, data: st.DataObject) -> None:
        """What fails in a transaction leaves no trace, though what came before and after it in
        there stays."""
        orders = [wishes.order(self.model, data) for _ in range(3)]

        def work(transaction: Tx) -> list[Outcome[Sale] | Refusal]:
            (before,) = sales.sell(
                transaction, [Selling(self.beto, order_of(orders[0]))]
            )
            try:
                with transaction.savepoint():
                    sales.sell(
                        transaction,
                        [
                            Selling(
                                self.beto,
                                order_of(orders[1]),
                                self.till_key("lost", orders[1]),
                            )
                        ],
                    )
                    raise NotFound
            except NotFound:
                (after,) = sales.sell(
                    transaction, [Selling(self.beto, order_of(orders[2]))]
                )
            return [before, after]

        before, after = self.do(work)
        self._sold(orders[0], None, before)
        self._sold(orders[2], None, after)


ShopMachine.TestCase.settings = settings(
    max_examples=tier(25, full=300),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)
TestShopStateMachine = storm(pytest.mark.timeout(1800)(ShopMachine.TestCase))
