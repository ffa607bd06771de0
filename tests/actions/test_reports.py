"""Reports: the sums of the documents, in the shop's own days, kept or worked out."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.harness.books import BETO, OPENING_DAY_MS, TestShop, ticking
from tests.harness.past import BREAD, CASH, DEBIT, MILK, OWED, fill

from trastienda.actions import products, reports, returns, sales, shop, verification
from trastienda.domain.errors import Forbidden, Invalid
from trastienda.domain.lists import Window
from trastienda.domain.money import divide_half_up
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import SHELL
from trastienda.domain.products import ProductDraft
from trastienda.domain.reports import Report
from trastienda.domain.returns import Return, ReturnLine, ReturnOrder
from trastienda.domain.sales import SaleLine
from trastienda.domain.verification import Reason
from trastienda.storage import returns as return_rows
from trastienda.storage import schema

DAY_MS = 86_400_000
FIRST, LAST = date(2025, 11, 1), date(2025, 12, 31)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> TestShop:
    one = TestShop(tmp_path_factory.mktemp("full") / "shop.db")
    fill(one)
    return one


def report(one: TestShop, first: date = FIRST, last: date = LAST) -> Report:
    return one.look(lambda snapshot: reports.summary(snapshot, one.ana, first, last))


def keep_all(one: TestShop) -> int:
    days = 0
    while done := one.do(lambda transaction: reports.keep_days(transaction, 1)):
        days += done
    return days


def kept_days(one: TestShop) -> int:
    count = sa.select(sa.func.count()).select_from(schema.day_summaries)
    return one.look(
        lambda snapshot: int(snapshot.connection.execute(count).scalar_one())
    )


def at(one: TestShop, *moment: int) -> None:
    """Set the clock, in UTC."""
    one.clock = ticking(int(datetime(*moment, tzinfo=UTC).timestamp()) * 1000, 0)  # type: ignore[misc, arg-type]


def _cost_minor(line: SaleLine | ReturnLine) -> int:
    cost_milli = line.cost_minor * 1000 + line.cost_rest_milli
    return divide_half_up(line.quantity_milli * cost_milli, 1_000_000)


class TestWhatADayCameTo:
    def test_a_summary_is_the_sum_of_its_documents(self, full: TestShop) -> None:
        every = full.look(
            lambda snapshot: sales.listed(snapshot, SHELL, Window(limit=200)).items
        )
        back = full.look(
            lambda snapshot: returns.listed(snapshot, SHELL, Window(limit=200)).items
        )
        found = report(full).sums
        assert found.sold.count == len(every) > 10
        assert found.sold.total_minor == sum(one.total_minor for one in every)
        assert found.sold.net_minor == sum(one.net_minor for one in every)
        assert found.sold.vat_minor == sum(one.vat_minor for one in every)
        assert found.sold.exempt_minor == sum(one.exempt_minor for one in every)
        assert found.returned.count == len(back) > 5
        assert found.returned.total_minor == sum(one.total_minor for one in back)
        cost_minor = sum(_cost_minor(line) for one in every for line in one.lines)
        assert found.sold.cost_minor == cost_minor > 0
        back_minor = sum(
            _cost_minor(line) for one in back if one.restock for line in one.lines
        )
        assert found.returned.cost_minor == back_minor > 0

    def test_sums_by_product_are_the_sums_of_the_lines(self, full: TestShop) -> None:
        every = full.look(
            lambda snapshot: sales.listed(snapshot, SHELL, Window(limit=200)).items
        )
        quantity_milli, total_minor = Counter[str](), Counter[str]()
        for one in every:
            for line in one.lines:
                quantity_milli[line.code] += line.quantity_milli
                total_minor[line.code] += line.total_minor
        found = {
            code: sold
            for code, _, sold, _ in report(full).goods()
            if sold.quantity_milli
        }
        assert {
            code: one.quantity_milli for code, one in found.items()
        } == quantity_milli
        assert {code: one.total_minor for code, one in found.items()} == total_minor

    def test_sums_by_method_are_the_sums_of_the_payments(self, full: TestShop) -> None:
        found = report(full).sums
        sold_minor = sum(one.sold_minor for one in found.money.values())
        assert sold_minor == found.sold.total_minor + found.sold.rounding_minor
        refunds = full.look(
            lambda snapshot: returns.listed(snapshot, SHELL, Window(limit=200)).items
        )
        by_method = {
            method: sums.refunded_minor for method, sums in found.money.items()
        }
        assert by_method["owed"] == sum(one.debt_reduced_minor for one in refunds) > 0
        returned = found.returned
        assert sum(by_method.values()) == returned.total_minor + returned.rounding_minor
        assert found.money["cash"].collected_minor > 0

    def test_the_margin_uses_the_cost_at_the_time_of_the_sale(
        self, books: TestShop
    ) -> None:
        _goods(books)
        books.sell((BREAD, 2000))  # 1990 each, which had cost 1000 without tax
        found = report(books).sums
        assert found.sold.net_minor == 3345
        assert found.margin_minor == 3345 - 2000
        books.do(
            lambda transaction: transaction.connection.execute(
                sa.update(schema.products).values(cost_minor=1)
            )
        )
        assert report(books).sums.margin_minor == 3345 - 2000

    def test_a_return_of_exempt_goods_alone_has_no_rate(self, books: TestShop) -> None:
        _goods(books)
        at_ms = books.clock()
        line = ReturnLine(0, 1, BREAD, "Pan", 1000, 990, 0, True)
        imported = Return(
            id=1,
            sale_id=None,
            at_ms=at_ms,
            seller_id=None,
            seller=None,
            reason="importada",
            lines=(line,),
            net_minor=0,
            vat_minor=0,
            exempt_minor=990,
            total_minor=990,
            rounding_minor=0,
            method=Method.OTHER,
            refund_minor=990,
            debt_reduced_minor=0,
            origin_number="N7",
        )
        books.do(lambda transaction: return_rows.add(transaction, [imported]))
        assert report(books).sums.returned.exempt_minor == 990

    def test_goods_that_came_back_broken_still_count_as_cost(
        self, books: TestShop
    ) -> None:
        _goods(books)
        books.sell((BREAD, 2000))
        books.do(
            lambda transaction: returns.take_back(
                transaction, books.ana, 1, ReturnOrder(reason="roto", restock=False)
            )
        )
        assert report(books).sums.margin_minor == -2000

    def test_a_debt_counts_on_the_day_it_is_collected(self, books: TestShop) -> None:
        _goods(books)
        at(books, 2025, 12, 5, 12)
        books.sell((BREAD, 1000), payments=[Payment(OWED, 1990)], customer_rut=BETO.rut)
        at(books, 2025, 12, 6, 12)
        books.do(
            lambda transaction: sales.settle(
                transaction, books.beto, 1, [Payment(CASH, 2000)]
            )
        )
        first, second = (
            report(books, day, day).sums
            for day in (date(2025, 12, 5), date(2025, 12, 6))
        )
        assert first.money["owed"].sold_minor == 1990
        assert "cash" not in first.money
        assert second.money["cash"].collected_minor == 1990
        assert second.sold.count == 0


def _goods(one: TestShop) -> None:
    for code, name in ((BREAD, "Pan de molde"), (MILK, "Leche")):
        draft = ProductDraft(
            code=code, name=name, price_minor=1990, cost_minor=1000, stock_milli=10**6
        )
        one.do(partial(products.create, actor=one.ana, draft=draft))


class TestDays:
    def test_days_follow_the_zone_when_the_clock_changes(self, books: TestShop) -> None:
        # Chile went to summer time on 7 September 2025: at 00:00 it was 01:00, so that
        # day had 23 hours.
        at(books, 2025, 9, 1, 12)
        _goods(books)
        for moment in ((7, 3, 59), (7, 4, 0), (8, 2, 59), (8, 3, 0)):
            at(books, 2025, 9, *moment)
            books.sell((BREAD, 1000))
        found = report(books, date(2025, 9, 1), date(2025, 9, 30))
        assert [(one.day.day, one.sold.count) for one in found.days] == [
            (6, 1),
            (7, 2),
            (8, 1),
        ]
        at(books, 2025, 10, 1, 12)
        assert keep_all(books) == 3
        assert report(books, date(2025, 9, 1), date(2025, 9, 30)) == found

    def test_a_day_of_25_hours_is_summed_whole(self, books: TestShop) -> None:
        # It went back on 5 April 2026: at 00:00 it was again 23:00 of the 4th, which
        # lasted until 04:00 UTC.
        at(books, 2026, 4, 1, 12)
        _goods(books)
        for moment in ((4, 2, 59), (4, 3, 0), (5, 3, 30), (5, 4, 0)):
            at(books, 2026, 4, *moment)
            books.sell((BREAD, 1000))
        found = report(books, date(2026, 4, 1), date(2026, 4, 30))
        assert [(one.day.day, one.sold.count) for one in found.days] == [
            (3, 1),
            (4, 2),
            (5, 1),
        ]

    def test_another_zone_has_other_days(self, books: TestShop) -> None:
        _goods(books)
        at(books, 2025, 12, 6, 2)  # the evening of the 5th in Chile
        books.sell((BREAD, 1000))
        at(books, 2025, 12, 20, 12)
        assert keep_all(books) == 1
        assert [one.day.day for one in report(books).days] == [5]
        books.do(
            lambda transaction: shop.change(
                transaction, books.ana, {"timezone": "Europe/Madrid"}
            )
        )
        assert kept_days(books) == 0
        assert [one.day.day for one in report(books).days] == [6]

    def test_the_default_is_today_as_the_shop_s_zone_has_it(
        self, books: TestShop
    ) -> None:
        at(books, 2025, 12, 20, 2)  # where it is still the evening before
        today = date(2025, 12, 19)
        found = books.look(lambda snapshot: reports.summary(snapshot, books.ana))
        assert (found.first, found.last) == (today, today)

    def test_a_span_that_ends_before_it_begins_or_is_endless_is_refused(
        self, books: TestShop
    ) -> None:
        with pytest.raises(Invalid):
            report(books, LAST, FIRST)
        with pytest.raises(Invalid):
            report(books, date(2001, 1, 1), date(2020, 1, 1))
        with pytest.raises(Invalid):
            report(books, date.max, date.max)
        assert report(books, date.min, date.min).days == ()

    def test_only_an_administrator_sees_reports(self, books: TestShop) -> None:
        with pytest.raises(Forbidden):
            books.look(
                lambda snapshot: reports.summary(snapshot, books.beto, FIRST, LAST)
            )


class TestKeptDays:
    def test_stored_sums_equal_the_sums_of_the_rows(self, tmp_path: Path) -> None:
        one = TestShop(tmp_path / "shop.db")
        fill(one)
        fresh = report(one)
        one.clock = ticking(OPENING_DAY_MS + 40 * DAY_MS)
        assert keep_all(one) == kept_days(one) == len(fresh.days) == 3
        assert report(one) == fresh
        assert one.look(verification.verify) is None

    def test_the_sums_of_today_are_not_stored(self, books: TestShop) -> None:
        _goods(books)
        books.sell((BREAD, 1000))
        assert keep_all(books) == 0

    def test_stored_sums_are_dropped_when_the_clock_was_set_back(
        self, books: TestShop
    ) -> None:
        _goods(books)
        for day in (5, 6, 7):
            at(books, 2025, 12, day, 12)
            books.sell((BREAD, 1000))
        at(books, 2025, 12, 20, 12)
        assert keep_all(books) == 3
        at(books, 2025, 12, 6, 13)
        books.sell((MILK, 1000))
        assert kept_days(books) == 1
        assert [one.sold.count for one in report(books).days] == [1, 2, 1]
        at(books, 2025, 12, 20, 12)
        assert keep_all(books) == 2
        assert [one.sold.count for one in report(books).days] == [1, 2, 1]
        assert books.look(verification.verify) is None

    def test_verification_finds_an_edited_sum(self, books: TestShop) -> None:
        _goods(books)
        books.sell((BREAD, 1000))
        at(books, 2025, 12, 20, 12)
        assert keep_all(books) == 1
        one = schema.day_summaries
        books.do(
            lambda transaction: transaction.connection.execute(
                sa.update(one).values(
                    content=sa.func.replace(one.c.content, "1990", "1991")
                )
            )
        )
        broken = books.look(verification.verify)
        assert broken is not None
        assert broken.reason is Reason.SUMS


def test_a_report_names_its_products_and_sellers(books: TestShop) -> None:
    _goods(books)
    books.sell((BREAD, 1000), payments=[Payment(DEBIT, 1990)])
    found = report(books)
    assert found.products == {1: (BREAD, "Pan de molde")}
    assert [one.name for one in found.sellers.values()] == ["Beto"]
