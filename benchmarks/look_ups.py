"""Claim: looking a product up by its barcode costs little more than being asked at all.

    python benchmarks/look_ups.py [--quick]

`GET /product/barcode/<code>` with a token, 32 clients, 100 products, the server on one
core; in turn with it a bare ASGI application under the same uvicorn (its own protocol,
uvloop, httptools) that answers a constant of the same size: the limit of any program on
that server. Aim: 15,000 a second.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import http_load
import options
import servers
import shops
from http_load import Load, median_load
from servers import Server, ServerFailed
from tables import failed_row, median, spread, table
from trials import Trials, run

FULL = {"rounds": 5, "seconds": 2.0}
QUICK = {"rounds": 3, "seconds": 1.0}
PRODUCTS = 100
CLIENTS = 32
OURS, BARE = "look-up by barcode", "bare ASGI application"
COLUMNS = ("", "answers/s", "median ms", "p99 ms", "CPU µs an answer")

_BARE = """
import sys, uvicorn
BODY = b"x" * int(sys.argv[1])
START = {"type": "http.response.start", "status": 200, "headers": [
    (b"content-length", b"%d" % len(BODY)), (b"content-type", b"application/json")]}
async def app(scope, receive, send):
    await send(START)
    await send({"type": "http.response.body", "body": BODY})
uvicorn.run(app, port=int(sys.argv[2]), lifespan="off", access_log=False,
            proxy_headers=False, server_header=False, log_level="warning")
"""


@contextmanager
def bare(size: int) -> Iterator[Server]:
    """Serve a constant of ``size`` bytes."""
    port = servers.free_port()
    command = [sys.executable, "-c", _BARE, str(size), str(port)]
    with servers.running(BARE, command) as server:
        server.port = port
        servers.wait_until(server, lambda: servers.request_once(port))
        yield server


def main() -> int:
    """Run the rounds and print what they came to; return 1 if a server failed."""
    arguments = options.parse(__doc__, FULL, QUICK)
    loads: Trials[str, Load] = Trials()
    servers.on_client_core()
    with servers.scratch_folder() as folder, ExitStack() as stack:
        codes = shops.create(folder, PRODUCTS)
        ours = stack.enter_context(servers.serving(folder))
        look_up = http_load.look_ups_of(codes, http_load.log_in(ours))
        size = len(http_load.ask(ours, look_up() or b""))
        running = {OURS: ours}
        try:
            running[BARE] = stack.enter_context(bare(size))
        except ServerFailed as failure:
            loads.fail(BARE, failure)
        for server in running.values():
            http_load.load(server, CLIENTS, 0.5, look_up)
        for _ in range(arguments.rounds):
            for name, server in running.items():
                measure = partial(
                    http_load.load, server, CLIENTS, arguments.seconds, look_up
                )
                loads.attempt(name, measure)
    print_rates(loads, size)
    print_ratio(loads)
    return 1 if loads.failures else 0


def print_rates(loads: Trials[str, Load], size: int) -> None:
    """Print the rates of both servers."""
    rows = []
    for name in (OURS, BARE):
        if name in loads.failures:
            reason = loads.failures[name]
            rows.append(failed_row(name, reason=reason, columns=COLUMNS))
            continue
        load = median_load(loads.measured(name))
        rows.append((name, load.per_second, load.median_ms, load.p99_ms, load.cpu_us))
    table(f"Answers of {size} bytes to {CLIENTS} clients, medians", COLUMNS, rows)


def print_ratio(loads: Trials[str, Load]) -> None:
    """Print what a look-up reaches of the bare rate."""
    pairs = list(zip(loads.measured(OURS), loads.measured(BARE), strict=False))
    if not pairs:
        return
    rates = [run.per_second / limit.per_second for run, limit in pairs]
    cpu_ratio = median(limit.cpu_us / run.cpu_us for run, limit in pairs)
    columns = ("", "of the rate", "lowest", "highest", "by CPU time")
    row = ("look-up / bare", *spread(rates), cpu_ratio)
    table("Ratio, each within its round", columns, [row])


if __name__ == "__main__":
    run(main)
