"""Dates and times as people write them.

Whether the day or the month comes first follows from all rows of a file; it is never
guessed from a single date.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trastienda.domain.text import fold

ORDERS = ("dmy", "mdy", "ymd")
FIRST_YEAR = 1900
_PIVOT = 69
"""As in POSIX: years 00 to 68 are of this century, 69 to 99 of the last one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NUMBERS = re.compile(r"([0-9]{1,4})([/.-])([0-9]{1,2})\2([0-9]{1,4})")
_ISO_START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}t")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})z")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH_IN_THE_MIDDLE = re.compile(
    r"([0-9]{1,4})[ /.-]+(?:de )?([a-z]{3,10})\.?[ /.,-]+(?:de )?([0-9]{1,4})"
)
_MONTH_FIRST = re.compile(r"([a-z]{3,10})\.?[ -]+([0-9]{1,2})[, -]+([0-9]{2,4})")
_DATE_AND_TIME = re.compile(
    r"(?P<date>.*?)"
    r"(?:(?:[ ]*[t,][ ]*|[ ]+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"[ ]*(?:(?P<half>[ap])\.?[ ]?m\.?)?"
    r"[ ]*(?P<zone>z|utc|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MONTHS = {
    "ene": 1, "jan": 1,
    "feb": 2,
    "mar": 3,
    "abr": 4, "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "ago": 8, "aug": 8,
    "sep": 9, "set": 9,
    "oct": 10,
    "nov": 11,
    "dic": 12, "dec": 12,
}  # fmt: skip
"""By the first three letters, in Spanish and English."""

Dates = tuple[date | None, date | None, date | None]
"""What a text means in each of the ORDERS."""
_NO_DATES: Dates = (None, None, None)


class LocalMoment(NamedTuple):
    """An instant in milliseconds since 1970 UTC, and its day in the shop's zone.

    The day is an ordinal.
    """

    at_ms: int
    day: int


def _date(
    year_digits: str,
    month_digits: str,
    day_digits: str,
) -> date | None:
    """Return the date of these digits; None if there is no such day.

    A year has two digits or four, and is not too early.
    """
    year = int(year_digits)
    if len(year_digits) == 2:
        year += 2000 if year < _PIVOT else 1900
    elif len(year_digits) != 4 or year < FIRST_YEAR:
        return None
    if len(day_digits) > 2 or len(month_digits) > 2:
        return None

    try:
        return date(year, int(month_digits), int(day_digits))
    except ValueError:
        return None


def _month_digits(month_name: str) -> str:
    """Return the number of a month; 0, which is none, for an unknown name."""
    number = _MONTHS.get(month_name[:3], 0)
    return str(number)


@lru_cache(maxsize=16384)
def _dates_of(date_text: str) -> Dates:
    """Return what a date without time, folded, means in each of the ORDERS."""
    text = date_text.rstrip(" ,")
    if parts := _ISO.fullmatch(text):
        iso_date = _date(*parts.groups())
        return iso_date, iso_date, iso_date

    if parts := _NUMBERS.fullmatch(text):
        first, _, second, third = parts.groups()
        return (
            _date(third, second, first),
            _date(third, first, second),
            _date(first, second, third),
        )

    if parts := _COMPACT.fullmatch(text):
        compact_date = _date(*parts.groups())
        return None, None, compact_date

    if parts := _MONTH_IN_THE_MIDDLE.fullmatch(text):
        first, month_name, third = parts.groups()
        month = _month_digits(month_name)
        if len(first) == 4:
            return None, None, _date(first, month, third)
        return _date(third, month, first), None, None

    if parts := _MONTH_FIRST.fullmatch(text):
        month_name, day, year = parts.groups()
        month = _month_digits(month_name)
        return None, _date(year, month, day), None

    return _NO_DATES


def _split(text: str) -> "re.Match[str] | None":
    """Return the parts of a date with its time; None for a text that has no such form."""
    words = fold(text).split()
    tidy = " ".join(words)
    if _ISO_START.match(tidy):
        # The T says that this is ISO 8601, which leaves no order open: marked with a z.
        tidy = f"{tidy[:10]}z {tidy[11:]}".rstrip()
    return _DATE_AND_TIME.fullmatch(tidy)


def render_typed_date(moment: date) -> str:
    """Return a date as a text that has one meaning in every order.

    A datetime keeps its time, unless that is midnight.
    """
    if isinstance(moment, datetime) and moment.time() != time():
        return moment.isoformat(timespec="milliseconds")
    return f"{moment:%Y-%m-%d}T"


@lru_cache(maxsize=16384)
def _parse_dates(text: str) -> Dates:
    """Return what a date with its time means in each of the ORDERS."""
    parts = _split(text)
    if parts is None:
        return _NO_DATES
    return _dates_of(parts["date"])


def has_time(text: str) -> bool:
    """Tell whether a date has its time of day with it."""
    parts = _split(text)
    return parts is not None and parts["hour"] is not None


class OrderEvidence:
    """Which orders fit every row so far, and which of them give different dates."""

    def __init__(self) -> None:
        self.fitting = set(ORDERS)
        self.first_line: dict[str, int] = {}
        """For each order that does not fit, the first line where it fails."""
        self._differing: set[tuple[str, str]] = set()

    def observe(
        self,
        text: str,
        line: int,
    ) -> None:
        """Take a row's date into account; what is a date in no order proves nothing."""
        dates = _parse_dates(text)
        if dates == _NO_DATES:
            return

        for order, day in zip(ORDERS, dates, strict=True):
            if day is None and order in self.fitting:
                self.fitting.discard(order)
                self.first_line[order] = line
        # Once a single order fits, nothing is open.
        if len(self.fitting) > 1:
            self._compare(dates)

    def _compare(self, dates: Dates) -> None:
        """Keep which pairs of orders read this row differently."""
        for position, order in enumerate(ORDERS):
            for previous_position in range(position):
                if dates[position] != dates[previous_position]:
                    previous_order = ORDERS[previous_position]
                    self._differing.add((previous_order, order))

    @property
    def open_orders(self) -> list[str]:
        """The orders that fit all rows, if they give different dates; else none."""
        fitting = [order for order in ORDERS if order in self.fitting]
        for first, second in self._differing:
            if first in fitting and second in fitting:
                return fitting
        return []


class DateParser:
    """Parses dates and times in one order.

    They are in the shop's zone, unless they name another.
    """

    def __init__(
        self,
        time_zone: ZoneInfo,
        order: str,
    ) -> None:
        self._zone = time_zone
        self._position = ORDERS.index(order)
        self.parse = lru_cache(maxsize=8192)(self._parse)

    def _parse(self, text: str) -> LocalMoment | None:
        """Return the moment; None for a text that is no date.

        A time that the clocks skipped is as much later as they were put forward; of one
        that happened twice it is the first.
        """
        parts = _split(text)
        if parts is None:
            return None
        dates = _dates_of(parts["date"])
        day = dates[self._position]
        clock = _clock(parts)
        if day is None or clock is None:
            return None

        zone = self._zone_of(parts)
        try:
            moment = datetime.combine(day, clock, zone).astimezone(UTC)
            local_moment = moment.astimezone(self._zone)
        except (OverflowError, ValueError):  # at the very ends of the calendar
            return None
        at_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
        return LocalMoment(at_ms, local_moment.toordinal())

    def _zone_of(self, parts: "re.Match[str]") -> tzinfo:
        """Return the zone that the time names, or else the shop's."""
        zone_text = parts["zone"]
        if zone_text is None:
            return self._zone
        if zone_text in {"z", "utc"}:
            return UTC

        # +hhmm or +hh:mm
        hours = int(zone_text[1:3])
        minutes = int(zone_text[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        if zone_text.startswith("-"):
            offset = -offset
        return timezone(offset)


def _clock(parts: "re.Match[str]") -> time | None:
    """Return the time of day, midnight if there is none; None for 25:00 and the like."""
    if parts["hour"] is None:
        return time()

    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        # 12 a. m. is midnight, 12 p. m. is noon.
        hour %= 12
        if parts["half"] == "p":
            hour += 12

    minute = int(parts["minute"])
    second = int(parts["second"] or 0)
    fraction = parts["fraction"] or ""
    microsecond = int(fraction[:6].ljust(6, "0"))
    try:
        return time(hour, minute, second, microsecond)
    except ValueError:
        return None
