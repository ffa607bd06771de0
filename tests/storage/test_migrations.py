"""The schema's history leads exactly to the schema, and what the schema forbids stays forbidden."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.harness.books import TestShop
from tests.harness.past import fill

from trastienda.storage import schema
from trastienda.storage.database import (
    HEAD_LAYOUT,
    HEAD_REVISION,
    checked_revision,
    digest_of,
    layout_at,
    migrate,
)
from trastienda.storage.dialects import Database, open_file
from trastienda.storage.errors import (
    ForeignSchemaError,
    NewerSchemaError,
    UnreadableError,
)
from trastienda.storage.migrations import config, upgrade

VERSIONS = [
    script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()
]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A database that is empty."""
    return open_file(tmp_path / "shop.db", durable=False)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The tables of a shop with a past, as somebody with a database tool sees them."""
    path = tmp_path_factory.mktemp("full") / "shop.db"
    fill(TestShop(path))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    yield connection
    connection.close()


def things(database: Database) -> dict[str, list[str]]:
    """Tables, indexes and triggers by name: the parts of each as the database wrote
    them down, in no order.
    """
    with database.connect() as connection:
        rows = connection.sql.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master"
        ).all()
    return {name: parts(text or "") for name, text in rows if "alembic" not in name}


INLINE_REFERENCE = re.compile(r"(\w+) (\w+) (CONSTRAINT \w+) (REFERENCES \w+ \(\w+\))")


def parts(text: str) -> list[str]:
    tidy = " ".join(text.replace('"', "").split())
    # a column that is added later has its reference beside it
    tidy = INLINE_REFERENCE.sub(r"\1 \2, \3 FOREIGN KEY(\1) \4", tidy)
    return sorted(
        part.strip()
        for part in re.split(
            r",(?![^(]*\))|^CREATE TABLE \w+ \(|\) (?=STRICT|WITHOUT)", tidy
        )
    )


def test_an_empty_database_becomes_exactly_the_schema(
    database: Database, tmp_path: Path
) -> None:
    assert migrate(database)
    other = open_file(tmp_path / "other.db", durable=False)
    with other.connect() as connection:
        schema.metadata.create_all(connection.sql)
        for table, changing in schema.SEALED.items():
            columns = [
                column.name
                for column in schema.metadata.tables[table].columns
                if column.name not in changing
            ]
            connection.seal(table, columns)
        connection.create_text_index("message_texts")
    assert things(database) == things(other)


def test_alembic_finds_nothing_to_add(database: Database) -> None:
    migrate(database)
    with database.connect() as connection:
        # the index of texts is no table of ours: the database keeps it in tables of its own
        options = {
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith("message_texts")
            )
        }
        assert (
            compare_metadata(
                MigrationContext.configure(connection.sql, opts=options),
                schema.metadata,
            )
            == []
        )


def test_every_table_is_strict(database: Database) -> None:
    migrate(database)
    with database.connect() as connection:
        tables = connection.sql.exec_driver_sql(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        ).all()
    loose = {name for name, strict in tables if not strict}
    assert loose == {"sqlite_schema", "alembic_version"}


def test_the_revision_that_the_house_knows_is_the_newest_there_is(
    database: Database,
) -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD_REVISION]
    assert checked_revision(database) is None
    migrate(database)
    assert checked_revision(database) == HEAD_REVISION


def test_the_house_knows_what_a_shop_at_the_newest_revision_is_made_of() -> None:
    """Otherwise each start makes an empty shop to compare with, which takes a second."""
    layout = layout_at(HEAD_REVISION)
    assert digest_of(layout) == HEAD_LAYOUT, (
        f'in storage/database.py: HEAD_LAYOUT = "{digest_of(layout)}"'
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_shop_of_each_earlier_revision_comes_to_the_same_schema(
    database: Database, version: str
) -> None:
    with database.connect() as connection:
        upgrade(connection, version)
    assert checked_revision(database) == version
    migrate(database)
    with database.connect() as connection:
        assert connection.layout() == layout_at(HEAD_REVISION)


OLD_SANCTIONS = [
    ("a2001:db8::2", "ban", 2),
    ("a2001:db8::1", "ban", 1),
    ("a2001:db8::1", "mute", 3),
    ("a2001:db8:0:1::1", "ban", 4),
    ("afe80::1%eth0", "ban", 5),
    ("a::ffff:192.0.2.1", "ban", 6),
    ("a::1", "ban", 7),
    ("a192.0.2.2", "ban", 8),
    ("gpedro", "ban", 9),
]
"""Targets as they were before addresses of IPv6 stood for their networks, kinds, times."""


def test_sanctions_of_addresses_become_those_of_their_households(
    database: Database,
) -> None:
    with database.connect() as connection:
        upgrade(connection, "0013")
        for row in OLD_SANCTIONS:
            connection.sql.exec_driver_sql(
                "INSERT INTO sanctions (target, kind, at_ms, label, label_key) "
                "VALUES (?, ?, ?, 'pedro', 'pedro')",
                row,
            )
    migrate(database)
    with database.connect() as connection:
        rows = connection.sql.exec_driver_sql(
            "SELECT target, kind, at_ms FROM sanctions ORDER BY at_ms"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("a2001:db8::/64", "ban", 2),
        ("a2001:db8::/64", "mute", 3),
        ("a2001:db8:0:1::/64", "ban", 4),
        ("afe80::/64", "ban", 5),
        ("a192.0.2.1", "ban", 6),
        ("a::1", "ban", 7),
        ("a192.0.2.2", "ban", 8),
        ("gpedro", "ban", 9),
    ]


def test_a_schema_that_is_at_its_head_is_left_alone(database: Database) -> None:
    assert migrate(database)
    assert not migrate(database)


def test_a_shop_from_the_future_is_refused_and_left_alone(database: Database) -> None:
    migrate(database)
    with database.connect() as connection:
        connection.sql.exec_driver_sql(
            "UPDATE alembic_version SET version_num = '9999'"
        )
    before = things(database)
    with pytest.raises(NewerSchemaError):
        migrate(database)
    with pytest.raises(NewerSchemaError):
        checked_revision(database)
    assert things(database) == before


def test_a_database_of_something_else_is_refused_and_left_as_it_was(
    database: Database,
) -> None:
    with database.connect() as connection:
        connection.sql.exec_driver_sql("CREATE TABLE movements (mine INTEGER)")
    with pytest.raises(ForeignSchemaError):
        migrate(database)
    assert list(things(database)) == ["movements"]


def test_what_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text(
        "esto no es una base de datos, por largo que sea; ni lo será nunca" * 100
    )
    with pytest.raises(UnreadableError):
        migrate(open_file(path))


@pytest.mark.parametrize("table", schema.SEALED)
def test_rows_that_are_only_ever_added_can_be_neither_changed_nor_taken_away(
    full: sqlite3.Connection, table: str
) -> None:
    columns = [column.name for column in schema.metadata.tables[table].columns]
    first = ", ".join(columns)
    assert full.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, (
        "nothing is proven by an empty table"
    )
    sealed = [column for column in columns if column not in schema.SEALED[table]]
    forbidden = [
        *(f"UPDATE {table} SET {column} = {column}" for column in sealed),
        f"DELETE FROM {table}",
        f"REPLACE INTO {table} ({first}) SELECT {first} FROM {table}",
    ]
    for statement in forbidden:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            full.execute(statement)
    full.rollback()


def test_what_is_owed_of_a_sale_is_all_that_may_change_of_it(
    full: sqlite3.Connection,
) -> None:
    full.execute("UPDATE sales SET owed_minor = owed_minor")
    full.rollback()


def copied(table: sa.Table, **values: str) -> str:
    """Return the statement that adds a copy of a row with other values in it."""
    columns = ", ".join(
        values.get(column.name, column.name) for column in table.columns
    )
    return f"INSERT INTO {table.name} SELECT {columns} FROM {table.name} LIMIT 1"


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE stock SET quantity_milli = -1", "ck_stock_never_below_zero"),
        ("UPDATE sales SET owed_minor = -1", "ck_sales_owed"),
        ("UPDATE products SET price_minor = -1", "ck_products_price"),
        ("UPDATE products SET cost_minor = -1", "ck_products_cost"),
        ("UPDATE products SET min_stock_milli = -1", "ck_products_min_stock"),
        ("UPDATE products SET unit = 'oz'", "ck_products_unit"),
        ("UPDATE products SET exempt = 2", "ck_products_exempt"),
        ("UPDATE users SET role = 'king'", "ck_users_role"),
        ("UPDATE messages SET deleted = 2", "ck_messages_deleted"),
        (copied(schema.head, id="2"), "ck_head_one_row"),
        (copied(schema.shop, id="2"), "ck_shop_one_row"),
        (
            copied(schema.movements, id="9999", balance_milli="-1"),
            "ck_movements_never_below_zero",
        ),
        (copied(schema.movements, id="9999", quantity_milli="0"), "ck_movements_moves"),
        (copied(schema.sales, id="9999", folio="NULL"), "ck_sales_one_number"),
        (
            copied(schema.sales, id="9999", folio="9999", total_minor="-1"),
            "ck_sales_total",
        ),
        (
            copied(schema.sale_lines, position="99", quantity_milli="0"),
            "ck_sale_lines_quantity",
        ),
        (
            copied(schema.payments, position="99", amount_minor="-1"),
            "ck_payments_amount",
        ),
        (copied(schema.returns, id="9999", refund_minor="-1"), "ck_returns_given_back"),
        (
            copied(schema.return_lines, position="99", quantity_milli="0"),
            "ck_return_lines_quantity",
        ),
        (
            copied(schema.purchase_lines, position="99", quantity_milli="0"),
            "ck_purchase_lines_quantity",
        ),
    ],
)
def test_what_can_never_be_is_refused_by_the_database_itself(
    full: sqlite3.Connection, statement: str, check: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=check):
        full.execute(statement)
    full.rollback()


def test_a_folio_is_given_once(full: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*sales\.folio"):
        full.execute(copied(schema.sales, id="9999"))
    full.rollback()


def test_a_key_is_given_once(full: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*idempotency_keys\.key"):
        full.execute(copied(schema.idempotency_keys, result="'another'"))
    full.rollback()


def test_what_somebody_said_under_a_name_is_said_once(full: sqlite3.Connection) -> None:
    full.execute("UPDATE messages SET client_id = 'm1' WHERE room_id = 1 AND seq = 1")
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*messages\.client_id"):
        full.execute(
            "UPDATE messages SET client_id = 'm1', sender = (SELECT sender FROM "
            "messages) WHERE seq = 2"
        )
    full.rollback()


def test_a_text_is_no_number(full: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        full.execute("UPDATE stock SET quantity_milli = 'mucho'")
    full.rollback()


REFERENCES = [
    (table, column)
    for table in schema.metadata.sorted_tables
    for column in table.columns
    if column.foreign_keys
    and table.name not in {"sessions", "refresh_tokens", "api_keys"}
]


@pytest.mark.parametrize(("table", "column"), REFERENCES, ids=str)
def test_nothing_points_nowhere(
    full: sqlite3.Connection, table: sa.Table, column: sa.Column[object]
) -> None:
    fresh = {"id": "9999", "position": "99", "target": "'x'", "url": "'x'"} | (
        {"folio": "9999"} if table is schema.sales else {}
    )
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        full.execute(copied(table, **fresh | {column.name: "987654"}))
    full.rollback()
