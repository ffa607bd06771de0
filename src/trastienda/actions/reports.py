"""What days came to, flat in time as history grows: days that are over are summed once, and kept."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.domain.days import ONE_DAY, day_of, day_start_ms
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.reports import NOBODY, Day, Report, Sums, report_days
from trastienda.storage import reports
from trastienda.storage.reports import Kept
from trastienda.storage.transactions import Snapshot, Tx


def summary(
    snapshot: Snapshot,
    actor: Actor,
    first: date | None = None,
    last: date | None = None,
) -> Report:
    """Return the report on the days from ``first`` to ``last``, both included, in the shop's own zone.

    :func:`~trastienda.domain.reports.report_days` says which days they are where they are not given, and raises
    Invalid for a span that no report has.
    """
    require(actor, Permission.SEE_REPORTS)
    zone = snapshot.shop.zone
    first, last = report_days(first, last, day_of(snapshot.now_ms, zone))
    try:
        from_ms = day_start_ms(first, zone)
        until_ms = day_start_ms(last + ONE_DAY, zone)
    except OverflowError as error:  # the first or the last day of the calendar
        raise Invalid("until", "not_a_date") from error

    total = Sums()
    days = []
    for span, sums in _days(snapshot, from_ms, until_ms):
        total.add(sums)
        sold, returned = sums.sold, sums.returned
        days.append(Day(span.day, sold.count, sold.total_minor, returned.total_minor))

    products = reports.product_names(
        snapshot.connection, {*total.goods_sold, *total.goods_returned}
    )
    sellers = reports.people(snapshot.connection, {*total.sellers} - {NOBODY})
    return Report(first, last, total, tuple(days), products, sellers)


class _Span(Struct, frozen=True):
    """A day of the shop, and from when until when it goes."""

    day: date
    from_ms: int
    until_ms: int


def _span(at_ms: int, zone: ZoneInfo) -> _Span:
    day = day_of(at_ms, zone)
    return _Span(day, day_start_ms(day, zone), day_start_ms(day + ONE_DAY, zone))


def _days(
    snapshot: Snapshot, from_ms: int, until_ms: int
) -> Iterator[tuple[_Span, Sums]]:
    """Yield each day on which anything happened, and what it came to: as kept, or else summed now."""
    reached_ms = from_ms
    end = Kept(until_ms, until_ms, "")
    for day in chain(reports.kept(snapshot.connection, from_ms, until_ms), (end,)):
        span = _span(day.from_ms, snapshot.shop.zone)
        if day is not end and (span.from_ms, span.until_ms) != (
            day.from_ms,
            day.until_ms,
        ):
            continue  # the rules of the zone have changed since
        for one in _active(snapshot, reached_ms, day.from_ms):
            yield one, reports.summed(snapshot.connection, one.from_ms, one.until_ms)
        if day is not end:
            yield span, day.sums
        reached_ms = day.until_ms


def _active(snapshot: Snapshot, from_ms: int, until_ms: int) -> Iterator[_Span]:
    """Yield the days of that span on which anything happened."""
    while (
        from_ms < until_ms
        and (at_ms := reports.next_activity(snapshot.connection, from_ms, until_ms))
        is not None
    ):
        span = _span(at_ms, snapshot.shop.zone)
        yield span
        from_ms = span.until_ms


def keep_days(tx: Tx, limit: int) -> int:
    """Sum at most ``limit`` days that are over and not summed yet, oldest first; return how many there were.

    Few at a time, since tills wait meanwhile.
    """
    today_ms = _span(tx.now_ms, tx.shop.zone).from_ms
    reached_ms, done = 0, 0
    for from_ms, until_ms in [
        *reports.kept_bounds(tx.connection),
        (today_ms, today_ms),
    ]:
        for span in _active(tx, reached_ms, min(from_ms, today_ms)):
            if done == limit:
                return done
            sums = reports.summed(tx.connection, span.from_ms, span.until_ms)
            tx.keep_day(span.from_ms, span.until_ms, reports.content(sums))
            done += 1
        reached_ms = until_ms
    return done
