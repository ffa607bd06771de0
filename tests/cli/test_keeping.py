"""``migrate``, ``settings`` and ``verify``, and what every command says of a mistake."""

import sqlite3
from pathlib import Path

import pytest
from tests.harness.shell import shell

from trastienda import __version__, config

PASSWORD = {"admin_password": "clave-de-ana"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a shop."""
    done = shell(
        "migrate", "--data", tmp_path / "shop", cwd=tmp_path, settings=PASSWORD
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "shop"


def shown(text: str) -> dict[str, tuple[str, str]]:
    """Each setting with its value and its source."""
    lines = text.splitlines()
    found = {}
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        name, value = first.split(" = ")
        found[name] = value, second.rpartition("Origen: ")[2].rstrip(".")
    return found


def test_the_version_is_told(tmp_path: Path) -> None:
    assert (
        shell("--version", cwd=tmp_path).stdout.strip() == f"trastienda {__version__}"
    )


@pytest.mark.parametrize("command", ["", "serve", "demo", "import", "user", "user add"])
def test_every_command_says_what_it_is_for(tmp_path: Path, command: str) -> None:
    done = shell(*command.split(), "-h", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Uso: ")


def test_migrating_founds_a_shop_once(tmp_path: Path) -> None:
    first = shell("migrate", "--data", tmp_path / "shop", cwd=tmp_path)
    assert "El esquema quedó al día." in first.stdout
    assert first.stdout.count("clave") == 2, "the sentence, and the password"
    second = shell("migrate", "--data", tmp_path / "shop", cwd=tmp_path)
    assert (second.returncode, second.stdout) == (0, "El esquema ya estaba al día.\n")


def test_a_good_shop_is_sound_and_a_broken_one_is_told(data: Path) -> None:
    good = shell("verify", "--data", data, cwd=data.parent)
    assert (good.returncode, good.stdout) == (0, "Todo cuadra.\n")
    with sqlite3.connect(data / "trastienda.db") as connection:
        connection.execute("UPDATE head SET last_folio = 7")
    connection.close()
    broken = shell("verify", "--data", data, cwd=data.parent)
    assert broken.returncode == 1
    assert broken.stderr.startswith("trastienda: Rota la cláusula 3")


@pytest.mark.parametrize("command", ["verify", "user list"])
def test_a_command_that_only_looks_makes_no_shop(tmp_path: Path, command: str) -> None:
    done = shell(*command.split(), "--data", tmp_path / "shop", cwd=tmp_path)
    assert done.returncode == 1
    assert f"no hay una tienda en {tmp_path / 'shop'}" in done.stderr
    assert "TRASTIENDA_DATA" in done.stderr
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize("command", ["verify", "migrate", "user list"])
def test_a_shop_that_cannot_be_opened_is_told_in_a_sentence(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "trastienda.db").write_bytes(b"esto no es una base de datos" * 99)
    done = shell(*command.split(), "--data", tmp_path, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"trastienda: la base de datos de {tmp_path} no se puede abrir"
    )
    assert "Traceback" not in done.stderr


def test_every_setting_is_listed_with_its_value_its_default_its_source_and_its_meaning(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "TRASTIENDA_SHOP_NAME='Almacén Ñuñoa'\nTRASTIENDA_PORT=7000\n", "utf-8"
    )
    given = {
        "host": "::1",
        "port": "8000",
        "secret_key": "muy secreta",
        "cors_origins": "https://a.cl,https://b.cl",
    }
    done = shell("settings", "--port", "9000", cwd=tmp_path, settings=given)
    assert done.returncode == 0
    assert done.stderr == ""
    found = shown(done.stdout)
    assert list(found) == [setting.variable for setting in config.SETTINGS]
    assert found["TRASTIENDA_PORT"] == ("9000", "opción")
    assert found["TRASTIENDA_HOST"] == ("::1", "entorno")
    assert found["TRASTIENDA_SHOP_NAME"] == ("Almacén Ñuñoa", ".env")
    assert found["TRASTIENDA_CORS_ORIGINS"] == ("https://a.cl, https://b.cl", "entorno")
    assert found["TRASTIENDA_COUNTRY"] == ("CL", "por omisión")
    assert found["TRASTIENDA_SECRET_KEY"] == ("(oculto)", "entorno")
    assert "muy secreta" not in done.stdout
    for setting in config.SETTINGS:
        assert f"    {setting.about.meaning}. Por omisión: " in done.stdout
    assert not (tmp_path / "trastienda").exists()


def test_all_mistakes_are_told_at_once_each_with_its_setting(tmp_path: Path) -> None:
    given = {"port": "cinco mil", "chat_port": "99999", "log_level": "mucho"}
    done = shell("settings", cwd=tmp_path, settings=given)
    assert done.returncode == 1
    for name, value in given.items():
        assert any(
            f"TRASTIENDA_{name.upper()}" in line and value in line
            for line in done.stderr.splitlines()
        )


def test_a_mistake_in_a_flag_is_told_with_the_flag(tmp_path: Path) -> None:
    done = shell("serve", "--port", "cinco", cwd=tmp_path)
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_a_name_that_is_nearly_a_setting_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRASTIENDA_PROT=7000\n")
    done = shell("settings", cwd=tmp_path)
    assert done.returncode == 0
    assert (
        "TRASTIENDA_PROT no es un ajuste; ¿quiso decir TRASTIENDA_PORT?" in done.stderr
    )


def test_a_file_of_settings_may_begin_with_a_mark_as_windows_writes_it(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "TRASTIENDA_PORT=7000\nTRASTIENDA_SHOP_NAME=Ñuñoa\n", "utf-8-sig"
    )
    done = shell("settings", cwd=tmp_path)
    assert shown(done.stdout)["TRASTIENDA_PORT"] == ("7000", ".env")


def test_a_file_of_settings_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("TRASTIENDA_SHOP_NAME=Ñuñoa\n".encode("latin-1"))
    done = shell("settings", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("trastienda: .env")
    assert "Traceback" not in done.stderr


def test_an_emptied_database_is_no_shop_to_look_at(data: Path) -> None:
    (data / "trastienda.db").write_bytes(b"")
    for rest in data.glob("trastienda.db-*"):
        rest.unlink()
    done = shell("verify", "--data", data, cwd=data.parent)
    assert done.returncode == 1
    assert "no hay una tienda" in done.stderr
