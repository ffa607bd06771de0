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
    r"([0-9]{1,4})[ /.-]+(?:de )?([a-z]{3,10})\.?[ /.,-]+(?:del? )?([0-9]{1,4})"
)
_MONTH_FIRST = re.compile(r"([a-z]{3,10})\.?[ -]+([0-9]{1,2})[, -]+([0-9]{2,4})")
_TIME = (
    # Without this, the year of «dec 1, 10» would be an hour.
    r"(?=[0-9]{1,2}(?:[:.]|[ ]?h|[ ]?[ap]\.?[ ]?m))"
    r"(?P<hour>[0-9]{1,2})"
    # Seconds only behind a colon: 10.12.25 is a date.
    r"(?:(?:[:.]|[ ]?h[ ]?)(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)?"
    r"[ ]*(?:(?P<half>[ap])\.?[ ]?m\.?)?"
    r"[ ]*(?:(?:hrs|hr|hs|horas|hora|h)\.?)?"
    r"[ ]*(?P<zone>z|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc|gmt)?"
)
_TIME_ALONE = re.compile(_TIME)
_DATE_AND_TIME = re.compile(
    r"(?P<date>.*?)"
    rf"(?:(?:[ ]*[t,][ ]*|[ ]+(?:(?:a las?|[|-])[ ]+)?){_TIME})?"
)
_TYPED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[0-9:]{8}\.[0-9]{3})?(?: .*)?")
"""What :func:`render_typed_date` writes; a time may have been put behind it."""
_OFFSET = re.compile(r"[a-z]*([+-])([0-9]{1,2}):?([0-9]{2})?")
_WEEKDAY_IN_FRONT = re.compile(r"([a-z]{2,9})(?:\.,?|,)?[ ]+(.+)")
_WEEKDAYS = (
    ("lunes", "monday"),
    ("martes", "tuesday"),
    ("miercoles", "wednesday"),
    ("jueves", "thursday"),
    ("viernes", "friday"),
    ("sabado", "saturday"),
    ("domingo", "sunday"),
)
"""In the order of :meth:`date.weekday`; shortened at will."""
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
NO_DATES: Dates = (None, None, None)
"""A text that is no date in any order."""


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

    if parts := _WEEKDAY_IN_FRONT.fullmatch(text):
        weekday_name, rest = parts.groups()
        return _dates_on(weekday_name, rest)

    return NO_DATES


def _dates_on(
    weekday_name: str,
    date_text: str,
) -> Dates:
    """Return what the date means in each of the ORDERS; it must be on that weekday."""
    weekdays = {
        number
        for number, names in enumerate(_WEEKDAYS)
        if any(name.startswith(weekday_name) for name in names)
    }
    dmy, mdy, ymd = (
        day if day is not None and day.weekday() in weekdays else None
        for day in _dates_of(date_text)
    )
    return dmy, mdy, ymd


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


def is_numeric_date(text: str) -> bool:
    """Tell whether the text begins with a date that is written in numbers only."""
    return _NUMBERS.match(text.strip()) is not None


def is_typed_date(text: str) -> bool:
    """Tell whether the text was a date in its cell already, rather than a text there."""
    return _TYPED.fullmatch(text) is not None


def written_date(text: str) -> str:
    """Return a date as people write it: that of a cell without its T."""
    if not is_typed_date(text):
        return text
    return text.replace("T", " ").removesuffix(".000").strip()


@lru_cache(maxsize=16384)
def with_time(
    date_text: str,
    time_text: str,
) -> str | None:
    """Return the date and the time of two cells as one text.

    A date that has a time itself keeps it; midnight there is no time. None if the two
    cells name different times.
    """
    date_parts = _split(date_text)
    if date_parts is None or not time_text.strip():
        return date_text

    # A cell that shows a time may hold the day as well.
    time_parts = _split(time_text)
    if time_parts is not None and time_parts["hour"] is not None:
        time_text = _time_of(time_parts)
    if date_parts["hour"] is None:
        return f"{date_text} {time_text}"

    own_clock = _clock(date_parts)
    if own_clock == time():
        return f"{date_parts['date']} {time_text}"

    alone = _TIME_ALONE.fullmatch(fold(time_text).strip())
    clock = None if alone is None else _clock(alone)
    if own_clock is None or clock is None:
        return None
    is_same_minute = (own_clock.hour, own_clock.minute) == (clock.hour, clock.minute)
    return date_text if is_same_minute else None


def _time_of(parts: "re.Match[str]") -> str:
    """Return the time of a date with its time, without the date."""
    date_end = parts.end("date")
    return parts.string[date_end:].lstrip(" t,")


@lru_cache(maxsize=16384)
def dates_in(text: str) -> Dates:
    """Return what a date with its time means in each of the ORDERS."""
    parts = _split(text)
    if parts is None:
        return NO_DATES
    return _dates_of(parts["date"])


def has_time(text: str) -> bool:
    """Tell whether a date has its time of day with it."""
    parts = _split(text)
    return parts is not None and parts["hour"] is not None


class DateParser:
    """Parses dates and times in one order.

    They are in the shop's zone, unless they name another.
    """

    def __init__(
        self,
        time_zone: ZoneInfo,
        order: str,
        *,
        typed_are_swapped: bool = False,
    ) -> None:
        self._zone = time_zone
        self._typed_are_swapped = typed_are_swapped
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

        try:
            if self._typed_are_swapped and is_typed_date(text.strip()):
                day = day.replace(month=day.day, day=day.month)
            zone = self._zone_of(parts)
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
        offset_parts = _OFFSET.fullmatch(zone_text)
        if offset_parts is None:  # z, utc or gmt
            return UTC

        sign, hours, minutes = offset_parts.groups(default="0")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if sign == "-":
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

    minute = int(parts["minute"] or 0)
    second = int(parts["second"] or 0)
    fraction = parts["fraction"] or ""
    microsecond = int(fraction[:6].ljust(6, "0"))
    try:
        return time(hour, minute, second, microsecond)
    except ValueError:
        return None
