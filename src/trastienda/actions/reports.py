"""Reports on some days.

A day that is over is summed once and stored, so that reports stay fast as history grows.
"""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.days import ONE_DAY, day_of, day_start_ms
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.reports import NOBODY, Day, Period, Report, Sums, report_days
from trastienda.storage import reports
from trastienda.storage.transactions import Snapshot, Tx


def summary(
    snapshot: Snapshot,
    actor: Actor,
    first: date | None = None,
    last: date | None = None,
    period: Period | None = None,
) -> Report:
    """Return the report on the days from ``first`` to ``last``, both included, or on those
    of a period.

    They are days of the shop's own zone.
    :func:`~trastienda.domain.reports.report_days` says which days they are where they are
    not given, and raises Invalid for a span that no report has.
    """
    require(actor, Permission.SEE_REPORTS)
    time_zone = snapshot.shop.time_zone
    today = day_of(snapshot.now_ms, time_zone)
    first, last = report_days(first, last, today, period)
    try:
        from_ms = day_start_ms(first, time_zone)
        until_ms = day_start_ms(last + ONE_DAY, time_zone)
    except OverflowError as error:
        # The first or the last day of the calendar.
        raise Invalid("until", "not_a_date") from error

    total = Sums()
    days = []
    for span, sums in _summed_days(snapshot, from_ms, until_ms):
        total.add(sums)
        days.append(Day(span.day, sums.sold, sums.returned))

    product_ids = {*total.goods_sold, *total.goods_returned}
    products = reports.product_names(snapshot.connection, product_ids)
    seller_ids = {*total.sellers} - {NOBODY}
    sellers = reports.people(snapshot.connection, seller_ids)
    return Report(first, last, total, tuple(days), products, sellers)


class _Span(Struct, frozen=True):
    """A day of the shop: ``from_ms <= at < until_ms``."""

    day: date
    from_ms: int
    until_ms: int


def _span(at_ms: int, time_zone: ZoneInfo) -> _Span:
    day = day_of(at_ms, time_zone)
    from_ms = day_start_ms(day, time_zone)
    until_ms = day_start_ms(day + ONE_DAY, time_zone)
    return _Span(day, from_ms, until_ms)


def _summed_days(
    snapshot: Snapshot,
    from_ms: int,
    until_ms: int,
) -> Iterator[tuple[_Span, Sums]]:
    """Yield the days of a span on which anything happened, with their sums.

    The sums are those stored, or else worked out now.
    """
    reached_ms = from_ms
    for stored in reports.kept(snapshot.connection, from_ms, until_ms):
        span = _span(stored.from_ms, snapshot.shop.time_zone)
        if (span.from_ms, span.until_ms) != (stored.from_ms, stored.until_ms):
            # Stored before the rules of the zone changed.
            continue

        yield from _sum_days(snapshot, reached_ms, stored.from_ms)
        yield span, stored.sums
        reached_ms = stored.until_ms
    yield from _sum_days(snapshot, reached_ms, until_ms)


def _sum_days(
    snapshot: Snapshot,
    from_ms: int,
    until_ms: int,
) -> Iterator[tuple[_Span, Sums]]:
    for span in _active_days(snapshot, from_ms, until_ms):
        sums = reports.summed(snapshot.connection, span.from_ms, span.until_ms)
        yield span, sums


def _active_days(
    snapshot: Snapshot,
    from_ms: int,
    until_ms: int,
) -> Iterator[_Span]:
    """Yield the days of a span on which anything happened."""
    while from_ms < until_ms:
        at_ms = reports.next_activity(snapshot.connection, from_ms, until_ms)
        if at_ms is None:
            return
        span = _span(at_ms, snapshot.shop.time_zone)
        yield span
        from_ms = span.until_ms


def keep_days(transaction: Tx, limit: int) -> int:
    """Sum and store at most ``limit`` days that are over, oldest first.

    Returns how many there were. Few at a time, since tills wait meanwhile.
    """
    today_ms = _span(transaction.now_ms, transaction.shop.time_zone).from_ms
    stored_bounds = reports.kept_bounds(transaction.connection)
    count = 0

    # The gaps between the days stored are summed, and then what is left until today.
    reached_ms = 0
    for from_ms, until_ms in [*stored_bounds, (today_ms, today_ms)]:
        gap_end_ms = min(from_ms, today_ms)
        for span in _active_days(transaction, reached_ms, gap_end_ms):
            if count == limit:
                return count
            sums = reports.summed(transaction.connection, span.from_ms, span.until_ms)
            transaction.keep_day(span.from_ms, span.until_ms, reports.content(sums))
            count += 1
        reached_ms = until_ms
    return count
