"""Claim: talk does not slow the sales, but for the processor time that telling it takes.

    python benchmarks/chat_and_sales.py [--quick]

Durable sales of five lines over HTTP by 8 and by 64 clients, in turn with nobody
talking in the room of 500, with a busy shop's talk and with a crowd's; server and
clients on a core each. Telling takes a share of the server's one core, measured with no
sales: what the sales may lose is that and little more.
"""

import contextlib
import multiprocessing
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import http_load
import options
import servers
import shops
from crowd import Crowd, crowd, may_open
from http_load import NextRequest
from rooms import Trastienda
from servers import Server
from tables import aim_row, failed_row, median, medians, table
from trials import Trials, run

FULL = {"rounds": 3, "seconds": 3.0}
QUICK = {"rounds": 1, "seconds": 2.0}
PRODUCTS = 100
MEMBERS = 500
TALK = {"nobody talks": 0.0, "5 messages/s to 500": 5.0, "50 messages/s to 500": 50.0}
SILENT = "nobody talks"
CLIENTS = (8, 64)
AIM = 0.95
"""Of the rate that the core's remaining time allows."""
HEAD_START_S = 0.3
TALK_ENDS_S = 60
COLUMNS = (
    "",
    "sales/s",
    "p99 ms",
    "message at all, p99 ms",
    "of the silent rate",
    "of a core for telling",
)


class Sold(NamedTuple):
    """What selling came to while there was talk."""

    per_second: float
    p99_ms: float
    talk_p99_ms: float
    """Until all in the room had a message; 0 where nobody talked."""


Sales = Trials[tuple[int, str], Sold]
"""By the number of clients, and the talk."""


def main() -> int:
    """Run the rounds and print what they came to; return 1 if the server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    if not may_open(MEMBERS):
        raise SystemExit(f"this process may not open {MEMBERS} files (`ulimit -Hn`)")
    sales: Sales = Trials()
    shares: dict[str, list[float]] = defaultdict(list)
    room = Trastienda()
    with servers.scratch_folder() as folder:
        codes = shops.create(folder, PRODUCTS)
        with servers.serving(folder) as server, crowd(room, server, MEMBERS) as people:
            sell = http_load.sales_of(codes, http_load.log_in(server))
            http_load.load(server, CLIENTS[-1], 0.5, sell)
            for _ in range(arguments.rounds):
                for talk, rate in TALK.items():
                    shares[talk].append(
                        share_of_a_core(people, rate, arguments.seconds)
                    )
                    for clients in CLIENTS:
                        measure = partial(
                            sell_while_talking,
                            server,
                            people,
                            sell,
                            clients,
                            rate,
                            arguments.seconds,
                        )
                        sales.attempt((clients, talk), measure)
    print_rates(sales, {talk: median(shares[talk]) for talk in TALK})
    return 1 if sales.failures else 0


def share_of_a_core(people: Crowd, rate: float, seconds: float) -> float:
    """Return the share of a core that telling alone takes."""
    if not rate:
        return 0.0
    talk = people.paced(rate, seconds)
    return talk.cpu_us * talk.deliveries / 1e6 / talk.seconds


def sell_while_talking(
    server: Server,
    people: Crowd,
    sell: NextRequest,
    clients: int,
    rate: float,
    seconds: float,
) -> Sold:
    """Put a load of sales on the server while there is talk in the room."""
    with talking(people, rate, seconds + 2 * HEAD_START_S) as delays_ms:
        load = http_load.load(server, clients, seconds, sell)
    talk_p99_ms = delays_ms[0] if delays_ms else 0.0
    return Sold(load.per_second, load.p99_ms, talk_p99_ms)


@contextlib.contextmanager
def talking(people: Crowd, rate: float, seconds: float) -> Iterator[list[float]]:
    """Have another process talk meanwhile.

    Afterwards the list holds the p99 of the milliseconds until all have a message.
    """
    delays_ms: list[float] = []
    if not rate:
        yield delays_ms
        return
    receiver, sender = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=lambda: sender.send(people.paced(rate, seconds).delay_ms(0.99)),
        daemon=True,
    )
    child.start()
    time.sleep(HEAD_START_S)
    yield delays_ms
    if not receiver.poll(TALK_ENDS_S):
        raise people.server.failure("the talk did not end")
    delays_ms.append(receiver.recv())
    child.join()


def print_rates(sales: Sales, shares: dict[str, float]) -> None:
    """Print the rates beside the silent ones, and the aims."""
    rows: list[tuple[object, ...]] = []
    aims: list[tuple[object, ...]] = []
    for clients in CLIENTS:
        silent = sales.measured((clients, SILENT))
        for talk, share in shares.items():
            name = f"{clients} clients, {talk}"
            if (clients, talk) in sales.failures:
                reason = sales.failures[clients, talk]
                rows.append(failed_row(name, reason=reason, columns=COLUMNS))
                continue
            rounds = sales.measured((clients, talk))
            per_second, p99_ms, talk_p99_ms = medians(rounds)
            pairs = list(zip(rounds, silent, strict=False))
            if not pairs:
                continue
            ratio = median(sold.per_second / quiet.per_second for sold, quiet in pairs)
            rows.append(
                (name, per_second, p99_ms, talk_p99_ms or "", ratio, f"{share:.0%}")
            )
            if talk != SILENT:
                aims.append(aim_row(name, ratio / (1 - share), at_least=AIM))
    table("Sales while there is talk, medians of the rounds", COLUMNS, rows)
    title = "Aims: of the rate that the rest of the core allows"
    table(title, ("", "measured", "aim", "met"), aims)


if __name__ == "__main__":
    run(main)
