"""What every command says of itself, and of a shop that it cannot open."""

import gc
from pathlib import Path

import pytest
from tests.harness.shell import shell

from trastienda import __version__
from trastienda.cli.menu import Entry, LateCommands


def test_version_prints_the_version(tmp_path: Path) -> None:
    assert (
        shell("--version", cwd=tmp_path).stdout.strip() == f"trastienda {__version__}"
    )


@pytest.mark.parametrize("command", ["", "serve", "demo", "import", "user", "user add"])
def test_every_command_has_a_help(tmp_path: Path, command: str) -> None:
    done = shell(*command.split(), "-h", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Uso: ")


@pytest.mark.parametrize("command", ["verify", "user list"])
def test_a_command_that_only_reads_founds_no_shop(tmp_path: Path, command: str) -> None:
    done = shell(*command.split(), "--data", tmp_path / "shop", cwd=tmp_path)
    assert done.returncode == 1
    assert f"no hay una tienda en {tmp_path / 'shop'}" in done.stderr
    assert "TRASTIENDA_DATA" in done.stderr
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("command", ["verify", "migrate", "user list"])
def test_a_database_that_cannot_be_opened_is_reported(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "trastienda.db").write_bytes(b"esto no es una base de datos" * 99)
    done = shell(*command.split(), "--data", tmp_path, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"trastienda: la base de datos de {tmp_path} no se puede abrir"
    )
    assert "Traceback" not in done.stderr


def test_the_collector_rests_only_while_a_command_is_imported() -> None:
    entry = Entry("Empezar", "no_such_module", "serve", "")
    with pytest.raises(ModuleNotFoundError):
        LateCommands({"serve": entry})["serve"]
    assert gc.isenabled()
