"""The stock ledger: one guarded update a product, and a line of movements, each after
the one before.
"""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.books import OPENING_DAY_MS, TestShop

from trastienda.actions import products
from trastienda.actions.verification import verify
from trastienda.domain.lists import Window
from trastienda.domain.movements import Cause, Movement
from trastienda.domain.products import ProductDraft
from trastienda.storage import schema
from trastienda.storage.errors import Conflict
from trastienda.storage.ledger import Ledger, movements_of
from trastienda.storage.transactions import Tx


def stocked(books: TestShop, *quantities_milli: int) -> list[int]:
    """Create products with an opening stock; return their ids."""

    def work(transaction: Tx) -> list[int]:
        drafts = [
            ProductDraft(
                code=f"P{number}", name="Cosa", price_minor=100, stock_milli=milli
            )
            for number, milli in enumerate(quantities_milli)
        ]
        return [
            products.create(transaction, books.ana, draft).value.id for draft in drafts
        ]

    return books.do(work)


def moved(transaction: Tx, product_id: int, *changes_milli: int) -> Ledger:
    ledger = Ledger(transaction, [product_id])
    for change_milli in changes_milli:
        ledger.move(product_id, change_milli, Cause.CORRECTION, None, 1, "conteo")
    return ledger


def balance(books: TestShop, product_id: int) -> int:
    query = sa.select(schema.stock.c.quantity_milli).where(
        schema.stock.c.product_id == product_id
    )
    return books.look(
        lambda snapshot: int(snapshot.connection.execute(query).scalar_one())
    )


def ledger_of(
    books: TestShop, product_id: int, window: Window | None = None
) -> Sequence[Movement]:
    return books.look(
        lambda snapshot: movements_of(
            snapshot.connection, product_id, window or Window(limit=200)
        )
    ).items


def test_moves_add_up_and_each_says_what_it_left(books: TestShop) -> None:
    (bread,) = stocked(books, 10_000)
    books.do(lambda transaction: moved(transaction, bread, -3000, 1000, -8000).write())
    assert balance(books, bread) == 0
    found = ledger_of(books, bread)
    assert [(one.quantity_milli, one.balance_milli) for one in found] == [
        (-8000, 0),
        (1000, 8000),
        (-3000, 7000),
        (10_000, 10_000),
    ]
    assert found[-1].cause is Cause.OPENING


def test_a_ledger_tells_balances_before_anything_is_written(books: TestShop) -> None:
    bread, milk, cheese = stocked(books, 5000, 6000, 7000)

    def work(transaction: Tx) -> None:
        ledger = Ledger(transaction, [bread, milk, cheese])
        ledger.move(milk, -1000, Cause.CORRECTION, None, None)
        ledger.move(bread, -5000, Cause.CORRECTION, None, None)
        ledger.move(milk, -1000, Cause.CORRECTION, None, None)
        assert [ledger.balance(one) for one in (bread, milk, cheese)] == [0, 4000, 7000]
        assert ledger.touched == [milk, bread]
        assert balance(books, bread) == 5000

    books.do(work)


def test_who_takes_what_another_has_taken_meanwhile_is_told(books: TestShop) -> None:
    """Both have read that one is left, as two nodes might."""
    (bread,) = stocked(books, 1000)

    def work(transaction: Tx) -> None:
        first, second = (
            moved(transaction, bread, -1000),
            moved(transaction, bread, -1000),
        )
        first.write()
        with pytest.raises(Conflict):
            second.write()
        raise Conflict

    with pytest.raises(Conflict):
        books.do(work)
    assert balance(books, bread) == 1000


def test_the_guard_looks_at_the_lowest_point_and_not_at_the_end(
    books: TestShop,
) -> None:
    """Taking five and bringing ten is no way to take what is not there."""
    (bread,) = stocked(books, 4000)

    def work(transaction: Tx) -> None:
        ledger = moved(transaction, bread, -4000, 10_000)
        books_now = Ledger(transaction, [bread])
        books_now.move(bread, -1000, Cause.CORRECTION, None, None)
        books_now.write()
        with pytest.raises(Conflict):
            ledger.write()
        raise Conflict

    with pytest.raises(Conflict):
        books.do(work)
    assert balance(books, bread) == 4000


def test_of_a_set_in_which_one_is_short_nothing_is_kept(books: TestShop) -> None:
    bread, milk = stocked(books, 2000, 1000)

    def work(transaction: Tx) -> None:
        ledger = Ledger(transaction, [bread, milk])
        for one in (bread, milk):
            ledger.move(one, -1000, Cause.CORRECTION, None, None)
        moved(transaction, milk, -1000).write()
        ledger.write()

    with pytest.raises(Conflict):
        books.do(work)
    assert [balance(books, one) for one in (bread, milk)] == [2000, 1000]


def test_the_ledger_is_read_page_by_page_along_its_line(books: TestShop) -> None:
    bread, milk = stocked(books, 1000, 1000)
    for _ in range(12):
        books.do(lambda transaction: moved(transaction, bread, 1000).write())
        books.do(lambda transaction: moved(transaction, milk, 7000).write())
    whole = ledger_of(books, bread)
    assert len(whole) == 13
    assert {one.product_id for one in whole} == {bread}
    pieces: list[Movement] = []
    cursor = None
    while True:
        window = Window(limit=5, cursor=cursor)
        page = books.look(
            lambda snapshot, window=window: movements_of(
                snapshot.connection, bread, window
            )  # type: ignore[misc]
        )
        pieces += page.items
        cursor = page.following
        if cursor is None:
            break
    assert pieces == list(whole)


def test_the_ledger_can_be_asked_for_some_days(books: TestShop) -> None:
    (bread,) = stocked(books, 1000)
    times: list[int] = []
    for _ in range(5):
        books.do(lambda transaction: moved(transaction, bread, 1000).write())
        times.append(ledger_of(books, bread)[0].at_ms)
    window = Window(limit=200, from_ms=times[1], until_ms=times[3])
    assert [one.at_ms for one in ledger_of(books, bread, window)] == [
        times[2],
        times[1],
    ]
    assert ledger_of(books, bread, Window(limit=200, until_ms=OPENING_DAY_MS)) == []


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    calls=st.lists(
        st.lists(
            st.integers(-3, 4).filter(bool).map(lambda units: units * 1000),
            min_size=1,
            max_size=5,
        ),
        max_size=8,
    )
)
def test_the_balance_is_always_the_sum_of_what_was_let_through(
    books: TestShop, calls: list[list[int]]
) -> None:
    """A call goes through as a whole, or, where the stock would run below zero on the
    way, not at all.
    """
    code = f"H{books.look(lambda state: state.n)}"
    draft = ProductDraft(code=code, name="Cosa", price_minor=100, stock_milli=2000)
    product_id = books.do(
        lambda transaction: products.create(transaction, books.ana, draft)
    ).value.id
    expected = [2000]
    for call in calls:
        sums = [expected[-1] + sum(call[:end]) for end in range(1, len(call) + 1)]
        if min(sums) < 0:
            with pytest.raises(Conflict):
                books.do(
                    lambda transaction, call=call: moved(  # type: ignore[misc]
                        transaction, product_id, *call
                    ).write()
                )
        else:
            books.do(
                lambda transaction, call=call: moved(  # type: ignore[misc]
                    transaction, product_id, *call
                ).write()
            )
            expected += sums
    assert [
        one.balance_milli for one in reversed(ledger_of(books, product_id))
    ] == expected


def test_sound_books_come_of_it(books: TestShop) -> None:
    stocked(books, 1000, 0, 3000)
    assert books.look(verify) is None
