"""Values on the wire: quantities, times, days, percentages, yes and no."""

import math
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from trastienda.domain.days import EPOCH, moment
from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI

Quantity = int | float
"""A JSON number of units, with three decimals at most."""


def quantity_in(value: Quantity, field: str) -> int:
    """Return a JSON number of units as thousandths; raise Invalid for more than three decimals."""
    if type(value) is int:
        return value * MILLI
    if not math.isfinite(value) or abs(value) * MILLI > 2 * MAX_QUANTITY_MILLI:
        raise Invalid(field, "too_large")
    exact = Decimal(repr(value)) * MILLI
    if exact != int(exact):
        raise Invalid(field, "quantity_decimals")
    return int(exact)


def quantity_out(quantity_milli: int) -> Quantity:
    """Return thousandths as a JSON number, whole ones without a decimal point."""
    return quantity_milli / MILLI if quantity_milli % MILLI else quantity_milli // MILLI


def percent_in(value: Quantity, field: str, reason: str) -> int:
    """Return a percentage with at most two decimals as basis points."""
    if not -1000 <= value <= 1000:
        raise Invalid(field, reason)
    exact = Decimal(repr(value)) * 100
    if exact != int(exact):
        raise Invalid(field, reason)
    return int(exact)


def percent_out(bp: int) -> Quantity:
    """Return basis points as a percentage."""
    return bp / 100 if bp % 100 else bp // 100


_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_YEARS = range(1980, 9000)
"""Years of a time that is taken: since all offsets are whole minutes, and well inside what a calendar can write."""


def time_in(text: str, field: str) -> int:
    """Return an RFC 3339 time as milliseconds since 1970; raise Invalid for anything else."""
    if not _TIME.fullmatch(text):
        raise Invalid(field, "not_a_time")
    try:
        given = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise Invalid(field, "not_a_time") from error
    if given.year not in _YEARS:
        raise Invalid(field, "not_a_time")
    return (given - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=256)  # all that is committed together has one time
def time_out(ms: int, time_zone: ZoneInfo) -> str:
    """Return milliseconds since 1970 as RFC 3339 in ``zone``, with its offset."""
    return moment(ms, time_zone).isoformat(timespec="milliseconds")


def day_in(text: str, field: str) -> date:
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


def flag_in(text: str, field: str) -> bool:
    """Return ``si`` or ``no`` (and their usual spellings) as a truth value."""
    value = FLAGS.get(text.lower())
    if value is None:
        raise Invalid(field, "not_an_option", options="si, no")
    return value
