"""The row sets of sales, recorded as the product writes them and issued again without it.

Each way of issuing them is a limit of the product on this machine: it does the same
work of the database, on the same tables with the same constraints and indexes, and
nothing else.
"""

import gc
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import sqlalchemy as sa

import shops
from trastienda.actions import sales
from trastienda.operations.clock import now_ms
from trastienda.storage import schema
from trastienda.storage.dialects import Connection, SetUpdate
from trastienda.storage.transactions import writing

Rows = Sequence[tuple[Any, ...]]
NamedRow = dict[str, Any]

_HEAD_COLUMNS = [column.key for column in schema.head.columns]
_STOCK = ("change", "movement", "product", "location", "least")
_S, _H = schema.stock.c, schema.head.c


class Commit(NamedTuple):
    """What one commit writes: guarded updates of the stock, sets of rows, and last the head."""

    stock: Rows
    sets: list[tuple[sa.Table, Rows]]
    head: tuple[Any, ...]
    head_before: tuple[Any, ...]


class Issued(NamedTuple):
    """What it took to write many commits: sales a second, and processor time a sale."""

    per_second: float
    cpu_us: float


def record(folder: Path, calls: Sequence[sales.Selling], a_commit: int) -> list[Commit]:
    """Sell in the shop in ``folder``, ``a_commit`` sales at once; return all that was written."""
    commits: list[Commit] = []
    database = shops.opened(folder, durable=False)
    insert, update_set = Connection.insert, Connection.update_set
    stock: list[tuple[Any, ...]] = []
    sets: list[tuple[sa.Table, Rows]] = []

    def record_insert(connection: Connection, table: sa.Table, rows: Rows) -> None:
        if rows:
            sets.append((table, list(rows)))
        insert(connection, table, rows)

    def record_update(connection: Connection, update: SetUpdate, rows: Rows) -> int:
        stock.extend(rows)
        return update_set(connection, update, rows)

    with (
        database.connect() as connection,
        mock.patch.object(Connection, "insert", record_insert),
        mock.patch.object(Connection, "update_set", record_update),
    ):
        head = _head(connection)
        for start in range(0, len(calls), a_commit):
            with writing(connection, now_ms) as transaction:
                sales.sell(transaction, calls[start : start + a_commit])
            head_before, head = head, _head(connection)
            commits.append(Commit(list(stock), list(sets), head, head_before))
            stock.clear()
            sets.clear()
    return commits


def _head(connection: Connection) -> tuple[Any, ...]:
    return tuple(connection.execute(sa.select(schema.head)).one())


@contextmanager
def fresh_copy(template: Path, folder: Path) -> Iterator[Connection]:
    """A connection to a copy of a shop, set up as the product's own connections are."""
    shutil.copytree(template, folder)
    database = shops.opened(folder)
    try:
        with database.connect() as connection:
            yield connection
    finally:
        shutil.rmtree(folder)


def issue(
    template: Path,
    commits: Sequence[Commit],
    prepare: Callable[[Commit], Any],
    write: Callable[[Connection, Any], None],
) -> Issued:
    """Write the commits, as ``prepare`` makes them beforehand, to a copy of the shop."""
    prepared = [prepare(commit) for commit in commits]
    count = 0
    for commit in commits:
        count += sum(len(rows) for table, rows in commit.sets if table is schema.sales)
    gc.collect()
    gc.disable()
    try:
        with fresh_copy(template, template.with_name("copy")) as connection:
            began, cpu_began = time.perf_counter(), time.process_time()
            for commit in prepared:
                connection.begin_write()
                write(connection, commit)
                connection.commit()
            took_s = time.perf_counter() - began
            cpu_s = time.process_time() - cpu_began

            assert _head(connection) == commits[-1].head
            count_sales = sa.select(sa.func.count()).select_from(schema.sales)
            assert connection.execute(count_sales).scalar_one() == count
    finally:
        gc.enable()
    return Issued(count / took_s, cpu_s / count * 1e6)


_CORE_STOCK = (
    sa.update(schema.stock)
    .where(
        _S.product_id == sa.bindparam("product"),
        _S.location_id == sa.bindparam("location"),
        _S.quantity_milli >= sa.bindparam("least"),
    )
    .values(
        quantity_milli=_S.quantity_milli + sa.bindparam("change"),
        last_movement_id=sa.bindparam("movement"),
    )
)
_CORE_HEAD = (
    sa.update(schema.head)
    .where(
        _H.last_n == sa.bindparam("old_n"), _H.chain_hash == sa.bindparam("old_hash")
    )
    .values({name: sa.bindparam(f"new_{name}") for name in _HEAD_COLUMNS})
)


class CoreCommit(NamedTuple):
    """A commit as SQLAlchemy Core takes it: each row with the names of its columns."""

    stock: list[NamedRow]
    sets: list[tuple[sa.Table, list[NamedRow]]]
    head: NamedRow


def for_core(commit: Commit) -> CoreCommit:
    """Give every row the names of its columns."""
    sets = []
    for table, rows in commit.sets:
        columns = table.columns.keys()
        sets.append((table, [dict(zip(columns, row, strict=True)) for row in rows]))
    stock = [dict(zip(_STOCK, row, strict=True)) for row in commit.stock]

    head = dict(zip(_HEAD_COLUMNS, commit.head, strict=True))
    head_before = dict(zip(_HEAD_COLUMNS, commit.head_before, strict=True))
    bound_head = {f"new_{name}": value for name, value in head.items()}
    bound_head["old_n"] = head_before["last_n"]
    bound_head["old_hash"] = head_before["chain_hash"]
    return CoreCommit(stock, sets, bound_head)


def through_core(connection: Connection, commit: CoreCommit) -> None:
    """Write a commit through SQLAlchemy Core."""
    connection.execute(_CORE_STOCK, commit.stock)
    for table, rows in commit.sets:
        connection.execute(table.insert(), rows)
    connection.execute(_CORE_HEAD, commit.head)


_PLAIN_STOCK = (
    "UPDATE stock SET quantity_milli = quantity_milli + ?, last_movement_id = ? "
    "WHERE product_id = ? AND location_id = ? AND quantity_milli >= ?"
)
_PLAIN_HEAD = (
    f"UPDATE head SET {' = ?, '.join(_HEAD_COLUMNS)} = ? "
    "WHERE last_n = ? AND chain_hash = ?"
)


class DriverCommit(NamedTuple):
    """A commit as sqlite3 takes it: each set with the text of its statement."""

    sets: list[tuple[str, Rows]]
    head: tuple[Any, ...]


def for_driver(commit: Commit) -> DriverCommit:
    """Give every set the text of its statement."""
    sets = [(_PLAIN_STOCK, commit.stock)]
    for table, rows in commit.sets:
        marks = ", ".join("?" * len(rows[0]))
        sets.append((f"INSERT INTO {table.name} VALUES ({marks})", rows))
    before = dict(zip(_HEAD_COLUMNS, commit.head_before, strict=True))
    head = (*commit.head, before["last_n"], before["chain_hash"])
    return DriverCommit(sets, head)


def through_driver(connection: Connection, commit: DriverCommit) -> None:
    """Write a commit through plain sqlite3."""
    driver: Any = connection.sql.connection.driver_connection
    for statement, rows in commit.sets:
        driver.executemany(statement, rows)
    driver.execute(_PLAIN_HEAD, commit.head)
