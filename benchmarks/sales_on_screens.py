"""Claim: a sale is on each of 200 screens at once, and telling them slows the sales little.

    python benchmarks/sales_on_screens.py [--quick]

Durable sales of five lines over HTTP, 500 a second, evenly paced: the time from the
sending of each to when the last of 200 WebSocket clients has it, the commit included.
Then as many sales as 64 clients can make, with 200 who listen and with none, in turn;
the listeners are read by the core that the clients are on.
"""

import json
import multiprocessing
import socket
import time
from functools import partial
from typing import NamedTuple

import http_load
import options
import servers
import shops
from crowd import SPEAKERS, Talk, crowd, may_open
from http_load import NextRequest
from rooms import MARK
from screens import Trastienda
from servers import Server
from tables import aim_row, median, medians, table
from trials import Trials, run

FULL = {"rounds": 5, "seconds": 4.0, "screens": 200}
QUICK = {"rounds": 2, "seconds": 1.5}
PRODUCTS = 100
RATE = 500.0
CLIENTS = 64
ON_ALL_MS, LEAST_SHARE = 50.0, 0.8
WARM_UP_S = 0.5
HEAD_START_S = 0.2


class Shop(Trastienda):
    """A room in which sales are what is said: by HTTP, and heard by WebSocket.

    One product of each sale has a name with the mark that deliveries are counted by.
    """

    def __init__(self, sell: NextRequest, ask_for: bytes, token: str) -> None:
        super().__init__()
        self._auth = json.dumps({"token": token})
        self._sell = sell
        self._ask_for = ask_for
        self._greeted = 0

    def greet(self, connection: socket.socket) -> None:
        self._greeted += 1
        if self._greeted > SPEAKERS:
            super().greet(connection)

    def enter(self, alias: str) -> bytes:
        if int(alias[1:]) < SPEAKERS:
            return self._ask_for
        return super().enter(alias)

    def say(self, alias: str) -> bytes:
        request = self._sell()
        assert request is not None
        return request


class Round(NamedTuple):
    """What one round came to."""

    told: Talk
    alone_per_second: float
    told_per_second: float

    @property
    def share(self) -> float:
        """Sales with listeners as a share of those without."""
        return self.told_per_second / self.alone_per_second


Rounds = Trials[str, Round]


def main() -> int:
    """Run the rounds and print what they came to; return 1 if the server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    members = SPEAKERS + arguments.screens
    if not may_open(members):
        raise SystemExit(f"this process may not open {members} files (`ulimit -Hn`)")
    rounds: Rounds = Trials()
    with servers.scratch_folder() as folder:
        codes = shops.create(folder, PRODUCTS)
        with servers.serving(folder) as server:
            token = http_load.log_in(server)
            sell = http_load.marked_sales_of(server, codes, token, MARK.decode())
            http_load.load(server, CLIENTS, WARM_UP_S, sell)
            measure = partial(
                measure_round, server, sell, token, members, arguments.seconds
            )
            for _ in range(arguments.rounds):
                rounds.attempt(Trastienda.name, measure)
    if rounds.failures:
        print(f"failed: {rounds.failures[Trastienda.name]}")
        return 1
    print_rounds(rounds.measured(Trastienda.name), arguments.screens)
    return 0


def measure_round(
    server: Server, sell: NextRequest, token: str, members: int, seconds: float
) -> Round:
    """Sell with nobody listening, then to a crowd: evenly paced, and as fast as it goes."""
    alone = http_load.load(server, CLIENTS, seconds, sell)
    ask_for = http_load.request("GET", "/metrics")
    with crowd(Shop(sell, ask_for, token), server, members) as people:
        told = people.paced(RATE, seconds)
        listeners = multiprocessing.get_context("fork").Process(
            target=people.listen, args=(seconds + 2 * HEAD_START_S,), daemon=True
        )
        listeners.start()
        time.sleep(HEAD_START_S)
        listened_to = http_load.load(server, CLIENTS, seconds, sell)
        listeners.join()
        if listeners.exitcode:
            raise server.failure("a screen was hung up on")
    return Round(told, alone.per_second, listened_to.per_second)


def print_rounds(rounds: list[Round], screens: int) -> None:
    """Print the times and the rates, and the aims."""
    delays_ms = sorted(ms for measured in rounds for ms in measured.told.delays_ms)
    p99_ms = delays_ms[int(len(delays_ms) * 0.99)]
    busy = median(measured.told.load_busy for measured in rounds)
    columns = ("", "median ms", "p99 ms", "load generator busy")
    row = (f"{RATE:.0f} sales/s", median(delays_ms), p99_ms, f"{busy:.0%}")
    table(f"From a sale's sending to the last of {screens} screens", columns, [row])

    figures = ((one.alone_per_second, one.told_per_second, one.share) for one in rounds)
    columns = ("", "nobody listens", f"{screens} listen", "share")
    title = "Sales a second, medians of the rounds"
    table(title, columns, [(f"{CLIENTS} clients", *medians(figures))])

    share = median(measured.share for measured in rounds)
    aims = [
        aim_row(
            f"p99 ms to {screens} screens, {RATE:.0f} sales/s",
            p99_ms,
            at_most=ON_ALL_MS,
        ),
        aim_row(
            f"sales/s, {screens} listen / nobody does", share, at_least=LEAST_SHARE
        ),
    ]
    table("Aims", ("", "measured", "aim", "met"), aims)


if __name__ == "__main__":
    run(main)
