"""What the house asks of a database, whichever it is: durable commits, one writer at a time, statements in sets."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.harness.books import TestShop

from trastienda.storage import dialects, schema
from trastienda.storage.database import open_database, sqlite_url
from trastienda.storage.dialects import Connection

PLACES = schema.locations


@pytest.fixture
def connection(books: TestShop) -> Iterator[Connection]:
    """A connection to a shop."""
    with dialects.connect(books.engine) as one:
        yield one


def names(books: TestShop) -> list[str]:
    """What another connection sees."""
    with dialects.connect(books.engine) as other:
        return [
            row.name
            for row in other.execute(sa.select(PLACES.c.name).order_by(PLACES.c.id))
        ]


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 0)])
def test_a_commit_is_on_the_disk_but_in_a_shop_to_be_thrown_away(
    tmp_path: Path, durable: bool, synchronous: int
) -> None:
    engine = open_database(sqlite_url(tmp_path / "shop.db"), durable=durable)
    with dialects.connect(engine) as one:
        found = {
            name: one.exec_driver_sql(f"PRAGMA {name}").scalar_one()
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
        "busy_timeout": dialects.BUSY_TIMEOUT_MS,
    }


def test_nothing_is_written_before_the_commit_and_all_after_it(
    books: TestShop, connection: Connection
) -> None:
    dialects.begin_write(connection)
    dialects.insert(connection, PLACES, [(2, "Bodega"), (3, "Patio")])
    assert names(books) == ["Local"]
    dialects.commit(connection)
    assert names(books) == ["Local", "Bodega", "Patio"]


def test_rolling_back_undoes_all_and_may_be_done_twice(
    books: TestShop, connection: Connection
) -> None:
    dialects.begin_write(connection)
    dialects.insert(connection, PLACES, [(2, "Bodega")])
    dialects.rollback(connection)
    dialects.rollback(connection)
    assert names(books) == ["Local"]


def test_a_savepoint_undoes_what_came_after_it(
    books: TestShop, connection: Connection
) -> None:
    dialects.begin_write(connection)
    dialects.insert(connection, PLACES, [(2, "Bodega")])
    dialects.savepoint(connection)
    dialects.insert(connection, PLACES, [(3, "Patio")])
    dialects.rollback_to_savepoint(connection)
    dialects.savepoint(connection)
    dialects.insert(connection, PLACES, [(4, "Kiosco")])
    dialects.release(connection)
    dialects.commit(connection)
    assert names(books) == ["Local", "Bodega", "Kiosco"]


def test_a_writer_waits_at_its_beginning_and_not_later(
    books: TestShop, connection: Connection
) -> None:
    dialects.begin_write(connection)
    inside = threading.Event()

    def other() -> None:
        with dialects.connect(books.engine) as second:
            dialects.begin_write(second)
            inside.set()
            dialects.rollback(second)

    waiting = threading.Thread(target=other)
    waiting.start()
    assert not inside.wait(0.2)
    dialects.commit(connection)
    waiting.join()
    assert inside.is_set()


def test_a_statement_that_fails_does_not_end_the_transaction(
    connection: Connection,
) -> None:
    dialects.begin_write(connection)
    assert not dialects.ended_transaction(connection)
    with pytest.raises(Exception, match="UNIQUE"):
        dialects.insert(connection, PLACES, [(1, "Otro")])
    assert not dialects.ended_transaction(connection)
    dialects.rollback(connection)
    assert dialects.ended_transaction(connection)


def test_a_set_tells_how_many_rows_it_changed(connection: Connection) -> None:
    dialects.begin_write(connection)
    dialects.insert(connection, PLACES, [(2, "Bodega"), (3, "Patio")])
    changed = "UPDATE locations SET name = ? WHERE id = ?"
    assert dialects.execute_set(connection, changed, [("B", 2), ("P", 3)]) == 2
    assert dialects.execute_set(connection, changed, [("B", 2), ("X", 99)]) == 1
    assert dialects.execute_set(connection, changed, [("X", 98), ("X", 99)]) == 0
    dialects.rollback(connection)


def test_an_empty_set_is_nothing(books: TestShop, connection: Connection) -> None:
    dialects.insert(connection, PLACES, [])
    assert names(books) == ["Local"]


def test_the_counter_changes_when_another_has_written_and_only_then(
    books: TestShop, connection: Connection
) -> None:
    before = dialects.change_counter(connection)
    assert dialects.change_counter(connection) == before
    books.look(lambda snapshot: snapshot.n)
    assert dialects.change_counter(connection) == before
    books.do(lambda tx: tx.take("sale"))
    assert dialects.change_counter(connection) != before


def test_a_prepared_query_takes_its_values_and_keeps_those_of_its_own(
    connection: Connection,
) -> None:
    dialects.begin_write(connection)
    dialects.insert(
        connection, PLACES, [(number, f"Lugar {number}") for number in range(2, 9)]
    )
    query = dialects.Prepared(
        sa.select(PLACES)
        .where(PLACES.c.id > sa.bindparam("after"), PLACES.c.name != "Lugar 4")
        .order_by(PLACES.c.id)
    )
    assert query(connection, after=2) == [
        (number, f"Lugar {number}") for number in (3, 5, 6, 7, 8)
    ]
    assert query(connection, after=7) == [(8, "Lugar 8")]
    dialects.rollback(connection)


@pytest.mark.parametrize(
    "wanted",
    [[], ["Local"], ["nadie"], ["Local", "Lo'cal", 'Lo"cal', "ñ", "\\", "Local"]],
)
def test_a_query_among_many_values_takes_any_number_of_them(
    connection: Connection, wanted: list[str]
) -> None:
    query = dialects.Prepared(
        sa.select(PLACES.c.name).where(dialects.among(PLACES.c.name, "names"))
    )
    assert query(connection, names=dialects.array(wanted)) == [("Local",)] * (
        "Local" in wanted
    )
    numbers = dialects.Prepared(
        sa.select(PLACES.c.id).where(dialects.among(PLACES.c.id, "ids"))
    )
    assert numbers(connection, ids=dialects.array(range(5000))) == [(1,)]


def test_look_ups_by_code_use_the_index(connection: Connection) -> None:
    """A sale must not read all products of the shop."""
    codes = schema.products.c.code_key
    query = sa.select(schema.products.c.id).where(dialects.among(codes, "keys"))
    text = str(query.compile(dialect=connection.dialect))
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all()
    assert not [row for row in plan if "SCAN products" in row[3]], plan


def test_a_good_database_has_no_damage(connection: Connection) -> None:
    assert dialects.damage(connection) is None
