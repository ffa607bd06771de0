"""What the house asks of a database, whichever it is: durable commits, one writer at a
time, statements in sets.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.harness.books import TestShop
from tests.harness.plans import plan_of

from trastienda.storage import schema
from trastienda.storage.dialects import (
    Connection,
    Prepared,
    SetUpdate,
    among,
    array,
    open_file,
    sqlite,
    wait_for,
)
from trastienda.storage.dialects.write_lock import WriteLock
from trastienda.storage.errors import BusyError

PLACES = schema.locations


@pytest.fixture
def connection(books: TestShop) -> Iterator[Connection]:
    """A connection to a shop."""
    with books.database.connect() as one:
        yield one


def names(books: TestShop) -> list[str]:
    """What another connection sees."""
    with books.database.connect() as other:
        return [
            row.name
            for row in other.execute(sa.select(PLACES.c.name).order_by(PLACES.c.id))
        ]


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 0)])
def test_a_commit_is_on_the_disk_but_in_a_shop_to_be_thrown_away(
    tmp_path: Path, durable: bool, synchronous: int
) -> None:
    database = open_file(tmp_path / "shop.db", durable=durable)
    with database.connect() as one:
        found = {
            name: one.sql.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "synchronous",
                "journal_mode",
                "foreign_keys",
                "recursive_triggers",
                "busy_timeout",
            )
        }
    assert found == {
        "synchronous": synchronous,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": sqlite.BUSY_TIMEOUT_MS,
    }


def test_nothing_is_written_before_the_commit_and_all_after_it(
    books: TestShop, connection: Connection
) -> None:
    connection.begin_write()
    connection.insert(PLACES, [(2, "Bodega"), (3, "Patio")])
    assert names(books) == ["Local"]
    connection.commit()
    assert names(books) == ["Local", "Bodega", "Patio"]


def test_rolling_back_undoes_all_and_may_be_done_twice(
    books: TestShop, connection: Connection
) -> None:
    connection.begin_write()
    connection.insert(PLACES, [(2, "Bodega")])
    connection.rollback()
    connection.rollback()
    assert names(books) == ["Local"]


def test_a_savepoint_undoes_what_came_after_it(
    books: TestShop, connection: Connection
) -> None:
    connection.begin_write()
    connection.insert(PLACES, [(2, "Bodega")])
    connection.savepoint()
    connection.insert(PLACES, [(3, "Patio")])
    connection.rollback_to_savepoint()
    connection.savepoint()
    connection.insert(PLACES, [(4, "Kiosco")])
    connection.release()
    connection.commit()
    assert names(books) == ["Local", "Bodega", "Kiosco"]


def test_a_writer_waits_at_its_beginning_and_not_later(
    books: TestShop, connection: Connection
) -> None:
    connection.begin_write()
    inside = threading.Event()

    def other() -> None:
        with books.database.connect() as second:
            second.begin_write()
            inside.set()
            second.rollback()

    waiting = threading.Thread(target=other)
    waiting.start()
    assert not inside.wait(0.2)
    connection.commit()
    waiting.join()
    assert inside.is_set()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_who_writes_holds_the_lock_of_all_writers_until_behind_the_commit(
    books: TestShop, connection: Connection, end: str
) -> None:
    lock = WriteLock(books.path)
    with books.database.connect() as other:
        other.begin_write()
        with pytest.raises(BusyError):
            lock.claim(wait_for(0))
        if end != "close":
            getattr(other, end)()
    lock.claim(wait_for(0))

    with pytest.raises(BusyError):
        connection.begin_write(wait_for(0.05))
    lock.close()
    connection.begin_write(wait_for(0))
    connection.rollback()


def test_a_foreign_program_that_writes_is_waited_for_as_long_as_is_said(
    books: TestShop, connection: Connection
) -> None:
    with closing(sqlite3.connect(books.path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError):
            connection.begin_write(wait_for(0))
        foreign.execute("ROLLBACK")
    connection.begin_write(wait_for(0))
    connection.rollback()


def test_a_statement_that_fails_does_not_end_the_transaction(
    connection: Connection,
) -> None:
    connection.begin_write()
    assert connection.in_transaction()
    with pytest.raises(Exception, match="UNIQUE"):
        connection.insert(PLACES, [(1, "Otro")])
    assert connection.in_transaction()
    connection.rollback()
    assert not connection.in_transaction()


def test_a_set_tells_how_many_rows_it_changed(connection: Connection) -> None:
    connection.begin_write()
    connection.insert(PLACES, [(2, "Bodega"), (3, "Patio")])
    rename = SetUpdate(
        sa.update(PLACES)
        .values(name=sa.bindparam("new_name"))
        .where(PLACES.c.id == sa.bindparam("place")),
        ("new_name", "place"),
    )
    assert connection.update_set(rename, [("B", 2), ("P", 3)]) == 2
    assert connection.update_set(rename, [("B", 2), ("X", 99)]) == 1
    assert connection.update_set(rename, [("X", 98), ("X", 99)]) == 0
    connection.rollback()


def test_an_empty_set_is_nothing(books: TestShop, connection: Connection) -> None:
    connection.insert(PLACES, [])
    assert names(books) == ["Local"]


def test_the_counter_changes_when_another_has_written_and_only_then(
    books: TestShop, connection: Connection
) -> None:
    before = connection.change_counter()
    assert connection.change_counter() == before
    books.look(lambda snapshot: snapshot.n)
    assert connection.change_counter() == before
    books.do(lambda transaction: transaction.take("sale"))
    assert connection.change_counter() != before


def test_a_prepared_query_takes_its_values_and_keeps_those_of_its_own(
    connection: Connection,
) -> None:
    connection.begin_write()
    connection.insert(PLACES, [(number, f"Lugar {number}") for number in range(2, 9)])
    query = Prepared(
        sa.select(PLACES)
        .where(PLACES.c.id > sa.bindparam("after"), PLACES.c.name != "Lugar 4")
        .order_by(PLACES.c.id)
    )
    assert connection.fetch(query, after=2) == [
        (number, f"Lugar {number}") for number in (3, 5, 6, 7, 8)
    ]
    assert connection.fetch(query, after=7) == [(8, "Lugar 8")]
    connection.rollback()


@pytest.mark.parametrize(
    "wanted",
    [[], ["Local"], ["nadie"], ["Local", "Lo'cal", 'Lo"cal', "ñ", "\\", "Local"]],
)
def test_a_query_among_many_values_takes_any_number_of_them(
    connection: Connection, wanted: list[str]
) -> None:
    query = Prepared(sa.select(PLACES.c.name).where(among(PLACES.c.name, "names")))
    assert connection.fetch(query, names=array(wanted)) == [("Local",)] * (
        "Local" in wanted
    )
    numbers = Prepared(sa.select(PLACES.c.id).where(among(PLACES.c.id, "ids")))
    assert connection.fetch(numbers, ids=array(range(5000))) == [(1,)]


def test_look_ups_by_code_use_the_index(connection: Connection) -> None:
    """A sale must not read all products of the shop."""
    codes = schema.products.c.code_key
    query = Prepared(sa.select(schema.products.c.id).where(among(codes, "keys")))
    steps = plan_of(connection, query, keys="[]")
    assert not [step for step in steps if "SCAN products" in step], steps


def test_a_good_database_has_no_damage(connection: Connection) -> None:
    assert connection.damage() is None
