"""Claim: looking a product up by its barcode costs little more than being asked at all.

    python benchmarks/look_ups.py

`GET /product/barcode/<code>` with a token, 32 clients, 100 products, the server on one core; in turn with it a bare
ASGI application under the same uvicorn (its own protocol, uvloop, httptools) that answers a constant of the same size:
the limit of any program on that server. Aim: 15,000 a second.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bench
import shops
from bench import Load, Server, median

PRODUCTS = 100
CLIENTS = 32

_BARE = """
import sys, uvicorn
BODY = b"x" * int(sys.argv[1])
START = {"type": "http.response.start", "status": 200, "headers": [
    (b"content-length", b"%d" % len(BODY)), (b"content-type", b"application/json")]}
async def app(scope, receive, send):
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
uvicorn.run(app, port=0, lifespan="off", access_log=False, proxy_headers=False, server_header=False)
"""


@contextmanager
def bare(size: int) -> Iterator[Server]:
    """Serve a constant of ``size`` bytes."""
    with bench.running(
        [sys.executable, "-c", _BARE, str(size)], stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        found = (re.search(r"http://127.0.0.1:(\d+)", line) for line in process.stderr)
        yield Server(process, next(int(one[1]) for one in found if one), Path())


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each load")
    given = parser.parse_args()
    ours: list[Load] = []
    limit: list[Load] = []
    bench.on_client_core()
    with bench.shop_folder() as folder:
        codes = shops.found(folder, PRODUCTS)
        with bench.serving(folder) as server:
            give = bench.look_ups_of(codes, bench.log_in(server))
            size = len(bench.ask(server, give() or b""))
            with bare(size) as other:
                for one in (server, other):
                    bench.load(one, CLIENTS, 0.5, give)
                for _ in range(given.rounds):
                    ours.append(bench.load(server, CLIENTS, given.seconds, give))
                    limit.append(bench.load(other, CLIENTS, given.seconds, give))
    bench.table(
        f"Answers of {size} bytes to {CLIENTS} clients, medians of {given.rounds} rounds",
        ("", "answers/s", "median ms", "p99 ms", "CPU µs an answer"),
        [
            (
                name,
                median(one.per_second for one in loads),
                median(one.median_ms for one in loads),
                median(one.p99_ms for one in loads),
                median(one.cpu_us for one in loads),
            )
            for name, loads in (
                ("look-up by barcode", ours),
                ("bare ASGI application", limit),
            )
        ],
    )
    rates = [
        one.per_second / other.per_second
        for one, other in zip(ours, limit, strict=True)
    ]
    cpu = median(
        other.cpu_us / one.cpu_us for one, other in zip(ours, limit, strict=True)
    )
    bench.table(
        "Ratio, each within its round",
        ("", "of the rate", "lowest", "highest", "by CPU time"),
        [("look-up / bare", median(rates), min(rates), max(rates), cpu)],
    )


if __name__ == "__main__":
    main()
