"""Claim: a message to a room costs no more than in ngircd in bursts, and at most twice that paced.

    python benchmarks/chat.py [--quick] [--sizes 50 500]

A room of 50, 500 and 5,000 members in this server (each message on the disk before
anyone sees it), in ngircd, and in a bare epoll loop in C, which is the limit; in turn
in each round, messages evenly paced, then 200 at once from eight speakers. Processor
time a delivery is the server's, of all its threads. Delays are from a message's sending
until the last of the listeners has it; this one process reads for all of them, so what
that takes is in them, too. Memory is what it grew by from empty to the largest room.
Aims beside the figures.
"""

import contextlib
import time
from collections.abc import Callable
from functools import partial

import options
import rooms
import servers
from crowd import Crowd, Talk, crowd, may_open, median_talk
from rooms import Room, Trastienda
from servers import ServerFailed
from tables import aim_row, failed_row, median, table
from trials import Trials, run

FULL = {"rounds": 3, "seconds": 4.0, "sizes": (50, 500, 5_000), "rooms": ("all",)}
QUICK = {"rounds": 2, "seconds": 1.0, "sizes": (50, 500)}
"""Seconds are those of paced messages; bursts last half of that."""
PACE = {50: 50.0, 500: 50.0}
SLOW_PACE = 10.0
"""Messages a second: no server shall need more than half a core. Slow in larger rooms."""
BURST = 200
OURS = Trastienda.name
SETTLING_S = 2.0
"""For what a server does in its own time after it started, and after thousands have come in."""
COLUMNS = (
    "",
    "members",
    "deliveries/s",
    "CPU µs each",
    "median ms to all",
    "p99 ms",
    "load generator busy",
)

Talks = Trials[tuple[str, int], Talk]
"""By the name of the room, and its size."""


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    kinds = rooms.present(arguments.rooms)
    paced: Talks = Trials()
    bursts: Talks = Trials()
    sizes = []
    memory_kb: dict[str, float] = {}
    for size in sorted(arguments.sizes):
        if not may_open(size * len(kinds)):
            print(
                f"Left out: {size:,} members a room, "
                "for this process may not open as many files (`ulimit -Hn`)"
            )
            continue
        sizes.append(size)
        memory_kb = _measure(
            kinds, size, arguments.rounds, arguments.seconds, paced, bursts
        )
    names = [kind.name for kind in kinds]
    if sizes:
        _print_talks(paced, "Evenly paced", names, sizes)
        _print_talks(bursts, f"{BURST} messages at once", names, sizes)
        title = f"Memory a connection, {sizes[-1]:,} idle members with a name"
        table(title, ("", "kB"), list(memory_kb.items()))
        _print_aims(paced, bursts, sizes, memory_kb)
    return 1 if paced.failures else 0


def _measure(
    kinds: list[Room],
    size: int,
    rounds: int,
    seconds: float,
    paced: Talks,
    bursts: Talks,
) -> dict[str, float]:
    """Fill a room of each kind and speak in them in turn.

    Returns by how many kB a member each server grew.
    """
    with contextlib.ExitStack() as stack:
        memory_kb: dict[str, float] = {}
        crowds: list[Crowd] = []
        for kind in kinds:
            try:
                people, memory_kb[kind.name] = _filled(kind, size, stack)
                people.burst(BURST, 0.3)  # warms up
                crowds.append(people)
            except ServerFailed as failure:
                paced.fail((kind.name, size), failure)
                bursts.fail((kind.name, size), failure)
        pace = PACE.get(size, SLOW_PACE)
        for _ in range(rounds):
            _in_turn(crowds, paced, lambda people: people.paced(pace, seconds))
            _in_turn(crowds, bursts, lambda people: people.burst(BURST, seconds / 2))
        return memory_kb


def _filled(kind: Room, size: int, stack: contextlib.ExitStack) -> tuple[Crowd, float]:
    """Run a server and fill its room.

    Returns its crowd, and by how many kB a member the server grew.
    """
    folder = stack.enter_context(servers.scratch_folder())
    server = stack.enter_context(kind.serving(folder))
    time.sleep(SETTLING_S)
    empty_bytes = server.memory_bytes()
    people = stack.enter_context(crowd(kind, server, size))
    time.sleep(SETTLING_S)
    return people, (server.memory_bytes() - empty_bytes) / size / 1e3


def _in_turn(crowds: list[Crowd], talks: Talks, speak: Callable[[Crowd], Talk]) -> None:
    for people in crowds:
        subject = (people.room.name, people.members)
        talks.attempt(subject, partial(speak, people))


def _print_talks(talks: Talks, title: str, names: list[str], sizes: list[int]) -> None:
    rows: list[tuple[object, ...]] = []
    for size in sizes:
        for name in names:
            reason = talks.failures.get((name, size))
            if reason:
                rows.append(failed_row(name, size, reason=reason, columns=COLUMNS))
                continue
            talk = median_talk(talks.measured((name, size)))
            delays_ms: tuple[object, object] = ("", "")
            if talk.delays_ms:
                delays_ms = (talk.delay_ms(0.5), talk.delay_ms(0.99))
            busy = f"{talk.load_busy:.0%}"
            rows.append((name, size, talk.per_second, talk.cpu_us, *delays_ms, busy))
    table(f"{title}, medians of the rounds", COLUMNS, rows)

    ratio_rows = []
    for size in sizes:
        for name in names:
            ratios = _ratios(talks, name, size)
            if name != OURS and ratios:
                title = f"{OURS} / {name}"
                row = (title, size, median(ratios), min(ratios), max(ratios))
                ratio_rows.append(row)
    if ratio_rows:
        columns = ("", "members", "median", "lowest", "highest")
        table("Ratios of CPU time, each within its round", columns, ratio_rows)


def _ratios(talks: Talks, other: str, size: int) -> list[float]:
    """Return our processor time a delivery to another's, of each round."""
    pairs = zip(
        talks.measured((OURS, size)), talks.measured((other, size)), strict=False
    )
    return [ours.cpu_us / theirs.cpu_us for ours, theirs in pairs]


def _print_aims(
    paced: Talks, bursts: Talks, sizes: list[int], memory_kb: dict[str, float]
) -> None:
    rows: list[tuple[object, ...]] = []
    for talks, manner, at_most in ((bursts, "bursts", 1.0), (paced, "paced", 2.0)):
        for size in sizes:
            ratios = _ratios(talks, "ngircd", size)
            if ratios:
                aim = f"CPU a delivery / ngircd's, {manner}, {size:,} members"
                rows.append(aim_row(aim, median(ratios), at_most=at_most))
    talk_to_500 = paced.measured((OURS, 500))
    if talk_to_500:
        p99_ms = median_talk(talk_to_500).delay_ms(0.99)
        aim = "p99 ms until all of 500 have a message"
        rows.append(aim_row(aim, p99_ms, at_most=10.0))
    if OURS in memory_kb:
        rows.append(aim_row("kB a connection", memory_kb[OURS], at_most=20.0))
    if rows:
        table("Aims", ("", "measured", "aim", "met"), rows)


if __name__ == "__main__":
    run(main)
