"""Values as people write them: on receipts, and wherever else somebody reads instead of a program."""

import unicodedata
from zoneinfo import ZoneInfo

from trastienda.domain.days import moment
from trastienda.domain.products import Unit
from trastienda.domain.quantities import MILLI
from trastienda.domain.shop import Shop

_SIGNS = {
    **dict.fromkeys(("ARS", "CLP", "COP", "DOP", "MXN", "UYU"), "$"),
    "BOB": "Bs ",
    "BRL": "R$ ",
    "CRC": "₡",
    "EUR": "€",
    "GBP": "£",
    "GTQ": "Q",
    "HNL": "L ",
    "NIO": "C$",
    "PEN": "S/ ",
    "PYG": "₲ ",
    "USD": "US$",
    "VES": "Bs ",
}
"""Signs that a currency's own people write; another one is written with its code."""
_POINT_BEFORE_DECIMALS = frozenset(
    "AU CA DO GB GT HN IE IN MX NI NZ PA PE PR SV US".split()
)
"""Countries that write 1,234.50; the others write 1.234,50."""


def money(amount_minor: int, shop: Shop) -> str:
    """Return an amount in minor units the shop's way, as ``$1.990`` or ``-€19,90``."""
    exponent = shop.exponent
    digits = f"{abs(amount_minor):0{exponent + 1}d}"
    whole, decimals = (
        (digits[:-exponent], digits[-exponent:]) if exponent else (digits, "")
    )
    point = shop.country in _POINT_BEFORE_DECIMALS
    grouped = f"{int(whole):,}"
    if not point:
        grouped = grouped.replace(",", ".")
    if decimals:
        grouped += ("." if point else ",") + decimals
    sign = _SIGNS.get(shop.currency, shop.currency + " ")
    return f"{'-' if amount_minor < 0 else ''}{sign}{grouped}"


def quantity(quantity_milli: int, unit: Unit | None = None) -> str:
    """Return a quantity, as ``2``, ``0,350 kg`` or ``1,5`` (of nobody knows what)."""
    whole, rest = divmod(quantity_milli, MILLI)
    measured = unit not in {None, Unit.PIECE}
    text = f"{whole},{rest:03d}" if rest else str(whole)
    return f"{text} {unit}" if measured else text.rstrip("0") if rest else text


def percent(bp: int) -> str:
    """Return basis points, as ``19 %`` or ``10,5 %``."""
    whole, rest = divmod(bp, 100)
    return (f"{whole},{rest:02d}".rstrip("0") if rest else str(whole)) + " %"


def rut(normalised: str) -> str:
    """Return a RUT with its dots: ``12.345.678-5``."""
    number, _, digit = normalised.partition("-")
    return f"{int(number):,}-{digit}".replace(",", ".")


def day_and_time(ms: int, zone: ZoneInfo) -> str:
    """Return a moment to the minute, as ``21-11-2026 09:30``."""
    return moment(ms, zone).strftime("%d-%m-%Y %H:%M")


def moment_of_day(ms: int, zone: ZoneInfo) -> str:
    """Return a moment to the minute without its year, as ``21-11 09:30``."""
    return moment(ms, zone).strftime("%d-%m %H:%M")


def span(seconds: int) -> str:
    """Return a length of time in its largest fitting unit, rounded up: ``45 s``, ``10 min``, ``3 h``, ``30 días``."""
    for unit_s, name in ((86_400, "días"), (3_600, "h"), (60, "min")):
        if seconds > 2 * unit_s:
            return f"{-(-seconds // unit_s)} {name}"
    return f"{seconds} s"


def plain(text: str) -> str:
    """Return ``text`` in one line, without what only machines see: controls, marks of direction, lone surrogates."""
    spaced = " ".join(text.split())
    return "".join(
        one for one in spaced if unicodedata.category(one) not in {"Cc", "Cf", "Cs"}
    )
