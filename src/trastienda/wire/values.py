"""Values on the wire: quantities, times, days, percentages, yes and no."""

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from trastienda.domain.days import EPOCH, moment
from trastienda.domain.errors import Invalid
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI

Quantity = int | float
"""A JSON number of units, with three decimals at most."""


def quantity_in(
    value: Quantity,
    field: str,
) -> int:
    """Return a JSON number of units as thousandths.

    Raises Invalid for more than three decimals.
    """
    return _thousandths(value, MAX_QUANTITY_MILLI // MILLI, field)


def cost_in(
    value: Quantity,
    field: str,
) -> int:
    """Return a cost in minor units as thousandths of them.

    Raises Invalid for more than three decimals.
    """
    return _thousandths(value, MAX_MONEY_MINOR, field)


def _thousandths(
    value: Quantity,
    limit: int,
    field: str,
) -> int:
    if type(value) is int:
        return value * MILLI
    if not math.isfinite(value) or abs(value) > 2 * limit:
        raise Invalid(field, "too_large")

    # Its repr is what the client wrote; the float itself is only near that.
    exact_milli = Decimal(repr(value)) * MILLI
    if exact_milli != int(exact_milli):
        raise Invalid(field, "quantity_decimals")
    return int(exact_milli)


def quantity_out(quantity_milli: int) -> Quantity:
    """Return thousandths as a JSON number, whole ones without a decimal point."""
    if quantity_milli % MILLI:
        return quantity_milli / MILLI
    return quantity_milli // MILLI


def percent_in(
    value: Quantity,
    field: str,
    reason: str,
) -> int:
    """Return a percentage with at most two decimals as basis points."""
    if not -1000 <= value <= 1000:
        raise Invalid(field, reason)

    exact_bp = Decimal(repr(value)) * 100
    if exact_bp != int(exact_bp):
        raise Invalid(field, reason)
    return int(exact_bp)


def percent_out(bp: int) -> Quantity:
    """Return basis points as a percentage."""
    if bp % 100:
        return bp / 100
    return bp // 100


_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_YEARS = range(1980, 9000)
"""Years of a time that is taken.

Since 1980 all offsets are whole minutes, and the end is well inside what a calendar can
write."""


def time_in(
    text: str,
    field: str,
) -> int:
    """Return an RFC 3339 time as milliseconds since 1970.

    Raises Invalid for anything else.
    """
    if not _TIME.fullmatch(text):
        raise Invalid(field, "not_a_time")

    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise Invalid(field, "not_a_time") from error

    if time.year not in _YEARS:
        raise Invalid(field, "not_a_time")
    return (time - EPOCH) // timedelta(milliseconds=1)


# All that is committed together has one time.
@lru_cache(maxsize=256)
def time_out(
    at_ms: int,
    time_zone: ZoneInfo,
) -> str:
    """Return milliseconds since 1970 as RFC 3339 in ``time_zone``, with its offset."""
    time = moment(at_ms, time_zone)
    return time.isoformat(timespec="milliseconds")


def day_in(
    text: str,
    field: str,
) -> date:
    """Return a ``YYYY-MM-DD``; raise Invalid for anything else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise Invalid(field, "not_a_date")

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field, "not_a_date") from error


FLAGS = {
    "si": True,
    "no": False,
    "sí": True,
    "true": True,
    "false": False,
    "1": True,
    "0": False,
}
"""The spellings of yes and no that are taken."""


def flag_in(
    text: str,
    field: str,
) -> bool:
    """Return ``si`` or ``no`` (and their usual spellings) as a truth value."""
    value = FLAGS.get(text.lower())
    if value is None:
        raise Invalid(field, "not_an_option", options="si, no")
    return value
