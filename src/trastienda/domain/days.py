"""Days of the shop: where one begins and which one a moment belongs to, in the shop's own zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
CLOCK_TOLERANCE_MS = 5 * 60 * 1000
"""So much a clock is put back without being wrong."""


def moment(
    ms: int,
    time_zone: ZoneInfo,
) -> datetime:
    """Return milliseconds since 1970 as a time in ``zone``."""
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(time_zone)


def day_of(
    ms: int,
    time_zone: ZoneInfo,
) -> date:
    """Return the day in ``zone`` to which a moment belongs."""
    return moment(ms, time_zone).date()


def day_start_ms(
    day: date,
    time_zone: ZoneInfo,
) -> int:
    """Return when ``day`` begins in ``zone``; where the clock jumps over midnight,
    right after the jump.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=time_zone)
    return (midnight - EPOCH) // timedelta(milliseconds=1)


def is_behind(
    now_ms: int,
    last_ms: int,
) -> bool:
    """Tell whether a clock must be wrong, because the last thing was done well after it."""
    return now_ms + CLOCK_TOLERANCE_MS < last_ms
