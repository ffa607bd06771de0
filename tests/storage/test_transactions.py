"""Transactions: numbers, trail and events go in with the rows or not at all; a reading
sees one state.
"""

import threading

import pytest
from tests.harness.books import TestShop

from trastienda.actions import products, shop
from trastienda.domain.audit import chain
from trastienda.domain.events import ADMINISTRATORS, Kind
from trastienda.domain.lists import Window
from trastienda.domain.movements import StockLevel
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.storage import audit, schema
from trastienda.storage.errors import Conflict
from trastienda.storage.transactions import (
    Snapshot,
    Tx,
    read_snapshot,
    writing,
)

COUNTERS = {name: f"last_{name}" for name in schema.COUNTERS}


def create(transaction: Tx, code: str) -> None:
    products.create(
        transaction,
        SHELL,
        ProductDraft(code=code, name="Cosa", price_minor=100, stock_milli=1000),
    )


def fail_after_creating(transaction: Tx, code: str) -> None:
    create(transaction, code)
    raise ZeroDivisionError


def fail_in_a_savepoint(transaction: Tx, code: str) -> None:
    with transaction.savepoint():
        fail_after_creating(transaction, code)


def head(snapshot: Snapshot) -> dict[str, object]:
    return dict(snapshot.connection.execute(schema.head.select()).one()._mapping)


def numbers(transaction: Tx) -> dict[str, int]:
    return {name: transaction.peek(name) for name in schema.COUNTERS}


def codes(books: TestShop) -> list[str]:
    return sorted(
        one.code
        for one in books.look(
            lambda snapshot: products.listed(snapshot, SHELL, Window(limit=99))
        ).items
    )


def test_numbers_go_on_where_the_last_transaction_left_them(books: TestShop) -> None:
    first = books.do(
        lambda transaction: [
            transaction.take("sale"),
            transaction.take("sale"),
            transaction.peek("sale"),
        ]
    )
    assert first == [1, 2, 3]
    assert books.do(lambda transaction: transaction.take("sale")) == 3


def test_what_fails_is_as_if_it_had_never_been(books: TestShop) -> None:
    before = books.look(head)
    with pytest.raises(ZeroDivisionError):
        books.do(lambda transaction: fail_after_creating(transaction, "A"))
    assert books.look(head) == before
    assert codes(books) == []


def test_a_connection_can_be_used_again_after_a_failure(books: TestShop) -> None:
    with books.database.connect() as connection:
        with (
            pytest.raises(ZeroDivisionError),
            writing(connection, books.clock) as transaction,
        ):
            fail_after_creating(transaction, "A")
        with pytest.raises(ZeroDivisionError), read_snapshot(connection, books.clock):
            raise ZeroDivisionError
        with writing(connection, books.clock) as transaction:
            create(transaction, "B")
    assert codes(books) == ["B"]


def test_a_savepoint_that_fails_gives_back_numbers_trail_events_and_page(
    books: TestShop,
) -> None:
    def change_page_and_fail(transaction: Tx) -> None:
        shop.change(transaction, SHELL, {"name": "Otra"})
        assert transaction.shop.name == "Otra"
        fail_after_creating(transaction, "B")

    def work(transaction: Tx) -> None:
        create(transaction, "A")
        before, events = numbers(transaction), list(transaction.events)
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            change_page_and_fail(transaction)
        assert (numbers(transaction), transaction.events) == (before, events)
        assert transaction.shop.name == "La Esquina"
        with transaction.savepoint():
            create(transaction, "C")

    books.do(work)
    assert codes(books) == ["A", "C"]


def test_a_savepoint_may_stand_in_another(books: TestShop) -> None:
    def work(transaction: Tx) -> None:
        with transaction.savepoint():
            create(transaction, "A")
            with pytest.raises(ZeroDivisionError):
                fail_in_a_savepoint(transaction, "B")
            create(transaction, "C")
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            fail_in_a_savepoint(transaction, "D")

    books.do(work)
    assert codes(books) == ["A", "C"]


def test_rows_of_the_trail_hang_on_one_chain(books: TestShop) -> None:
    books.do(
        lambda transaction: [
            transaction.audit(books.ana, "note", {"name": "uno", "text": "ñandú"})
            for _ in range(3)
        ]
    )
    rows = [
        row
        for row, _ in books.look(
            lambda snapshot: audit.listed(snapshot.connection, Window(limit=99))
        ).items
    ]
    previous = "0" * 64
    for row in reversed(rows):
        assert row.previous_hash == previous
        assert row.hash == chain(previous, row.canonical)
        previous = row.hash
    assert books.look(head)["chain_hash"] == previous


def test_a_transaction_has_one_moment(books: TestShop) -> None:
    moments = books.do(
        lambda transaction: {
            transaction.now_ms,
            transaction.audit(SHELL, "note", {}).at_ms,
            announce(transaction),
        }
    )
    assert len(moments) == 1


def announce(transaction: Tx) -> int:
    return transaction.emit(Kind.STOCK, ADMINISTRATORS, StockLevel("A", 0)).at_ms


def test_events_are_numbered_in_the_order_of_emitting_and_from_where_the_last_commit_ended(
    books: TestShop,
) -> None:
    def work(transaction: Tx) -> list[int]:
        before = transaction.n_before
        events = [
            transaction.emit(Kind.STOCK, ADMINISTRATORS, StockLevel("A", 0))
            for _ in range(3)
        ]
        return [event.n - before for event in events]

    assert books.do(work) == [1, 2, 3]
    assert books.do(work) == [1, 2, 3]


def test_a_transaction_that_finds_the_head_moved_has_to_run_again(
    books: TestShop,
) -> None:
    """As another node would move it, on a database that lets two write at once."""

    def overtaken(transaction: Tx) -> None:
        create(transaction, "A")
        transaction.connection.execute(
            schema.head.update().values(last_n=schema.head.c.last_n + 1)
        )

    with pytest.raises(Conflict):
        books.do(overtaken)
    assert codes(books) == []


def test_a_writer_waits_for_the_one_before_it(books: TestShop) -> None:
    inside, told = threading.Event(), []

    def second() -> None:
        inside.wait()
        books.do(lambda transaction: told.append(("second", transaction.peek("sale"))))

    other = threading.Thread(target=second)
    other.start()

    def first(transaction: Tx) -> None:
        inside.set()
        other.join(0.2)
        told.append(("first", transaction.take("sale")))

    books.do(first)
    other.join()
    assert told == [("first", 1), ("second", 2)]


def test_a_reading_sees_one_state_whatever_is_written_meanwhile(
    books: TestShop,
) -> None:
    books.do(lambda transaction: create(transaction, "A"))
    with (
        books.database.connect() as connection,
        read_snapshot(connection, books.clock) as snapshot,
    ):
        before = snapshot.n
        books.do(lambda transaction: create(transaction, "B"))
        books.do(lambda transaction: shop.change(transaction, SHELL, {"name": "Otra"}))
        assert [
            one.code for one in products.listed(snapshot, SHELL, Window()).items
        ] == ["A"]
        assert snapshot.shop.name == "La Esquina"
        assert (snapshot.n, head(snapshot)["last_n"]) == (before, before)
    assert codes(books) == ["A", "B"]


def test_a_reading_does_not_wait_for_a_writer(books: TestShop) -> None:
    def work(transaction: Tx) -> None:
        create(transaction, "A")
        assert codes(books) == []

    books.do(work)
    assert codes(books) == ["A"]


def test_nothing_can_be_written_without_the_head_moving_with_it(
    books: TestShop,
) -> None:
    before = books.look(head)
    books.do(lambda transaction: create(transaction, "A"))
    after = books.look(head)
    moved = {
        name for name in COUNTERS if before[COUNTERS[name]] != after[COUNTERS[name]]
    }
    assert moved == {"product", "movement", "audit", "n"}
    assert before["chain_hash"] != after["chain_hash"]
