"""Many clients at once who never give up: what they ask for, what they were answered, and what may not be so."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.journeys.serving import Caller, LostError, Reply

Body = dict[str, Any]

PRICES = {"PAN": 990, "LECHE": 1493, "HUEVO": 255, "RADIO": 24_990, "QUESO": 8000}
BY_WEIGHT = "QUESO"
CUSTOMER = "33333333-3"
EXPECTED = {200, 201, 409, 503}
"""Whatever else is answered is a mistake: an expired token, an unreadable body, a failure in the server."""
CONFLICTS = {"stock_insuficiente", "devolucion_excesiva", "sin_deuda"}


@dataclass(frozen=True)
class Deed:
    """One thing to be done once, whatever it takes: the same key and body however often it is sent."""

    token: str
    path: str
    body: Body
    key: str


@dataclass
class Storm:
    """What all clients share, under one lock."""

    port: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)
    """No new deeds; those begun are brought to their end."""
    over: threading.Event = field(default_factory=threading.Event)
    """Leave at once: the test has failed."""
    done: dict[str, Reply] = field(default_factory=dict)
    """The first answer to each deed that succeeded, by key."""
    deeds: dict[str, Deed] = field(default_factory=dict)
    first_answers: Counter[str] = field(default_factory=Counter)
    """How often a deed was answered as done now, not as done before."""
    abandoned: list[Deed] = field(default_factory=list)
    """Deeds given up when the server went away; whether they were done, nobody was told."""
    board: deque[Deed] = field(default_factory=lambda: deque(maxlen=8))
    """Deeds that others send as well, at the same time."""
    sales: list[Body] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    mistakes: list[str] = field(default_factory=list)

    def note(self, deed: Deed, reply: Reply) -> None:
        """Keep what was answered, and say what should not have been."""
        with self.lock:
            self.statuses[reply.status] += 1
            if reply.status not in EXPECTED:
                self.mistakes.append(f"{deed} was answered {reply}")
            elif reply.status == 409:
                self.refused[reply.value["codigo"]] += 1
                if reply.value["codigo"] not in CONFLICTS:
                    self.mistakes.append(f"{deed} was refused: {reply.value}")
            elif reply.status in {200, 201}:
                self._keep(deed, reply)

    def _keep(self, deed: Deed, reply: Reply) -> None:
        first = self.done.setdefault(deed.key, reply)
        if first is reply and deed.path == "/ventas-detalle":
            self.sales.append(reply.value)
        if (first.status, first.value) != (reply.status, reply.value):
            self.mistakes.append(
                f"{deed} was answered {first.value}, then {reply.value}"
            )
        if not reply.replayed:
            self.first_answers[deed.key] += 1
            if self.first_answers[deed.key] > 1:
                self.mistakes.append(f"{deed} was done twice")

    def perform(self, caller: Caller, deed: Deed, dice: random.Random) -> Reply | None:
        """Send it until it is answered; now and then give it up where the server went away."""
        caller.token = deed.token
        with self.lock:
            self.deeds[deed.key] = deed
        gives_up = dice.random() < 0.2
        while not self.over.is_set():
            try:
                reply = caller.ask("POST", deed.path, deed.body, key=deed.key)
            except LostError:
                with self.lock:
                    self.lost += 1
                    if gives_up:
                        self.abandoned.append(deed)
                        return None
                time.sleep(dice.uniform(0.005, 0.03))
                continue
            self.note(deed, reply)
            if reply.status != 503:
                return reply
            time.sleep(dice.uniform(0.005, 0.03))
        return None


class Client(threading.Thread):
    """Somebody at a till: sells what may be the last units, takes back, collects, and repeats what it is unsure of."""

    def __init__(self, storm: Storm, number: int, token: str) -> None:
        super().__init__(name=f"client-{number}")
        self._storm = storm
        self._dice = random.Random(number)
        self._token = token
        self._keys = (f"{number}-{one}" for one in count())
        self._choices: list[tuple[int, Callable[[], Deed | None]]] = [
            (70, self._sale),
            (12, self._return),
            (8, self._settling),
            (5, self._repeat),
            (5, self._join),
        ]

    def run(self) -> None:
        weights, choices = zip(*self._choices, strict=True)
        with Caller(self._storm.port) as caller:
            while not self._storm.enough.is_set():
                deed = self._dice.choices(choices, weights)[0]()
                if deed is not None:
                    self._storm.perform(caller, deed, self._dice)

    def _deed(self, path: str, body: Body) -> Deed:
        deed = Deed(self._token, path, body, next(self._keys))
        if self._dice.random() < 0.1:
            self._storm.board.append(deed)
        return deed

    def _sale(self) -> Deed:
        """One to three products, one of them perhaps in two lines; paid at once, on account, or half and half."""
        dice = self._dice
        codes = dice.sample(sorted(PRICES), dice.choices((1, 2, 3), (5, 3, 2))[0])
        lines: list[Body] = [
            {"codigo_barras": code, "cantidad": self._quantity(code)} for code in codes
        ]
        if dice.random() < 0.1:
            lines.append(lines[0])
        total = round(
            sum(PRICES[line["codigo_barras"]] * line["cantidad"] for line in lines)
        )
        body: Body = {"detalle": lines}
        how = dice.random()
        if how < 0.3:
            body |= {
                "pagos": [{"medio": "debito", "monto": total}],
                "total_esperado": total,
            }
        elif how < 0.5:
            body |= {
                "pagos": [{"medio": "pendiente", "monto": total}],
                "cliente": CUSTOMER,
            }
        elif how < 0.6:
            half = total // 2
            pagos = [
                {"medio": "pendiente", "monto": half},
                {"medio": "efectivo", "monto": total + 10},
            ]
            body |= {"pagos": pagos, "cliente": CUSTOMER}
        return self._deed("/ventas-detalle", body)

    def _quantity(self, code: str) -> int | float:
        return (
            self._dice.choice((0.25, 0.5, 1))
            if code == BY_WEIGHT
            else self._dice.choice((1, 1, 1, 2))
        )

    def _some_sale(self) -> Body | None:
        with self._storm.lock:
            recent = self._storm.sales[-200:]
        return self._dice.choice(recent) if recent else None

    def _return(self) -> Deed | None:
        sale = self._some_sale()
        if sale is None:
            return None
        body: Body = {"motivo": "no le gusto", "reponer": self._dice.random() < 0.8}
        if self._dice.random() < 0.6:
            line = self._dice.choice(sale["detalle"])
            quantity = 0.25 if line["codigo_barras"] == BY_WEIGHT else 1
            body["detalle"] = [
                {"codigo_barras": line["codigo_barras"], "cantidad": quantity}
            ]
        return self._deed(f"/ventas/{sale['id_venta']}/devoluciones", body)

    def _settling(self) -> Deed | None:
        sale = self._some_sale()
        if sale is None or not sale["pendiente"]:
            return None
        given = self._dice.choice((130, 500, 2000, 50_000))
        return self._deed(
            f"/ventas/{sale['id_venta']}/pagos",
            {"pagos": [{"medio": "efectivo", "monto": given}]},
        )

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
    """Somebody who brings a few units of whatever has run out, so that there are always last ones."""

    def __init__(self, storm: Storm, token: str) -> None:
        super().__init__(name="stocker")
        self._storm = storm
        self._dice = random.Random(0)
        self._token = token
        self._n = 0

    def run(self) -> None:
        keys = (f"stock-{one}" for one in count())
        with Caller(self._storm.port, self._token) as caller:
            while not self._storm.enough.is_set():
                scarce = self._scarce(caller)
                if scarce:
                    lines = [
                        {
                            "codigo_barras": code,
                            "cantidad": self._dice.randrange(3, 7),
                            "costo": PRICES[code] // 2,
                        }
                        for code in scarce
                    ]
                    deed = Deed(
                        self._token,
                        "/compras-detalle",
                        {"proveedor": "Don Luis", "detalle": lines},
                        next(keys),
                    )
                    self._storm.perform(caller, deed, self._dice)
                time.sleep(0.005)

    def _scarce(self, caller: Caller) -> list[str]:
        """What has run out; and the number of what the shop announced last never goes back, not by a crash either."""
        try:
            reply = caller.ask("GET", "/products?limite=200")
        except LostError:
            time.sleep(0.01)
            return []
        with self._storm.lock:
            self._storm.statuses[reply.status] += 1
            if reply.status == 503:
                return []
            n = int(reply.headers["trastienda-n"])
            if reply.status != 200 or n < self._n:
                self._storm.mistakes.append(
                    f"after {self._n} the shelves were at {n}: {reply.status}"
                )
                return []
        self._n = n
        return [
            one["codigo_barras"] for one in reply.value["datos"] if one["stock"] < 2
        ]
