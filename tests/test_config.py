"""Settings: where each comes from, and what is reported of a mistake."""

from decimal import Decimal
from pathlib import Path

import pytest

from trastienda import config
from trastienda.config import ConfigError, Settings


def from_environment(**variables: str) -> Settings:
    environ = {f"TRASTIENDA_{name}": value for name, value in variables.items()}
    return config.load({}, environ, None).settings


def test_flags_win_over_the_environment_and_the_environment_over_the_file(
    tmp_path: Path,
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "TRASTIENDA_PORT=1\nTRASTIENDA_HOST=::1\nTRASTIENDA_SHOP_NAME=Almacén\n"
    )
    environ = {"TRASTIENDA_PORT": "2", "TRASTIENDA_HOST": "127.0.0.2"}
    loaded = config.load({"port": 3}, environ, dotenv)
    assert loaded.settings.port == 3
    assert loaded.settings.host == "127.0.0.2"
    assert loaded.settings.shop_name == "Almacén"
    assert loaded.sources["port"] == "opción"
    assert loaded.sources["host"] == "entorno"
    assert loaded.sources["shop_name"] == str(dotenv)
    assert loaded.sources["country"] == "por omisión"


def test_without_any_source_every_setting_has_its_default() -> None:
    loaded = config.load({}, {}, None)
    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"por omisión"}


def test_each_mistake_names_its_variable() -> None:
    environ = {
        "TRASTIENDA_PORT": "muchos",
        "TRASTIENDA_LOG_LEVEL": "hablador",
        "TRASTIENDA_CHAT_PORT": "70000",
    }
    with pytest.raises(ConfigError) as raised:
        config.load({}, environ, None)
    assert [mistake.split(":")[0] for mistake in raised.value.mistakes] == [
        "TRASTIENDA_PORT",
        "TRASTIENDA_CHAT_PORT",
        "TRASTIENDA_LOG_LEVEL",
    ]


def test_an_unknown_variable_is_a_warning_with_the_setting_it_resembles() -> None:
    warnings = config.load({}, {"TRASTIENDA_PROT": "5000", "OTHER": "x"}, None).warnings
    assert warnings == [
        "TRASTIENDA_PROT no es un ajuste; ¿quisiste decir TRASTIENDA_PORT?"
    ]


def test_variables_of_the_program_before_this_one_are_understood_or_reported() -> None:
    loaded = config.load({}, {"SECRET_KEY": "s", "DB_HOST": "db"}, None)
    assert loaded.settings.secret_key == "s"
    assert len(loaded.warnings) == 1
    assert loaded.warnings[0].startswith("DB_HOST ")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert from_environment(PORT="").port == 5000


def test_values_have_the_types_that_the_settings_declare() -> None:
    settings = from_environment(
        CORS_ORIGINS="https://a.cl/, https://b.cl",
        IVA="20,5",
        PRINTER_COLUMNS="32",
        CHAT_GUESTS="no",
        BACKUP_DIR="/copias",
    )
    assert settings.cors_origins == ("https://a.cl", "https://b.cl")
    assert settings.iva == Decimal("20.5")
    assert settings.printer_columns == 32
    assert settings.chat_guests == "no"
    assert settings.backup_dir == Path("/copias")


@pytest.mark.parametrize(
    "printer",
    [
        "tcp://10.0.0.5:9100",
        "tcp://caja",
        "tcp://[::1]:9100",
        "/dev/usb/lp0",
        r"\\PC\Ticket",
        "COM3",
        "lpt1:",
    ],
)
def test_a_printer_is_a_host_or_a_device(printer: str) -> None:
    assert from_environment(PRINTER=printer).printer == printer


@pytest.mark.parametrize(
    "printer",
    [
        "10.0.0.5",
        "10.0.0.5:9100",
        "http://caja",
        "tcp://",
        "tcp://a:b",
        "tcp://a:99999",
        "usb",
    ],
)
def test_another_text_is_refused_with_what_a_printer_is(printer: str) -> None:
    with pytest.raises(ConfigError, match="tcp://EQUIPO:9100, o un dispositivo"):
        from_environment(PRINTER=printer)
