"""Claim: telling screens costs a fifth of stock python-socketio in bursts, and a quarter paced.

    python benchmarks/live.py [--quick] [--sizes 200 2000]

A room of 200 and 2,000 WebSocket clients in this server (each message on the disk before
anyone hears it), in python-socketio as its documentation shows it, and in socket.io in
Node, which keep nothing; in turn in each round, messages evenly paced, then 200 at once
from eight speakers, as in `chat.py`, whose crowd and tables these are. Aims beside the
figures.
"""

import contextlib
import time
from functools import partial

import chat
import options
import servers
from chat import BURST, OURS, Talks, burst, cpu_ratios, paced, talk_in
from crowd import crowd, may_open
from rooms import Room
from screens import SCREENS
from servers import Server
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
            running = []
            for kind in kinds:
                folder = stack.enter_context(servers.scratch_folder())
                running.append((kind, stack.enter_context(kind.serving(folder))))
            time.sleep(arguments.settling)
            for _ in range(arguments.rounds):
                for kind, server in running:
                    measure = partial(
                        measure_crowd, kind, server, size, arguments.seconds, memory_kb
                    )
                    talks.attempt((kind.name, size), measure)

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


def measure_crowd(
    kind: Room,
    server: Server,
    size: int,
    seconds: float,
    memory_kb: dict[str, float],
) -> chat.Round:
    """Fill a room, speak in it, and let it go: nobody answers pings while others speak."""
    empty_bytes = server.memory_bytes()
    with crowd(kind, server, size) as people:
        grown_bytes = server.memory_bytes() - empty_bytes
        memory_kb.setdefault(kind.name, grown_bytes / size / 1e3)
        people.burst(BURST, 0.3)  # warms up
        return talk_in(people, seconds)


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
