"""Dates and times as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trastienda.files.cells.dates import DateParser, with_time

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
        ("01-12-2010 8:26 hrs", "dmy"),
        ("01-12-2010 08:26 Hrs.", "dmy"),
        ("01-12-2010 8.26", "dmy"),
        ("01.12.2010 8h26", "dmy"),
        ("1/12/2010 8:26h", "dmy"),
        ("1/12/2010 8:26 horas", "dmy"),
        ("miércoles, 1 de diciembre de 2010 a las 8:26", "dmy"),
        ("Mié. 01-12-2010 - 08:26", "dmy"),
        ("Wednesday, December 1, 2010 8:26 AM", "mdy"),
        ("1 de diciembre del 2010 8:26", "dmy"),
        ("2010-12-01 05:26:00-03", "ymd"),
        ("2010-12-01 05:26:00.123456-03", "ymd"),
        ("2010-12-01 05:26 GMT-3", "ymd"),
        ("Wed Dec 01 2010 05:26:00 GMT-0300", "mdy"),
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
        "lunes, 1 de diciembre de 2010",
        "casa, 1 de diciembre de 2010",
        "1/12/2010 10:15 -99",
        "1/12/2010 25h",
    ],
)
def test_a_text_that_is_no_date_gives_none(text: str) -> None:
    assert utc(text, "dmy") is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1/12/2010 21h", "21:00"),
        ("1/12/2010 9 pm", "21:00"),
        ("1/12/2010 21 hrs", "21:00"),
        ("Dec 1, 10", "00:00"),
        ("mar 01.12.10", None),
        ("mié 01.12.10", "00:00"),
    ],
)
def test_an_hour_alone_names_itself_an_hour(text: str, time: str | None) -> None:
    order = "mdy" if text.startswith("Dec") else "dmy"
    assert utc(text, order) == (time and f"2010-12-01T{time}")


@pytest.mark.parametrize(
    ("date", "time", "joined"),
    [
        ("3/12/2025", "10:15 hrs", "2025-12-03T10:15"),
        ("3/12/2025", "21.05", "2025-12-03T21:05"),
        ("2025-12-03T", "10:15:00", "2025-12-03T10:15"),
        ("2025-12-03T10:15:00.000", "10:15:00", "2025-12-03T10:15"),
        ("2025-12-03T10:15:00.000", "1899-12-31T10:15:00.000", "2025-12-03T10:15"),
        ("2025-12-03T10:15:00.000", "", "2025-12-03T10:15"),
        ("3/12/2025 10:15:33", "10:15", "2025-12-03T10:15"),
        ("3/12/2025 0:00:00", "10:15", "2025-12-03T10:15"),
        ("2025-12-03T", "2025-12-03T10:15:00.000", "2025-12-03T10:15"),
    ],
)
def test_a_date_and_the_time_of_another_cell_are_one_moment(
    date: str, time: str, joined: str
) -> None:
    text = with_time(date, time)
    assert text is not None
    assert utc(text, "dmy", ZoneInfo("UTC")) == joined


def test_two_different_times_are_no_moment() -> None:
    assert with_time("2025-12-03T10:15:00.000", "18:40") is None


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


def test_days_and_months_of_dates_in_cells_are_changed_back() -> None:
    parse = DateParser(ZoneInfo("UTC"), "dmy", typed_are_swapped=True).parse
    days = [parse("2025-05-12T"), parse("2025-05-12T 10:15"), parse("13/12/2025")]
    assert [moment and moment.day for moment in days] == [
        datetime(2025, 12, day).toordinal() for day in (5, 5, 13)
    ]
