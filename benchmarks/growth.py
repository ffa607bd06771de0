"""Claim: sales and look-ups take as long with a million past sales as in a new shop.

    python benchmarks/growth.py          100,000 products, 1,000,000 past sales; minutes, 3 GB
    python benchmarks/growth.py --quick  2,000 products, 20,000 past sales

Three servers side by side: a shop with 100 products and no past; the grown shop, where
the same 100 products are asked for, so that nothing differs but what lies behind it;
and the same shop asked for any of its products, where a commit touches some three times
as many rows of stock, spread over as many pages.
"""

import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import http_load
import options
import servers
import shops
from http_load import Load, NextRequest, median_load
from servers import Server
from tables import failed_row, median, table
from trials import Trials, run

FULL = {
    "rounds": 3,
    "seconds": 2.0,
    "products": 100_000,
    "sales": 1_000_000,
    "verify": False,  # prove the books of the grown shop first
}
QUICK = {"rounds": 2, "seconds": 0.7, "products": 2_000, "sales": 20_000}
PRODUCTS = 100
LOADS = (
    ("sales, 64 clients", 64),
    ("sales, 1 client", 1),
    ("look-ups, 32 clients", 32),
)
NEW, SAME, ANY = "new shop", "grown, the same 100 products", "grown, any product"
COLUMNS = ("", "a second", "p99 ms", "CPU µs", "rate / new shop's", "by CPU time")

Loads = Trials[tuple[str, str], Load]
"""By the name of the load, and of whom it was put on."""


class Asked(NamedTuple):
    """A server, and the products that it is asked for."""

    name: str
    server: Server
    sell: NextRequest
    look_up: NextRequest


def main() -> int:
    """Build the shops, run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    loads: Loads = Trials()
    with servers.scratch_folder() as folder, ExitStack() as stack:
        new = folder / "new"
        new.mkdir()
        codes = shops.create(new, PRODUCTS)
        grown = folder / "grown"
        grown.mkdir()
        grown_codes = build_grown_shop(grown, arguments.products, arguments.sales)
        if arguments.verify:
            command = [
                sys.executable,
                "-m",
                "trastienda",
                "verify",
                "--data",
                str(grown),
            ]
            subprocess.run(command, check=True)

        new_server = stack.enter_context(servers.serving(new))
        grown_server = stack.enter_context(servers.serving(grown))
        subjects = [
            asked_for(NEW, new_server, codes),
            asked_for(SAME, grown_server, codes),
            asked_for(ANY, grown_server, grown_codes),
        ]
        load_all(subjects, 0.5, Trials())  # warms up
        for _ in range(arguments.rounds):
            load_all(subjects, arguments.seconds, loads)
        print_loads(loads)
        memory = [
            ("new shop", new_server.memory_mb()),
            ("grown shop", grown_server.memory_mb()),
        ]
        table("Resident memory afterwards", ("", "MB"), memory)
    return 1 if loads.failures else 0


def build_grown_shop(folder: Path, products: int, sales: int) -> list[str]:
    """Build a shop with a long past, saying how it goes; return the codes of its products."""
    print(
        f"Building a shop of {products:,} products and {sales:,} past sales …",
        flush=True,
    )
    began = time.perf_counter()
    codes = shops.create(folder, products)
    founding_s = time.perf_counter() - began
    selling_s = shops.sell_past(folder, codes, sales)
    size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    rate = sales / selling_s
    print(
        f"… products in {founding_s:.0f} s, "
        f"sales in {selling_s:.0f} s ({rate:,.0f} a second), {size_mb:,.0f} MB"
    )
    return codes


def asked_for(name: str, server: Server, codes: list[str]) -> Asked:
    """Log in, and prepare requests for these products."""
    token = http_load.log_in(server)
    sell = http_load.sales_of(codes, token)
    return Asked(name, server, sell, http_load.look_ups_of(codes, token))


def load_all(subjects: list[Asked], seconds: float, loads: Loads) -> None:
    """Put each load on each subject, in turn."""
    for load_name, clients in LOADS:
        for asked in subjects:
            selling = load_name.startswith("sales")
            next_request = asked.sell if selling else asked.look_up
            measure = partial(
                http_load.load, asked.server, clients, seconds, next_request
            )
            loads.attempt((load_name, asked.name), measure)


def print_loads(loads: Loads) -> None:
    """Print each load beside that of the new shop."""
    rows = []
    for load_name, _ in LOADS:
        new_runs = loads.measured((load_name, NEW))
        for who in (NEW, SAME, ANY):
            title = f"{load_name}: {who}"
            subject = (load_name, who)
            if subject in loads.failures:
                reason = loads.failures[subject]
                rows.append(failed_row(title, reason=reason, columns=COLUMNS))
                continue
            runs = loads.measured(subject)
            load = median_load(runs)
            pairs = list(zip(runs, new_runs, strict=False))
            rates = [run.per_second / new.per_second for run, new in pairs]
            cpu_ratios = [new.cpu_us / run.cpu_us for run, new in pairs]
            rows.append(
                (
                    title,
                    load.per_second,
                    load.p99_ms,
                    load.cpu_us,
                    median(rates) if rates else "",
                    median(cpu_ratios) if cpu_ratios else "",
                )
            )
    table("Growth, medians of the rounds", COLUMNS, rows)


if __name__ == "__main__":
    run(main)
