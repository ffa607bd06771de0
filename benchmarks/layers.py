"""The time of one sale split by layer: the server's own functions, run in this process."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest import mock

import msgspec

import http_load
import shops
from trastienda.actions import sales
from trastienda.domain.events import Kind
from trastienda.domain.sales import Sale, SaleOrder
from trastienda.live.bus import Bus
from trastienda.operations.clock import now_ms
from trastienda.storage.dialects import Connection
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Tx, writing
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
ANSWER = "events published, answer as JSON"
LAYERS = (DECODE, READ, DECIDE, ROWS, AUDIT, JOURNAL, SQL, COMMIT, ANSWER)

WATCHED = (
    (Connection, "fetch", READ),
    (sales, "decide", DECIDE),
    (Ledger, "__init__", ROWS),
    (Tx, "audit", AUDIT),
    (Tx, "finish", JOURNAL),
    (Connection, "insert", SQL),
    (Connection, "update_set", SQL),
    (Connection, "execute", SQL),
    (Connection, "commit", COMMIT),
)
"""Functions of the product, by their owner and name, and the layer that each belongs to."""


class Split(NamedTuple):
    """Microseconds a sale: of processor time by layer, and of waiting for the disk."""

    cpu_us: dict[str, float]
    waiting_us: float


class Layers:
    """Processor time by layer; while a layer calls another, the time is the other's."""

    def __init__(self) -> None:
        self.ns: dict[str, int] = defaultdict(int)
        self._stack: list[str] = []
        self._since_ns = 0

    def _switch(self) -> None:
        now_ns = time.thread_time_ns()
        if self._stack:
            self.ns[self._stack[-1]] += now_ns - self._since_ns
        self._since_ns = now_ns

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


def split(folder: Path, codes: Sequence[str], count: int, a_commit: int) -> Split:
    """Sell ``count`` times in the shop in ``folder`` and return what a sale took."""
    database = shops.opened(folder)
    sell = http_load.sales_of(codes, "token", different=1_000)
    requests = [sell() or b"" for _ in range(count)]
    request_bodies = [request.partition(b"\r\n\r\n")[2] for request in requests]
    layers = Layers()
    with database.connect() as connection, ExitStack() as stack:
        for owner, name, layer in WATCHED:
            layers.watch(stack, owner, name, layer)
        _sell(connection, request_bodies[:a_commit], Layers())  # what is done once only
        layers.ns.clear()

        began, cpu_began = time.perf_counter(), time.thread_time()
        for start in range(0, count, a_commit):
            _sell(connection, request_bodies[start : start + a_commit], layers)
        took_s = time.perf_counter() - began
        cpu_s = time.thread_time() - cpu_began

    cpu_us = {layer: layers.ns[layer] / count / 1e3 for layer in LAYERS}
    return Split(cpu_us, (took_s - cpu_s) / count * 1e6)


def _sell(connection: Connection, requests: Sequence[bytes], layers: Layers) -> None:
    """Sell what the requests order, in one commit, and answer them."""
    orders = layers.run(DECODE, _orders, requests)
    calls = [sales.Selling(shops.ADMINISTRATOR, order) for order in orders]
    transaction, sold = layers.run(ROWS, _write, connection, calls)
    layers.run(ANSWER, _answer, transaction, sold)


def _orders(requests: Sequence[bytes]) -> list[SaleOrder]:
    return [wire.decode_order(body) for body in requests]


def _write(
    connection: Connection, calls: Sequence[sales.Selling]
) -> tuple[Tx, list[Sale]]:
    with writing(connection, now_ms) as transaction:
        outcomes = sales.sell(transaction, calls)
    sold = [outcome.value for outcome in outcomes if not isinstance(outcome, Exception)]
    return transaction, sold


def _answer(transaction: Tx, sold: Sequence[Sale]) -> None:
    bus = Bus(transaction.n_before)
    bus.listen(lambda events: None, {Kind.USER, Kind.SHOP})
    bus.publish(transaction.events)
    time_zone = transaction.shop.time_zone
    for sale in sold:
        msgspec.json.encode(wire.sale_out(sale, time_zone))
