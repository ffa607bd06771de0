"""Claim: a shop that serves fits in 120 MB, however much it sells.

    python benchmarks/memory.py [--quick]

Resident memory of a fresh server with 100 products: idle after a log-in, after 20,000
sales of five lines by 64 clients, after 100,000 look-ups by 32, and its highest; in
turn with it that of a bare interpreter and of one that has imported what the server
imports.
"""

import subprocess
import sys
from pathlib import Path

import http_load
import options
import servers
import shops
from http_load import limited
from servers import ServerFailed
from start import IMPORTS
from tables import spread, table
from trials import run

FULL = {"rounds": 3, "sales": 20_000, "look_ups": 100_000}
QUICK = {"rounds": 1, "sales": 5_000, "look_ups": 20_000}
PRODUCTS = 100
SELLERS, LOOKERS = 64, 32
AT_MOST_S = 120.0

_PRINT_RESIDENT = """
for line in open('/proc/self/status'):
    if line.startswith('VmRSS'):
        print(line.split()[1])
"""
STAGES = (
    "bare interpreter",
    "with the server's imports",
    "idle, after a log-in",
    "highest until then (a password's hash takes 64 MiB)",
    "after the sales",
    "after the look-ups",
    "highest while selling and looking up",
)


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    rounds = []
    failure = ""
    for _ in range(arguments.rounds):
        try:
            rounds.append(measure_stages(arguments.sales, arguments.look_ups))
        except ServerFailed as error:
            failure = str(error)
    if failure:
        print(f"failed: {failure}")
    if rounds:
        rows = []
        for stage, values in zip(STAGES, zip(*rounds, strict=True), strict=True):
            rows.append((stage, *spread(values)))
        title = (
            f"Resident memory: {arguments.sales:,} sales, "
            f"{arguments.look_ups:,} look-ups, {len(rounds)} fresh servers"
        )
        table(title, ("", "median MB", "least", "most"), rows)
    return 1 if failure else 0


def measure_stages(sales: int, look_ups: int) -> list[float]:
    """Return the megabytes of each stage."""
    with servers.scratch_folder() as folder:
        codes = shops.create(folder, PRODUCTS)
        with servers.serving(folder) as server:
            token = http_load.log_in(server)
            stages_mb = [
                resident_mb("pass"),
                resident_mb(IMPORTS),
                server.memory_mb(),
                server.memory_mb("VmHWM"),
            ]
            count_highest_anew = Path(f"/proc/{server.process.pid}/clear_refs")
            count_highest_anew.write_text("5")

            sell = limited(http_load.sales_of(codes, token), sales)
            http_load.load(server, SELLERS, AT_MOST_S, sell)
            stages_mb.append(server.memory_mb())

            look_up = limited(http_load.look_ups_of(codes, token), look_ups)
            http_load.load(server, LOOKERS, AT_MOST_S, look_up)
            stages_mb.append(server.memory_mb())
            stages_mb.append(server.memory_mb("VmHWM"))
    return stages_mb


def resident_mb(code: str) -> float:
    """Return the resident memory of an interpreter that has run ``code``."""
    program = f"{code}\n{_PRINT_RESIDENT}"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(run.stdout) * 1024 / 1e6


if __name__ == "__main__":
    run(main)
