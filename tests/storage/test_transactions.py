"""Transactions: numbers, trail and events go in with the rows or not at all; a reading sees one state."""

import threading

import pytest
from tests.harness.books import TestShop

from trastienda.actions import products, shop
from trastienda.domain.audit import canonical, chain
from trastienda.domain.events import ADMINISTRATORS, Kind, StockLevel
from trastienda.domain.lists import Window
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


def create(tx: Tx, code: str) -> None:
    products.create(
        tx,
        SHELL,
        ProductDraft(code=code, name="Cosa", price_minor=100, stock_milli=1000),
    )


def fail_after_creating(tx: Tx, code: str) -> None:
    create(tx, code)
    raise ZeroDivisionError


def fail_in_a_savepoint(tx: Tx, code: str) -> None:
    with tx.savepoint():
        fail_after_creating(tx, code)


def head(snapshot: Snapshot) -> dict[str, object]:
    return dict(snapshot.connection.execute(schema.head.select()).one()._mapping)


def numbers(tx: Tx) -> dict[str, int]:
    return {name: tx.peek(name) for name in schema.COUNTERS}


def codes(books: TestShop) -> list[str]:
    return sorted(
        one.code
        for one in books.look(
            lambda snapshot: products.listed(snapshot, SHELL, Window(limit=99))
        ).items
    )


def test_numbers_go_on_where_the_last_transaction_left_them(books: TestShop) -> None:
    first = books.do(lambda tx: [tx.take("sale"), tx.take("sale"), tx.peek("sale")])
    assert first == [1, 2, 3]
    assert books.do(lambda tx: tx.take("sale")) == 3


def test_what_fails_is_as_if_it_had_never_been(books: TestShop) -> None:
    before = books.look(head)
    with pytest.raises(ZeroDivisionError):
        books.do(lambda tx: fail_after_creating(tx, "A"))
    assert books.look(head) == before
    assert codes(books) == []


def test_a_connection_can_be_used_again_after_a_failure(books: TestShop) -> None:
    with books.database.connect() as connection:
        with pytest.raises(ZeroDivisionError), writing(connection, books.clock) as tx:
            fail_after_creating(tx, "A")
        with pytest.raises(ZeroDivisionError), read_snapshot(connection, books.clock):
            raise ZeroDivisionError
        with writing(connection, books.clock) as tx:
            create(tx, "B")
    assert codes(books) == ["B"]


def test_a_savepoint_that_fails_gives_back_numbers_trail_events_and_page(
    books: TestShop,
) -> None:
    def change_page_and_fail(tx: Tx) -> None:
        shop.change(tx, SHELL, {"name": "Otra"})
        assert tx.shop.name == "Otra"
        fail_after_creating(tx, "B")

    def work(tx: Tx) -> None:
        create(tx, "A")
        before, events = numbers(tx), list(tx.events)
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            change_page_and_fail(tx)
        assert (numbers(tx), tx.events) == (before, events)
        assert tx.shop.name == "La Esquina"
        with tx.savepoint():
            create(tx, "C")

    books.do(work)
    assert codes(books) == ["A", "C"]


def test_a_savepoint_may_stand_in_another(books: TestShop) -> None:
    def work(tx: Tx) -> None:
        with tx.savepoint():
            create(tx, "A")
            with pytest.raises(ZeroDivisionError):
                fail_in_a_savepoint(tx, "B")
            create(tx, "C")
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            fail_in_a_savepoint(tx, "D")

    books.do(work)
    assert codes(books) == ["A", "C"]


def test_rows_of_the_trail_hang_on_one_chain(books: TestShop) -> None:
    books.do(
        lambda tx: [
            tx.audit(books.ana, "note", {"name": "uno", "text": "ñandú"})
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
        content = canonical(
            row.id, row.at_ms, row.user_id, row.action, row.origin, row.detail
        )
        assert row.hash == chain(previous, content)
        previous = row.hash
    assert books.look(head)["chain_hash"] == previous


def test_a_transaction_has_one_moment(books: TestShop) -> None:
    moments = books.do(
        lambda tx: {tx.now_ms, tx.audit(SHELL, "note", {}).at_ms, announce(tx)}
    )
    assert len(moments) == 1


def announce(tx: Tx) -> int:
    return tx.emit(Kind.STOCK, ADMINISTRATORS, StockLevel("A", 0)).at_ms


def test_events_are_numbered_in_the_order_of_emitting_and_from_where_the_last_commit_ended(
    books: TestShop,
) -> None:
    def work(tx: Tx) -> list[int]:
        before = tx.n_before
        events = [
            tx.emit(Kind.STOCK, ADMINISTRATORS, StockLevel("A", 0)) for _ in range(3)
        ]
        return [event.n - before for event in events]

    assert books.do(work) == [1, 2, 3]
    assert books.do(work) == [1, 2, 3]


def test_a_transaction_that_finds_the_head_moved_has_to_run_again(
    books: TestShop,
) -> None:
    """As another node would move it, on a database that lets two write at once."""

    def overtaken(tx: Tx) -> None:
        create(tx, "A")
        tx.connection.execute(
            schema.head.update().values(last_n=schema.head.c.last_n + 1)
        )

    with pytest.raises(Conflict):
        books.do(overtaken)
    assert codes(books) == []


def test_a_writer_waits_for_the_one_before_it(books: TestShop) -> None:
    inside, told = threading.Event(), []

    def second() -> None:
        inside.wait()
        books.do(lambda tx: told.append(("second", tx.peek("sale"))))

    other = threading.Thread(target=second)
    other.start()

    def first(tx: Tx) -> None:
        inside.set()
        other.join(0.2)
        told.append(("first", tx.take("sale")))

    books.do(first)
    other.join()
    assert told == [("first", 1), ("second", 2)]


def test_a_reading_sees_one_state_whatever_is_written_meanwhile(
    books: TestShop,
) -> None:
    books.do(lambda tx: create(tx, "A"))
    with (
        books.database.connect() as connection,
        read_snapshot(connection, books.clock) as snapshot,
    ):
        before = snapshot.n
        books.do(lambda tx: create(tx, "B"))
        books.do(lambda tx: shop.change(tx, SHELL, {"name": "Otra"}))
        assert [
            one.code for one in products.listed(snapshot, SHELL, Window()).items
        ] == ["A"]
        assert snapshot.shop.name == "La Esquina"
        assert (snapshot.n, head(snapshot)["last_n"]) == (before, before)
    assert codes(books) == ["A", "B"]


def test_a_reading_does_not_wait_for_a_writer(books: TestShop) -> None:
    def work(tx: Tx) -> None:
        create(tx, "A")
        assert codes(books) == []

    books.do(work)
    assert codes(books) == ["A"]


def test_nothing_can_be_written_without_the_head_moving_with_it(
    books: TestShop,
) -> None:
    before = books.look(head)
    books.do(lambda tx: create(tx, "A"))
    after = books.look(head)
    moved = {
        name for name in COUNTERS if before[COUNTERS[name]] != after[COUNTERS[name]]
    }
    assert moved == {"product", "movement", "audit", "n"}
    assert before["chain_hash"] != after["chain_hash"]
