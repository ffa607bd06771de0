"""Dates and times as people write them: the order of day, month and year is found out from all rows, not guessed."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from trastienda.domain.text import fold

ORDERS = ("dmy", "mdy", "ymd")
FIRST_YEAR = 1900
_PIVOT = 69  # as POSIX has it: 00 to 68 are of this century, 69 to 99 of the last

_NUMBERS = re.compile(r"([0-9]{1,4})([/.-])([0-9]{1,2})\2([0-9]{1,4})")
_ISO_START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}t")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})z")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NAMED = re.compile(
    r"([0-9]{1,4})[ /.-]+(?:de )?([a-z]{3,10})\.?[ /.,-]+(?:de )?([0-9]{1,4})"
)
_NAME_FIRST = re.compile(r"([a-z]{3,10})\.?[ -]+([0-9]{1,2})[, -]+([0-9]{2,4})")
_MOMENT = re.compile(
    r"(?P<date>.*?)(?:(?:[ ]*[t,][ ]*|[ ]+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?[ ]*(?:(?P<half>[ap])\.?[ ]?m\.?)?"
    r"[ ]*(?P<zone>z|utc|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MONTHS = {
    name: month
    for month, names in enumerate(
        "ene jan,feb,mar,abr apr,may,jun,jul,ago aug,sep set,oct,nov,dic dec".split(
            ","
        ),
        start=1,
    )
    for name in names.split()
}

Dates = tuple[date | None, date | None, date | None]
"""What a text says in each of the ORDERS."""
_NONE: Dates = (None, None, None)


def _year(digits: str) -> int | None:
    if len(digits) == 2:
        return int(digits) + (2000 if int(digits) < _PIVOT else 1900)
    return int(digits) if len(digits) == 4 and int(digits) >= FIRST_YEAR else None


def _date(year: str, month: str, day: str) -> date | None:
    number = _year(year)
    if number is None or len(day) > 2 or len(month) > 2:
        return None
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


@lru_cache(maxsize=16384)
def dates_of(text: str) -> Dates:
    """Return what the text (folded, without the time) says in each of the ORDERS."""
    if parts := _ISO.fullmatch(text):
        found = _date(*parts.groups())
        return found, found, found
    if parts := _NUMBERS.fullmatch(text):
        first, _, second, third = parts.groups()
        return (
            _date(third, second, first),
            _date(third, first, second),
            _date(first, second, third),
        )
    if parts := _COMPACT.fullmatch(text):
        return None, None, _date(*parts.groups())
    if parts := _NAMED.fullmatch(text):
        first, name, third = parts.groups()
        month = str(_MONTHS.get(name[:3], 0))
        if len(first) == 4:
            return None, None, _date(first, month, third)
        return _date(third, month, first), None, None
    if parts := _NAME_FIRST.fullmatch(text):
        name, second, third = parts.groups()
        return None, _date(third, str(_MONTHS.get(name[:3], 0)), second), None
    return _NONE


def _split(text: str) -> "re.Match[str] | None":
    tidy = " ".join(fold(text).split())
    if _ISO_START.match(
        tidy
    ):  # its T says that it is ISO 8601, which leaves no order open
        tidy = f"{tidy[:10]}z {tidy[11:]}".rstrip()
    return _MOMENT.fullmatch(tidy)


def typed_date(moment: date) -> str:
    """Return the date, with the time of a datetime that has one, as a text that means the same in every order."""
    if isinstance(moment, datetime) and moment.time() != time():
        return moment.isoformat(timespec="milliseconds")
    return f"{moment:%Y-%m-%d}T"


@lru_cache(maxsize=16384)
def _dates_in(text: str) -> Dates:
    parts = _split(text)
    return _NONE if parts is None else dates_of(parts["date"].rstrip(" ,"))


class OrderEvidence:
    """Which orders fit every row seen so far, and which of them would give different dates."""

    def __init__(self) -> None:
        self.fitting = set(ORDERS)
        self.first_line: dict[str, int] = {}
        """For each order that does not fit, the first line that says so."""
        self._differing: set[tuple[str, str]] = set()

    def see(self, text: str, line: int) -> None:
        """Take the date of a row into account; a text that is a date in no order is the row's own trouble."""
        dates = _dates_in(text)
        if dates == _NONE:
            return
        for order, found in zip(ORDERS, dates, strict=True):
            if found is None and order in self.fitting:
                self.fitting.discard(order)
                self.first_line[order] = line
        if len(self.fitting) > 1:
            self._compare(dates)

    def _compare(self, dates: Dates) -> None:
        for place, one in enumerate(ORDERS):
            for other_place in range(place):
                if dates[place] != dates[other_place]:
                    self._differing.add((ORDERS[other_place], one))

    @property
    def open(self) -> list[str]:
        """The orders that fit all rows and give different dates: two or more, or none where the order is plain."""
        fitting = [order for order in ORDERS if order in self.fitting]
        pairs = {(one, other) for one in fitting for other in fitting}
        return fitting if pairs & self._differing else []


class Calendar:
    """Reads dates and times in one order; what has no offset of its own is in the shop's zone."""

    def __init__(self, zone: ZoneInfo, order: str) -> None:
        self._zone = zone
        self._place = ORDERS.index(order)
        self.read = lru_cache(maxsize=8192)(self._read)

    def _read(self, text: str) -> tuple[int, int] | None:
        """Return ``(milliseconds since 1970 UTC, day in the shop's zone as a date's ordinal)``; None for no date.

        A time that a change of the clocks left out is as much later as the clocks were put on; of one that happened
        twice it is the first.
        """
        parts = _split(text)
        if parts is None:
            return None
        day = dates_of(parts["date"].rstrip(" ,"))[self._place]
        clock = _clock(parts)
        if day is None or clock is None:
            return None
        try:
            moment = datetime.combine(
                day, clock, _zone(parts["zone"]) or self._zone
            ).astimezone(UTC)
            local = moment.astimezone(self._zone)
        except (OverflowError, ValueError):
            return None
        at_ms = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        return at_ms, local.toordinal()


def _clock(parts: "re.Match[str]") -> time | None:
    if parts["hour"] is None:
        return time()
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts["half"] == "p" else 0)
    microsecond = int((parts["fraction"] or "")[:6].ljust(6, "0"))
    try:
        return time(hour, int(parts["minute"]), int(parts["second"] or 0), microsecond)
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in {"z", "utc"}:
        return timezone.utc  # noqa: UP017 - a zone of the class that this function promises
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-size if text[0] == "-" else size)
