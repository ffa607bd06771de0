"""The time of one sale split by layer: the server's own functions, run in this process, each one's time its own."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import msgspec
import sqlalchemy as sa

import bench
import shops
from trastienda.actions import sales
from trastienda.domain import sales as deciding
from trastienda.domain.events import Kind
from trastienda.domain.sales import Sale, SaleOrder
from trastienda.live.bus import Bus
from trastienda.operations import opening
from trastienda.storage import dialects
from trastienda.storage.products import Ledger
from trastienda.storage.transactions import Tx, writing
from trastienda.wire import bodies
from trastienda.wire import sales as wire

R = TypeVar("R")

DECODE = "JSON to order"
READ = "shelf and ledger read"
DECIDE = "decide"
ROWS = "ledger and rows in memory"
AUDIT = "registro and its hash"
JOURNAL = "events as JSON for the journal"
SQL = "SQL sets"
COMMIT = "commit"
ANSWER = "events told, answer as JSON"
LAYERS = (DECODE, READ, DECIDE, ROWS, AUDIT, JOURNAL, SQL, COMMIT, ANSWER)


class Layers:
    """Processor time by layer; while a layer calls another, the time is the other's."""

    def __init__(self) -> None:
        self.ns: dict[str, int] = defaultdict(int)
        self._stack: list[str] = []
        self._since = 0

    def _switch(self) -> None:
        now = time.thread_time_ns()
        if self._stack:
            self.ns[self._stack[-1]] += now - self._since
        self._since = now

    def run(
        self, layer: str, function: Callable[..., R], *arguments: Any, **named: Any
    ) -> R:
        """Call a function as part of a layer."""
        self._switch()
        self._stack.append(layer)
        try:
            return function(*arguments, **named)
        finally:
            self._switch()
            self._stack.pop()

    def watch(self, stack: ExitStack, owner: Any, name: str, layer: str) -> None:
        """Count what ``owner.name`` takes to ``layer``."""
        function = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            return self.run(layer, function, *arguments, **named)

        stack.enter_context(mock.patch.object(owner, name, watched))


def split(
    folder: Path, codes: Sequence[str], count: int, a_commit: int
) -> tuple[dict[str, float], float]:
    """Sell in the shop in ``folder``; return µs of processor time a sale by layer, and µs a sale of waiting."""
    engine = shops.opened(folder)
    give = bench.sales_of(codes, "token", different=1_000)
    requests = [(give() or b"").partition(b"\r\n\r\n")[2] for _ in range(count)]
    layers = Layers()
    with dialects.connect(engine) as connection, ExitStack() as stack:
        layers.watch(stack, dialects.Prepared, "__call__", READ)
        layers.watch(stack, deciding, "decide", DECIDE)
        layers.watch(stack, Ledger, "__init__", ROWS)
        layers.watch(stack, Tx, "audit", AUDIT)
        layers.watch(stack, Tx, "finish", JOURNAL)
        layers.watch(stack, dialects, "insert", SQL)
        layers.watch(stack, dialects, "execute_set", SQL)
        layers.watch(stack, sa.Connection, "execute", SQL)
        layers.watch(stack, dialects, "commit", COMMIT)
        _sell(connection, requests[:a_commit], Layers())  # whatever is done once only
        layers.ns.clear()
        began, cpu_began = time.perf_counter(), time.thread_time()
        for start in range(0, count, a_commit):
            _sell(connection, requests[start : start + a_commit], layers)
        waited = time.perf_counter() - began - (time.thread_time() - cpu_began)
    engine.dispose()
    return {
        layer: layers.ns[layer] / count / 1e3 for layer in LAYERS
    }, waited / count * 1e6


def _sell(connection: sa.Connection, requests: Sequence[bytes], layers: Layers) -> None:
    orders = layers.run(DECODE, _orders, requests)
    calls = [sales.Selling(shops.ADMINISTRATOR, order) for order in orders]
    tx, sold = layers.run(ROWS, _write, connection, calls)
    layers.run(ANSWER, _answer, tx, sold)


def _orders(requests: Sequence[bytes]) -> list[SaleOrder]:
    return [wire.order_in(bodies.decode(wire.decode_order, body)) for body in requests]


def _write(
    connection: sa.Connection, calls: Sequence[sales.Selling]
) -> tuple[Tx, list[Sale]]:
    with writing(connection, opening.now_ms) as tx:
        outcomes = sales.sell(tx, calls)
    return tx, [
        outcome.value for outcome in outcomes if not isinstance(outcome, Exception)
    ]


def _answer(tx: Tx, sold: Sequence[Sale]) -> None:
    bus = Bus(tx.n_before)
    bus.listen(lambda events: None, {Kind.USER, Kind.SHOP})
    bus.publish(tx.events)
    zone = tx.shop.zone
    for sale in sold:
        msgspec.json.encode(wire.sale_out(sale, zone))
