"""Claim: telling screens costs a fifth of stock python-socketio in bursts, and a quarter paced.

    python benchmarks/live.py [--quick] [--sizes 200 2000]

A room of 200 and 2,000 WebSocket clients in this server (each message on the disk before
anyone hears it), in python-socketio as its documentation shows it, and in socket.io in
Node, which keep nothing; in turn in each round, messages evenly paced, then 200 at once
from eight speakers, as in `chat.py`, whose crowd and tables these are. Aims beside the
figures.
"""

import contextlib
from functools import partial

import chat
import options
import servers
from chat import BURST, OURS, Talks, burst, cpu_ratios, paced, talk_in
from crowd import may_open
from screens import SCREENS
from tables import aim_row, median, table
from trials import Trials, run

FULL = {
    "rounds": 3,
    "seconds": 4.0,  # of paced messages, and of bursts half of that
    "sizes": (200, 2_000),
    "settling": 1.0,
}
QUICK = {"rounds": 2, "seconds": 1.0, "sizes": (200,)}
STOCK, NODE = "python-socketio", "socket.io in Node"
AIMS = (
    (STOCK, burst, 0.2),
    (STOCK, paced, 0.25),
    (NODE, burst, 1.0),
    (NODE, paced, 1.0),
)
"""Our processor time a delivery to another's: at most."""


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    kinds = [kind for kind in SCREENS if not kind.missing()]
    for kind in SCREENS:
        if kind.missing():
            print(f"Left out: {kind.missing()}")

    talks: Talks = Trials()
    sizes = [size for size in sorted(arguments.sizes) if may_open(size * len(kinds))]
    memory_kb: dict[str, float] = {}
    for size in sizes:
        with contextlib.ExitStack() as stack:
            crowds, memory_kb = chat.fill(kinds, size, arguments.settling, talks, stack)
            for _ in range(arguments.rounds):
                for people in crowds:
                    measure = partial(talk_in, people, arguments.seconds)
                    talks.attempt((people.room.name, size), measure)

    names = [kind.name for kind in kinds]
    for title, manner in (
        ("Evenly paced", paced),
        (f"{BURST} messages at once", burst),
    ):
        chat.print_talks(title, talks, manner, names, sizes)
        chat.print_ratios(talks, manner, names, sizes)
    table("Memory a connection", ("", "kB"), list(memory_kb.items()))
    print_aims(talks, sizes)
    return 1 if talks.failures else 0


def print_aims(talks: Talks, sizes: list[int]) -> None:
    """Print what is aimed at, where it could be measured."""
    rows = []
    for other, manner, at_most in AIMS:
        for size in sizes:
            ratios = cpu_ratios(talks, manner, other, size)
            if ratios:
                aim = f"CPU a delivery / {other}'s, {manner.__name__}, {size:,}"
                rows.append(aim_row(aim, median(ratios), at_most=at_most))
    table("Aims", ("", "measured", "aim", "met"), rows)


if __name__ == "__main__":
    assert SCREENS[0].name == OURS
    run(main)
