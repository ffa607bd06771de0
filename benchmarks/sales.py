"""Claim: over HTTP a shop sells at half the rate at which SQLAlchemy Core alone could write it.

    python benchmarks/sales.py [--quick]

Durable sales of five lines (`synchronous=FULL`, with a token, 100 products) by 1, 8 and
64 clients; in turn with them the same row sets, prepared beforehand, straight through
Core and through plain sqlite3, 64 sales a commit, and through sqlite3 one sale a
commit. Then the time of one sale split by layer. Aims: 5,000 a second and half of Core
at 64 clients; p99 below 30 ms there, below 3 ms for a lone client.
"""

import shutil
from collections import defaultdict
from functools import partial
from pathlib import Path

import http_load
import layers
import options
import servers
import sets
import shops
from http_load import Load, median_load
from servers import ServerFailed
from sets import Issued
from tables import failed_row, median, medians, spread, table
from trials import Trials, run

FULL = {"rounds": 3, "seconds": 3.0, "set_sales": 6_400, "lone_sales": 1_500}
QUICK = {"rounds": 2, "seconds": 1.0, "set_sales": 1_920, "lone_sales": 400}
PRODUCTS = 100
A_COMMIT = 64
CLIENTS = (64, 8, 1)
CROWD, LONE = CLIENTS[0], CLIENTS[-1]
COLUMNS = ("", "sales/s", "median ms", "p99 ms", "CPU µs a sale")

Loads = Trials[int, Load]
"""Sales over HTTP, by the number of clients."""


def main() -> int:
    """Run the rounds and print what they came to; return 1 if the server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    set_sales, lone_sales = arguments.set_sales, arguments.lone_sales
    loads: Loads = Trials()
    issued: dict[str, list[Issued]] = defaultdict(list)
    splits: list[layers.Split] = []
    commit_sizes: list[float] = []
    with servers.scratch_folder() as folder:
        template = folder / "template"
        template.mkdir()
        codes = shops.create(template, PRODUCTS)
        limits = record_limits(folder, template, codes, set_sales, lone_sales)
        for _ in range(arguments.rounds):
            shutil.copytree(template, folder / "served")
            sell_over_http(
                folder / "served", codes, arguments.seconds, loads, commit_sizes
            )
            shutil.rmtree(folder / "served")

            servers.on_server_core()
            for name, issue in limits.items():
                issued[name].append(issue())

            shutil.copytree(template, folder / "split")
            splits.append(layers.split(folder / "split", codes, set_sales, A_COMMIT))
            shutil.rmtree(folder / "split")
    print_rates(loads, issued, commit_sizes)
    print_ratios(loads, issued)
    print_split(loads.measured(CROWD), splits)
    return 1 if loads.failures else 0


def record_limits(
    folder: Path, template: Path, codes: list[str], set_sales: int, lone_sales: int
) -> dict[str, "partial[Issued]"]:
    """Return the ways to write without the product, each with its row sets."""
    recorded = []
    for count, a_commit in ((set_sales, A_COMMIT), (lone_sales, 1)):
        shutil.copytree(template, folder / "recorded")
        orders = shops.orders(codes, count)
        recorded.append(sets.record(folder / "recorded", orders, a_commit))
        shutil.rmtree(folder / "recorded")
    many, one_each = recorded
    core = (sets.for_core, sets.through_core)
    driver = (sets.for_driver, sets.through_driver)
    return {
        "SQLAlchemy Core, 64 a commit": partial(sets.issue, template, many, *core),
        "sqlite3, 64 a commit": partial(sets.issue, template, many, *driver),
        "sqlite3, one a commit": partial(sets.issue, template, one_each, *driver),
    }


def sell_over_http(
    shop: Path,
    codes: list[str],
    seconds: float,
    loads: Loads,
    commit_sizes: list[float],
) -> None:
    """Sell over HTTP; note how many sales were in a commit with the most clients."""
    servers.on_client_core()
    try:
        with servers.serving(shop) as server:
            sell = http_load.sales_of(codes, http_load.log_in(server))
            http_load.load(server, CROWD, 0.5, sell)
            for clients in CLIENTS:
                commits_before, calls_before = http_load.committed(server)
                measure = partial(http_load.load, server, clients, seconds, sell)
                loads.attempt(clients, measure)
                commits, calls = http_load.committed(server)
                if clients == CROWD:
                    size = (calls - calls_before) / (commits - commits_before)
                    commit_sizes.append(size)
    except ServerFailed as failure:
        for clients in CLIENTS:
            loads.fail(clients, failure)


def print_rates(
    loads: Loads, issued: dict[str, list[Issued]], commit_sizes: list[float]
) -> None:
    """Print the rates over HTTP, and those of the limits."""
    rows: list[tuple[object, ...]] = []
    for clients in sorted(CLIENTS):
        name = f"HTTP, {clients} client{'s' * (clients > 1)}"
        if clients in loads.failures:
            reason = loads.failures[clients]
            rows.append(failed_row(name, reason=reason, columns=COLUMNS))
            continue
        load = median_load(loads.measured(clients))
        rows.append((name, load.per_second, load.median_ms, load.p99_ms, load.cpu_us))
    for name, writings in issued.items():
        per_second, cpu_us = medians(writings)
        rows.append((name, per_second, "", "", cpu_us))
    title = "Durable sales of 5 lines, medians"
    if commit_sizes:
        title += f" ({median(commit_sizes):.0f} a commit at {CROWD} clients)"
    table(title, COLUMNS, rows)


def print_ratios(loads: Loads, issued: dict[str, list[Issued]]) -> None:
    """Print what HTTP reaches of each limit."""
    rows = []
    for name, writings in issued.items():
        clients = LONE if "one a commit" in name else CROWD
        pairs = list(zip(loads.measured(clients), writings, strict=False))
        if not pairs:
            continue
        rates = [run.per_second / limit.per_second for run, limit in pairs]
        cpu_ratio = median(limit.cpu_us / run.cpu_us for run, limit in pairs)
        who = f"{clients} client{'s' * (clients > 1)}"
        rows.append((f"HTTP, {who} / {name}", *spread(rates), cpu_ratio))
    columns = ("", "of the rate", "lowest", "highest", "by CPU time")
    table("Ratios, each within its round", columns, rows)


def print_split(runs: list[Load], splits: list[layers.Split]) -> None:
    """Print the time of one sale by layer."""
    rows = [
        (layer, median(split.cpu_us[layer] for split in splits))
        for layer in layers.LAYERS
    ]
    if runs:
        inner = sum(cpu_us for _, cpu_us in rows)
        load = median_load(runs)
        rest = load.cpu_us - inner
        rows.append(("HTTP: parse, route, token, queue, answer (the rest)", rest))
        rows.append((f"all of the server, {CROWD} clients", load.cpu_us))
        rows.append(("— its event loop's thread", load.loop_us))
        rows.append(("— its writer's thread", load.cpu_us - load.loop_us))
    waiting = median(split.waiting_us for split in splits)
    rows.append(("waiting for the disk, not in the above", waiting))
    table("One sale by layer, 64 a commit", ("", "CPU µs"), rows)


if __name__ == "__main__":
    run(main)
