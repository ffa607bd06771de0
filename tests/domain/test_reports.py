"""Which days a report is about."""

from datetime import date, timedelta

import pytest

from trastienda.domain.errors import Invalid
from trastienda.domain.reports import MAX_DAYS, report_days

TODAY = date(2026, 3, 20)


def test_without_days_a_report_is_about_this_month_so_far() -> None:
    assert report_days(None, None, TODAY) == (date(2026, 3, 1), TODAY)


def test_without_a_first_day_it_begins_with_the_month_of_the_last() -> None:
    assert report_days(None, date(2025, 2, 9), TODAY) == (
        date(2025, 2, 1),
        date(2025, 2, 9),
    )


def test_without_a_last_day_it_goes_to_today_or_is_the_first_day_alone() -> None:
    assert report_days(date(2026, 1, 5), None, TODAY) == (date(2026, 1, 5), TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert report_days(tomorrow, None, TODAY) == (tomorrow, tomorrow)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        report_days(TODAY, TODAY - timedelta(days=1), TODAY)
    assert (refusal.value.field, refusal.value.reason) == (
        "until",
        "ends_before_it_begins",
    )


def test_a_span_has_at_most_ten_years() -> None:
    first = date(2000, 1, 1)
    longest = first + timedelta(days=MAX_DAYS - 1)
    assert report_days(first, longest, TODAY) == (first, longest)
    with pytest.raises(Invalid) as refusal:
        report_days(first, longest + timedelta(days=1), TODAY)
    assert (refusal.value.field, refusal.value.reason) == ("from", "span_too_long")
