"""Claim: a shop that was closed answers its first request within 0.7 seconds.

    python benchmarks/start.py [--quick]

From the start of `trastienda serve` on a shop that has sold before to its first answer,
over fresh processes on one core, the disk's cache warm; in turn with it the bare
interpreter, and an interpreter that only imports what the server imports. Then what
each package costs to import, by `python -X importtime`, each module's time its own.
"""

import sys
import time
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path
from typing import NamedTuple

import options
import servers
import shops
from tables import failed_row, median, spread, table
from trials import Trials, run

FULL = {"rounds": 10, "sales": 5_000, "profiles": 3}
QUICK = {"rounds": 4, "sales": 1_000, "profiles": 1}
PRODUCTS = 1_000
LISTED = 16
"""Packages that the table of imports names."""
IMPORTS = "import trastienda.cli, uvloop, uvicorn.loops.auto"
BARE = "bare interpreter"
IMPORTING = "the same with the server's imports"
SERVE = "serve, to its first answer"
COLUMNS = ("", "median ms", "least", "most")


class Imports(NamedTuple):
    """What a start imports: modules and milliseconds by package."""

    modules: Counter[str]
    milliseconds: defaultdict[str, float]


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server did not start."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    times: Trials[str, float] = Trials()
    profiles: Trials[str, Imports] = Trials()
    with servers.scratch_folder() as folder:
        shops.sell_past(folder, shops.create(folder, PRODUCTS), arguments.sales)
        serve = partial(first_answer, folder)
        times.attempt(SERVE, serve)  # what is compiled or migrated once only
        times.rounds.clear()
        for _ in range(arguments.rounds):
            times.attempt(BARE, partial(run_python, "pass"))
            # Tidying up at the end is not starting.
            times.attempt(IMPORTING, partial(run_python, f"{IMPORTS}, os; os._exit(0)"))
            times.attempt(SERVE, serve)
        for _ in range(arguments.profiles):
            profiles.attempt(SERVE, partial(profile_imports, folder))
    print_times(times, arguments.rounds)
    print_imports(profiles.measured(SERVE))
    return 1 if times.failures or profiles.failures else 0


def first_answer(folder: Path) -> float:
    """Start a server and return the seconds until it has answered."""
    began = time.perf_counter()
    with servers.serving(folder):
        return time.perf_counter() - began


def run_python(code: str) -> float:
    """Return the seconds that an interpreter takes for ``code``."""
    began = time.perf_counter()
    with servers.running("python", [sys.executable, "-c", code]) as server:
        # Without a limit, which would look only now and then; see SERVER_LIFE_S.
        server.process.wait()
        return time.perf_counter() - began


def profile_imports(folder: Path) -> Imports:
    """Start a server that notes what each of its imports takes."""
    with servers.serving(folder, python_options=["-X", "importtime"]) as server:
        report = server.errors.read_text()
    imports = Imports(Counter(), defaultdict(float))
    for line in report.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            package = parts[2].strip().partition(".")[0]
            imports.modules[package] += 1
            imports.milliseconds[package] += int(parts[0]) / 1e3
    return imports


def print_times(times: Trials[str, float], rounds: int) -> None:
    """Print how long the starts took."""
    rows = []
    for name in (BARE, IMPORTING, SERVE):
        if name in times.failures:
            reason = times.failures[name]
            rows.append(failed_row(name, reason=reason, columns=COLUMNS))
            continue
        runs_ms = [seconds * 1e3 for seconds in times.measured(name)]
        rows.append((name, *spread(runs_ms)))
    table(f"Start, {rounds} fresh processes each", COLUMNS, rows)


def print_imports(profiles: list[Imports]) -> None:
    """Print the packages that cost most to import."""
    if not profiles:
        return
    modules = profiles[0].modules
    cost_ms = {
        package: median(profile.milliseconds[package] for profile in profiles)
        for package in modules
    }
    dearest = sorted(modules, key=lambda package: -cost_ms[package])
    listed, others = dearest[:LISTED], dearest[LISTED:]
    rows: list[tuple[object, ...]] = [
        (package, cost_ms[package], str(modules[package])) for package in listed
    ]
    others_ms = sum(cost_ms[package] for package in others)
    rows.append((f"{len(others)} others", others_ms, ""))
    rows.append(("all", sum(cost_ms.values()), str(modules.total())))
    title = f"Imports, the {LISTED} dearest, median of {len(profiles)}"
    table(title, ("", "ms", "modules"), rows)


if __name__ == "__main__":
    run(main)
