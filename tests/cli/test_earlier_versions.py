"""Commands on a shop of an earlier version, and on one that can only be read."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.harness.shell import COMMAND, environment, shell
from tests.harness.waiting import PATIENCE_S

from trastienda.domain.shop import Shop
from trastienda.operations.shop_folder import DATABASE_FILE, only_server
from trastienda.storage.database import HEAD_REVISION, found_shop
from trastienda.storage.dialects import database_files, open_file
from trastienda.storage.migrations import upgrade

SETTINGS = {"admin_password": "la-clave-de-ana"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The data folder of a shop of an earlier version."""
    data = tmp_path / "shop"
    data.mkdir()
    database = open_file(data / DATABASE_FILE)
    with database.connect() as connection:
        upgrade(connection, "0003")
    # The head row of that version has all that it needs by itself.
    found_shop(database, Shop(name="La Antigua"))
    return data


def version_of(data: Path) -> str:
    with closing(sqlite3.connect(data / DATABASE_FILE)) as file:
        (version,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version)


@pytest.mark.parametrize(
    "command",
    [
        "verify",
        "user list",
        "export x.xlsx",
        "import --list",
        "import nothing.csv",
        "user deactivate 1-9",
    ],
)
def test_no_command_but_migrate_brings_an_earlier_shop_up_to_date(
    old: Path, command: str
) -> None:
    (old.parent / "nothing.csv").write_text("codigo,nombre,precio\nA1,Pan,100\n")
    done = shell(*command.split(), "--data", old, cwd=old.parent, settings=SETTINGS)
    assert done.returncode == 1, done.stdout
    assert "«trastienda migrate»" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert version_of(old) == "0003"


def test_an_earlier_shop_is_copied_as_it_is_and_then_migrated(old: Path) -> None:
    copy = old.parent / "copy.db"
    assert shell("backup", copy, "--data", old, cwd=old.parent).returncode == 0
    assert database_files.examine(copy).revision == "0003"
    assert version_of(old) == "0003"

    done = shell("migrate", "--data", old, cwd=old.parent, settings=SETTINGS)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no bar where nobody looks"
    assert version_of(old) == HEAD_REVISION
    assert shell("verify", "--data", old, cwd=old.parent).returncode == 0


def test_migrate_leaves_alone_what_a_server_has_open(old: Path) -> None:
    with only_server(old):
        done = shell("migrate", "--data", old, cwd=old.parent, settings=SETTINGS)
    assert done.returncode == 1
    assert "ya está abierta por otro servidor" in done.stderr
    assert version_of(old) == "0003"


_AS_ANYBODY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Runs a command for which the rights of files hold, also where the tests are root's."""


def shell_of_anybody(command: str, data: Path) -> subprocess.CompletedProcess[str]:
    words = [*COMMAND, *command.split(), "--data", str(data)]
    if os.geteuid() == 0:
        words = [*_AS_ANYBODY, *words]
    return subprocess.run(
        words,
        cwd=data.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nothing can be written."""
    paths = [*folder.iterdir(), folder]
    modes = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        yield
    finally:
        for path, mode in zip(reversed(paths), reversed(modes), strict=True):
            path.chmod(mode)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a shop that nobody has open."""
    data = tmp_path / "shop"
    done = shell("migrate", "--data", data, cwd=tmp_path, settings=SETTINGS)
    assert done.returncode == 0, done.stderr
    return data


@pytest.mark.parametrize("folded", [True, False])
def test_a_shop_on_a_disk_that_can_only_be_read_is_looked_at(
    data: Path, folded: bool
) -> None:
    if folded:
        database_files.fold_up(data / DATABASE_FILE)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    with read_only(data):
        for command in ("verify", "user list", "export all.xlsx --force"):
            done = shell_of_anybody(command, data)
            assert done.returncode == 0, done.stderr
        refused = shell_of_anybody("user deactivate 1-9", data)
        assert refused.returncode == 1
        assert len(refused.stderr.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_a_log_that_cannot_be_read_there_is_no_shop_without_its_newest_sales(
    data: Path, tmp_path: Path
) -> None:
    """Taken for the whole shop, the file alone would be one of yesterday."""
    killed = tmp_path / "killed"
    with open_file(data / DATABASE_FILE).connect() as connection:
        connection.sql.exec_driver_sql("UPDATE shop SET content = content || ' '")
        shutil.copytree(data, killed)
    (killed / f"{DATABASE_FILE}-shm").unlink()
    assert (killed / f"{DATABASE_FILE}-wal").stat().st_size > 0
    with read_only(killed):
        done = shell_of_anybody("verify", killed)
    assert done.returncode == 1
    assert "-wal" in done.stderr
    assert len(done.stderr.splitlines()) == 1
