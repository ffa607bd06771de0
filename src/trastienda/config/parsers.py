"""Parsers of settings: text in, value out.

Each raises ValueError with what the value must be, in Spanish.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from trastienda.domain.networks import parse_network
from trastienda.wire.values import FLAGS

CODE_PAGES = ("cp437", "cp850", "cp852", "cp858", "cp1252", "ascii")
"""Code pages that receipt printers have, by their Python names."""

_PRINTER = re.compile(
    r"tcp://([\w.-]+|\[[0-9A-F:.]+\])(:(?P<port>\d{1,5}))?/?"  # on the network
    r"|/.+"  # a device file
    r"|\\\\.+|(COM|LPT)\d+:?",  # a printer shared by Windows, or a port of Windows
    re.IGNORECASE | re.ASCII,
)
_HOST = re.compile(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:]+", re.ASCII)
_PRINTER_PORT = 9100
_PORT_MAX = 65535


def path(text: str) -> Path:
    """Parse a path; ``~`` is the home folder."""
    return Path(text).expanduser()


def port(text: str) -> int:
    """Parse the number of a TCP port."""
    is_number = text.isascii() and text.isdigit()
    if not is_number or int(text) > _PORT_MAX:
        raise ValueError("debe ser un puerto, de 0 a 65535")
    return int(text)


def whole_number(text: str) -> int:
    """Parse a whole number of at most five digits: a count, hours, days or a rate."""
    is_number = text.isascii() and text.isdigit()
    if not is_number or len(text) > 5:
        raise ValueError("debe ser un número entero de 0 a 99999")
    return int(text)


def flag(text: str) -> bool:
    """Parse yes or no, in the words that the wire takes."""
    value = FLAGS.get(text.lower())
    if value is None:
        raise ValueError("debe ser si o no")
    return value


def guests(text: str) -> str:
    """Parse whether guests come in: yes or no, or yes and with the history."""
    word = text.lower()
    if word == "historia":
        return word
    value = FLAGS.get(word)
    if value is None:
        raise ValueError("debe ser si, no o historia")
    return "si" if value else "no"


def percentage(text: str) -> Decimal:
    """Parse a percentage from 0 to 100, with at most two decimals."""
    if not re.fullmatch(r"\d{1,2}([.,]\d{1,2})?|100", text, re.ASCII):
        raise ValueError(
            "debe ser un porcentaje de 0 a 100, con dos decimales a lo más"
        )
    return Decimal(text.replace(",", "."))


def origins(text: str) -> tuple[str, ...]:
    """Parse origins separated by commas, such as ``https://shop.cl``."""
    parsed = []
    for part in text.split(","):
        # A browser sends an origin without the slash that people copy with it.
        origin = part.strip().rstrip("/")
        if origin:
            parsed.append(origin)
    return tuple(parsed)


def hosts(text: str) -> tuple[str, ...]:
    """Parse names of machines separated by commas, such as ``shop.cl, *.shop.cl``."""
    parsed = []
    for part in text.lower().split(","):
        name = part.strip().removesuffix(".")
        if name and not _HOST.fullmatch(name):
            raise ValueError(
                "deben ser nombres de equipos separados por comas, como tienda.cl, sin "
                "https:// ni puerto; o * para todos"
            )
        if name:
            parsed.append(name)
    return tuple(parsed)


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Parse addresses and networks separated by commas: ``10.0.0.1, 172.16.0.0/12``."""
    try:
        return tuple(
            parse_network(part.strip()) for part in text.split(",") if part.strip()
        )
    except ValueError as error:
        raise ValueError(
            "deben ser direcciones o redes separadas por comas, como 127.0.0.1 o "
            "172.16.0.0/12"
        ) from error


def log_level(text: str) -> str:
    """Parse a level of the technical log."""
    level = text.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("debe ser DEBUG, INFO, WARNING o ERROR")
    return level


def printer(text: str) -> str:
    """Parse where a printer is: ``tcp://HOST:PORT``, or a device."""
    match = _PRINTER.fullmatch(text)
    if match is None or int(match["port"] or _PRINTER_PORT) > _PORT_MAX:
        raise ValueError(
            "debe ser tcp://EQUIPO:9100, o un dispositivo como /dev/usb/lp0"
        )
    return text


def one_of(*options: str) -> Callable[[str], str]:
    """Return a parser of one of some words."""

    def parse(text: str) -> str:
        word = text.lower()
        if word not in options:
            options_text = ", ".join(options)
            raise ValueError(f"debe ser uno de: {options_text}")
        return word

    return parse


def columns(text: str) -> int:
    """Parse how many columns a receipt printer has."""
    parse_width = one_of("32", "42", "48")
    return int(parse_width(text))
