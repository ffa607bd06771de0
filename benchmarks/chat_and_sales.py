"""Claim: talk does not slow the sales, but for the processor time that telling it takes.

    python benchmarks/chat_and_sales.py

Durable sales of five lines over HTTP by 8 and by 64 clients, in turn with nobody talking in the room of 500, with a
busy shop's talk and with a crowd's; server and clients on a core each. Telling takes a share of the server's one core,
measured with no sales: what the sales may lose is that and little more.
"""

import argparse
import contextlib
import multiprocessing
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

import bench
import shops
from bench import Following, Server, median
from crowd import Crowd, crowd, room_for
from rooms import Trastienda

PRODUCTS = 100
MEMBERS = 500
TALK = {"nobody talks": 0.0, "5 messages/s to 500": 5.0, "50 messages/s to 500": 50.0}
CLIENTS = (8, 64)
AIM = 0.95
"""Of the rate that the core's remaining time allows."""
HEAD_START_S = 0.3

Rates = dict[tuple[str, int], list[tuple[float, float, float]]]
"""Sales a second, their p99 and the p99 until all have a message, both in ms, of each round."""


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each load")
    given = parser.parse_args()
    bench.on_client_core()
    if not room_for(MEMBERS):
        raise SystemExit(f"this process may not open {MEMBERS} files (`ulimit -Hn`)")
    rates: Rates = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    ours = Trastienda()
    with bench.shop_folder() as folder:
        codes = shops.found(folder, PRODUCTS)
        with (
            ours.serving_shop(folder) as (served, server),
            crowd(ours, served, MEMBERS) as members,
        ):
            give = bench.sales_of(codes, bench.log_in(server))
            bench.load(server, CLIENTS[-1], 0.5, give)
            for _ in range(given.rounds):
                for name, rate in TALK.items():
                    shares[name].append(_share(members, rate, given.seconds))
                    for clients in CLIENTS:
                        rates[name, clients].append(
                            _sell(server, members, give, clients, rate, given.seconds)
                        )
    _print(rates, shares, given.rounds)


def _share(members: Crowd, rate: float, seconds: float) -> float:
    """Return the share of a core that telling alone takes."""
    if not rate:
        return 0.0
    told = members.paced(rate, seconds)
    return told.cpu_us * told.deliveries / 1e6 / told.seconds


def _sell(
    server: Server,
    members: Crowd,
    give: Following,
    clients: int,
    rate: float,
    seconds: float,
) -> tuple[float, float, float]:
    with _talking(members, rate, seconds + 2 * HEAD_START_S) as delays_ms:
        load = bench.load(server, clients, seconds, give)
    return load.per_second, load.p99_ms, delays_ms[0] if delays_ms else 0.0


@contextlib.contextmanager
def _talking(members: Crowd, rate: float, seconds: float) -> Iterator[list[float]]:
    """Have another process talk meanwhile; afterwards the list holds the p99 until all have a message."""
    delays_ms: list[float] = []
    if not rate:
        yield delays_ms
        return
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=lambda: there.send(members.paced(rate, seconds).delay_ms(0.99)),
        daemon=True,
    )
    child.start()
    time.sleep(HEAD_START_S)
    yield delays_ms
    if not here.poll(60):
        raise SystemExit("the talk did not end")
    delays_ms.append(here.recv())
    child.join()


def _print(rates: Rates, shares: dict[str, list[float]], count: int) -> None:
    silent = next(iter(TALK))
    rows: list[tuple[object, ...]] = []
    aims: list[tuple[object, ...]] = []
    for (name, clients), rounds in rates.items():
        sold, p99_ms, delay_ms = (
            median(column) for column in zip(*rounds, strict=True)
        )
        ratio = median(
            now[0] / then[0]
            for now, then in zip(rounds, rates[silent, clients], strict=True)
        )
        share = median(shares[name])
        rows.append(
            (
                f"{clients} clients, {name}",
                sold,
                p99_ms,
                delay_ms or "",
                ratio,
                f"{share:.0%}",
            )
        )
        if name != silent:
            left = ratio / (1 - share)
            aims.append(
                (
                    f"{clients} clients, {name}",
                    left,
                    AIM,
                    "yes" if left >= AIM else "NO",
                )
            )
    columns = (
        "",
        "sales/s",
        "p99 ms",
        "message at all, p99 ms",
        "of the silent rate",
        "of a core for telling",
    )
    bench.table(
        f"Sales while there is talk, medians of {count} rounds",
        columns,
        sorted(rows, key=_clients),
    )
    bench.table(
        "Aims: of the rate that the rest of the core allows",
        ("", "measured", "at least", "met"),
        sorted(aims, key=_clients),
    )


def _clients(row: Sequence[object]) -> int:
    return int(str(row[0]).split()[0])


if __name__ == "__main__":
    main()
