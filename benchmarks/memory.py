"""Claim: a shop that serves fits in 120 MB, however much it sells.

    python benchmarks/memory.py

Resident memory of a fresh server with 100 products: idle after a log-in, after 20,000 sales of five lines by 64
clients, after 100,000 look-ups by 32, and its highest; in turn with it that of a bare interpreter and of one that has
imported what the server imports.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import bench
import shops
from bench import median
from start import IMPORTS

PRODUCTS = 100
SALES, SELLERS = 20_000, 64
LOOK_UPS, LOOKERS = 100_000, 32
AT_MOST_S = 60.0

_RESIDENT = "; print(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1])"
STAGES = (
    "bare interpreter",
    "with the server's imports",
    "idle, after a log-in",
    "highest until then (a password's hash takes 64 MiB)",
    "after the sales",
    "after the look-ups",
    "highest while selling and looking up",
)


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    bench.on_client_core()
    rounds = [_measure() for _ in range(given.rounds)]
    rows = []
    for at, stage in enumerate(STAGES):
        column = [one[at] for one in rounds]
        rows.append((stage, median(column), min(column), max(column)))
    title = f"Resident memory: {SALES:,} sales, {LOOK_UPS:,} look-ups, {given.rounds} fresh servers"
    bench.table(title, ("", "median MB", "least", "most"), rows)


def _measure() -> list[float]:
    with bench.shop_folder() as folder:
        codes = shops.found(folder, PRODUCTS)
        with bench.serving(folder) as server:
            token = bench.log_in(server)
            seen = [
                _resident_mb("pass"),
                _resident_mb(IMPORTS),
                server.memory_mb(),
                server.memory_mb("VmHWM"),
            ]
            Path(f"/proc/{server.process.pid}/clear_refs").write_text(
                "5"
            )  # counts the highest anew
            bench.load(
                server,
                SELLERS,
                AT_MOST_S,
                bench.many(bench.sales_of(codes, token), SALES),
            )
            seen.append(server.memory_mb())
            bench.load(
                server,
                LOOKERS,
                AT_MOST_S,
                bench.many(bench.look_ups_of(codes, token), LOOK_UPS),
            )
            seen.append(server.memory_mb())
            seen.append(server.memory_mb("VmHWM"))
    return seen


def _resident_mb(code: str) -> float:
    told = subprocess.run(
        [sys.executable, "-c", code + _RESIDENT],
        capture_output=True,
        check=True,
        text=True,
    )
    return int(told.stdout) * 1024 / 1e6


if __name__ == "__main__":
    main()
