"""Values on the wire: quantities, percentages, times, days, yes and no."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.days import day_start_ms
from trastienda.domain.errors import Invalid
from trastienda.domain.quantities import MAX_QUANTITY_MILLI
from trastienda.wire.values import (
    FLAGS,
    day_in,
    flag_in,
    percent_in,
    percent_out,
    quantity_in,
    quantity_out,
    time_in,
    time_out,
)

SANTIAGO, TOKYO = ZoneInfo("America/Santiago"), ZoneInfo("Asia/Tokyo")
ZONES = st.sampled_from(
    [
        SANTIAGO,
        TOKYO,
        ZoneInfo("UTC"),
        ZoneInfo("Pacific/Kiritimati"),
        ZoneInfo("Asia/Kathmandu"),
    ]
)
MOMENTS = st.integers(320_000_000_000, 200_000_000_000_000)


def reason(work: Any, *arguments: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        work(*arguments)
    return refusal.value.reason


class TestQuantities:
    """JSON numbers of units."""

    @given(st.integers(-MAX_QUANTITY_MILLI, MAX_QUANTITY_MILLI))
    def test_quantities_survive_the_round_trip(self, milli: int) -> None:
        shown = quantity_out(milli)
        assert quantity_in(shown, "q") == milli
        assert isinstance(shown, int) == (milli % 1000 == 0)

    @pytest.mark.parametrize(
        ("value", "milli"),
        [
            (1, 1000),
            (1.0, 1000),
            (0.1, 100),
            (0.001, 1),
            (2.675, 2675),
            (1e3, 1_000_000),
            (-0.5, -500),
        ],
    )
    def test_a_float_is_read_by_its_decimals(self, value: float, milli: int) -> None:
        assert quantity_in(value, "q") == milli

    @pytest.mark.parametrize("value", [0.0001, 1.0005, 1e-9, 0.1 + 0.2, 5e-324])
    def test_more_than_three_decimals_are_refused(self, value: float) -> None:
        assert reason(quantity_in, value, "q") == "quantity_decimals"

    @pytest.mark.parametrize(
        "value", [1e300, -1e300, float("inf"), float("-inf"), float("nan"), 1e13]
    )
    def test_huge_and_infinite_quantities_are_refused(self, value: float) -> None:
        assert reason(quantity_in, value, "q") == "too_large"


class TestPercentages:
    """Basis points."""

    @given(st.integers(0, 10_000))
    def test_percents_survive_the_round_trip(self, bp: int) -> None:
        assert percent_in(percent_out(bp), "p", "bad") == bp

    @pytest.mark.parametrize(
        "value",
        [0.001, 12.345, 1e300, 10**400, -(10**400), float("inf"), float("nan"), 1001],
    )
    def test_percents_out_of_range_or_too_precise_are_refused(
        self, value: float
    ) -> None:
        assert reason(percent_in, value, "p", "bad") == "bad"


class TestTimes:
    """RFC 3339."""

    @given(MOMENTS, ZONES)
    def test_times_survive_the_round_trip_in_any_zone(
        self, ms: int, time_zone: ZoneInfo
    ) -> None:
        assert time_in(time_out(ms, time_zone), "t") == ms

    def test_times_are_written_in_the_shops_zone(self) -> None:
        assert time_out(0, SANTIAGO) == "1969-12-31T21:00:00.000-03:00"
        assert time_out(1_782_878_400_123, SANTIAGO) == "2026-07-01T00:00:00.123-04:00"

    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-31T09:30:00-03:00",
            "2026-01-31T12:30:00Z",
            "2026-01-31t12:30:00z",
            "2026-01-31 12:30:00Z",
            "2026-01-31T12:30:00.000000Z",
            "2026-02-01T02:30:00+14:00",
        ],
    )
    def test_rfc3339_variants_parse_to_the_same_instant(self, text: str) -> None:
        assert time_in(text, "t") == 1_769_862_600_000

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-01-31T09:30Z",
            "2026-02-30T00:00:00Z",
            "2026-01-31T24:00:01Z",
            "2026-01-31T09:60:00Z",
            "2026-01-31T09:30:60Z",
            "2026-01-31T09:30:00+25:00",
            "2026-01-31T09:30:00Z\n",
            "\uff12026-01-31T09:30:00Z",
            "31-01-2026T09:30:00Z",
            "0001-01-01T00:00:00+14:00",
            "1979-12-31T23:59:59Z",
            "9999-12-31T23:59:59-12:00",
            "1769862600",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        assert reason(time_in, text, "t") == "not_a_time"


class TestDays:
    """``YYYY-MM-DD`` in the zone of the shop."""

    @given(st.dates(), ZONES)
    def test_a_day_starts_at_its_first_millisecond(
        self, day: date, time_zone: ZoneInfo
    ) -> None:
        start = day_start_ms(day_in(str(day), "d"), time_zone)
        if date(2, 1, 1) < day < date(9998, 1, 1):
            epoch = datetime(1970, 1, 1, tzinfo=UTC)

            def local(ms: int) -> date:
                return (epoch + timedelta(milliseconds=ms)).astimezone(time_zone).date()

            assert local(start) == day
            assert local(start - 1) < day

    def test_a_day_without_midnight_starts_after_the_jump(self) -> None:
        assert (
            time_out(day_start_ms(date(2024, 9, 8), SANTIAGO), SANTIAGO)
            == "2024-09-08T01:00:00.000-03:00"
        )

    @pytest.mark.parametrize("time_zone", [SANTIAGO, TOKYO])
    @pytest.mark.parametrize("day", [date.min, date.max])
    def test_the_first_and_last_days_of_the_calendar(
        self, day: date, time_zone: ZoneInfo
    ) -> None:
        assert day_start_ms(day, time_zone)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-1-1",
            "20260101",
            "2026-02-30",
            "0000-01-01",
            "2026-01-01 ",
            "\uff12026-01-01",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        assert reason(day_in, text, "d") == "not_a_date"


@pytest.mark.parametrize(
    ("text", "value"), [*FLAGS.items(), ("SI", True), ("No", False), ("SÍ", True)]
)
def test_the_spellings_of_yes_and_no(text: str, value: bool) -> None:
    assert flag_in(text, "f") is value


@pytest.mark.parametrize("text", ["", "s", "yes", "2", " si", "verdadero"])
def test_other_words_are_neither_yes_nor_no(text: str) -> None:
    assert reason(flag_in, text, "f") == "not_an_option"
