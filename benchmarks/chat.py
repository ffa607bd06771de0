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
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import options
import rooms
import servers
from crowd import Crowd, Talk, crowd, may_open, median_talk
from rooms import Room, Trastienda
from servers import ServerFailed
from tables import aim_row, failed_row, median, spread, table
from trials import Trials, run

FULL = {
    "rounds": 3,
    "seconds": 4.0,  # of paced messages, and of bursts half of that
    "sizes": (50, 500, 5_000),
    "rooms": ("all",),
    "settling": 2.0,
}
QUICK = {"rounds": 2, "seconds": 1.0, "sizes": (50, 500)}
"""``settling`` is for what a server does in its own time after its start and a crowd's entry."""
PACE = {50: 50.0, 200: 50.0, 500: 50.0}
SLOW_PACE = 10.0
"""Messages a second: no server shall need more than half a core. Slow in larger rooms."""
BURST = 200
OURS = Trastienda.name
COLUMNS = (
    "",
    "members",
    "deliveries/s",
    "CPU µs each",
    "median ms to all",
    "p99 ms",
    "load generator busy",
)


class Round(NamedTuple):
    """What the members of one room heard in one round."""

    paced: Talk
    burst: Talk


Talks = Trials[tuple[str, int], Round]
"""By the name of the room, and its size."""
Manner = Callable[[Round], Talk]


def paced(measured: Round) -> Talk:
    """Return the talk of evenly paced messages."""
    return measured.paced


def burst(measured: Round) -> Talk:
    """Return the talk of many messages at once."""
    return measured.burst


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    kinds = rooms.present(arguments.rooms)
    talks: Talks = Trials()
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
        with contextlib.ExitStack() as stack:
            crowds, memory_kb = fill(kinds, size, arguments.settling, talks, stack)
            for _ in range(arguments.rounds):
                for people in crowds:
                    measure = partial(talk_in, people, arguments.seconds)
                    talks.attempt((people.room.name, size), measure)
    if sizes:
        names = [kind.name for kind in kinds]
        for title, manner in (
            ("Evenly paced", paced),
            (f"{BURST} messages at once", burst),
        ):
            print_talks(title, talks, manner, names, sizes)
            print_ratios(talks, manner, names, sizes)
        title = f"Memory a connection, {sizes[-1]:,} idle members with a name"
        table(title, ("", "kB"), list(memory_kb.items()))
        print_aims(talks, sizes, memory_kb)
    return 1 if talks.failures else 0


def fill(
    kinds: Sequence[Room],
    size: int,
    settling_s: float,
    talks: Talks,
    stack: contextlib.ExitStack,
) -> tuple[list[Crowd], dict[str, float]]:
    """Fill a room of each kind; return the crowds, and the kB a member that each server grew by."""
    crowds = []
    memory_kb = {}
    for kind in kinds:
        try:
            folder = stack.enter_context(servers.scratch_folder())
            server = stack.enter_context(kind.serving(folder))
            time.sleep(settling_s)
            empty_bytes = server.memory_bytes()
            people = stack.enter_context(crowd(kind, server, size))
            time.sleep(settling_s)
            grown_bytes = server.memory_bytes() - empty_bytes
            people.burst(BURST, 0.3)  # warms up
        except ServerFailed as failure:
            talks.fail((kind.name, size), failure)
            continue
        memory_kb[kind.name] = grown_bytes / size / 1e3
        crowds.append(people)
    return crowds, memory_kb


def talk_in(people: Crowd, seconds: float) -> Round:
    """Speak in one room, paced and then in bursts."""
    pace = PACE.get(people.members, SLOW_PACE)
    evenly = people.paced(pace, seconds)
    return Round(evenly, people.burst(BURST, seconds / 2))


def print_talks(
    title: str, talks: Talks, manner: Manner, names: list[str], sizes: list[int]
) -> None:
    """Print a row for each room."""
    rows: list[tuple[object, ...]] = []
    for size in sizes:
        for name in names:
            reason = talks.failures.get((name, size))
            if reason:
                rows.append(failed_row(name, size, reason=reason, columns=COLUMNS))
                continue
            rounds = talks.measured((name, size))
            talk = median_talk([manner(measured) for measured in rounds])
            delays_ms: tuple[object, object] = ("", "")
            if talk.delays_ms:
                delays_ms = (talk.delay_ms(0.5), talk.delay_ms(0.99))
            busy = f"{talk.load_busy:.0%}"
            rows.append((name, size, talk.per_second, talk.cpu_us, *delays_ms, busy))
    table(f"{title}, medians of the rounds", COLUMNS, rows)


def print_ratios(
    talks: Talks, manner: Manner, names: list[str], sizes: list[int]
) -> None:
    """Print our processor time a delivery to that of the others."""
    rows = []
    for size in sizes:
        for name in names:
            ratios = cpu_ratios(talks, manner, name, size)
            if name != OURS and ratios:
                rows.append((f"{OURS} / {name}", size, *spread(ratios)))
    if rows:
        columns = ("", "members", "median", "lowest", "highest")
        table("Ratios of CPU time, each within its round", columns, rows)


def cpu_ratios(talks: Talks, manner: Manner, other: str, size: int) -> list[float]:
    """Return our processor time a delivery to another's, of each round."""
    our_rounds = talks.measured((OURS, size))
    their_rounds = talks.measured((other, size))
    ratios = []
    for ours, theirs in zip(our_rounds, their_rounds, strict=False):
        ratios.append(manner(ours).cpu_us / manner(theirs).cpu_us)
    return ratios


def print_aims(talks: Talks, sizes: list[int], memory_kb: dict[str, float]) -> None:
    """Print what is aimed at, where it could be measured."""
    rows: list[tuple[object, ...]] = []
    for how, manner, at_most in (("bursts", burst, 1.0), ("paced", paced, 2.0)):
        for size in sizes:
            ratios = cpu_ratios(talks, manner, "ngircd", size)
            if ratios:
                aim = f"CPU a delivery / ngircd's, {how}, {size:,} members"
                rows.append(aim_row(aim, median(ratios), at_most=at_most))
    rounds_of_500 = talks.measured((OURS, 500))
    if rounds_of_500:
        talk = median_talk([measured.paced for measured in rounds_of_500])
        aim = "p99 ms until all of 500 have a message"
        rows.append(aim_row(aim, talk.delay_ms(0.99), at_most=10.0))
    if OURS in memory_kb:
        rows.append(aim_row("kB a connection", memory_kb[OURS], at_most=20.0))
    if rows:
        table("Aims", ("", "measured", "aim", "met"), rows)


if __name__ == "__main__":
    run(main)
