"""Claim: over HTTP, on one core, a shop sells at half the rate at which SQLAlchemy Core alone could write its rows.

    python benchmarks/sales.py

Durable sales of five lines (`synchronous=FULL`, with a token, 100 products) by 1, 8 and 64 clients; in turn with them
the same row sets, prepared beforehand, straight through Core and through plain sqlite3, 64 sales a commit, and through
sqlite3 one sale a commit. Then the time of one sale split by layer. Aims: 5,000 a second and half of Core at 64
clients; p99 below 30 ms there, below 3 ms for a lone client.
"""

import argparse
import shutil
from collections import defaultdict
from functools import partial
from pathlib import Path

import bench
import layers
import sets
import shops
from bench import Load, median
from sets import Issued

PRODUCTS = 100
A_COMMIT = 64
CLIENTS = (64, 8, 1)
SETS, ONE_EACH = 6_400, 1_500
"""Sales written by those that write many a commit, and by the one that writes one."""


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load")
    given = parser.parse_args()
    with bench.shop_folder() as folder:
        template = folder / "template"
        template.mkdir()
        codes = shops.found(template, PRODUCTS)
        limits = _limits(folder, template, codes)
        loads: dict[int, list[Load]] = defaultdict(list)
        issued: dict[str, list[Issued]] = defaultdict(list)
        split = []
        sizes = []
        for _ in range(given.rounds):
            sizes.append(_serve(folder, template, codes, given.seconds, loads))
            bench.on_server_core()
            for name, issue in limits.items():
                issued[name].append(issue())
            shutil.copytree(template, folder / "split")
            split.append(layers.split(folder / "split", codes, SETS, A_COMMIT))
            shutil.rmtree(folder / "split")
        _print(loads, issued, sizes)
        _print_split(loads[64], split)


def _limits(
    folder: Path, template: Path, codes: list[str]
) -> dict[str, "partial[Issued]"]:
    """Return the ways to write without the product, each with its row sets."""
    recorded = []
    for count, a_commit in ((SETS, A_COMMIT), (ONE_EACH, 1)):
        shutil.copytree(template, folder / "recorded")
        recorded.append(
            sets.record(folder / "recorded", shops.orders(codes, count), a_commit)
        )
        shutil.rmtree(folder / "recorded")
    many, one_each = recorded
    return {
        "SQLAlchemy Core, 64 a commit": partial(
            sets.issue, template, many, sets.for_core, sets.through_core
        ),
        "sqlite3, 64 a commit": partial(
            sets.issue, template, many, sets.for_driver, sets.through_driver
        ),
        "sqlite3, one a commit": partial(
            sets.issue, template, one_each, sets.for_driver, sets.through_driver
        ),
    }


def _serve(
    folder: Path,
    template: Path,
    codes: list[str],
    seconds: float,
    loads: dict[int, list[Load]],
) -> float:
    """Sell over HTTP in a copy of the shop; return how many sales were in a commit with the most clients."""
    bench.on_client_core()
    shutil.copytree(template, folder / "served")
    with bench.serving(folder / "served") as server:
        give = bench.sales_of(codes, bench.log_in(server))
        bench.load(server, CLIENTS[0], 0.5, give)
        commits, calls = bench.committed(server)
        for clients in CLIENTS:
            loads[clients].append(bench.load(server, clients, seconds, give))
            if clients == CLIENTS[0]:
                commits_after, calls_after = bench.committed(server)
    shutil.rmtree(folder / "served")
    return (calls_after - calls) / (commits_after - commits)


def _print(
    loads: dict[int, list[Load]], issued: dict[str, list[Issued]], sizes: list[float]
) -> None:
    rows: list[tuple[object, ...]] = [
        (
            f"HTTP, {clients} client{'s' * (clients > 1)}",
            median(one.per_second for one in runs),
            median(one.median_ms for one in runs),
            median(one.p99_ms for one in runs),
            median(one.cpu_us for one in runs),
        )
        for clients, runs in sorted(loads.items())
    ]
    rows += [
        (
            name,
            median(one.per_second for one in runs),
            "",
            "",
            median(one.cpu_us for one in runs),
        )
        for name, runs in issued.items()
    ]
    title = f"Durable sales of 5 lines, medians of {len(sizes)} rounds ({median(sizes):.0f} a commit at 64 clients)"
    bench.table(title, ("", "sales/s", "median ms", "p99 ms", "CPU µs a sale"), rows)
    ratios = []
    for name, runs in issued.items():
        http = loads[1] if "one a commit" in name else loads[64]
        rates = [
            ours.per_second / limit.per_second
            for ours, limit in zip(http, runs, strict=True)
        ]
        cpus = [
            limit.cpu_us / ours.cpu_us for ours, limit in zip(http, runs, strict=True)
        ]
        who = "1 client" if http is loads[1] else "64 clients"
        ratios.append(
            (
                f"HTTP, {who} / {name}",
                median(rates),
                min(rates),
                max(rates),
                median(cpus),
            )
        )
    bench.table(
        "Ratios, each within its round",
        ("", "of the rate", "lowest", "highest", "by CPU time"),
        ratios,
    )


def _print_split(http: list[Load], split: list[tuple[dict[str, float], float]]) -> None:
    rows: list[tuple[str, float]] = [
        (layer, median(one[0][layer] for one in split)) for layer in layers.LAYERS
    ]
    inner = sum(cpu_us for _, cpu_us in rows)
    outer = median(one.cpu_us for one in http)
    rows += [
        ("HTTP: parse, route, token, queue, answer (the rest)", outer - inner),
        ("all of the server, 64 clients", outer),
        ("— its event loop's thread", median(one.loop_us for one in http)),
        ("— its writer's thread", median(one.writer_us for one in http)),
        ("waiting for the disk, not in the above", median(one[1] for one in split)),
    ]
    bench.table("One sale by layer, 64 a commit", ("", "CPU µs"), rows)


if __name__ == "__main__":
    main()
