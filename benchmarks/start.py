"""Claim: a shop that was closed answers its first request within 0.7 seconds.

    python benchmarks/start.py

From the start of `trastienda serve` on a shop that has sold before to its first answer, over fresh processes on one
core, the disk's cache warm; in turn with it the bare interpreter, and an interpreter that only imports what the server
imports. Then what each package costs to import, by `python -X importtime`, each module's time its own.
"""

import argparse
import http.client
import socket
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import bench
import shops
from bench import median

PRODUCTS, SALES = 1_000, 5_000
BIGGEST = 16
IMPORTS = "import trastienda.cli, uvloop, uvicorn.loops.auto"
GIVE_UP_S = 20


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    with bench.shop_folder() as folder:
        shops.sell_past(folder, shops.found(folder, PRODUCTS), SALES)
        first_answer(folder)  # what is compiled or migrated once only
        bare, imports, serve = [], [], []
        for _ in range(given.rounds):
            bare.append(_run("pass"))
            imports.append(
                _run(f"{IMPORTS}, os; os._exit(0)")
            )  # tidying up at the end is not starting
            serve.append(first_answer(folder))
        rows = [
            (name, median(runs) * 1e3, min(runs) * 1e3, max(runs) * 1e3)
            for name, runs in (
                ("bare interpreter", bare),
                ("the same with the server's imports", imports),
                ("serve, to its first answer", serve),
            )
        ]
        bench.table(
            f"Start, {given.rounds} fresh processes each",
            ("", "median ms", "least", "most"),
            rows,
        )
        costs = [_imports(folder) for _ in range(3)]
    bench.table(
        f"Imports, the {BIGGEST} dearest, median of 3",
        ("", "ms", "modules"),
        _dearest(costs),
    )


def first_answer(folder: Path, *options: str, stderr: Path | None = None) -> float:
    """Start a server and return the seconds until it has answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        *options,
        "-m",
        "trastienda",
        "serve",
        "--data",
        str(folder),
        "--port",
        str(port),
    ]
    bench.on_client_core()
    with Path(stderr or "/dev/null").open("w") as errors:
        began = time.perf_counter()
        with bench.running(command, stdout=subprocess.DEVNULL, stderr=errors):
            while time.perf_counter() - began < GIVE_UP_S:
                try:
                    _ask(port)
                    return time.perf_counter() - began
                except ConnectionRefusedError:
                    time.sleep(0.001)
    raise SystemExit("the server did not answer")


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)
    connection.request("GET", "/product/barcode/P000001")
    answer = connection.getresponse()
    assert answer.status == 401, (
        answer.status
    )  # who asks without a token is told so; it takes the whole way
    connection.close()


def _run(code: str) -> float:
    began = time.perf_counter()
    with bench.running([sys.executable, "-c", code]) as process:
        process.wait()  # without a limit, which would look only now and then; see SERVER_LIFE_S
        return time.perf_counter() - began


def _imports(folder: Path) -> dict[str, tuple[int, float]]:
    """Return how many modules of each package were imported, and the milliseconds that they took."""
    told = folder / "imports"
    first_answer(folder, "-X", "importtime", stderr=told)
    costs: dict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for line in told.read_text().splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            package = parts[2].strip().partition(".")[0]
            count, ms = costs[package]
            costs[package] = count + 1, ms + int(parts[0]) / 1e3
    return costs


def _dearest(costs: list[dict[str, tuple[int, float]]]) -> list[tuple[object, ...]]:
    packages = {package for one in costs for package in one}
    cost = {package: median(one[package][1] for one in costs) for package in packages}
    rows: list[tuple[object, ...]] = [
        (package, cost[package], str(costs[0][package][0]))
        for package in sorted(packages, key=lambda one: -cost[one])
    ]
    others = rows[BIGGEST:]
    rest = sum(cost[str(row[0])] for row in others)
    total = sum(cost.values())
    modules = sum(count for count, _ in costs[0].values())
    return [
        *rows[:BIGGEST],
        (f"{len(others)} others", rest, ""),
        ("all", total, str(modules)),
    ]


if __name__ == "__main__":
    main()
