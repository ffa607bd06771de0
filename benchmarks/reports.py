"""Claim: a report takes as long with a million sales behind it as with the month that it is about.

    python benchmarks/reports.py          1,000 products, 1,000,000 past sales: some minutes
    python benchmarks/reports.py --quick  20,000 past sales

The same report of the same days in a shop that opened 35 days ago and in one that has
sold for two years; and, in the latter, from the days that were summed when they were
over against the rows themselves.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import options
import servers
import shops
from tables import median, table
from trastienda.actions import reports
from trastienda.domain.days import ONE_DAY, day_of
from trastienda.domain.people import SHELL
from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import Database
from trastienda.storage.transactions import Snapshot, read_snapshot, writing

FULL = {"rounds": 5, "sales": 1_000_000, "young": 35 * 24 * 60}
QUICK = {"rounds": 3, "sales": 20_000, "young": 2_000}
"""Past sales of either shop, one a minute."""
PRODUCTS = 1_000
SALES_A_MOMENT = 60
"""Sold within the same hour, so that each day has its own."""
SPANS = ((1, "yesterday"), (7, "7 days"), (30, "30 days"), (365, "365 days"))
LONGEST_OF_THE_YOUNG = 30


def main() -> None:
    """Build both shops, ask each for its reports, and print how long they took."""
    arguments = options.parse(__doc__, FULL, QUICK)
    rounds = arguments.rounds
    with servers.scratch_folder() as folder:
        young = build_shop(folder / "young", arguments.young)
        old = build_shop(folder / "old", arguments.sales)
        from_rows_ms = {days: median_ms(old, days, rounds) for days, _ in SPANS}
        for database in (young, old):
            sum_days(database)

        rows: list[tuple[object, ...]] = []
        for days, name in SPANS:
            old_ms = median_ms(old, days, rounds)
            young_ms = median_ms(young, days, rounds)
            beside: tuple[object, object] = ("", "")
            if days <= LONGEST_OF_THE_YOUNG:
                beside = (young_ms, old_ms / young_ms)
            rows_ms = from_rows_ms[days]
            rows.append((name, old_ms, *beside, rows_ms, rows_ms / old_ms))
    columns = (
        "report of",
        "old shop ms",
        "young shop ms",
        "old / young",
        "from rows ms",
        "rows / summed",
    )
    title = f"Reports, {arguments.sales:,} sales against {arguments.young:,}"
    table(title, columns, rows)


def build_shop(folder: Path, sales: int) -> Database:
    """Build a shop with so many past sales and open it."""
    folder.mkdir()
    codes = shops.create(folder, PRODUCTS)
    shops.sell_past(folder, codes, sales, SALES_A_MOMENT)
    return shops.opened(folder, durable=False)


def sum_days(database: Database) -> None:
    """Sum the days that are over, as the daily task does.

    Prints how long a till waits at most, behind one of them.
    """
    longest_s = 0.0
    with database.connect() as connection:
        summed = 1
        while summed:
            began = time.perf_counter()
            with writing(connection, now_ms) as transaction:
                summed = reports.keep_days(transaction, 1)
            longest_s = max(longest_s, time.perf_counter() - began)
    print(f"Summing a day took {1000 * longest_s:.0f} ms at most")


@contextmanager
def new_snapshot(database: Database) -> Iterator[Snapshot]:
    """Read the state of a shop."""
    with (
        database.connect() as connection,
        read_snapshot(connection, now_ms) as snapshot,
    ):
        yield snapshot


def median_ms(database: Database, days: int, rounds: int) -> float:
    """Return how long the report of the last ``days`` takes."""
    seconds = []
    for _ in range(rounds):
        with new_snapshot(database) as snapshot:
            last = day_of(snapshot.now_ms, snapshot.shop.time_zone) - ONE_DAY
            first = last - timedelta(days=days - 1)
            began = time.perf_counter()
            reports.summary(snapshot, SHELL, first, last)
            seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds)


if __name__ == "__main__":
    main()
