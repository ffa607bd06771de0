"""``restore``: which backups it takes, and what becomes of the shop that was there."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from tests.harness.books import TestShop
from tests.harness.past import BREAD, fill

from trastienda.actions.verification import verify
from trastienda.app.opening import open_shop
from trastienda.config import Settings
from trastienda.domain.audit import Action
from trastienda.domain.events import Kind
from trastienda.domain.people import UserDraft
from trastienda.domain.shop import Shop
from trastienda.operations import people
from trastienda.operations import restore as restore_operation
from trastienda.operations.backups import CopyError, back_up
from trastienda.operations.clock import now_ms
from trastienda.operations.errors import StartError
from trastienda.operations.shop_folder import (
    DATABASE_FILE,
    SECRET_FILE,
    Location,
    only_server,
)
from trastienda.operations.signing_key import signing_key
from trastienda.storage import journal
from trastienda.storage.database import HEAD_REVISION, found_shop
from trastienda.storage.dialects import database_files, open_file, write_lock
from trastienda.storage.migrations import config as migrations
from trastienda.storage.transactions import Snapshot, read_snapshot


@pytest.fixture
def copy(books: TestShop, tmp_path: Path) -> Path:
    """A copy of a shop with a past."""
    fill(books)
    return back_up(books.path, tmp_path / "copy.db").path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "data"


def restore(data: Path, copy: Path, **how: Any) -> restore_operation.Restored:
    return restore_operation.restore(Location(data), copy, report=lambda _: None, **how)


def look(path: Path) -> Snapshot:
    """The shop in a file, sound; its page and its last number stay known."""
    database = open_file(path)
    with (
        database.connect() as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        assert verify(snapshot) is None
        _ = snapshot.n, snapshot.shop
    return snapshot


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_restore_brings_the_shop_back_and_leaves_the_backup_alone(
    copy: Path, data: Path
) -> None:
    before = copy.read_bytes()
    done = restore(data, copy)
    assert copy.read_bytes() == before
    assert (done.path, done.aside, done.migrated) == (data / DATABASE_FILE, None, False)
    assert names(data) == {DATABASE_FILE, "tienda.lock"}
    assert (data / DATABASE_FILE).stat().st_mode & 0o077 == 0
    assert look(data / DATABASE_FILE).shop.name == "La Esquina"
    opened = open_shop(Settings(data=data))
    assert (opened.migrated, opened.first_login) == (False, None)


def test_restore_announces_the_shop_under_a_number_never_used(
    copy: Path, data: Path
) -> None:
    old_n = database_files.last_n(copy)
    assert old_n is not None
    restore(data, copy)
    snapshot = look(data / DATABASE_FILE)
    assert 1_700_000_000_000_000 < snapshot.n < 2**53
    with open_file(data / DATABASE_FILE).connect() as connection:
        (event,) = journal.after(connection, old_n, 10)
        rows = connection.sql.exec_driver_sql(
            "SELECT action, origin FROM audit ORDER BY id DESC LIMIT 1"
        ).all()
    assert (event.n, event.kind, event.subject) == (
        snapshot.n,
        Kind.SHOP,
        snapshot.shop,
    )
    assert rows == [(Action.SHOP_RESTORED, "shell")]


def test_restoring_twice_uses_no_number_twice(copy: Path, data: Path) -> None:
    used = set()
    for force in (False, True, True):
        restore(data, copy, force=force)
        n = look(data / DATABASE_FILE).n
        assert n not in used
        used |= {n, n + 1}


def test_restore_goes_beyond_the_numbers_of_the_shop_it_replaces(
    copy: Path, data: Path
) -> None:
    restore(data, copy)
    ahead = 2**53 - 1000
    with closing(sqlite3.connect(data / DATABASE_FILE)) as file:
        file.execute(f"UPDATE head SET last_n = {ahead}")
        file.commit()
    restore(data, copy, force=True)
    assert look(data / DATABASE_FILE).n == ahead + 1


def test_restore_refuses_a_clock_that_is_behind_the_backup(
    copy: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore(data, copy)
    later = back_up(data / DATABASE_FILE, data.parent / "later.db").path
    monkeypatch.setattr(restore_operation, "now_ms", lambda: 1_000_000_000_000)
    with pytest.raises(CopyError, match="reloj"):
        restore(data.parent / "new", later)
    assert names(data.parent / "new") == {"tienda.lock"}
    restore(data, later, force=True)  # the shop that is there tells what was used


def test_restore_replaces_an_existing_shop_only_with_force(
    copy: Path, data: Path
) -> None:
    open_shop(Settings(data=data))
    before = (data / DATABASE_FILE).read_bytes()
    with pytest.raises(CopyError, match="--force"):
        restore(data, copy)
    assert (data / DATABASE_FILE).read_bytes() == before
    done = restore(data, copy, force=True)
    assert done.aside is not None
    assert done.aside.name.startswith("trastienda.db.antes-20")
    assert look(done.aside).shop.name == "Mi tienda"
    assert look(data / DATABASE_FILE).shop.name == "La Esquina"


def test_the_old_shop_is_set_aside_with_its_write_ahead_log(
    copy: Path, data: Path
) -> None:
    """As after a kill: the newest part of the shop is not in its file yet."""
    shop = open_shop(Settings(data=data))
    connection = shop.database.connect()
    connection.sql.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    people.register(
        shop,
        UserDraft(
            rut="22222222-2", name="Beto", username="beto", password="clave-de-beto"
        ),
    )
    killed = data.parent / "killed"
    shutil.copytree(data, killed)
    connection.close()
    assert (killed / f"{DATABASE_FILE}-wal").stat().st_size > 0
    done = restore(killed, copy, force=True)
    assert done.aside is not None
    with closing(sqlite3.connect(done.aside)) as file:
        assert file.execute("SELECT count(*) FROM users").fetchone() == (2,)
    assert names(killed) == {
        DATABASE_FILE,
        DATABASE_FILE + write_lock.ENDING,
        "tienda.lock",
        done.aside.name,
    }
    assert look(killed / DATABASE_FILE).shop.name == "La Esquina"


RUINS = {
    "garbage": lambda path: path.write_bytes(b"\xa5" * 50_000),
    "half": lambda path: path.write_bytes(
        path.read_bytes()[: path.stat().st_size // 2]
    ),
    "empty": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
    "no head": lambda path: path.write_bytes(
        path.read_bytes()[:8192] + b"\xa5" * 20_000
    ),
}


@pytest.mark.parametrize("ruin", RUINS)
@pytest.mark.parametrize("log", [b"", b"\x37\x7f\x06\x82" + b"somebody else's" * 999])
def test_a_wrecked_shop_is_restored(
    copy: Path, data: Path, ruin: str, log: bytes
) -> None:
    open_shop(Settings(data=data))
    signing_key(data, None)
    RUINS[ruin](data / DATABASE_FILE)
    (data / f"{DATABASE_FILE}-wal").write_bytes(log)
    (data / f"{DATABASE_FILE}-shm").write_bytes(log)
    done = restore(data, copy, force=True)
    assert look(data / DATABASE_FILE).shop.name == "La Esquina"
    assert (
        done.aside is None
        or done.aside.exists()
        or done.aside.with_name(f"{done.aside.name}-wal").exists()
    )
    assert not (data / f"{DATABASE_FILE}-journal").exists()


@pytest.mark.parametrize(
    "trace",
    [SECRET_FILE, f"{DATABASE_FILE}.nueva", f"{DATABASE_FILE}.antes-20261121-120000"],
)
def test_a_lost_database_is_reported_and_no_shop_is_founded(
    data: Path, trace: str
) -> None:
    data.mkdir()
    (data / trace).write_bytes(b"x" * 32)
    with pytest.raises(StartError, match="trastienda restore"):
        open_shop(Settings(data=data))
    assert not (data / DATABASE_FILE).exists()


def test_restore_replaces_what_an_interrupted_restore_left(
    copy: Path, data: Path
) -> None:
    data.mkdir()
    for rest in ("", "-wal", "-shm", "-journal"):
        (data / f"{DATABASE_FILE}.nueva{rest}").write_bytes(b"half" * 999)
    restore(data, copy)
    assert names(data) == {DATABASE_FILE, "tienda.lock"}
    look(data / DATABASE_FILE)


def test_restore_takes_the_write_ahead_log_beside_a_copied_file(
    books: TestShop, data: Path, tmp_path: Path
) -> None:
    fill(books)
    database_files.fold_up(books.path)
    with books.database.connect() as connection:
        connection.sql.exec_driver_sql("SELECT * FROM head")
        books.sell((BREAD, 1000))
        hand = tmp_path / "hand"
        hand.mkdir()
        for rest in ("", "-wal"):
            shutil.copy(f"{books.path}{rest}", hand / f"copy.db{rest}")
    sales = books.look(
        lambda snapshot: snapshot.connection.sql.exec_driver_sql(
            "SELECT last_sale FROM head"
        ).scalar_one()
    )
    assert restore(data, hand / "copy.db").contents.sales == sales
    assert names(hand) == {"copy.db", "copy.db-wal"}


def test_restore_migrates_an_older_backup(data: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    database = open_file(old)
    settings = migrations()
    with database.connect() as connection, connection.sql.begin():
        settings.attributes["connection"] = connection
        connection.begin_write()
        command.upgrade(settings, "0001")
    found_shop(database, Shop(name="La Antigua"))
    database_files.fold_up(old)
    done = restore(data, old)
    assert done.migrated
    assert done.contents.revision == HEAD_REVISION
    assert look(data / DATABASE_FILE).shop.name == "La Antigua"
    assert database_files.examine(old).revision == "0001", (
        "the copy itself is left alone"
    )


def damaged(copy: Path, statement: str) -> None:
    with closing(sqlite3.connect(copy)) as file:
        file.execute(statement)
        file.commit()


def test_restore_refuses_a_backup_of_a_newer_version(copy: Path, data: Path) -> None:
    damaged(copy, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CopyError, match="más nueva"):
        restore(data, copy)
    assert names(data) == {"tienda.lock"}


def test_restore_refuses_a_backup_that_verify_rejects(copy: Path, data: Path) -> None:
    damaged(
        copy,
        "UPDATE stock SET quantity_milli = quantity_milli + 1000 WHERE product_id = 1",
    )
    with pytest.raises(CopyError, match=r"no cuadra.*cláusula 1.*--no-verify"):
        restore(data, copy)
    assert names(data) == {"tienda.lock"}
    restore(data, copy, prove=False)
    assert database_files.examine(data / DATABASE_FILE).products == 7


@pytest.mark.parametrize("prove", [True, False])
@pytest.mark.parametrize(
    "content", [b"", b"no es una copia", b"SQLite format 3\0" + b"\xa5" * 9999]
)
def test_restore_refuses_a_file_that_is_not_a_backup(
    data: Path, tmp_path: Path, content: bytes, prove: bool
) -> None:
    open_shop(Settings(data=data))
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(CopyError, match="no es una copia"):
        restore(data, tmp_path / "copy.db", force=True, prove=prove)
    assert look(data / DATABASE_FILE).shop.name == "Mi tienda"
    assert not {name for name in names(data) if "nueva" in name or "antes" in name}


def test_restore_refuses_the_shop_itself_and_missing_files(data: Path) -> None:
    open_shop(Settings(data=data))
    with pytest.raises(CopyError, match="la base de datos misma"):
        restore(data, data / DATABASE_FILE, force=True)
    with pytest.raises(CopyError, match="no existe"):
        restore(data, data / "nothing.db", force=True)
    look(data / DATABASE_FILE)


def test_restore_refuses_to_replace_a_served_shop(copy: Path, data: Path) -> None:
    with (
        only_server(data),
        pytest.raises(StartError, match="abierta por otro servidor"),
    ):
        restore(data, copy, force=True)


def test_restore_refuses_a_database_that_is_open_elsewhere(
    copy: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_files, "LOCK_TIMEOUT_S", 0.05)
    shop = open_shop(Settings(data=data))
    with (
        shop.database.connect() as connection,
        read_snapshot(connection, now_ms),
        pytest.raises(CopyError, match="otro programa tiene abierta"),
    ):
        restore(data, copy, force=True)
    assert look(data / DATABASE_FILE).shop.name == "Mi tienda"


def test_restore_follows_the_database_url(
    copy: Path, data: Path, tmp_path: Path
) -> None:
    location = Location(data, f"sqlite:///{tmp_path}/far/away.db")
    done = restore_operation.restore(location, copy, report=lambda _: None)
    assert done.path == tmp_path / "far" / "away.db"
    look(done.path)
    assert names(data) == {"tienda.lock"}


def test_restore_works_without_hard_links(
    copy: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    open_shop(Settings(data=data))
    done = restore(data, copy, force=True)
    assert done.aside is not None
    assert look(done.aside).shop.name == "Mi tienda"
