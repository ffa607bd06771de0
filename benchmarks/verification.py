"""Claim: proving the books takes a few times as long as reading all of their rows.

    python benchmarks/verification.py          100,000 sales
    python benchmarks/verification.py --quick  20,000 sales

The limit is what has to happen in any case: each row of the books is read once, as the
driver gives it, and nothing is done with it. It is read in the same run, so that the
machine and what else it does count the same for both.
"""

import subprocess
import sys
import time
from resource import RUSAGE_CHILDREN, getrusage

import options
import servers
import shops
from tables import median, table
from trials import run

FULL = {"rounds": 3, "products": 1_000, "sales": 100_000}
QUICK = {"rounds": 1, "products": 500, "sales": 20_000}
READ = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as books:
    for name in ("sales", "sale_lines", "payments", "movements", "audit", "journal"):
        rows = books.execute(f"SELECT * FROM {name}")
        while rows.fetchmany(1000):
            pass
"""
COLUMNS = ("", "sales a second", "CPU µs a sale", "time / reading", "by CPU time")

Took = tuple[float, float]
"""Seconds by the clock, and of the processors."""


def main() -> int:
    """Build a shop, prove it and read it in turns, and print what both took."""
    arguments = options.parse(__doc__, FULL, QUICK)
    with servers.scratch_folder() as folder:
        codes = shops.create(folder, arguments.products)
        shops.sell_past(folder, codes, arguments.sales)
        verify = ["-m", "trastienda", "verify", "--data", str(folder)]
        read = ["-c", READ, str(folder / "trastienda.db")]
        rounds = [(took(verify), took(read)) for _ in range(arguments.rounds)]

    rows = []
    for name, place in (("verify", 0), ("every row read once", 1)):
        seconds = median([pair[place][0] for pair in rounds])
        cpu_s = median([pair[place][1] for pair in rounds])
        ratios = [
            median([pair[place][unit] / pair[1][unit] for pair in rounds])
            for unit in (0, 1)
        ]
        cpu_us = cpu_s / arguments.sales * 1e6
        rows.append((name, arguments.sales / seconds, cpu_us, *ratios))
    table("Proving the books, medians of the rounds", COLUMNS, rows)
    return 0


def took(arguments: list[str]) -> Took:
    """Run Python with these arguments; return what it took with all that it started."""
    before = getrusage(RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    after = getrusage(RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu_s


if __name__ == "__main__":
    run(main)
