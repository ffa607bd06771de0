"""Reports: the sums of a day, which add up to the sums of any span of days."""

import enum
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from msgspec import Struct, field

from trastienda.domain.errors import Invalid
from trastienda.domain.payments import Payment
from trastienda.domain.people import Person

MAX_DAYS = 3_660
"""Ten years: longer than books must be kept. It bounds the days in one answer."""


class Period(enum.Enum):
    """Days that have a name; all of them go until today."""

    TODAY = enum.auto()
    WEEK = enum.auto()
    """From Monday."""
    MONTH = enum.auto()
    """From the first."""

    def first_day(self, today: date) -> date:
        """Return the day on which it begins."""
        if self is Period.WEEK:
            return today - timedelta(days=today.weekday())
        if self is Period.MONTH:
            return today.replace(day=1)
        return today


def report_days(
    first: date | None,
    last: date | None,
    today: date,
    period: Period | None = None,
) -> tuple[date, date]:
    """Return the first and the last day of a report, both included.

    Without days and period it is today's alone. A ``last`` alone has the days of its
    month before it, a ``first`` alone goes until today. Raises Invalid for a span that
    ends before it begins or has more than MAX_DAYS days, and for a period beside days,
    which could say something else.
    """
    days_are_given = first is not None or last is not None
    if period is not None and days_are_given:
        raise Invalid("period", "period_with_days")
    if not days_are_given:
        period = period or Period.TODAY
        return period.first_day(today), today

    if last is None:
        last = max(today, first or date.min)
    if first is None:
        first = Period.MONTH.first_day(last)

    if first > last:
        raise Invalid("until", "ends_before_it_begins")
    if (last - first).days >= MAX_DAYS:
        raise Invalid("from", "span_too_long", limit=MAX_DAYS)
    return first, last


class Amounts(Struct, array_like=True, gc=False):
    """How many documents there were, and their sums.

    ``cost_minor`` is the cost of the goods in them, without tax. Of returns it counts
    only what went back to the shelf: goods that came back broken are lost.
    """

    count: int = 0
    total_minor: int = 0
    net_minor: int = 0
    vat_minor: int = 0
    exempt_minor: int = 0
    rounding_minor: int = 0
    cost_minor: int = 0

    def add(self, other: "Amounts") -> None:
        """Add what other documents came to."""
        self.count += other.count
        self.total_minor += other.total_minor
        self.net_minor += other.net_minor
        self.vat_minor += other.vat_minor
        self.exempt_minor += other.exempt_minor
        self.rounding_minor += other.rounding_minor
        self.cost_minor += other.cost_minor

    def less(self, returned: "Amounts") -> "Amounts":
        """Return what is left of the sums once those of returns are taken off.

        There are as many documents as before: a return does not undo a sale.
        """
        return Amounts(
            count=self.count,
            total_minor=self.total_minor - returned.total_minor,
            net_minor=self.net_minor - returned.net_minor,
            vat_minor=self.vat_minor - returned.vat_minor,
            exempt_minor=self.exempt_minor - returned.exempt_minor,
            rounding_minor=self.rounding_minor - returned.rounding_minor,
            cost_minor=self.cost_minor - returned.cost_minor,
        )

    @property
    def margin_minor(self) -> int:
        """The revenue without tax, less the cost of the goods."""
        return self.net_minor + self.exempt_minor - self.cost_minor


class Goods(Struct, array_like=True, gc=False):
    """A quantity of one product and its sums; ``untaxed_minor`` is ``total_minor`` without tax."""

    quantity_milli: int = 0
    total_minor: int = 0
    untaxed_minor: int = 0
    cost_minor: int = 0

    def add(self, other: "Goods") -> None:
        """Add more of the same product."""
        self.quantity_milli += other.quantity_milli
        self.total_minor += other.total_minor
        self.untaxed_minor += other.untaxed_minor
        self.cost_minor += other.cost_minor

    @property
    def margin_minor(self) -> int:
        """The revenue without tax, less the cost of the goods."""
        return self.untaxed_minor - self.cost_minor


class Money(Struct, array_like=True, gc=False):
    """Money by one method: received with sales (less change), received for debts later,
    and paid back. Of the money owed, what returns took off the debts is paid back."""

    sold_minor: int = 0
    collected_minor: int = 0
    refunded_minor: int = 0

    def add(self, other: "Money") -> None:
        """Add more money by the same means."""
        self.sold_minor += other.sold_minor
        self.collected_minor += other.collected_minor
        self.refunded_minor += other.refunded_minor


class Seller(Struct, array_like=True, gc=False):
    """The sales and returns of one person."""

    sales: int = 0
    total_minor: int = 0
    returned_minor: int = 0

    def add(self, other: "Seller") -> None:
        """Add more of the same person."""
        self.sales += other.sales
        self.total_minor += other.total_minor
        self.returned_minor += other.returned_minor


NOBODY = 0
"""The seller of sales without one: imported sales, and what customers bought alone."""


class Sums(Struct):
    """The sums of a day or of several days: of products and sellers by id, of money by
    the method's name."""

    sold: Amounts = field(default_factory=Amounts)
    returned: Amounts = field(default_factory=Amounts)
    goods_sold: dict[int, Goods] = {}
    goods_returned: dict[int, Goods] = {}
    sellers: dict[int, Seller] = {}
    money: dict[str, Money] = {}

    def add(self, other: "Sums") -> None:
        """Add another day."""
        self.sold.add(other.sold)
        self.returned.add(other.returned)
        _merge(self.goods_sold, other.goods_sold, Goods)
        _merge(self.goods_returned, other.goods_returned, Goods)
        _merge(self.sellers, other.sellers, Seller)
        _merge(self.money, other.money, Money)

    def give_back(self, refund: Payment) -> None:
        """Add what returns gave back by one method, or took off debts."""
        if refund.amount_minor:
            money = self.money.setdefault(refund.method.value, Money())
            money.refunded_minor += refund.amount_minor

    @property
    def margin_minor(self) -> int:
        """The margin of the sales, less the margin of the returns."""
        return self.sold.less(self.returned).margin_minor


Key = TypeVar("Key", int, str)
Total = TypeVar("Total", Goods, Seller, Money)


def _merge(
    into: dict[Key, Total],
    more: dict[Key, Total],
    new: type[Total],
) -> None:
    for key, value in more.items():
        total = into.get(key)
        if total is None:
            total = into[key] = new()
        total.add(value)


class Day(Struct, frozen=True):
    """The sums of one day, in short."""

    day: date
    sold: Amounts
    returned: Amounts


class Report(Struct, frozen=True):
    """The sums of some days.

    ``products`` (code and name) and ``sellers`` say whose the ids in ``sums`` are.
    """

    first: date
    last: date
    sums: Sums
    days: tuple[Day, ...]
    products: Mapping[int, tuple[str, str]]
    sellers: Mapping[int, Person]

    def goods(self) -> Iterator[tuple[str, str, Goods, Goods]]:
        """Yield code, name, what was sold and what came back of each product, the largest
        total first."""
        all_sold, all_returned = self.sums.goods_sold, self.sums.goods_returned
        nothing = Goods()
        rows = []
        for product_id in {**all_sold, **all_returned}:
            code, name = self.products[product_id]
            sold = all_sold.get(product_id, nothing)
            returned = all_returned.get(product_id, nothing)
            rows.append((code, name, sold, returned))
        yield from sorted(rows, key=lambda row: (-row[2].total_minor, row[0]))
