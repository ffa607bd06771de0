"""Claim: a report takes as long with a million sales behind it as with the month that it is about.

    python benchmarks/reports.py            1,000 products, 1,000,000 past sales: builds for some minutes
    python benchmarks/reports.py --sales 100000

The same report of the same days in a shop that opened 35 days ago and in one that has sold for two years; and, in the
latter, from the days that were summed when they were over against the rows themselves.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import bench
import shops
from trastienda.actions import reports
from trastienda.domain.days import ONE_DAY, day_of
from trastienda.domain.people import SHELL
from trastienda.operations import opening
from trastienda.storage import dialects
from trastienda.storage.dialects import Engine
from trastienda.storage.transactions import Snapshot, read_snapshot, writing

PRODUCTS, SALES = 1_000, 1_000_000
MONTH_OF_SALES = 35 * 24 * 3_600_000 // shops.MS_BETWEEN_SALES
SALES_A_MOMENT = 60
"""Sold within the same hour, so that each day has its own."""
SPANS = ((1, "yesterday"), (7, "7 days"), (30, "30 days"), (365, "365 days"))


def main() -> None:
    """Build both shops, ask each for its reports, and print how long they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sales", type=int, default=SALES)
    given = parser.parse_args()
    with bench.shop_folder() as folder:
        young = _shop(folder / "young", MONTH_OF_SALES)
        old = _shop(folder / "old", given.sales)
        from_rows = {name: _median_ms(old, days, given.rounds) for days, name in SPANS}
        for engine in (young, old):
            _keep(engine)
        rows: list[tuple[object, ...]] = []
        for days, name in SPANS:
            ours, theirs = (
                _median_ms(old, days, given.rounds),
                _median_ms(young, days, given.rounds),
            )
            shown = (theirs, ours / theirs) if days < 35 else ("", "")
            rows.append((name, ours, *shown, from_rows[name], from_rows[name] / ours))
    columns = (
        "report of",
        "old shop ms",
        "young shop ms",
        "old / young",
        "from rows ms",
        "rows / kept",
    )
    bench.table(
        f"Reports, {given.sales:,} sales against {MONTH_OF_SALES:,}", columns, rows
    )


def _shop(folder: Path, sales: int) -> Engine:
    folder.mkdir()
    codes = shops.found(folder, PRODUCTS)
    shops.sell_past(folder, codes, sales, SALES_A_MOMENT)
    return shops.opened(folder, durable=False)


def _keep(engine: Engine) -> None:
    """Sum the days that are over, as the daily task does, and say how long a till waits behind one of them."""
    longest = 0.0
    with dialects.connect(engine) as connection:
        done = 1
        while done:
            began = time.perf_counter()
            with writing(connection, opening.now_ms) as tx:
                done = reports.keep_days(tx, 1)
            longest = max(longest, time.perf_counter() - began)
    print(f"Summing a day took {1000 * longest:.0f} ms at most")


@contextmanager
def _state(engine: Engine) -> Iterator[Snapshot]:
    with (
        dialects.connect(engine) as connection,
        read_snapshot(connection, opening.now_ms) as snapshot,
    ):
        yield snapshot


def _median_ms(engine: Engine, days: int, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        with _state(engine) as snapshot:
            last = day_of(snapshot.now_ms, snapshot.shop.zone) - ONE_DAY
            began = time.perf_counter()
            reports.summary(snapshot, SHELL, last - timedelta(days=days - 1), last)
            taken.append(time.perf_counter() - began)
    return 1000 * bench.median(taken)


if __name__ == "__main__":
    main()
