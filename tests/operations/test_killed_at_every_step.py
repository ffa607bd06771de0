"""``backup`` and ``restore``, killed before each of their calls that touch a file."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.harness.books import TestShop
from tests.harness.past import BREAD, fill

from trastienda.actions.verification import verify
from trastienda.app.opening import open_shop
from trastienda.config import Settings
from trastienda.domain.people import UserDraft
from trastienda.operations import people
from trastienda.operations.backups import back_up
from trastienda.operations.restore import restore
from trastienda.operations.shop_folder import DATABASE_FILE, Location
from trastienda.storage.dialects import database_files

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="needs a process that begins where this one stands"
)

STEPS = {
    "open",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.truncate",
    "sqlite3.connect",
}
DIED, DONE, FAILED = 9, 0, 1


def ended_at(step: int, folder: Path, work: Callable[[], object]) -> bool:
    """Run ``work`` in a process killed before its ``step``-th call in ``folder``.

    Returns whether it was killed.
    """
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in STEPS and str(folder) in str(arguments[:2]):
                left[0] -= 1
                if left[0] < 0:
                    os._exit(DIED)

        status = FAILED
        try:
            sys.addaudithook(hook)
            work()
            status = DONE
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {DIED, DONE}
    return status == DIED


@pytest.fixture
def shop(books: TestShop) -> Path:
    """The database of a shop with a past."""
    fill(books)
    return books.path


def test_a_killed_backup_leaves_a_whole_file_or_none(
    shop: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    step = 0
    whole = []
    while ended_at(step, stick, lambda: back_up(shop, stick / "copy.db")):
        there = (stick / "copy.db").exists()
        if there:
            assert database_files.examine(stick / "copy.db").products == 7
            (stick / "copy.db").unlink()
        whole.append(there)
        step += 1
    assert set(whole) == {False, True}, "before it has its name, and after"
    assert [path.name for path in stick.iterdir()] == ["copy.db"]


def test_a_killed_replacement_leaves_the_old_or_the_new_backup(
    shop: Path, tmp_path: Path, books: TestShop
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    back_up(shop, stick / "old.db")
    books.sell((BREAD, 1000))
    step = 0
    sale_counts = []
    shutil.copy(stick / "old.db", stick / "copy.db")
    while ended_at(step, stick, lambda: back_up(shop, stick / "copy.db", force=True)):
        sale_counts.append(database_files.examine(stick / "copy.db").sales)
        shutil.copy(stick / "old.db", stick / "copy.db")
        step += 1
    assert len(set(sale_counts)) == 2


def shop_in(data: Path) -> str:
    """Open the shop as a server does, prove it, and return its name."""
    shop = open_shop(Settings(data=data))
    with shop.snapshot() as state:
        broken = verify(state)
        assert broken is None, broken
        return state.shop.name


def test_a_killed_restore_leaves_the_old_or_the_new_shop(
    shop: Path, tmp_path: Path
) -> None:
    copy = back_up(shop, tmp_path / "copy.db").path
    first, data = tmp_path / "first", tmp_path / "data"
    old = open_shop(Settings(data=first))
    with old.database.connect() as connection:
        # What is written now stays in its log.
        connection.sql.exec_driver_sql("SELECT * FROM head")
        people.register(
            old,
            UserDraft(
                rut="22222222-2", name="Beto", username="beto", password="clave-de-beto"
            ),
        )
        shutil.copytree(first, data)
    location = Location(data)
    killed = tmp_path / "killed"
    shutil.copytree(data, killed)
    step = 0
    shop_names = []
    while ended_at(
        step, data, lambda: restore(location, copy, force=True, report=lambda _: None)
    ):
        with closing(sqlite3.connect(data / DATABASE_FILE)) as file:
            users = file.execute("SELECT count(*) FROM users").fetchone()[0]
        shop_names.append(shop_in(data))
        assert users == {"Mi tienda": 2, "La Esquina": 3}[shop_names[-1]], (
            "nothing of the other's log is in it"
        )
        if step % 10 == 0:
            restore(location, copy, force=True, report=lambda _: None)
            assert shop_in(data) == "La Esquina"
            assert not list(data.glob("*.nueva*"))
        shutil.rmtree(data)
        shutil.copytree(killed, data)
        step += 1
    assert set(shop_names) == {"Mi tienda", "La Esquina"}
    assert shop_names == sorted(shop_names, reverse=True), (
        "the old one up to a moment, and the new one from then on"
    )
