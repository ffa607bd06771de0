"""Settings: where each comes from, and what is said of a mistake."""

from pathlib import Path

import pytest

from trastienda import config
from trastienda.config import ConfigError


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "TRASTIENDA_PORT=1\nTRASTIENDA_HOST=::1\nTRASTIENDA_SHOP_NAME=Almacén\n"
    )
    settings = config.load(
        {"port": 3}, {"TRASTIENDA_PORT": "2", "TRASTIENDA_HOST": "127.0.0.2"}, dotenv
    )
    assert (settings["port"], settings["host"], settings["shop_name"]) == (
        3,
        "127.0.0.2",
        "Almacén",
    )
    assert settings.sources["port"] == "opción"
    assert settings.sources["host"] == "entorno"
    assert settings.sources["shop_name"] == str(dotenv)
    assert settings.sources["country"] == "por omisión"


def test_each_mistake_is_named_by_its_variable() -> None:
    environment = {
        "TRASTIENDA_PORT": "muchos",
        "TRASTIENDA_LOG_LEVEL": "hablador",
        "TRASTIENDA_CHAT_PORT": "70000",
    }
    with pytest.raises(ConfigError) as raised:
        config.load({}, environment, None)
    assert [mistake.split(":")[0] for mistake in raised.value.mistakes] == [
        "TRASTIENDA_PORT",
        "TRASTIENDA_CHAT_PORT",
        "TRASTIENDA_LOG_LEVEL",
    ]


def test_a_variable_that_is_no_setting_is_told_with_the_one_it_resembles() -> None:
    warnings = config.load({}, {"TRASTIENDA_PROT": "5000", "OTHER": "x"}, None).warnings
    assert warnings == [
        "TRASTIENDA_PROT no es un ajuste; ¿quiso decir TRASTIENDA_PORT?"
    ]


def test_names_of_the_program_before_are_understood_or_told() -> None:
    settings = config.load({}, {"SECRET_KEY": "s", "DB_HOST": "db"}, None)
    assert settings["secret_key"] == "s"
    assert len(settings.warnings) == 1
    assert settings.warnings[0].startswith("DB_HOST ")


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert config.load({}, {"TRASTIENDA_PORT": ""}, None)["port"] == 5000


def test_origins_are_a_list() -> None:
    environment = {"TRASTIENDA_CORS_ORIGINS": "https://a.cl/, https://b.cl"}
    assert config.load({}, environment, None)["cors_origins"] == (
        "https://a.cl",
        "https://b.cl",
    )


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
    assert config.load({}, {"TRASTIENDA_PRINTER": printer}, None)["printer"] == printer


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
def test_what_is_no_printer_is_refused_with_what_one_is(printer: str) -> None:
    with pytest.raises(ConfigError, match="tcp://EQUIPO:9100, o un dispositivo"):
        config.load({}, {"TRASTIENDA_PRINTER": printer}, None)
