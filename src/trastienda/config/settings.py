"""Every setting: its name, type, default, meaning and place, declared once."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from trastienda.config import parsers
from trastienda.config.parsers import CODE_PAGES

PREFIX = "TRASTIENDA_"

T = TypeVar("T")


class Section(Enum):
    """What a setting is about, as ``trastienda settings`` groups them, in order."""

    SERVER = "Dónde y cómo atiende"
    LINES = "Chat y puertos de líneas"
    SHOP = "La tienda, al crearla"
    ADMINISTRATOR = "El primer Administrador"
    PRINTER = "Impresora y cajón"
    BACKUPS = "Copias y limpieza"
    INTERNAL = "Por dentro"


class About(Struct, frozen=True):
    """What a setting is about, what it means (in Spanish), and how it is parsed."""

    section: Section
    meaning: str
    parse: Callable[[str], Any]
    secret: bool
    """Its value is never shown."""


def _setting(
    default: T,
    section: Section,
    meaning: str,
    parse: Callable[[str], T] | type[str] = str,
    *,
    secret: bool = False,
) -> T:
    about = About(section, meaning, parse, secret)
    declared: T = field(default=default, metadata={"about": about})
    return declared


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting with its value. A new setting is a new field here.

    The environment variables, what ``trastienda settings`` shows and the page
    ``docs/settings.md`` follow from these fields, in this order. A data class, since
    its fields carry what each is about.
    """

    data: Path = _setting(
        Path("~/trastienda").expanduser(),
        Section.SERVER,
        "Carpeta de datos de la tienda",
        parsers.path,
    )
    host: str = _setting(
        "127.0.0.1",
        Section.SERVER,
        "Dirección en la que escucha; 0.0.0.0 o :: la abren a la red",
    )
    port: int = _setting(
        5000,
        Section.SERVER,
        "Puerto de HTTP; 0 toma uno libre",
        parsers.port,
    )
    inventory_port: int = _setting(
        65432,
        Section.SERVER,
        "Puerto de líneas del inventario; 0 toma uno libre",
        parsers.port,
    )
    chat_port: int = _setting(
        3000,
        Section.SERVER,
        "Puerto de líneas del chat; 0 toma uno libre",
        parsers.port,
    )
    connections_per_address: int = _setting(
        256,
        Section.SERVER,
        "Conexiones a la vez desde una misma red, de HTTP y de líneas por separado; "
        "0 no pone límite",
        parsers.whole_number,
    )
    inventory_json: Path | None = _setting(
        None,
        Section.LINES,
        "Archivo inventario.json que se mantiene al día con los productos y su stock",
        parsers.path,
    )
    chat_guests: str = _setting(
        "si",
        Section.LINES,
        "Deja entrar al chat a quien no tiene cuenta: si, no, o historia, que le muestra "
        "también lo dicho antes de llegar en una tienda abierta a la red",
        parsers.guests,
    )
    chat_rate: int = _setting(
        50,
        Section.LINES,
        "Líneas por segundo de cada persona, antes de hacerla esperar; "
        "0 no pone límite",
        parsers.whole_number,
    )
    line_buyers: str = _setting(
        "verificados",
        Section.LINES,
        "Quién compra por líneas: verificados (el personal, y los clientes que el personal "
        "confirmó), todos los que tienen cuenta, o solo el personal",
        parsers.one_of("verificados", "todos", "personal"),
    )
    registration: str = _setting(
        "abierta",
        Section.SERVER,
        "Si cualquiera se registra como Cliente (abierta), o solo un Administrador crea "
        "cuentas (cerrada)",
        parsers.one_of("abierta", "cerrada"),
    )
    plain_login: bool = _setting(
        False,
        Section.LINES,
        "Acepta claves sin TLS desde otro equipo en los puertos de líneas: si o no",
        parsers.flag,
    )
    admin_user: str = _setting(
        "admin",
        Section.ADMINISTRATOR,
        "Usuario del primer Administrador",
    )
    admin_password: str | None = _setting(
        None,
        Section.ADMINISTRATOR,
        "Clave del primer Administrador; sin ella se inventa una",
        secret=True,
    )
    admin_rut: str = _setting(
        "1-9",
        Section.ADMINISTRATOR,
        "RUT del primer Administrador",
    )
    shop_name: str = _setting(
        "Mi tienda",
        Section.SHOP,
        "Nombre de la tienda, al crearla",
    )
    shop_rut: str | None = _setting(
        None,
        Section.SHOP,
        "RUT de la tienda, al crearla",
    )
    shop_giro: str | None = _setting(
        None,
        Section.SHOP,
        "Giro de la tienda, al crearla",
    )
    shop_address: str | None = _setting(
        None,
        Section.SHOP,
        "Dirección de la tienda, al crearla",
    )
    country: str = _setting(
        "CL",
        Section.SHOP,
        "País (ISO 3166), al crearla",
    )
    currency: str = _setting(
        "CLP",
        Section.SHOP,
        "Moneda (ISO 4217), al crearla",
    )
    timezone: str = _setting(
        "America/Santiago",
        Section.SHOP,
        "Zona horaria, al crearla",
    )
    iva: Decimal = _setting(
        Decimal(19),
        Section.SHOP,
        "Tasa de IVA en porcentaje, al crearla",
        parsers.percentage,
    )
    https: bool = _setting(
        False,
        Section.SERVER,
        "Atiende con TLS, con un certificado propio de la tienda: si o no",
        parsers.flag,
    )
    tls_cert: Path | None = _setting(
        None,
        Section.SERVER,
        "Certificado (PEM) con el que atiende con TLS",
        parsers.path,
    )
    tls_key: Path | None = _setting(
        None,
        Section.SERVER,
        "Clave del certificado (PEM)",
        parsers.path,
    )
    tls_lines: bool = _setting(
        False,
        Section.SERVER,
        "Los puertos de líneas también hablan TLS: si o no",
        parsers.flag,
    )
    printer: str | None = _setting(
        None,
        Section.PRINTER,
        "Impresora de comprobantes: tcp://EQUIPO:9100, o un dispositivo: /dev/usb/lp0",
        parsers.printer,
    )
    printer_columns: int = _setting(
        48,
        Section.PRINTER,
        "Columnas de la impresora: 32, 42 o 48",
        parsers.columns,
    )
    printer_codepage: str = _setting(
        "cp858",
        Section.PRINTER,
        "Página de códigos de la impresora",
        parsers.one_of(*CODE_PAGES),
    )
    print_sales: bool = _setting(
        True,
        Section.PRINTER,
        "Imprime cada venta al hacerla, donde hay impresora: si o no",
        parsers.flag,
    )
    cash_drawer: bool = _setting(
        False,
        Section.PRINTER,
        "Abre el cajón de dinero al imprimir una venta en efectivo: si o no",
        parsers.flag,
    )
    backup_dir: Path | None = _setting(
        None,
        Section.BACKUPS,
        "Carpeta de las copias programadas; sin ella, copias en la de datos",
        parsers.path,
    )
    backup_every_h: int = _setting(
        24,
        Section.BACKUPS,
        "Cada cuántas horas se hace una copia; 0 no hace ninguna",
        parsers.whole_number,
    )
    backup_keep: int = _setting(
        7,
        Section.BACKUPS,
        "Cuántas copias programadas se guardan; las más viejas se borran",
        parsers.whole_number,
    )
    journal_days: int = _setting(
        30,
        Section.BACKUPS,
        "Días que se guardan los anuncios para quien estuvo desconectado",
        parsers.whole_number,
    )
    message_days: int = _setting(
        730,
        Section.BACKUPS,
        "Días que se guarda lo dicho en el chat; 0 lo guarda para siempre",
        parsers.whole_number,
    )
    address_days: int = _setting(
        365,
        Section.BACKUPS,
        "Días que los registros guardan la dirección de red desde la que se hizo "
        "cada cosa; 0 la guarda para siempre",
        parsers.whole_number,
    )
    hosts: tuple[str, ...] = _setting(
        (),
        Section.SERVER,
        "Otros nombres con los que se llega a la tienda, separados por comas; * los "
        "admite todos",
        parsers.hosts,
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(
        (),
        Section.SERVER,
        "Direcciones o redes de los proxies a los que se les cree por quién preguntan, "
        "separadas por comas",
        parsers.networks,
    )
    webhooks_private: bool = _setting(
        False,
        Section.SERVER,
        "Deja que los avisos vayan a equipos que no están abiertos a internet, como este "
        "mismo, y por http: si o no",
        parsers.flag,
    )
    cors_origins: tuple[str, ...] = _setting(
        (),
        Section.SERVER,
        "Sitios desde los que un navegador puede llamar, separados por comas",
        parsers.origins,
    )
    secret_key: str | None = _setting(
        None,
        Section.INTERNAL,
        "Clave que firma los tokens; sin ella se guarda una en la carpeta",
        secret=True,
    )
    database_url: str | None = _setting(
        None,
        Section.INTERNAL,
        "Base de datos; sin ella, SQLite en la carpeta",
        secret=True,
    )
    log_format: str = _setting(
        "texto",
        Section.INTERNAL,
        "Forma del registro técnico: texto, o json, un objeto por línea",
        parsers.one_of("texto", "json"),
    )
    log_level: str = _setting(
        "INFO",
        Section.INTERNAL,
        "Detalle del registro técnico: DEBUG, INFO, WARNING o ERROR",
        parsers.log_level,
    )


class Setting(Struct, frozen=True):
    """A field of :class:`Settings` as data: its name, its default, what it is about."""

    name: str
    default: Any
    about: About

    @property
    def variable(self) -> str:
        """The environment variable, such as ``TRASTIENDA_CHAT_PORT``."""
        upper_name = self.name.upper()
        return f"{PREFIX}{upper_name}"

    @property
    def flag(self) -> str:
        """The option of the command line, such as ``--chat-port``, where it has one."""
        dashed_name = self.name.replace("_", "-")
        return f"--{dashed_name}"


SETTINGS = tuple(
    Setting(declared.name, declared.default, declared.metadata["about"])
    for declared in fields(Settings)
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
