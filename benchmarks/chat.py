"""Claim: telling a room costs no more than ngircd's way of it in bursts and at most twice that paced, history kept.

    python benchmarks/chat.py

A room of 50, 500 and 5,000 members in this server (each message on the disk before anyone sees it), in ngircd, and in
a bare epoll loop in C, which is the limit; in turn in each round, messages evenly paced, then 200 at once from eight
speakers. Processor time a delivery is the server's, of all its threads. Delays are from a message's sending until the
last of the listeners has it; this one process reads for all of them, so what that takes is in them, too. Memory is
what it grew by from empty to the largest room. Aims beside the figures.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import bench
import rooms
from bench import median
from crowd import Crowd, Told, crowd, median_told, room_for
from rooms import Room, Trastienda

SIZES = (50, 500, 5_000)
PACE = {50: 50.0, 500: 50.0, 5_000: 10.0}
"""Messages a second, so that no server is asked for more than half a core's work."""
BURST = 200
OURS = Trastienda.name
SETTLING_S = 2.0
"""For what a server does in its own time after it started, and after thousands have come in."""

Ways = dict[tuple[str, int], list[Told]]
"""What each round gave, by room and size."""


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--seconds",
        type=float,
        default=4.0,
        help="of paced messages, and of bursts half of that",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--rooms",
        nargs="+",
        default=[],
        help="trastienda, ngircd, bare: all, if not said",
    )
    given = parser.parse_args()
    bench.on_client_core()
    kinds = rooms.present(given.rooms)
    paced: Ways = defaultdict(list)
    bursts: Ways = defaultdict(list)
    memory: dict[str, float] = {}
    for size in sorted(given.sizes):
        if not room_for(size * len(kinds)):
            print(
                f"Left out: {size:,} members a room, for this process may not open as many files (`ulimit -Hn`)"
            )
            continue
        memory = _measure(kinds, size, given.rounds, given.seconds, paced, bursts)
    if paced:
        _print(paced, "Evenly paced", given.rounds)
        _print(bursts, f"{BURST} messages at once", given.rounds)
        _print_memory(memory, max(size for _, size in paced))
        _print_aims(paced, bursts, memory)


def _measure(
    kinds: list[Room], size: int, count: int, seconds: float, paced: Ways, bursts: Ways
) -> dict[str, float]:
    """Fill a room of each kind and speak in them in turn; return by how many kB a member each grew."""
    with contextlib.ExitStack() as open_ones:
        grew, crowds = {}, []
        for kind in kinds:
            folder = Path(
                open_ones.enter_context(
                    tempfile.TemporaryDirectory(prefix="trastienda-bench-")
                )
            )
            served = open_ones.enter_context(kind.serving(folder))
            time.sleep(SETTLING_S)
            empty = served.memory_bytes()
            crowds.append(open_ones.enter_context(crowd(kind, served, size)))
            time.sleep(SETTLING_S)
            grew[kind.name] = (served.memory_bytes() - empty) / size / 1e3
        for one in crowds:
            one.burst(BURST, 0.3)
        for _ in range(count):
            _in_turn(
                crowds, paced, lambda one: one.paced(PACE.get(size, 10.0), seconds)
            )
            _in_turn(crowds, bursts, lambda one: one.burst(BURST, seconds / 2))
        return grew


def _in_turn(crowds: list[Crowd], into: Ways, speak: Callable[[Crowd], Told]) -> None:
    for one in crowds:
        into[one.room.name, one.members].append(speak(one))


def _print(ways: Ways, title: str, count: int) -> None:
    rows = []
    for (name, size), told in ways.items():
        one = median_told(told)
        delays = (
            ("", "") if not one.delays_ms else (one.delay_ms(0.5), one.delay_ms(0.99))
        )
        rows.append(
            (name, size, one.per_second, one.cpu_us, *delays, f"{one.load_busy:.0%}")
        )
    columns = (
        "",
        "members",
        "deliveries/s",
        "CPU µs each",
        "median ms to all",
        "p99 ms",
        "load generator busy",
    )
    bench.table(f"{title}, medians of {count} rounds", columns, rows)
    others = [name for name in dict.fromkeys(name for name, _ in ways) if name != OURS]
    ratios = []
    for size in dict.fromkeys(size for _, size in ways):
        for other in others:
            found = _ratios(ways, other, size)
            if found:
                ratios.append(
                    (f"{OURS} / {other}", size, median(found), min(found), max(found))
                )
    if ratios:
        bench.table(
            "Ratios of CPU time, each within its round",
            ("", "members", "median", "lowest", "highest"),
            ratios,
        )


def _ratios(ways: Ways, other: str, size: int) -> list[float]:
    pairs = zip(ways.get((OURS, size), []), ways.get((other, size), []), strict=False)
    return [ours.cpu_us / theirs.cpu_us for ours, theirs in pairs]


def _print_memory(memory: dict[str, float], size: int) -> None:
    title = f"Memory a connection, {size:,} idle members with a name"
    bench.table(title, ("", "kB"), list(memory.items()))


def _print_aims(paced: Ways, bursts: Ways, memory: dict[str, float]) -> None:
    rows: list[tuple[object, ...]] = []
    for ways, what, most in ((bursts, "bursts", 1.0), (paced, "paced", 2.0)):
        for size in dict.fromkeys(size for _, size in ways):
            found = _ratios(ways, "ngircd", size)
            if found:
                name = f"CPU a delivery / ngircd's, {what}, {size:,} members"
                rows.append(_aim(name, statistics.median(found), most))
    if told := paced.get((OURS, 500)):
        rows.append(
            _aim(
                "p99 ms until all of 500 have a message",
                median_told(told).delay_ms(0.99),
                10.0,
            )
        )
    if OURS in memory:
        rows.append(_aim("kB a connection", memory[OURS], 20.0))
    if rows:
        bench.table("Aims", ("", "measured", "at most", "met"), rows)


def _aim(what: str, measured: float, most: float) -> tuple[object, ...]:
    return what, measured, most, "yes" if measured <= most else "NO"


if __name__ == "__main__":
    main()
