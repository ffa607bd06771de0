"""Values as people write them: on receipts, and wherever else people read."""

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
"""Signs used where a currency is at home; other currencies have their code."""
_POINT_BEFORE_DECIMALS = frozenset(
    "AU CA DO GB GT HN IE IN MX NI NZ PA PE PR SV US".split()
)
"""Countries that write 1,234.50; the others write 1.234,50."""


def money(
    amount_minor: int,
    shop: Shop | None,
) -> str:
    """Return an amount in minor units the shop's way, as ``$1.990`` or ``-€19,90``.

    Where no shop is known, it is the minor units in digits.
    """
    if shop is None:
        return str(amount_minor)

    exponent = shop.exponent
    digits = f"{abs(amount_minor):0{exponent + 1}d}"
    whole, decimals = digits, ""
    if exponent:
        whole, decimals = digits[:-exponent], digits[-exponent:]

    has_point = shop.country in _POINT_BEFORE_DECIMALS
    grouped = f"{int(whole):,}"
    if not has_point:
        grouped = grouped.replace(",", ".")
    if decimals:
        decimal_mark = "." if has_point else ","
        grouped += decimal_mark + decimals

    minus = "-" if amount_minor < 0 else ""
    sign = _SIGNS.get(shop.currency, shop.currency + " ")
    return f"{minus}{sign}{grouped}"


def quantity(
    quantity_milli: int,
    unit: Unit | None = None,
) -> str:
    """Return a quantity, as ``2``, ``0,350 kg``, or ``1,5`` without a known unit."""
    whole, thousandths = divmod(quantity_milli, MILLI)
    digits = str(whole)
    if thousandths:
        digits = f"{whole},{thousandths:03d}"

    if unit not in {None, Unit.PIECE}:
        return f"{digits} {unit}"
    if thousandths:
        digits = digits.rstrip("0")
    return digits


def percent(bp: int) -> str:
    """Return basis points, as ``19 %`` or ``10,5 %``."""
    whole, hundredths = divmod(bp, 100)
    digits = str(whole)
    if hundredths:
        digits = f"{whole},{hundredths:02d}".rstrip("0")
    return f"{digits} %"


def rut(normalised: str) -> str:
    """Return a RUT with its dots: ``12.345.678-5``."""
    number, _, check_digit = normalised.partition("-")
    grouped = f"{int(number):,}".replace(",", ".")
    return f"{grouped}-{check_digit}"


def day_and_time(
    at_ms: int,
    time_zone: ZoneInfo,
) -> str:
    """Return a moment to the minute, as ``21-11-2026 09:30``."""
    time = moment(at_ms, time_zone)
    return time.strftime("%d-%m-%Y %H:%M")


def moment_of_day(
    at_ms: int,
    time_zone: ZoneInfo,
) -> str:
    """Return a moment to the minute without its year, as ``21-11 09:30``."""
    time = moment(at_ms, time_zone)
    return time.strftime("%d-%m %H:%M")


def span(seconds: int) -> str:
    """Return a duration, rounded up: ``45 s``, ``10 min``, ``3 h`` or ``30 días``.

    A larger unit is used for more than two of it.
    """
    for unit_s, unit_name in ((86_400, "días"), (3_600, "h"), (60, "min")):
        if seconds > 2 * unit_s:
            units_rounded_up = -(-seconds // unit_s)
            return f"{units_rounded_up} {unit_name}"

    return f"{seconds} s"


def waiting(seconds: int) -> str:
    """Return how long to wait: ``40 segundos``, or in minutes where it is over two."""
    if seconds > 120:
        return counted(-(-seconds // 60), "minuto", "minutos")
    return counted(seconds, "segundo", "segundos")


def plain(text: str) -> str:
    """Return ``text`` in one line, without invisible characters.

    These are control characters, marks of direction, and lone surrogates.
    """
    one_line = " ".join(text.split())
    visible_characters = [
        character
        for character in one_line
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    ]
    return "".join(visible_characters)


def counted(
    count: int,
    singular: str,
    plural: str,
) -> str:
    """Return a count with its noun, as ``1 fila`` or ``3 filas``."""
    return f"{count} {singular if count == 1 else plural}"
