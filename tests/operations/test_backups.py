"""Backups: whole files or none, and never over something else."""

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.harness.books import TestShop
from tests.harness.past import fill

from trastienda.operations import backups as operations_backups
from trastienda.operations.backups import CopyError, back_up
from trastienda.storage.dialects import database_files
from trastienda.storage.errors import StoppedError


@pytest.fixture
def shop(books: TestShop) -> Path:
    """The database of a shop with a past."""
    fill(books)
    return books.path


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder for backups."""
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_is_private_and_reports_what_it_holds(shop: Path, stick: Path) -> None:
    copied = back_up(shop, stick / "copy.db")
    assert copied.path == stick / "copy.db"
    assert copied.size_bytes == copied.path.stat().st_size
    assert copied.contents == database_files.examine(copied.path)
    assert stat.S_IMODE(copied.path.stat().st_mode) == 0o600
    assert names(stick) == ["copy.db"]


def test_a_backup_in_a_folder_is_named_for_its_moment(shop: Path, stick: Path) -> None:
    copied = back_up(shop, stick)
    assert copied.path.parent == stick
    assert copied.path.name.startswith("trastienda-20")
    assert names(stick) == [copied.path.name]


def test_an_existing_file_is_replaced_only_with_force(shop: Path, stick: Path) -> None:
    back_up(shop, stick / "copy.db")
    before = (stick / "copy.db").stat()
    with pytest.raises(CopyError, match="--force"):
        back_up(shop, stick / "copy.db")
    assert (stick / "copy.db").stat().st_ino == before.st_ino
    back_up(shop, stick / "copy.db", force=True)
    assert (stick / "copy.db").stat().st_ino != before.st_ino
    assert database_files.examine(stick / "copy.db").products == 7
    assert names(stick) == ["copy.db"]


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE head (x)")


def shop_in_use(path: Path) -> None:
    TestShop(path)
    path.with_name(f"{path.name}-wal").write_bytes(b"what was sold last")


PRECIOUS: dict[str, Callable[[Path], object]] = {
    "a key": lambda path: path.write_bytes(os.urandom(32)),
    "a letter": lambda path: path.write_text("Querida Ana:"),
    "a database of something else": foreign_database,
    "a shop that is in use": shop_in_use,
}


@pytest.mark.parametrize("what", PRECIOUS)
def test_force_replaces_copies_alone(shop: Path, stick: Path, what: str) -> None:
    target = stick / "secret.key"
    PRECIOUS[what](target)
    before = target.read_bytes()
    with pytest.raises(CopyError, match="no es una copia"):
        back_up(shop, target, force=True)
    assert target.read_bytes() == before


def test_a_copy_is_written_through_no_link(shop: Path, stick: Path) -> None:
    """Whoever may write in the folder of the copies would choose what is written over."""
    back_up(shop, stick / "earlier.db")
    for aim in ("earlier.db", "nothing.db"):
        link = stick / f"to-{aim}"
        link.symlink_to(stick / aim)
        with pytest.raises(CopyError, match="no es un archivo"):
            back_up(shop, link, force=True)
    assert not (stick / "nothing.db").exists()


def test_a_copy_is_for_its_owner_alone(shop: Path, stick: Path) -> None:
    before = os.umask(0)
    try:
        back_up(shop, stick / "copy.db")
    finally:
        os.umask(before)
    assert (stick / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_file_that_appears_meanwhile_is_not_replaced(
    shop: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def examine(path: Path, stopped: object) -> database_files.Contents:
        (stick / "copy.db").write_bytes(b"precious")
        return database_files.Contents("", 0, 0, 0)

    monkeypatch.setattr(database_files, "examine", examine)
    with pytest.raises(CopyError, match="ya existe"):
        back_up(shop, stick / "copy.db")
    assert (stick / "copy.db").read_bytes() == b"precious"
    assert names(stick) == ["copy.db"]


def test_a_backup_works_without_hard_links(
    shop: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    back_up(shop, stick / "copy.db")
    assert database_files.examine(stick / "copy.db").products == 7
    with pytest.raises(CopyError, match="ya existe"):
        back_up(shop, stick / "copy.db")
    assert names(stick) == ["copy.db"]


@pytest.mark.parametrize("rest", ["", "-wal", "-shm", "-journal"])
def test_a_backup_over_the_shop_itself_is_refused(shop: Path, rest: str) -> None:
    before = shop.read_bytes()
    with pytest.raises(CopyError, match="la base de datos misma"):
        back_up(shop, shop.with_name(shop.name + rest), force=True)
    assert shop.read_bytes() == before


def test_a_backup_over_a_link_to_the_shop_is_refused(shop: Path, stick: Path) -> None:
    (stick / "copy.db").symlink_to(shop)
    with pytest.raises(CopyError, match="la base de datos misma"):
        back_up(shop, stick / "copy.db", force=True)


def test_a_backup_over_something_that_is_no_file_is_refused(
    shop: Path, stick: Path
) -> None:
    os.mkfifo(stick / "pipe")
    with pytest.raises(CopyError, match="no es un archivo"):
        back_up(shop, stick / "pipe", force=True)


def test_a_missing_folder_is_reported(shop: Path, stick: Path) -> None:
    with pytest.raises(CopyError, match="no existe"):
        back_up(shop, stick / "far" / "copy.db")
    assert names(stick) == []


def test_a_full_disk_is_reported_and_nothing_is_left(shop: Path, stick: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from trastienda.operations.backups import CopyError, back_up\n"
        "try: back_up(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except CopyError as error: print(error)\n"
    )

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    database_files.fold_up(shop)
    done = subprocess.run(
        [sys.executable, "-c", code, str(shop), str(stick / "copy.db")],
        preexec_fn=small,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"no se pudo hacer la copia en {stick / 'copy.db'}: ")
    assert names(stick) == []


def test_leftovers_of_an_interrupted_backup_are_removed(
    shop: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(operations_backups, "flush", die)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            back_up(shop, stick / "copy.db")
    assert [
        name.startswith(".copy.db.") and name.endswith(".parcial")
        for name in names(stick)
    ] == [True]
    (stick / ".copy.db.12345678.parcial").write_bytes(b"of another shop")
    (stick / "film.parcial").write_bytes(b"of nobody here")
    back_up(shop, stick / "other.db")
    assert names(stick) == [".copy.db.12345678.parcial", "film.parcial", "other.db"]


def test_a_stopped_backup_leaves_nothing(
    shop: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_files, "STEPS", 10)
    with pytest.raises(StoppedError):
        back_up(shop, stick / "copy.db", stopped=lambda: True)
    assert names(stick) == []


def test_simultaneous_backups_are_all_whole(shop: Path, stick: Path) -> None:
    mistakes: list[Exception] = []

    def copy(number: int) -> None:
        try:
            back_up(shop, stick / f"{number}.db")
        except Exception as error:
            mistakes.append(error)

    threads = [threading.Thread(target=copy, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mistakes == []
    assert len({database_files.examine(path) for path in stick.iterdir()}) == 1
    assert len(names(stick)) == 6
