"""``settings``: what it lists, and what every command says of wrong settings."""

from pathlib import Path

from tests.harness.shell import shell

from trastienda import config


def shown(text: str) -> dict[str, tuple[str, str]]:
    """Each setting with its value and its source."""
    lines = text.splitlines()
    values = {}
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        name, value = first.split(" = ")
        values[name] = value, second.rpartition("Origen: ")[2].rstrip(".")
    return values


def test_settings_lists_value_default_source_and_meaning_of_each(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "TRASTIENDA_SHOP_NAME='Almacén Ñuñoa'\nTRASTIENDA_PORT=7000\n", "utf-8"
    )
    environment_values = {
        "host": "::1",
        "port": "8000",
        "secret_key": "muy secreta",
        "cors_origins": "https://a.cl,https://b.cl",
    }
    done = shell(
        "settings", "--port", "9000", cwd=tmp_path, settings=environment_values
    )
    assert done.returncode == 0
    assert done.stderr == ""
    values = shown(done.stdout)
    assert list(values) == [setting.variable for setting in config.SETTINGS]
    assert values["TRASTIENDA_PORT"] == ("9000", "opción")
    assert values["TRASTIENDA_HOST"] == ("::1", "entorno")
    assert values["TRASTIENDA_SHOP_NAME"] == ("Almacén Ñuñoa", ".env")
    assert values["TRASTIENDA_CORS_ORIGINS"] == (
        "https://a.cl, https://b.cl",
        "entorno",
    )
    assert values["TRASTIENDA_COUNTRY"] == ("CL", "por omisión")
    assert values["TRASTIENDA_SECRET_KEY"] == ("(oculto)", "entorno")
    assert "muy secreta" not in done.stdout
    for setting in config.SETTINGS:
        assert f"    {setting.about.meaning}. Por omisión: " in done.stdout
    assert not (tmp_path / "trastienda").exists()


def test_all_wrong_settings_are_reported_at_once(tmp_path: Path) -> None:
    wrong_values = {"port": "cinco mil", "chat_port": "99999", "log_level": "mucho"}
    done = shell("settings", cwd=tmp_path, settings=wrong_values)
    assert done.returncode == 1
    for name, value in wrong_values.items():
        assert any(
            f"TRASTIENDA_{name.upper()}" in line and value in line
            for line in done.stderr.splitlines()
        )


def test_a_wrong_flag_is_reported_by_its_name(tmp_path: Path) -> None:
    done = shell("serve", "--port", "cinco", cwd=tmp_path)
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_a_misspelt_setting_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TRASTIENDA_PROT=7000\n")
    done = shell("settings", cwd=tmp_path)
    assert done.returncode == 0
    assert (
        "TRASTIENDA_PROT no es un ajuste; ¿quisiste decir TRASTIENDA_PORT?"
        in done.stderr
    )


def test_a_dotenv_file_may_begin_with_a_byte_order_mark(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "TRASTIENDA_PORT=7000\nTRASTIENDA_SHOP_NAME=Ñuñoa\n", "utf-8-sig"
    )
    done = shell("settings", cwd=tmp_path)
    assert shown(done.stdout)["TRASTIENDA_PORT"] == ("7000", ".env")


def test_a_dotenv_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("TRASTIENDA_SHOP_NAME=Ñuñoa\n".encode("latin-1"))
    done = shell("settings", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("trastienda: .env")
    assert "Traceback" not in done.stderr
