"""Settings: one table; read from flags, the environment and a ``.env`` file, each mistake named."""

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from msgspec import Struct

from trastienda.wire.values import FLAGS

PREFIX = "TRASTIENDA_"
CODE_PAGES = ("cp437", "cp850", "cp852", "cp858", "cp1252", "ascii")
"""Code pages that receipt printers have, by the names that Python has for them."""


class Setting(Struct, frozen=True):
    """One setting: its name after the prefix, default, what it means (in Spanish, for the shell), how it is read."""

    name: str
    default: Any
    meaning: str
    read: Callable[[str], Any] = str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError("debe ser un puerto, de 0 a 65535")
    return int(text)


def _origins(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("debe ser DEBUG, INFO, WARNING o ERROR")
    return text.upper()


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise ValueError("debe ser un número entero de 0 a 99999")
    return int(text)


def _flag(text: str) -> bool:
    value = FLAGS.get(text.lower())
    if value is None:
        raise ValueError("debe ser si o no")
    return value


def _percent(text: str) -> str:
    if not re.fullmatch(r"\d{1,2}([.,]\d{1,2})?|100", text, re.ASCII):
        raise ValueError(
            "debe ser un porcentaje de 0 a 100, con dos decimales a lo más"
        )
    return text.replace(",", ".")


def _one_of(*options: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in options:
            raise ValueError(f"debe ser uno de: {', '.join(options)}")
        return text.lower()

    return read


_PRINTER = re.compile(
    r"tcp://([\w.-]+|\[[0-9A-F:.]+\])(:(?P<port>\d{1,5}))?/?"  # on the network
    r"|/.+|\\\\.+|(COM|LPT)\d+:?",  # a device file, a printer shared by Windows, a port of Windows
    re.IGNORECASE | re.ASCII,
)


def _printer(text: str) -> str:
    found = _PRINTER.fullmatch(text)
    if found is None or int(found["port"] or 9100) > 65535:
        raise ValueError(
            "debe ser tcp://EQUIPO:9100, o un dispositivo como /dev/usb/lp0"
        )
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser()


SETTINGS = (
    Setting(
        "data",
        Path("~/trastienda").expanduser(),
        "Carpeta de datos de la tienda",
        _path,
    ),
    Setting(
        "host",
        "127.0.0.1",
        "Dirección en la que escucha; 0.0.0.0 o :: la abren a la red",
    ),
    Setting("port", 5000, "Puerto de HTTP; 0 toma uno libre", _port),
    Setting(
        "inventory_port",
        65432,
        "Puerto de líneas del inventario; 0 toma uno libre",
        _port,
    ),
    Setting("chat_port", 3000, "Puerto de líneas del chat; 0 toma uno libre", _port),
    Setting(
        "inventory_json",
        None,
        "Archivo inventario.json que se mantiene al día con los productos y su stock",
        _path,
    ),
    Setting(
        "chat_guests",
        True,
        "Deja entrar al chat a quien no tiene cuenta: si o no",
        _flag,
    ),
    Setting(
        "chat_rate",
        50,
        "Líneas por segundo de cada persona, antes de hacerla esperar; 0 no pone límite",
        _days,
    ),
    Setting(
        "line_buyers",
        "todos",
        "Quién compra por líneas: todos los que tienen cuenta, o el personal",
        _one_of("todos", "personal"),
    ),
    Setting(
        "plain_login",
        False,
        "Acepta claves sin TLS desde otro equipo en los puertos de líneas: si o no",
        _flag,
    ),
    Setting("admin_user", "admin", "Usuario del primer Administrador"),
    Setting(
        "admin_password",
        None,
        "Clave del primer Administrador; sin ella se inventa una",
        secret=True,
    ),
    Setting("admin_rut", "1-9", "RUT del primer Administrador"),
    Setting("shop_name", "Mi tienda", "Nombre de la tienda, al crearla"),
    Setting("shop_rut", None, "RUT de la tienda, al crearla"),
    Setting("shop_giro", None, "Giro de la tienda, al crearla"),
    Setting("shop_address", None, "Dirección de la tienda, al crearla"),
    Setting("country", "CL", "País (ISO 3166), al crearla"),
    Setting("currency", "CLP", "Moneda (ISO 4217), al crearla"),
    Setting("timezone", "America/Santiago", "Zona horaria, al crearla"),
    Setting("iva", "19", "Tasa de IVA en porcentaje, al crearla", _percent),
    Setting(
        "https",
        False,
        "Atiende con TLS, con un certificado propio de la tienda: si o no",
        _flag,
    ),
    Setting("tls_cert", None, "Certificado (PEM) con el que atiende con TLS", _path),
    Setting("tls_key", None, "Clave del certificado (PEM)", _path),
    Setting(
        "tls_lines", False, "Los puertos de líneas también hablan TLS: si o no", _flag
    ),
    Setting(
        "printer",
        None,
        "Impresora de comprobantes: tcp://EQUIPO:9100, o un dispositivo: /dev/usb/lp0",
        _printer,
    ),
    Setting(
        "printer_columns",
        "48",
        "Columnas de la impresora: 32, 42 o 48",
        _one_of("32", "42", "48"),
    ),
    Setting(
        "printer_codepage",
        "cp858",
        "Página de códigos de la impresora",
        _one_of(*CODE_PAGES),
    ),
    Setting(
        "print_sales",
        True,
        "Imprime cada venta al hacerla, donde hay impresora: si o no",
        _flag,
    ),
    Setting(
        "cash_drawer",
        False,
        "Abre el cajón de dinero al imprimir una venta en efectivo: si o no",
        _flag,
    ),
    Setting(
        "backup_dir",
        None,
        "Carpeta de las copias programadas; sin ella, copias en la de datos",
        _path,
    ),
    Setting(
        "backup_every_h",
        24,
        "Cada cuántas horas se hace una copia; 0 no hace ninguna",
        _days,
    ),
    Setting(
        "backup_keep",
        7,
        "Cuántas copias programadas se guardan; las más viejas se borran",
        _days,
    ),
    Setting(
        "journal_days",
        30,
        "Días que se guardan los anuncios para quien estuvo desconectado",
        _days,
    ),
    Setting(
        "cors_origins",
        (),
        "Sitios desde los que un navegador puede llamar, separados por comas",
        _origins,
    ),
    Setting(
        "secret_key",
        None,
        "Clave que firma los tokens; sin ella se guarda una en la carpeta",
        secret=True,
    ),
    Setting(
        "database_url",
        None,
        "Base de datos; sin ella, SQLite en la carpeta",
        secret=True,
    ),
    Setting(
        "log_level",
        "INFO",
        "Detalle del registro técnico: DEBUG, INFO, WARNING o ERROR",
        _level,
    ),
)
"""Every setting there is."""

BY_NAME = {setting.name: setting for setting in SETTINGS}
SOURCE_NAMES = {"SECRET_KEY": "secret_key"}
"""Names that the program before this one used in its ``.env``."""
UNSUPPORTED_NAMES = {"DB_HOST", "DB_USER", "DB_PASSWORD", "DB_NAME"}
"""Others of its names, for a database server."""


class ConfigError(Exception):
    """Settings that cannot be taken, one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class Settings(Struct, frozen=True):
    """Every setting with its value and where it came from; ``warnings`` name variables that mean nothing."""

    values: dict[str, Any]
    sources: dict[str, str]
    warnings: list[str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str], dotenv: Path | None
) -> Settings:
    """Return the settings; flags win over the environment, and that over the file. Raises ConfigError."""
    layers: list[tuple[str, Mapping[str, str | None]]] = [("entorno", environ)]
    if dotenv is not None and dotenv.is_file():
        layers.append((str(dotenv), _read(dotenv)))
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    mistakes: list[str] = []
    for setting in SETTINGS:
        value, source = _find(setting, flags, layers)
        if isinstance(value, str) and source != "por omisión":
            try:
                value = setting.read(value)
            except ValueError as error:
                mistakes.append(
                    f"{_named(setting, source)}: {error} (vale «{'…' if setting.secret else value}»)"
                )
        values[setting.name] = value
        sources[setting.name] = source
    if mistakes:
        raise ConfigError(mistakes)
    return Settings(values, sources, _unknown(layers))


def _read(dotenv: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(dotenv, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [f"{dotenv} no se puede leer: debe ser un archivo de texto en UTF-8"]
        ) from error


def _named(setting: Setting, source: str) -> str:
    return (
        f"--{setting.name.replace('_', '-')}"
        if source == "opción"
        else setting.variable
    )


def _find(
    setting: Setting,
    flags: Mapping[str, Any],
    layers: list[tuple[str, Mapping[str, str | None]]],
) -> tuple[Any, str]:
    if flags.get(setting.name) is not None:
        return flags[setting.name], "opción"
    names = [
        setting.variable,
        *(old for old, new in SOURCE_NAMES.items() if new == setting.name),
    ]
    for source, layer in layers:
        for name in names:
            if layer.get(name):
                return layer[name], source
    return setting.default, "por omisión"


def _unknown(layers: list[tuple[str, Mapping[str, str | None]]]) -> list[str]:
    known = [setting.variable for setting in SETTINGS]
    warnings = []
    for _, layer in layers:
        for name in layer:
            if name in UNSUPPORTED_NAMES and layer[name]:
                warnings.append(
                    f"{name} no se usa: esta versión guarda la tienda en SQLite, en la carpeta de datos"
                )
            if name.startswith(PREFIX) and name not in known:
                close = difflib.get_close_matches(name, known, 1)
                warnings.append(
                    f"{name} no es un ajuste"
                    + (f"; ¿quiso decir {close[0]}?" if close else "")
                )
    return warnings
