"""Dates and times as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trastienda.files.cells.dates import DateParser, OrderEvidence

LONDON = ZoneInfo("Europe/London")
SANTIAGO = ZoneInfo("America/Santiago")


def utc(text: str, order: str, time_zone: ZoneInfo = LONDON) -> str | None:
    """The text as a moment in UTC, to the minute; None if it is no date."""
    moment = DateParser(time_zone, order).parse(text)
    if moment is None:
        return None
    at = datetime.fromtimestamp(moment.at_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("12/1/10 8:26", "mdy"),
        ("1/12/2010 08:26:00", "dmy"),
        ("01-12-2010 8:26 a. m.", "dmy"),
        ("01.12.2010, 08:26", "dmy"),
        ("2010/12/01 08:26", "ymd"),
        ("10-12-01 08:26", "ymd"),
        ("2010-12-01T08:26:00Z", "ymd"),
        ("2010-12-01T05:26:00.000-03:00", "ymd"),
        ("20101201 8:26", "ymd"),
        ("1 dic 2010 8:26", "dmy"),
        ("1 de diciembre de 2010 8:26", "dmy"),
        ("01-Dec-10 8:26am", "dmy"),
        ("Dec 1, 2010 8:26 AM", "mdy"),
    ],
)
def test_a_date_and_time_is_parsed_in_its_order(text: str, order: str) -> None:
    assert utc(text, order) == "2010-12-01T08:26"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hoy",
        "31/02/2010",
        "1/12/201",
        "1/12/2010 25:00",
        "1/12/2010 13:00 pm",
        "1/12/2010x",
        "1-12/2010",
        "0/0/00",
    ],
)
def test_a_text_that_is_no_date_gives_none(text: str) -> None:
    assert utc(text, "dmy") is None


def test_two_digit_years_follow_posix() -> None:
    assert [
        utc(f"1/2/{year}", "dmy", ZoneInfo("UTC")) for year in ("00", "68", "69", "99")
    ] == [
        "2000-02-01T00:00",
        "2068-02-01T00:00",
        "1969-02-01T00:00",
        "1999-02-01T00:00",
    ]


def test_the_day_is_the_day_in_the_shops_zone() -> None:
    moment = DateParser(SANTIAGO, "ymd").parse("2026-01-01T01:00:00Z")
    assert moment is not None
    assert moment.day == datetime(2025, 12, 31).toordinal()


def test_a_skipped_hour_is_later_and_a_repeated_hour_is_the_first() -> None:
    assert utc("27/3/2011 1:30", "dmy") == "2011-03-27T01:30"  # 2:30 in summer time
    assert utc("30/10/2011 1:30", "dmy") == "2011-10-30T00:30"
    # A day that began at one o'clock.
    assert utc("2022-09-11", "ymd", SANTIAGO) == "2022-09-11T04:00"


def evidence(*texts: str) -> OrderEvidence:
    seen = OrderEvidence()
    for line, text in enumerate(texts, start=2):
        seen.observe(text, line)
    return seen


def test_the_only_order_that_fits_all_rows_is_taken() -> None:
    seen = evidence("12/1/10 8:26", "12/13/10 9:00")
    assert (seen.fitting, seen.open_orders) == ({"mdy"}, [])


def test_orders_that_give_different_days_stay_open() -> None:
    assert evidence("12/1/10 8:26").open_orders == ["dmy", "mdy", "ymd"]
    assert evidence("12/1/2010").open_orders == ["dmy", "mdy"]


def test_orders_that_give_the_same_days_are_not_open() -> None:
    assert evidence("5/5/2010", "6/6/2010").open_orders == []


def test_a_row_without_a_date_excludes_no_order() -> None:
    assert evidence("nada", "13/1/2010").fitting == {"dmy"}


def test_contradicting_rows_leave_no_order() -> None:
    seen = evidence("13/1/2010", "1/13/2010")
    assert (seen.fitting, seen.first_line) == (set(), {"mdy": 2, "ymd": 2, "dmy": 3})
