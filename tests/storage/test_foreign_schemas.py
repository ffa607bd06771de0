"""What a shop is made of is compared before anything that stands in it could run."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.past import fill

from trastienda.domain.verification import Difference
from trastienda.storage.database import (
    HEAD_REVISION,
    checked_revision,
    migrate,
)
from trastienda.storage.dialects import open_file
from trastienda.storage.errors import (
    ForeignSchemaError,
    NewerSchemaError,
    UnreadableError,
)
from trastienda.storage.migrations import upgrade

ADDED, MISSING, CHANGED = Difference.ADDED, Difference.MISSING, Difference.CHANGED
EVIL = (
    "CREATE TRIGGER evil AFTER INSERT ON users BEGIN "
    "UPDATE users SET role = 'administrator' WHERE id = NEW.id; END"
)


def rewritten(table: str, old: str, new: str) -> str:
    """The statement by which the text of a table is forged without making it anew."""
    return (
        "PRAGMA writable_schema = ON; "
        f"UPDATE sqlite_schema SET sql = replace(sql, '{old}', '{new}') "
        f"WHERE name = '{table}'; PRAGMA writable_schema = RESET"
    )


FORGERIES = {
    "a trigger": (EVIL, ("trigger", "evil", ADDED)),
    "a view": (
        "CREATE VIEW backup AS SELECT * FROM users",
        ("view", "backup", ADDED),
    ),
    "a table": ("CREATE TABLE loot (x)", ("table", "loot", ADDED)),
    "a table of texts": (
        "CREATE VIRTUAL TABLE loot USING fts5(x)",
        ("table", "loot", ADDED),
    ),
    "an index of an expression": (
        "CREATE INDEX slow ON users (length(name))",
        ("index", "slow", ADDED),
    ),
    "an index of some rows": (
        "CREATE UNIQUE INDEX few ON sales (at_ms) WHERE id > 5",
        ("index", "few", ADDED),
    ),
    "no seal": (
        "DROP TRIGGER audit_no_update",
        ("trigger", "audit_no_update", MISSING),
    ),
    "a hollow seal": (
        (
            "DROP TRIGGER audit_no_update; CREATE TRIGGER audit_no_update "
            "BEFORE UPDATE ON audit BEGIN SELECT 1; END"
        ),
        ("trigger", "audit_no_update", CHANGED),
    ),
    "a seal of another table": (
        (
            "DROP TRIGGER audit_no_delete; CREATE TRIGGER audit_no_delete BEFORE DELETE "
            "ON task_days BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        ),
        ("trigger", "audit_no_delete", CHANGED),
    ),
    "no index": ("DROP INDEX ix_sales_at_ms", ("index", "ix_sales_at_ms", MISSING)),
    "a column": (
        "ALTER TABLE users ADD COLUMN more TEXT",
        ("table", "users", CHANGED),
    ),
    "a generated column": (
        "ALTER TABLE users ADD COLUMN twice INTEGER AS (id * 2)",
        ("table", "users", CHANGED),
    ),
    "a check that is gone": (
        rewritten("stock", "quantity_milli >= 0", "1"),
        ("table", "stock", CHANGED),
    ),
    "blanks in a literal": (
        rewritten("products", "''un''", "''u n''"),
        ("table", "products", CHANGED),
    ),
    "a view in place of the version": (
        (
            "ALTER TABLE alembic_version RENAME TO v; "
            "CREATE VIEW alembic_version AS SELECT version_num FROM v"
        ),
        ("table", "alembic_version", CHANGED),
    ),
    "two versions": (
        "INSERT INTO alembic_version VALUES ('0001')",
        ("table", "alembic_version", CHANGED),
    ),
    "a mark of another program": (
        "PRAGMA application_id = 7",
        ("setting", "application_id", ADDED),
    ),
}


def forge(path: Path, script: str) -> None:
    """Do to a shop what somebody with a database tool can do to it."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript(script)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_shop_that_is_made_otherwise_is_refused_by_its_first_part(
    books: TestShop, forgery: str
) -> None:
    script, expected = FORGERIES[forgery]
    forge(books.path, script)
    with pytest.raises(ForeignSchemaError) as refused:
        migrate(open_file(books.path))
    error = refused.value
    assert (error.kind, error.name, error.difference) == expected


def test_a_forged_shop_of_an_older_version_is_refused_before_it_is_migrated(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.db"
    database = open_file(path)
    with database.connect() as connection:
        upgrade(connection, "0003")
    forge(path, EVIL)
    with pytest.raises(ForeignSchemaError):
        migrate(database)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT * FROM alembic_version").fetchall() == [("0003",)]


def test_a_shop_that_claims_another_revision_is_refused(books: TestShop) -> None:
    forge(books.path, "UPDATE alembic_version SET version_num = '0003'")
    with pytest.raises(ForeignSchemaError):
        migrate(open_file(books.path))


@pytest.mark.parametrize("version", ["9999", "head", "base", "0001:0003", ""])
def test_only_a_revision_that_is_known_is_gone_on_from(
    books: TestShop, version: str
) -> None:
    forge(books.path, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(NewerSchemaError):
        migrate(open_file(books.path))


def test_a_schema_that_makes_no_sense_is_refused(books: TestShop) -> None:
    forge(
        books.path,
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema "
        "VALUES ('trigger', 'evil', 'users', 0, 'CREATE TRIGGER')",
    )
    with pytest.raises(UnreadableError):
        migrate(open_file(books.path))


def test_measuring_the_tables_makes_no_other_shop(books: TestShop) -> None:
    """``ANALYZE`` only has the database choose better between ways to the same rows."""
    fill(books)
    forge(books.path, "ANALYZE")
    assert checked_revision(open_file(books.path)) == HEAD_REVISION


def test_blanks_make_no_other_shop(books: TestShop) -> None:
    forge(
        books.path, rewritten("users", "CREATE TABLE users (", "CREATE TABLE  users  (")
    )
    assert checked_revision(open_file(books.path)) == HEAD_REVISION
