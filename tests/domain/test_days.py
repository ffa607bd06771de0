"""Days of the shop, in its own zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.days import ONE_DAY, day_of, day_start_ms, moment

SANTIAGO = ZoneInfo("America/Santiago")
TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = st.sampled_from([SANTIAGO, TOKYO, ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")])
HOUR_MS = 3_600_000


def ms(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    """A moment of UTC."""
    at = datetime(year, month, day, hour, minute, tzinfo=UTC)
    return round(at.timestamp()) * 1000


@pytest.mark.parametrize(
    ("at_ms", "time_zone", "day"),
    [
        (ms(2026, 1, 1, 2, 59), SANTIAGO, date(2025, 12, 31)),  # three hours behind
        (ms(2026, 1, 1, 3, 0), SANTIAGO, date(2026, 1, 1)),
        (ms(2026, 7, 1, 3, 59), SANTIAGO, date(2026, 6, 30)),  # four in winter
        (ms(2026, 7, 1, 4, 0), SANTIAGO, date(2026, 7, 1)),
        (ms(2025, 12, 31, 15, 0), TOKYO, date(2026, 1, 1)),
        (0, SANTIAGO, date(1969, 12, 31)),
        (-1, ZoneInfo("UTC"), date(1969, 12, 31)),
    ],
)
def test_a_moment_belongs_to_the_day_of_the_shops_zone(
    at_ms: int, time_zone: ZoneInfo, day: date
) -> None:
    assert day_of(at_ms, time_zone) == day


def test_a_moment_is_a_time_with_its_offset() -> None:
    noon = moment(ms(2026, 7, 1, 16, 0) + 250, SANTIAGO)
    assert noon.isoformat() == "2026-07-01T12:00:00.250000-04:00"


def test_a_day_begins_at_midnight_of_the_zone() -> None:
    assert day_start_ms(date(2026, 7, 1), SANTIAGO) == ms(2026, 7, 1, 4)
    assert day_start_ms(date(2026, 7, 1), TOKYO) == ms(2026, 6, 30, 15)


def test_a_day_whose_midnight_is_jumped_over_begins_right_after_the_jump() -> None:
    # In Chile the clock goes from 24:00 to 1:00 on a Saturday in September.
    jump = date(2026, 9, 6)
    start_ms = day_start_ms(jump, SANTIAGO)
    assert moment(start_ms, SANTIAGO).isoformat() == "2026-09-06T01:00:00-03:00"
    assert day_of(start_ms - 1, SANTIAGO) == jump - ONE_DAY
    assert day_start_ms(jump + ONE_DAY, SANTIAGO) - start_ms == 23 * HOUR_MS


@given(st.dates(date(1980, 1, 1), date(2100, 1, 1)), ZONES)
def test_a_day_lasts_from_its_start_to_that_of_the_next(
    day: date, time_zone: ZoneInfo
) -> None:
    if time_zone.key == "Pacific/Apia" and day in {
        date(2011, 12, 29),
        date(2011, 12, 30),
    }:
        return  # Samoa had no 30 December 2011
    start_ms = day_start_ms(day, time_zone)
    end_ms = day_start_ms(day + ONE_DAY, time_zone)
    assert day_of(start_ms, time_zone) == day_of(end_ms - 1, time_zone) == day
    assert day_of(start_ms - 1, time_zone) == day - ONE_DAY
    length = timedelta(milliseconds=end_ms - start_ms)
    assert timedelta(hours=22) < length < timedelta(hours=26)
