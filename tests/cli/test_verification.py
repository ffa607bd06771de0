"""``verify``, on a shop that is sound, broken, or not there."""

import sqlite3
from pathlib import Path

import pytest
from tests.harness.shell import shell

PASSWORD = {"admin_password": "clave-de-ana"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a shop."""
    done = shell(
        "migrate", "--data", tmp_path / "shop", cwd=tmp_path, settings=PASSWORD
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "shop"


def test_verify_reports_a_broken_shop(data: Path) -> None:
    good = shell("verify", "--data", data, cwd=data.parent)
    assert (good.returncode, good.stdout) == (0, "Todo cuadra.\n")
    with sqlite3.connect(data / "trastienda.db") as connection:
        connection.execute("UPDATE head SET last_folio = 7")
    connection.close()
    broken = shell("verify", "--data", data, cwd=data.parent)
    assert broken.returncode == 1
    assert broken.stderr.startswith("trastienda: Rota la cláusula 3")


def test_a_shop_without_its_head_is_called_broken(data: Path) -> None:
    with sqlite3.connect(data / "trastienda.db") as connection:
        connection.execute("DELETE FROM head")
    connection.close()
    broken = shell("verify", "--data", data, cwd=data.parent)
    assert broken.returncode == 1
    assert len(broken.stderr.splitlines()) == 1
    assert broken.stderr.startswith("trastienda: Rota la cláusula 5")


@pytest.mark.parametrize(
    "command", ["verify", "user list", "migrate", "serve --port 0"]
)
def test_a_shop_with_a_foreign_trigger_is_opened_by_nobody(
    data: Path, command: str
) -> None:
    with sqlite3.connect(data / "trastienda.db") as connection:
        connection.execute(
            "CREATE TRIGGER evil AFTER INSERT ON users BEGIN "
            "UPDATE users SET role = 'administrator' WHERE id = NEW.id; END"
        )
    connection.close()
    done = shell(*command.split(), "--data", data, cwd=data.parent)
    assert done.returncode == 1
    assert "sobra el disparador «evil»" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_database_file_is_no_shop(data: Path) -> None:
    (data / "trastienda.db").write_bytes(b"")
    for rest in data.glob("trastienda.db-*"):
        rest.unlink()
    done = shell("verify", "--data", data, cwd=data.parent)
    assert done.returncode == 1
    assert "no hay una tienda" in done.stderr
