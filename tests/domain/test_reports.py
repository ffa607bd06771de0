"""Reports: which days they are about, and how days add up."""

from datetime import date, timedelta

import pytest

from trastienda.domain.errors import Invalid
from trastienda.domain.reports import (
    MAX_DAYS,
    NOBODY,
    Amounts,
    Goods,
    Money,
    Period,
    Report,
    Seller,
    Sums,
    report_days,
)

TODAY = date(2026, 3, 20)


def test_without_days_a_report_is_about_today() -> None:
    assert report_days(None, None, TODAY) == (TODAY, TODAY)


def test_without_a_first_day_it_begins_with_the_month_of_the_last() -> None:
    assert report_days(None, date(2025, 2, 9), TODAY) == (
        date(2025, 2, 1),
        date(2025, 2, 9),
    )


def test_without_a_last_day_it_goes_to_today_or_is_the_first_day_alone() -> None:
    assert report_days(date(2026, 1, 5), None, TODAY) == (date(2026, 1, 5), TODAY)
    tomorrow = TODAY + timedelta(days=1)
    assert report_days(tomorrow, None, TODAY) == (tomorrow, tomorrow)


def test_a_period_goes_until_today_and_a_week_begins_on_monday() -> None:
    assert report_days(None, None, TODAY, Period.TODAY) == (TODAY, TODAY)
    monday = date(2026, 3, 16)
    sunday = date(2026, 3, 22)
    for today in (monday, TODAY, sunday):
        assert report_days(None, None, today, Period.WEEK) == (monday, today)
    assert report_days(None, None, TODAY, Period.MONTH) == (date(2026, 3, 1), TODAY)
    new_year = date(2027, 1, 1)
    assert report_days(None, None, new_year, Period.WEEK)[0] == date(2026, 12, 28)


def test_a_period_and_days_together_are_refused() -> None:
    for first, last in ((TODAY, None), (None, TODAY), (TODAY, TODAY)):
        with pytest.raises(Invalid) as refusal:
            report_days(first, last, TODAY, Period.TODAY)
        assert (refusal.value.field, refusal.value.reason) == (
            "period",
            "period_with_days",
        )


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


def test_what_returns_take_off_leaves_as_many_sales() -> None:
    sold = Amounts(2, 1290, 1000, 190, 100, -5, 700)
    returned = Amounts(1, 129, 100, 19, 10, 1, 70)
    assert sold.less(returned) == Amounts(2, 1161, 900, 171, 90, -6, 630)


def test_a_margin_is_what_is_left_without_tax_after_the_cost() -> None:
    sold = Amounts(1, 1290, 1000, 190, 100, 0, 700)
    assert sold.margin_minor == 400
    assert Goods(1000, 1290, 1100, 700).margin_minor == 400
    returned = Amounts(1, 645, 500, 95, 50, 0, 350)
    assert Sums(sold=sold, returned=returned).margin_minor == 200


def test_days_add_up_figure_by_figure_and_key_by_key() -> None:
    monday = Sums(
        sold=Amounts(1, 2, 3, 4, 5, 6, 7),
        returned=Amounts(1, 1, 1, 1, 1, 1, 1),
        goods_sold={1: Goods(1, 2, 3, 4)},
        goods_returned={2: Goods(1, 1, 1, 1)},
        sellers={NOBODY: Seller(1, 2, 3)},
        money={"cash": Money(1, 2, 3)},
    )
    tuesday = Sums(
        sold=Amounts(10, 20, 30, 40, 50, 60, 70),
        goods_sold={1: Goods(10, 20, 30, 40), 3: Goods(5, 5, 5, 5)},
        sellers={2: Seller(7, 7, 7), NOBODY: Seller(10, 20, 30)},
        money={"debit": Money(9, 9, 9), "cash": Money(10, 20, 30)},
    )
    both = Sums()
    both.add(monday)
    both.add(tuesday)
    assert both == Sums(
        sold=Amounts(11, 22, 33, 44, 55, 66, 77),
        returned=Amounts(1, 1, 1, 1, 1, 1, 1),
        goods_sold={1: Goods(11, 22, 33, 44), 3: Goods(5, 5, 5, 5)},
        goods_returned={2: Goods(1, 1, 1, 1)},
        sellers={NOBODY: Seller(11, 22, 33), 2: Seller(7, 7, 7)},
        money={"cash": Money(11, 22, 33), "debit": Money(9, 9, 9)},
    )


def test_adding_days_leaves_those_that_were_added_as_they_were() -> None:
    day = Sums(goods_sold={1: Goods(1, 2, 3, 4)}, money={"cash": Money(1, 2, 3)})
    both = Sums()
    both.add(day)
    both.add(day)
    assert day.goods_sold == {1: Goods(1, 2, 3, 4)}
    assert day.money == {"cash": Money(1, 2, 3)}


def test_goods_are_listed_by_what_was_sold_and_those_that_only_came_back_last() -> None:
    sums = Sums(
        goods_sold={1: Goods(total_minor=10), 2: Goods(total_minor=30)},
        goods_returned={2: Goods(total_minor=5), 3: Goods(total_minor=99)},
    )
    products = {1: ("B", "Pan"), 2: ("C", "Queso"), 3: ("A", "Té")}
    report = Report(date.min, date.min, sums, (), products, {})
    rows = [
        (code, sold.total_minor, returned.total_minor)
        for code, _, sold, returned in report.goods()
    ]
    assert rows == [("C", 30, 5), ("B", 10, 0), ("A", 0, 99)]
