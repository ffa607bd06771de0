"""Copies of a database file: whole, of one moment, and refused where they are not."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.past import BREAD, fill

from trastienda.actions.verification import verify
from trastienda.storage.database import HEAD_REVISION
from trastienda.storage.dialects import database_files, open_file, write_lock
from trastienda.storage.errors import BusyError, StoppedError, UnreadableError
from trastienda.storage.transactions import Snapshot


@pytest.fixture
def full(books: TestShop) -> TestShop:
    """A shop with a past."""
    fill(books)
    return books


@pytest.fixture
def copy(full: TestShop, tmp_path: Path) -> Iterator[Path]:
    """A copy of it."""
    database_files.write_copy(full.path, tmp_path / "copy.db")
    yield tmp_path / "copy.db"
    assert not (tmp_path / "copy.db-wal").exists(), "a copy is only read"


def spoil(path: Path, page: int) -> None:
    """Write over the middle of a page."""
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def root_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(
            file.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
            ).fetchone()[0]
        )


def test_a_copy_holds_what_the_shop_held_and_is_one_file(
    full: TestShop, copy: Path
) -> None:
    sales = full.look(
        lambda snapshot: snapshot.connection.sql.exec_driver_sql(
            "SELECT last_sale FROM head"
        ).scalar_one()
    )
    full.sell((BREAD, 1000))
    contents = database_files.examine(copy)
    assert (contents.revision, contents.sales) == (HEAD_REVISION, sales)
    assert (contents.n, contents.products) == (database_files.last_n(copy), 7)
    with open_file(copy).connect() as connection:
        assert verify(Snapshot(connection, 0)) is None


def test_a_copy_made_while_somebody_writes_has_nothing_of_what_is_not_committed(
    full: TestShop, tmp_path: Path
) -> None:
    with full.database.connect() as connection:
        connection.begin_write()
        connection.sql.exec_driver_sql("UPDATE head SET last_folio = 7777")
        database_files.write_copy(full.path, tmp_path / "copy.db")
        connection.rollback()
    with open_file(tmp_path / "copy.db").connect() as copied:
        assert verify(Snapshot(copied, 0)) is None


def test_a_copy_is_never_written_over_something(full: TestShop, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"mine")
    with pytest.raises(UnreadableError):
        database_files.write_copy(full.path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"mine"


def test_a_copy_can_be_stopped_halfway(
    full: TestShop, copy: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(full.path)) as file:
        file.execute("CREATE TABLE much AS WITH RECURSIVE n(i) AS "
            "(VALUES(1) UNION ALL SELECT i+1 FROM n LIMIT 200000) "
                     "SELECT i, hex(randomblob(20)) FROM n")  # fmt: skip
    with pytest.raises(StoppedError):
        database_files.write_copy(full.path, tmp_path / "stopped.db", lambda: True)
    database_files.write_copy(full.path, tmp_path / "large.db")
    with pytest.raises(StoppedError):
        database_files.examine(tmp_path / "large.db", lambda: True)


@pytest.mark.parametrize(
    "table", ["head", "sales", "ix_sales_at_ms", "movements", "audit"]
)
def test_a_damaged_page_is_found(copy: Path, table: str) -> None:
    spoil(copy, root_of(copy, table))
    with pytest.raises(UnreadableError):
        database_files.examine(copy)


def test_a_shop_with_a_damaged_page_is_not_copied(
    full: TestShop, tmp_path: Path
) -> None:
    database_files.fold_up(full.path)
    spoil(full.path, root_of(full.path, "sales"))
    with pytest.raises(UnreadableError):
        database_files.write_copy(full.path, tmp_path / "copy.db")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_half_a_copy_is_none(copy: Path, share: float) -> None:
    content = copy.read_bytes()
    copy.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UnreadableError):
        database_files.examine(copy)


def test_a_database_that_is_no_shop_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        file.execute("CREATE TABLE mine (a)")
    with pytest.raises(UnreadableError):
        database_files.examine(tmp_path / "other.db")
    assert database_files.last_n(tmp_path / "other.db") is None


def test_a_copy_bears_the_mark_of_its_shop(full: TestShop, copy: Path) -> None:
    assert database_files.mark_of(copy) == database_files.mark_of(full.path)
    assert re.fullmatch("[0-9a-f]{8}", database_files.mark_of(copy))


def test_folding_up_leaves_one_file_and_waits_for_nobody_for_ever(
    full: TestShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_files, "LOCK_TIMEOUT_S", 0.05)
    n = full.look(lambda snapshot: snapshot.n)
    with full.database.connect(), pytest.raises(BusyError):
        database_files.fold_up(full.path)
    database_files.fold_up(full.path)
    beside = {path.name for path in full.path.parent.iterdir()}
    assert beside == {full.path.name, full.path.name + write_lock.ENDING}
    assert database_files.last_n(full.path) == n


@pytest.mark.parametrize("absurd", [-1, 2**53])
def test_a_last_number_that_cannot_be_is_none(full: TestShop, absurd: int) -> None:
    with closing(sqlite3.connect(full.path)) as file:
        file.execute(f"UPDATE head SET last_n = {absurd}")
        file.commit()
    assert database_files.last_n(full.path) is None
