"""Claim: selling and looking up take as long in a shop with a million past sales as in one that opened today.

    python benchmarks/growth.py            100,000 products, 1,000,000 past sales: builds for some minutes, 3 GB
    python benchmarks/growth.py --sales 100000

Three servers side by side: a shop with 100 products and no past; the grown shop, where the same 100 products are asked
for, so that nothing differs but what lies behind it; and the same shop asked for any of its products, where a commit
touches some three times as many rows of stock, spread over as many pages.
"""

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import bench
import shops
from bench import Following, Load, Server, median

PRODUCTS, GROWN_PRODUCTS, GROWN_SALES = 100, 100_000, 1_000_000
LOADS = (
    ("sales, 64 clients", 64, 2.0),
    ("sales, 1 client", 1, 1.5),
    ("look-ups, 32 clients", 32, 1.5),
)
NEW, SAME, ANY = "new shop", "grown, the same 100 products", "grown, any product"


def main() -> None:
    """Build the shops, run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--products", type=int, default=GROWN_PRODUCTS)
    parser.add_argument("--sales", type=int, default=GROWN_SALES)
    parser.add_argument(
        "--verify", action="store_true", help="prove the books of the grown shop first"
    )
    given = parser.parse_args()
    bench.on_client_core()
    with bench.shop_folder() as folder, ExitStack() as stack:
        new = folder / "new"
        new.mkdir()
        codes = shops.found(new, PRODUCTS)
        grown = folder / "grown"
        grown.mkdir()
        grown_codes = _grow(grown, given.products, given.sales)
        if given.verify:
            subprocess.run(
                [sys.executable, "-m", "trastienda", "verify", "--data", str(grown)],
                check=True,
            )
        servers = [stack.enter_context(bench.serving(one)) for one in (new, grown)]
        asked = [
            (NEW, servers[0], _asking(servers[0], codes)),
            (SAME, servers[1], _asking(servers[1], codes)),
            (ANY, servers[1], _asking(servers[1], grown_codes)),
        ]
        runs: dict[tuple[str, str], list[Load]] = defaultdict(list)
        for turn in range(given.rounds + 1):
            for what, clients, seconds in LOADS:
                for where, server, gives in asked:
                    one = bench.load(
                        server, clients, seconds if turn else 0.5, gives[what]
                    )
                    if turn:  # the first is for warming up
                        runs[what, where].append(one)
        _print(runs, given.rounds)
        memory = [
            (name, one.memory_mb())
            for name, one in zip(("new shop", "grown shop"), servers, strict=True)
        ]
        bench.table("Resident memory afterwards", ("", "MB"), memory)


def _grow(folder: Path, products: int, sales: int) -> list[str]:
    print(
        f"Building a shop of {products:,} products and {sales:,} past sales …",
        flush=True,
    )
    began = time.perf_counter()
    codes = shops.found(folder, products)
    made = time.perf_counter() - began
    sold = shops.sell_past(folder, codes, sales)
    size = sum(one.stat().st_size for one in folder.iterdir()) / 1e6
    print(
        f"… products in {made:.0f} s, sales in {sold:.0f} s ({sales / sold:,.0f} a second), {size:,.0f} MB"
    )
    return codes


def _asking(server: Server, codes: list[str]) -> dict[str, Following]:
    token = bench.log_in(server)
    sell, look = bench.sales_of(codes, token), bench.look_ups_of(codes, token)
    return {what: look if what.startswith("look") else sell for what, _, _ in LOADS}


def _print(runs: dict[tuple[str, str], list[Load]], rounds: int) -> None:
    rows = []
    for what, _, _ in LOADS:
        new = runs[what, NEW]
        for where in (NEW, SAME, ANY):
            ours = runs[what, where]
            rows.append(
                (
                    f"{what}: {where}",
                    median(one.per_second for one in ours),
                    median(one.p99_ms for one in ours),
                    median(one.cpu_us for one in ours),
                    median(
                        one.per_second / other.per_second
                        for one, other in zip(ours, new, strict=True)
                    ),
                    median(
                        other.cpu_us / one.cpu_us
                        for one, other in zip(ours, new, strict=True)
                    ),
                )
            )
    columns = ("", "a second", "p99 ms", "CPU µs", "rate / new shop's", "by CPU time")
    bench.table(f"Growth, medians of {rounds} rounds", columns, rows)


if __name__ == "__main__":
    main()
