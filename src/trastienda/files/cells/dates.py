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
    """An instant, in milliseconds since 1970 UTC, and its day in the shop's zone as an
    ordinal."""

    at_ms: int
    day: int


def _date(
    year_digits: str,
    month: str,
    day: str,
) -> date | None:
    """Return the date of these digits; None if a year has not two or four, or is too
    early."""
    year = int(year_digits)
    if len(year_digits) == 2:
        year += 2000 if year < _PIVOT else 1900
    elif len(year_digits) != 4 or year < FIRST_YEAR:
        return None
    if len(day) > 2 or len(month) > 2:
        return None
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _month(name: str) -> str:
    """Return the month's number as digits; 0, which is no month, for an unknown
    name."""
    return str(_MONTHS.get(name[:3], 0))


@lru_cache(maxsize=16384)
def _dates_of(text: str) -> Dates:
    """Return what a date without time, folded, means in each of the ORDERS."""
    if parts := _ISO.fullmatch(text):
        same = _date(*parts.groups())
        return same, same, same

    if parts := _NUMBERS.fullmatch(text):
        first, _, second, third = parts.groups()
        return (
            _date(third, second, first),
            _date(third, first, second),
            _date(first, second, third),
        )

    if parts := _COMPACT.fullmatch(text):
        return None, None, _date(*parts.groups())

    if parts := _MONTH_IN_THE_MIDDLE.fullmatch(text):
        first, name, third = parts.groups()
        if len(first) == 4:
            return None, None, _date(first, _month(name), third)
        return _date(third, _month(name), first), None, None

    if parts := _MONTH_FIRST.fullmatch(text):
        name, day, year = parts.groups()
        return None, _date(year, _month(name), day), None

    return _NO_DATES


def _split(text: str) -> "re.Match[str] | None":
    tidy = " ".join(fold(text).split())
    if _ISO_START.match(tidy):
        # The T says that this is ISO 8601, which leaves no order open: marked with a z.
        tidy = f"{tidy[:10]}z {tidy[11:]}".rstrip()
    return _DATE_AND_TIME.fullmatch(tidy)


def _dates_in(parts: "re.Match[str]") -> Dates:
    return _dates_of(parts["date"].rstrip(" ,"))


def render_typed_date(moment: date) -> str:
    """Return a date, or a datetime with its time, as a text with one meaning in every
    order."""
    if isinstance(moment, datetime) and moment.time() != time():
        return moment.isoformat(timespec="milliseconds")
    return f"{moment:%Y-%m-%d}T"


@lru_cache(maxsize=16384)
def _parse_dates(text: str) -> Dates:
    parts = _split(text)
    return _NO_DATES if parts is None else _dates_in(parts)


class OrderEvidence:
    """Which orders fit every row so far, and which of those would give different
    dates."""

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
        """Take a row's date into account; a text that is a date in no order proves
        nothing."""
        dates = _parse_dates(text)
        if dates == _NO_DATES:
            return
        for order, day in zip(ORDERS, dates, strict=True):
            if day is None and order in self.fitting:
                self.fitting.discard(order)
                self.first_line[order] = line
        if len(self.fitting) > 1:
            self._compare(dates)

    def _compare(self, dates: Dates) -> None:
        for position, order in enumerate(ORDERS):
            for previous in range(position):
                if dates[position] != dates[previous]:
                    self._differing.add((ORDERS[previous], order))

    @property
    def open_orders(self) -> list[str]:
        """The orders that fit all rows, if they give different dates; else none."""
        fitting = [order for order in ORDERS if order in self.fitting]
        for first, second in self._differing:
            if first in fitting and second in fitting:
                return fitting
        return []


class DateParser:
    """Parses dates and times in one order, in the shop's zone unless they name
    another."""

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
        day = _dates_in(parts)[self._position]
        clock = _clock(parts)
        if day is None or clock is None:
            return None
        try:
            moment = datetime.combine(day, clock, self._zone_of(parts)).astimezone(UTC)
            local = moment.astimezone(self._zone)
        except (OverflowError, ValueError):
            return None
        at_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
        return LocalMoment(at_ms, local.toordinal())

    def _zone_of(self, parts: "re.Match[str]") -> tzinfo:
        text = parts["zone"]
        if text is None:
            return self._zone
        if text in {"z", "utc"}:
            return UTC
        hours, minutes = text[1:3], text[-2:]
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if text.startswith("-") else offset)


def _clock(parts: "re.Match[str]") -> time | None:
    if parts["hour"] is None:
        return time()
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts["half"] == "p" else 0)
    fraction = parts["fraction"] or ""
    microsecond = int(fraction[:6].ljust(6, "0"))
    try:
        return time(hour, int(parts["minute"]), int(parts["second"] or 0), microsecond)
    except ValueError:
        return None
