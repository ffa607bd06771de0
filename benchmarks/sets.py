"""The row sets that sales come to, recorded as the product writes them and issued again without the product.

Each way of issuing them is a limit of the product on this machine: it does the same work of the database, on the same
tables with the same constraints and indexes, and nothing else.
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
from trastienda.operations import opening
from trastienda.storage import dialects, schema
from trastienda.storage.transactions import writing

Rows = Sequence[tuple[Any, ...]]
Issue = Callable[[sa.Connection, "Commit"], None]

_HEAD_COLUMNS = [column.key for column in schema.head.columns]
_STOCK = ("change", "movement", "product", "location", "least")
_S, _H = schema.stock.c, schema.head.c


class Commit(NamedTuple):
    """What one commit writes, in order: the guarded updates of the stock, sets of rows, and last the head."""

    stock: Rows
    sets: list[tuple[sa.Table, Rows]]
    head: tuple[Any, ...]
    head_before: tuple[Any, ...]


class Issued(NamedTuple):
    """What it took to write many commits: sales a second, and processor time a sale."""

    per_second: float
    cpu_us: float


def record(folder: Path, calls: Sequence[sales.Selling], a_commit: int) -> list[Commit]:
    """Sell in the shop in ``folder``, ``a_commit`` sales at once, and return all that was written."""
    commits: list[Commit] = []
    engine = shops.opened(folder, durable=False)
    insert, execute_set = dialects.insert, dialects.execute_set
    stock: list[tuple[Any, ...]] = []
    sets: list[tuple[sa.Table, Rows]] = []

    def noted_insert(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
        if rows:
            sets.append((table, list(rows)))
        insert(connection, table, rows)

    def noted_update(connection: sa.Connection, statement: str, rows: Rows) -> int:
        stock.extend(rows)
        return execute_set(connection, statement, rows)

    with (
        dialects.connect(engine) as connection,
        mock.patch.object(dialects, "insert", noted_insert),
        mock.patch.object(dialects, "execute_set", noted_update),
    ):
        head = _head(connection)
        for start in range(0, len(calls), a_commit):
            with writing(connection, opening.now_ms) as tx:
                sales.sell(tx, calls[start : start + a_commit])
            before, head = head, _head(connection)
            commits.append(Commit(list(stock), list(sets), head, before))
            stock.clear()
            sets.clear()
    engine.dispose()
    return commits


def _head(connection: sa.Connection) -> tuple[Any, ...]:
    return tuple(connection.execute(sa.select(schema.head)).one())


@contextmanager
def fresh_copy(template: Path, folder: Path) -> Iterator[sa.Connection]:
    """A connection to a copy of a shop, set up as the product's own connections are."""
    shutil.copytree(template, folder)
    engine = shops.opened(folder)
    try:
        with dialects.connect(engine) as connection:
            yield connection
    finally:
        engine.dispose()
        shutil.rmtree(folder)


def issue(
    template: Path,
    commits: Sequence[Commit],
    prepare: Callable[[Commit], Any],
    each: Issue,
) -> Issued:
    """Write the commits to a copy of the shop; what ``prepare`` makes of them is made beforehand."""
    prepared = [prepare(one) for one in commits]
    count = sum(
        len(rows)
        for one in commits
        for table, rows in one.sets
        if table is schema.sales
    )
    gc.collect()
    gc.disable()
    try:
        with fresh_copy(template, template.with_name("copy")) as connection:
            began, cpu_began = time.perf_counter(), time.process_time()
            for one in prepared:
                dialects.begin_write(connection)
                each(connection, one)
                dialects.commit(connection)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu_began
            assert _head(connection) == commits[-1].head
            assert (
                connection.execute(
                    sa.select(sa.func.count()).select_from(schema.sales)
                ).scalar_one()
                == count
            )
    finally:
        gc.enable()
    return Issued(count / took, cpu / count * 1e6)


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


def for_core(one: Commit) -> Commit:
    """Give every row the names of its columns."""
    sets = [
        (table, [dict(zip(table.columns.keys(), row, strict=True)) for row in rows])
        for table, rows in one.sets
    ]
    head = {
        f"new_{name}": value
        for name, value in zip(_HEAD_COLUMNS, one.head, strict=True)
    }
    before = dict(zip(_HEAD_COLUMNS, one.head_before, strict=True))
    head |= {"old_n": before["last_n"], "old_hash": before["chain_hash"]}
    stock = [dict(zip(_STOCK, row, strict=True)) for row in one.stock]
    return one._replace(stock=stock, sets=sets, head=head)  # type: ignore[arg-type]


def through_core(connection: sa.Connection, one: Commit) -> None:
    """Write a commit through SQLAlchemy Core."""
    connection.execute(_CORE_STOCK, one.stock)
    for table, rows in one.sets:
        connection.execute(table.insert(), rows)
    connection.execute(_CORE_HEAD, one.head)


_PLAIN_STOCK = (
    "UPDATE stock SET quantity_milli = quantity_milli + ?, last_movement_id = ? "
    "WHERE product_id = ? AND location_id = ? AND quantity_milli >= ?"
)
_PLAIN_HEAD = f"UPDATE head SET {' = ?, '.join(_HEAD_COLUMNS)} = ? WHERE last_n = ? AND chain_hash = ?"


def for_driver(one: Commit) -> tuple[Any, ...]:
    """Give every set the text of its statement."""
    before = dict(zip(_HEAD_COLUMNS, one.head_before, strict=True))
    sets = [(_PLAIN_STOCK, one.stock)]
    sets += [
        (f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        for table, rows in one.sets
    ]
    return sets, (*one.head, before["last_n"], before["chain_hash"])


def through_driver(connection: sa.Connection, one: Any) -> None:
    """Write a commit through plain sqlite3."""
    driver: Any = connection.connection.driver_connection
    sets, head = one
    for text, rows in sets:
        driver.executemany(text, rows)
    driver.execute(_PLAIN_HEAD, head)
