"""A shop and the plain model of it, side by side: what is done to both, and that they stay the
same."""

import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from tests.harness.books import OPENING_DAY_MS, TestShop, as_it_is
from tests.journeys.comparing import (
    assert_same_return,
    assert_same_sale,
    milli,
)
from tests.journeys.plain_shop import Good, PlainShop, half_up
from tests.journeys.replaying import replayed

from trastienda.actions import people, products, purchases, returns, sales
from trastienda.actions.once import Outcome
from trastienda.actions.verification import verify
from trastienda.domain.errors import Refusal
from trastienda.domain.lists import Window
from trastienda.domain.people import SHELL, Actor
from trastienda.domain.products import Product, ProductChange
from trastienda.storage.dialects import open_file
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.transactions import Snapshot, Tx, read_snapshot, writing

T = TypeVar("T")

DAY_MS = 24 * 3600 * 1000
ALL = Window(limit=200)


@cache
def new_shop() -> bytes:
    """The database of a shop on its first day, made once; every run gets a copy."""
    with tempfile.TemporaryDirectory(prefix="trastienda-machine-") as folder:
        path = Path(folder) / "shop.db"
        TestShop(path)
        return path.read_bytes()


class Done(NamedTuple):
    """Something that was done under a key, to be asked for again."""

    key: IdempotencyKey
    again: Callable[[Tx, IdempotencyKey], Outcome[Any]]
    answer: bytes | None


def key_of(who: Actor, route: str, key: str, body: str) -> IdempotencyKey:
    assert who.user_id is not None
    fingerprint = sha256(body.encode()).hexdigest()
    return IdempotencyKey(who.user_id, route, key, fingerprint, as_it_is)


def took_in(lines: Sequence[tuple[Good, Fraction, int]]) -> None:
    """Put bought goods on the shelves; all units of a product on one invoice cost alike."""
    for good in {one.code: one for one, _, _ in lines}.values():
        mine = [(quantity, cost) for one, quantity, cost in lines if one is good]
        units = sum(quantity for quantity, _ in mine)
        exact = sum(quantity * cost for quantity, cost in mine)
        good.stock += units
        if exact:
            good.cost = half_up(Fraction(half_up(1000 * exact / units), 1000))


class Machine(RuleBasedStateMachine):
    """What every rule needs: the two shops, a clock, idempotency keys, and the comparison
    after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="trastienda-run-")
        path = Path(self.folder.name) / "shop.db"
        path.write_bytes(new_shop())
        self.connection = open_file(path, durable=False).connect()
        self.model = PlainShop(OPENING_DAY_MS + DAY_MS)
        self.ana, self.beto = self.look(
            lambda snapshot: (
                actor(snapshot, "11111111-1"),
                actor(snapshot, "22222222-2"),
            )
        )
        self.done: dict[tuple[int, str, str], Done] = {}
        self.keys = 0

    def look(self, read: Callable[[Snapshot], T]) -> T:
        with read_snapshot(self.connection, lambda: self.model.now) as snapshot:
            return read(snapshot)

    def do(self, work: Callable[[Tx], T]) -> T:
        with writing(self.connection, lambda: self.model.now) as transaction:
            return work(transaction)

    def once(
        self,
        who: Actor,
        route: str,
        body: str,
        call: Callable[[Tx, IdempotencyKey], Outcome[T]],
    ) -> T:
        """Do something under a fresh key, and remember it for :meth:`repeat`."""
        self.keys += 1
        key = key_of(who, route, f"k{self.keys}", body)
        answer = self.do(lambda transaction: call(transaction, key))
        assert not answer.replayed
        self.done[key.place] = Done(key, call, answer.body)
        return answer.value

    def some(self, data: st.DataObject, among: Sequence[T]) -> T:
        return data.draw(st.sampled_from(among))

    def refuses(self, work: Callable[[], object], reasons: set[str]) -> None:
        with pytest.raises(Refusal) as raised:
            work()
        assert type(raised.value).__name__ in reasons

    def least_price(self, good: Good) -> int:
        """The lowest price that it may get: that of a discount that is not over."""
        off = good.off
        if off is None or off.share is not None or off.until <= self.model.now:
            return 0
        return off.amount

    def change(self, good: Good, **changes: Any) -> Product:
        return self.do(
            lambda transaction: products.change(
                transaction, self.ana, good.code, ProductChange(**changes)
            )
        )

    @invariant()
    def the_shop_is_what_the_model_says(self) -> None:
        self.look(self._compare)

    def _compare(self, snapshot: Snapshot) -> None:
        model = self.model
        shelves = {
            one.code: one for one in products.listed(snapshot, self.ana, ALL).items
        }
        assert {
            code: (
                one.stock_milli,
                one.price_minor,
                one.final_price(snapshot.now_ms),
                one.cost_minor,
                one.active,
            )
            for code, one in shelves.items()
        } == {
            code: (
                milli(good.stock),
                good.price,
                good.final(model.now),
                good.cost,
                good.active,
            )
            for code, good in model.goods.items()
        }
        found = sorted(
            sales.listed(snapshot, self.ana, ALL).items, key=lambda sale: sale.id
        )
        assert [sale.folio for sale in found] == list(range(1, len(model.sales) + 1))
        backs = returns.of_sales(snapshot, found)
        for sold, sale in zip(model.sales, found, strict=True):
            assert_same_sale(sold, sale)
            assert 0 <= sold.refunded <= sold.paid
            for back, one in zip(sold.backs, backs.get(sale.id, []), strict=True):
                assert_same_return(back, one)
        owing = {
            sale.id for sale in sales.listed(snapshot, self.beto, ALL, owed=True).items
        }
        assert owing == {sold.number for sold in model.sales if sold.owed}

    def teardown(self) -> None:
        try:
            assert self.look(verify) is None
            self.look(self._compare_with_journal)
        finally:
            self.connection.close()
            self.folder.cleanup()

    def _compare_with_journal(self, snapshot: Snapshot) -> None:
        heard = replayed(snapshot.connection)
        assert heard.n == snapshot.n
        assert heard.products == {
            one.code: one for one in products.listed(snapshot, self.ana, ALL).items
        }
        assert heard.sales == {
            one.id: one for one in sales.listed(snapshot, self.ana, ALL).items
        }
        assert heard.returns == {
            one.id: one for one in returns.listed(snapshot, self.ana, ALL).items
        }
        assert heard.purchases == {
            one.id: one for one in purchases.listed(snapshot, self.ana, ALL).items
        }


def actor(snapshot: Snapshot, rut: str) -> Actor:
    user = people.get(snapshot, SHELL, rut)
    return Actor(
        user_id=user.id, rut=user.rut, name=user.name, role=user.role, origin="test"
    )
