"""``backup`` and ``restore`` as they are typed."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.harness.cast import PASSWORD
from tests.harness.clients import client
from tests.harness.server import Server
from tests.harness.shell import shell

from trastienda.cli import main
from trastienda.clients.sdk import Client, Sesion
from trastienda.storage.dialects import database_files, open_file, sqlite

SETTINGS = {"admin_password": PASSWORD}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a shop."""
    done = shell(
        "migrate", "--data", tmp_path / "shop", cwd=tmp_path, settings=SETTINGS
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "shop"


def test_a_backup_is_restored_on_another_machine(data: Path, tmp_path: Path) -> None:
    made = shell("backup", tmp_path / "copy.db", "--data", data, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert f"{tmp_path}/copy.db" in made.stdout
    assert "0 ventas y 0 productos" in made.stdout
    put = shell(
        "restore", tmp_path / "copy.db", "--data", tmp_path / "new", cwd=tmp_path
    )
    assert put.returncode == 0, put.stderr
    assert f"{tmp_path}/new/trastienda.db" in put.stdout
    assert "0 ventas y 0 productos" in put.stdout
    verified = shell("verify", "--data", tmp_path / "new", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    listed = shell("user", "list", "--data", tmp_path / "new", cwd=tmp_path)
    assert "admin" in listed.stdout


def test_nothing_is_overwritten_without_force(data: Path, tmp_path: Path) -> None:
    backup: list[str | Path] = ["backup", tmp_path / "copy.db", "--data", data]
    assert shell(*backup, cwd=tmp_path).returncode == 0
    again = shell(*backup, cwd=tmp_path)
    assert again.returncode == 1
    assert f"{tmp_path}/copy.db" in again.stderr
    assert "--force" in again.stderr
    assert shell(*backup, "--force", cwd=tmp_path).returncode == 0

    restore: list[str | Path] = ["restore", tmp_path / "copy.db", "--data", data]
    put = shell(*restore, cwd=tmp_path)
    assert put.returncode == 1
    assert "--force" in put.stderr
    put = shell(*restore, "--force", cwd=tmp_path)
    assert put.returncode == 0
    aside = re.search(r"La que había quedó en (\S+)", put.stdout)
    assert aside is not None
    assert Path(aside[1]).is_file()


def test_a_served_shop_is_backed_up_but_not_replaced(tmp_path: Path) -> None:
    with Server(tmp_path / "shop") as server:
        made = shell("backup", tmp_path, "--data", server.data, cwd=tmp_path)
        assert made.returncode == 0, made.stderr
        (copy,) = tmp_path.glob("trastienda-*.db")
        put = shell("restore", copy, "--data", server.data, "--force", cwd=tmp_path)
        assert put.returncode == 1
        assert "ya está abierta por otro servidor" in put.stderr
        with client(server, "ana"):
            pass


def test_a_restore_brings_people_back_and_begins_new_numbers(
    tmp_path: Path,
) -> None:
    data, copy = tmp_path / "shop", tmp_path / "copy.db"
    sessions: list[Sesion | None] = []
    with (
        Server(data) as server,
        Client(server.url, on_session=sessions.append) as ana,
    ):
        ana.log_in("ana", PASSWORD)
        ana.create_product("PAN", "Pan", 990, stock=5)
        made = shell("backup", copy, "--data", data, cwd=tmp_path)
        assert made.returncode == 0
        ana.create_product("SAL", "Sal", 990, stock=5)
        last_n = int(ana.request("GET", "/products").headers["trastienda-n"])
        assert server.stop() == 0

    put = shell("restore", copy, "--data", data, "--force", cwd=tmp_path)
    assert put.returncode == 0, put.stderr

    with Server(data) as server, Client(server.url, session=sessions[-1]) as ana:
        assert [product.codigo_barras for product in ana.products()] == ["PAN"]
        n = int(ana.request("GET", "/products").headers["trastienda-n"])
        assert n > last_n
        newest = next(iter(ana.audit_trail()))
        assert (newest.accion, newest.quien) == ("tienda_restaurada", None)
        ana.create_product("TE", "Té", 990, stock=5)
        assert server.stop() == 0
    verified = shell("verify", "--data", tmp_path / "shop", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr


def test_backup_without_a_shop_is_refused(tmp_path: Path) -> None:
    made = shell(
        "backup", tmp_path / "copy.db", "--data", tmp_path / "shop", cwd=tmp_path
    )
    assert made.returncode == 1
    assert "no hay una tienda" in made.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:no", "postgresql://somewhere/shop"],
)
@pytest.mark.parametrize(
    "command",
    ["verify", "user list", "backup x.db", "restore shop/trastienda.db", "migrate"],
)
def test_a_database_that_is_no_file_is_reported(
    data: Path, command: str, url: str
) -> None:
    done = shell(*command.split(), cwd=data.parent, settings={"database_url": url})
    assert done.returncode == 1
    assert done.stderr.startswith("trastienda: TRASTIENDA_DATABASE_URL")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_another_program_holds_is_reported(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WAIT_S", 0.1)
    database = open_file(data / "trastienda.db")
    with database.connect() as connection:
        connection.begin_write()
        add = ["user", "add", "22222222-2", "Beto", "beto", "--data", str(data)]
        done = CliRunner().invoke(main, add, input="clave-de-beto\n")
        connection.rollback()
    assert done.exit_code == 1
    assert "otro programa tiene tomada la base de datos" in done.output


def test_a_database_with_a_damaged_page_is_reported(data: Path) -> None:
    database_files.fold_up(data / "trastienda.db")
    with (data / "trastienda.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 50_000)
    for command in ("verify", "user list", "migrate", "backup copy.db"):
        done = shell(*command.split(), "--data", data, cwd=data.parent)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (data.parent / "copy.db").exists()


def test_a_copy_with_a_row_that_cannot_be_read_is_refused_in_a_sentence(
    tmp_path: Path,
) -> None:
    data, copy = tmp_path / "shop", tmp_path / "copy.db"
    with Server(data) as server:
        assert server.stop() == 0
    assert shell("backup", copy, "--data", data, cwd=tmp_path).returncode == 0
    with sqlite3.connect(copy) as damaged:
        damaged.execute("UPDATE users SET name = CAST(x'41ff' AS TEXT) WHERE id = 1")
    damaged.close()
    put = shell("restore", copy, "--data", tmp_path / "new", cwd=tmp_path)
    assert put.returncode == 1
    assert "no es una copia sana de una tienda" in put.stderr
    assert "Traceback" not in put.stderr
    assert "argon2" not in put.stderr
    assert not (tmp_path / "new" / "trastienda.db").exists()

    # The same in the shop itself: what stands there is shown to nobody.
    copy.replace(data / "trastienda.db")
    for command in (("verify",), ("user", "list")):
        done = shell(*command, "--data", data, cwd=tmp_path)
        assert done.returncode == 1
        assert "un texto que no se puede leer (columna name)" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "decode" not in done.stderr
