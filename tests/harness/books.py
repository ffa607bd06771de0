"""A shop in a database file, without a server: its people, its clock, and a way to sell."""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from tests.harness.cast import PASSWORD

from trastienda.actions import (
    chat,
    people,
    sales,
    shop,
)
from trastienda.actions.chat import Speaking
from trastienda.actions.once import Outcome
from trastienda.actions.sales import Selling
from trastienda.domain.audit import digest
from trastienda.domain.chat import Member, Message
from trastienda.domain.errors import Refusal
from trastienda.domain.payments import Payment
from trastienda.domain.people import SHELL, Actor, Role, User, UserDraft, check_draft
from trastienda.domain.sales import OrderLine, Sale, SaleOrder
from trastienda.domain.shop import Shop
from trastienda.storage.database import found_shop, migrate
from trastienda.storage.dialects import Connection, open_file
from trastienda.storage.idempotency import IdempotencyKey
from trastienda.storage.transactions import Clock, Snapshot, Tx, read_snapshot, writing

T = TypeVar("T")

OPENING_DAY_MS = 1_764_590_400_000
"""1 December 2025, 12:00 UTC."""

ANA = UserDraft(
    rut="11111111-1",
    name="Ana",
    username="ana",
    password=PASSWORD,
    role=Role.ADMINISTRATOR,
)
BETO = UserDraft(
    rut="22222222-2",
    name="Beto",
    username="beto",
    password=PASSWORD,
    role=Role.CASHIER,
)
CLARA = UserDraft(rut="33333333-3", name="Clara", username="clara", password=PASSWORD)
PASSWORD_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA"
    "$b2Ygbm9ib2R5IGF0IGFsbCwgYW5kIGZvciBub3RoaW5n"
)


def actor_of(user: User, origin: str = "test") -> Actor:
    return Actor(
        user_id=user.id,
        rut=user.rut,
        name=user.name,
        role=user.role,
        verified=user.verified,
        origin=origin,
    )


def ticking(start_ms: int = OPENING_DAY_MS, step_ms: int = 60_000) -> Clock:
    """A clock on which a minute goes by with every look."""
    moments = count(start_ms, step_ms)
    return lambda: next(moments)


def cut(connection: Connection) -> None:
    """Close the driver's connection under the shop's, as when a server goes away."""
    driver = connection.sql.connection.driver_connection
    assert driver is not None
    driver.close()


class TestShop:
    """An open shop: its database, its clock, and its people."""

    __test__ = False

    def __init__(self, path: Path, page: Shop | None = None) -> None:
        self.path = path
        self.database = open_file(path, durable=False)
        self.clock = ticking()
        migrate(self.database)
        found_shop(self.database, page or Shop(name="La Esquina"))
        self.do(shop.opened)
        self.ana = self.register(ANA)
        self.beto = self.register(BETO)
        self.clara = self.register(CLARA)

    def register(self, draft: UserDraft) -> Actor:
        return actor_of(
            self.do(
                lambda transaction: people.register(
                    transaction, SHELL, check_draft(draft, ""), PASSWORD_HASH
                )
            )
        )

    def do(self, work: Callable[[Tx], T]) -> T:
        """Run one transaction."""
        with (
            self.database.connect() as connection,
            writing(connection, self.clock) as transaction,
        ):
            return work(transaction)

    def look(self, read: Callable[[Snapshot], T]) -> T:
        """Read one state."""
        with (
            self.database.connect() as connection,
            read_snapshot(connection, self.clock) as snapshot,
        ):
            return read(snapshot)

    def sell(
        self, *lines: tuple[str, int | None], by: Actor | None = None, **more: Any
    ) -> Sale:
        """Sell; ``more`` is what :meth:`selling` takes."""
        return self.do(
            lambda transaction: sold(
                sales.sell(transaction, [self.selling(*lines, by=by, **more)])[0]
            )
        )

    def member(self, actor: Actor) -> Member:
        """Somebody with an account as a member of the chat."""
        return Member(alias=actor.name, actor=actor)

    def say(self, *said: tuple[Member, str, str]) -> list[Message | Refusal]:
        """Have members speak, all at once: who, in which room, what."""
        calls = [
            Speaking(member=member, room=room, text=text) for member, room, text in said
        ]
        return self.do(lambda transaction: chat.speak(transaction, calls))

    def selling(
        self,
        *lines: tuple[str, int | None],
        by: Actor | None = None,
        key: str | None = None,
        payments: Sequence[Payment] | None = None,
        customer_rut: str | None = None,
    ) -> Selling:
        actor = by or self.beto
        order = SaleOrder(
            lines=[OrderLine(code, milli) for code, milli in lines],
            payments=payments,
            customer_rut=customer_rut,
        )
        return Selling(
            actor, order, None if key is None else key_of(actor, "sales", key)
        )


def key_of(actor: Actor, route: str, key: str) -> IdempotencyKey:
    assert actor.user_id is not None
    fingerprint = digest(f"{route} {key}".encode())
    return IdempotencyKey(actor.user_id, route, key, fingerprint, as_it_is)


def as_it_is(value: object, _time_zone: object, _now_ms: int) -> bytes:
    """The answer as these tests read it: what was done, as JSON."""
    return msgspec.json.encode(value)


def done(outcome: Outcome[Any], kind: type[T]) -> T:
    """What was done, also where the answer is one that was kept."""
    if outcome.done is None:
        assert outcome.body is not None
        return msgspec.json.decode(outcome.body, type=kind)
    value: T = outcome.done
    return value


def sold(answer: Outcome[Sale] | Refusal) -> Sale:
    if isinstance(answer, Refusal):
        raise answer
    return done(answer, Sale)
