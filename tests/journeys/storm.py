"""Many clients at once who never give up: what they ask, what they are answered, and what may
not be so."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.harness.clients import replayed, whole_answer

from trastienda.clients.sdk import (
    Answer,
    ApiError,
    Call,
    Client,
    ConnectionLost,
    ShopError,
    Unavailable,
    Venta,
)
from trastienda.clients.sdk.values import Amount, Payments

PRICES = {"PAN": 990, "LECHE": 1493, "HUEVO": 255, "RADIO": 24_990, "QUESO": 8000}
BY_WEIGHT = "QUESO"
CUSTOMER = "33333333-3"
CONFLICTS = {"stock_insuficiente", "devolucion_excesiva", "sin_deuda"}
"""The refusals that a storm brings about. Any other is a mistake: an expired token, an
unreadable body."""

SALE, RETURN, SETTLING = (
    "/ventas-detalle",
    "/ventas/{id_venta}/devoluciones",
    "/ventas/{id_venta}/pagos",
)


@dataclass(frozen=True)
class Deed:
    """One thing to be done once, whatever it takes: the same key and body however often it is sent.

    ``user`` is the position of who does it in ``Storm.clients``: a key belongs to its user.
    """

    user: int
    call: Call[Any]

    @property
    def key(self) -> str:
        """Its Idempotency-Key."""
        assert self.call.key is not None
        return self.call.key


@dataclass
class Storm:
    """What all share, under one lock. ``clients`` are logged in and repeat nothing by
    themselves."""

    clients: Sequence[Client]
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)
    """No new deeds; those begun are brought to their end."""
    over: threading.Event = field(default_factory=threading.Event)
    """Leave at once: the test has failed."""
    done: dict[str, Answer] = field(default_factory=dict)
    """The first answer to each deed that succeeded, by key."""
    deeds: dict[str, Deed] = field(default_factory=dict)
    first_answers: Counter[str] = field(default_factory=Counter)
    """How often a deed was answered as done now, not as done before."""
    abandoned: list[Deed] = field(default_factory=list)
    """Deeds given up when the server went away: whether they were done, nobody knows."""
    board: deque[Deed] = field(default_factory=lambda: deque(maxlen=8))
    """Deeds that others send as well, at the same time."""
    sales: list[Venta] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    lost: int = 0
    mistakes: list[str] = field(default_factory=list)

    def ask(self, deed: Deed) -> Answer:
        """Send a deed once. Raises ConnectionLost where its outcome is unknown, ApiError where
        it was refused."""
        client = self.clients[deed.user]
        return client.run(whole_answer(deed.call))

    def note(self, deed: Deed, answer: Answer) -> None:
        """Keep what was answered, and say what should not have been."""
        with self.lock:
            self.answers += 1
            first = self.done.setdefault(deed.key, answer)
            if first is answer and deed.call.path == SALE:
                self.sales.append(deed.call.read(answer))

            if (first.status, first.json()) != (answer.status, answer.json()):
                self.mistakes.append(
                    f"{deed} was answered {first.json()}, then {answer.json()}"
                )

            if not replayed(answer):
                self.first_answers[deed.key] += 1
                if self.first_answers[deed.key] > 1:
                    self.mistakes.append(f"{deed} was done twice")

    def note_error(self, deed: Deed, error: ShopError) -> None:
        """Count a refusal, and say where it should not have been."""
        with self.lock:
            code = error.codigo if isinstance(error, ApiError) else "no refusal"
            self.refused[code] += 1
            if code not in CONFLICTS and not isinstance(error, Unavailable):
                self.mistakes.append(f"{deed} was refused: {error!r} {error}")

    def perform(self, deed: Deed, dice: random.Random) -> None:
        """Send a deed until it is answered; now and then give it up where the server went away."""
        with self.lock:
            self.deeds[deed.key] = deed
        gives_up = dice.random() < 0.2

        while not self.over.is_set():
            try:
                self.note(deed, self.ask(deed))
                return
            except ConnectionLost:
                with self.lock:
                    self.lost += 1
                    if gives_up:
                        self.abandoned.append(deed)
                        return
            except ShopError as error:
                self.note_error(deed, error)
                if not isinstance(error, Unavailable):
                    return
            time.sleep(dice.uniform(0.005, 0.03))


class Till(threading.Thread):
    """Sells what may be the last units, takes back, collects debts, and repeats what it is
    unsure of."""

    def __init__(self, storm: Storm, number: int) -> None:
        super().__init__(name=f"till-{number}")
        self._storm = storm
        self._dice = random.Random(number)
        self._user = number % len(storm.clients)
        self._keys = (f"{number}-{n}" for n in count())
        self._choices: list[tuple[int, Callable[[], Deed | None]]] = [
            (70, self._sale),
            (12, self._return),
            (8, self._settling),
            (5, self._repeat),
            (5, self._join),
        ]

    def run(self) -> None:
        weights, choices = zip(*self._choices, strict=True)
        while not self._storm.enough.is_set():
            choose = self._dice.choices(choices, weights)[0]
            deed = choose()
            if deed is not None:
                self._storm.perform(deed, self._dice)

    def _deed(self, call: Call[Any]) -> Deed:
        deed = Deed(self._user, call)
        if self._dice.random() < 0.1:
            self._storm.board.append(deed)
        return deed

    def _sale(self) -> Deed:
        """One to three products, one of them perhaps in two lines; paid at once, on account,
        or half and half."""
        dice = self._dice
        product_count = dice.choices((1, 2, 3), (5, 3, 2))[0]
        codes = dice.sample(sorted(PRICES), product_count)
        lines = [(code, self._quantity(code)) for code in codes]
        if dice.random() < 0.1:
            lines.append(lines[0])
        total = round(sum(PRICES[code] * quantity for code, quantity in lines))

        payments: Payments | None = None
        customer = expected_total = None
        way = dice.random()
        if way < 0.3:
            payments = [("debito", total)]
            expected_total = total
        elif way < 0.5:
            payments = [("pendiente", total)]
            customer = CUSTOMER
        elif way < 0.6:
            payments = [("pendiente", total // 2), ("efectivo", total + 10)]
            customer = CUSTOMER

        call = Client.sell(
            None,
            lines,
            payments,
            cliente=customer,
            total_esperado=expected_total,
            key=next(self._keys),
        )
        return self._deed(call)

    def _quantity(self, code: str) -> float:
        if code == BY_WEIGHT:
            return self._dice.choice((0.25, 0.5, 1))
        return self._dice.choice((1, 1, 1, 2))

    def _recent_sale(self) -> Venta | None:
        with self._storm.lock:
            recent = self._storm.sales[-200:]
        return self._dice.choice(recent) if recent else None

    def _return(self) -> Deed | None:
        """A unit of a sale, or all of it."""
        sale = self._recent_sale()
        if sale is None:
            return None

        lines: list[str | tuple[str, Amount]] | None = None
        restocked = self._dice.random() < 0.8
        if self._dice.random() < 0.6:
            code = self._dice.choice(sale.detalle).codigo_barras
            lines = [(code, 0.25 if code == BY_WEIGHT else 1)]
        call = Client.take_back(
            None,
            sale.id_venta,
            "no le gusto",
            lines,
            reponer=restocked,
            key=next(self._keys),
        )
        return self._deed(call)

    def _settling(self) -> Deed | None:
        """Some cash for a debt."""
        sale = self._recent_sale()
        if sale is None or not sale.pendiente:
            return None
        cash = self._dice.choice((130, 500, 2000, 50_000))
        call = Client.settle(
            None, sale.id_venta, {"efectivo": cash}, key=next(self._keys)
        )
        return self._deed(call)

    def _repeat(self) -> Deed | None:
        """Something that was done before, perhaps by another, before a crash or two."""
        with self._storm.lock:
            keys = list(self._storm.done)
        return self._storm.deeds[self._dice.choice(keys)] if keys else None

    def _join(self) -> Deed | None:
        """Something that another is about just now, under the same key."""
        try:
            return self._storm.board.pop()
        except IndexError:
            return None


class Stocker(threading.Thread):
    """Brings a few units of whatever has run out, so that there are always last ones."""

    def __init__(self, storm: Storm) -> None:
        super().__init__(name="stocker")
        self._storm = storm
        self._dice = random.Random(0)
        self._last_n = 0

    def run(self) -> None:
        keys = (f"stock-{n}" for n in count())
        while not self._storm.enough.is_set():
            scarce = self._scarce()
            if scarce:
                lines = [
                    (code, self._dice.randrange(3, 7), PRICES[code] // 2)
                    for code in scarce
                ]
                call = Client.buy(None, "Don Luis", lines, key=next(keys))
                self._storm.perform(Deed(0, call), self._dice)
            time.sleep(0.005)

    def _scarce(self) -> list[str]:
        """What has run out. The number of what the shop announced last never goes back, not by
        a crash either."""
        try:
            answer = self._storm.clients[0].request(
                "GET", "/products", query={"limite": 200}
            )
        except (ConnectionLost, Unavailable):
            time.sleep(0.01)
            return []
        except ShopError as error:
            with self._storm.lock:
                self._storm.mistakes.append(f"the shelves were not shown: {error!r}")
            return []

        n = int(answer.headers["trastienda-n"])
        if n < self._last_n:
            with self._storm.lock:
                self._storm.mistakes.append(
                    f"after {self._last_n} the shelves were at {n}"
                )
        self._last_n = n
        products = answer.json()["datos"]
        return [row["codigo_barras"] for row in products if row["stock"] < 2]
