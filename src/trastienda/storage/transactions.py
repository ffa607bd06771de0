"""One state of the shop to read, and one transaction to write.

A transaction has its moment, its numbers, its audit rows and its events.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain import audit as trail
from trastienda.domain.audit import AuditRow
from trastienda.domain.events import Audience, Event, Kind, Subject
from trastienda.domain.people import Actor
from trastienda.domain.shop import Shop
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection, Patience
from trastienda.storage.errors import Conflict

Clock = Callable[[], int]
"""Tells the time in milliseconds since 1970 UTC."""

_HEAD = dialects.Prepared(sa.select(schema.head))
_N = dialects.Prepared(sa.select(schema.head.c.last_n))
_SHOP = dialects.Prepared(sa.select(schema.shop.c.content))
_ADVANCE = (
    sa.update(schema.head)
    .where(
        schema.head.c.last_n == sa.bindparam("old_n"),
        schema.head.c.chain_hash == sa.bindparam("old_hash"),
    )
    .values(
        {
            **{f"last_{name}": sa.bindparam(f"new_{name}") for name in schema.COUNTERS},
            "chain_hash": sa.bindparam("new_hash"),
            "summed_until_ms": sa.bindparam("new_summed_until_ms"),
        }
    )
)


class Snapshot:
    """One state of the shop: everything read through it belongs together.

    ``n`` is the number of the last announcement that this state contains.
    """

    def __init__(
        self,
        connection: Connection,
        now_ms: int,
    ) -> None:
        self.connection = connection
        self.now_ms = now_ms

    @cached_property
    def n(self) -> int:
        """The number of the last announcement that is in what is read here.

        0 where the head is lost: proving the books says so.
        """
        head_rows = self.connection.fetch(_N)
        return int(head_rows[0][0]) if head_rows else 0

    @cached_property
    def shop(self) -> Shop:
        """The shop's page."""
        ((content,),) = self.connection.fetch(_SHOP)
        return msgspec.json.decode(content, type=Shop)


Query = TypeVar("Query", bound=Callable[..., Any])

_LOOKUPS: set[Callable[..., Any]] = set()


def lookup(query: Query) -> Query:
    """Declare a query as a look-up by key: it reads few rows, whatever the shop holds.

    The reader answers it at once where the database is in this process.
    """
    _LOOKUPS.add(query)
    return query


def is_lookup(query: Callable[..., Any]) -> bool:
    """Return whether the query was declared a look-up by key."""
    return query in _LOOKUPS


@lookup
def last_n(snapshot: Snapshot) -> int:
    """Return the number of the last announcement."""
    return snapshot.n


class _Mark(Struct):
    last: dict[str, int]
    chain_hash: str
    audit_rows: int
    events: int


class Tx(Snapshot):
    """A transaction that writes.

    ``now_ms`` is fixed. Numbers, audit rows and events are given out in memory. They reach
    the database in :meth:`finish`, whose last statement moves the head row and so puts the
    commits of all nodes in one order.
    """

    def __init__(
        self,
        connection: Connection,
        now_ms: int,
    ) -> None:
        super().__init__(connection, now_ms)
        _, *numbers, chain_hash, summed_until_ms, _ = connection.fetch(_HEAD)[0]
        self._last: dict[str, int] = dict(zip(schema.COUNTERS, numbers, strict=True))
        self._chain_hash = str(chain_hash)
        self._old = (self._last["n"], self._chain_hash)
        self._summed_until_ms: int = summed_until_ms
        self._reaches_back_to_ms = now_ms
        self._audit_rows: list[tuple[Any, ...]] = []
        self._origin_seals: dict[str, tuple[str | None, str | None]] = {}
        self.events: list[Event] = []

    @property
    def n_before(self) -> int:
        """The number of the last announcement before this transaction."""
        return self._old[0]

    def peek(self, counter: str) -> int:
        """Return the number that :meth:`take` will give next."""
        return self._last[counter] + 1

    def take(self, counter: str) -> int:
        """Return the next number of ``counter``; a rollback gives it back."""
        self._last[counter] += 1
        return self._last[counter]

    def audit(
        self,
        actor: Actor,
        action: str,
        detail: dict[str, Any],
    ) -> AuditRow:
        """Add a row to the audit trail and return it."""
        row_id = self.take("audit")
        detail_text = trail.detail_text(detail)
        salt, seal = self._sealed_origin(actor.origin)
        content = trail.canonical(
            row_id,
            self.now_ms,
            actor.user_id,
            action,
            seal or actor.origin,
            detail_text,
        )

        previous_hash = self._chain_hash
        self._chain_hash = trail.chain(previous_hash, content)
        audit_row = (
            row_id,
            self.now_ms,
            actor.user_id,
            action,
            actor.origin,
            detail_text,
            previous_hash,
            self._chain_hash,
            salt,
            seal,
        )
        self._audit_rows.append(audit_row)
        return AuditRow(*audit_row)

    def _sealed_origin(self, origin: str) -> tuple[str | None, str | None]:
        """Return the salt and the seal of an origin that is an address.

        Its rows of one transaction share them: they are forgotten together.
        """
        sealed = self._origin_seals.get(origin)
        if sealed is None:
            sealed = None, None
            if trail.names_an_address(origin):
                salt = secrets.token_hex(16)
                sealed = salt, trail.seal_origin(origin, salt)
            self._origin_seals[origin] = sealed
        return sealed

    def emit(
        self,
        kind: Kind,
        audience: Audience,
        subject: Subject,
        source: int | None = None,
    ) -> Event:
        """Announce ``subject`` to ``audience`` once this is committed.

        ``source`` is as in :class:`Event`.
        """
        event = Event(
            n=self.take("n"),
            kind=kind,
            at_ms=self.now_ms,
            audience=audience,
            subject=subject,
            source=source,
        )
        self.events.append(event)
        return event

    def reach_back(self, at_ms: int) -> None:
        """Say that something of that moment is written.

        Sums of days that had not ended before it are made anew.
        """
        self._reaches_back_to_ms = min(self._reaches_back_to_ms, at_ms)

    def keep_day(
        self,
        from_ms: int,
        until_ms: int,
        content: str,
    ) -> None:
        """Keep the sums of a day that is over."""
        day_row = {"from_ms": from_ms, "until_ms": until_ms, "content": content}
        self.connection.execute(sa.insert(schema.day_summaries), day_row)
        self._summed_until_ms = max(self._summed_until_ms, until_ms)

    def insert(
        self,
        table: sa.Table,
        rows: list[tuple[Any, ...]],
    ) -> None:
        """Insert rows that give every column of ``table`` in its order."""
        self.connection.insert(table, rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails inside leaves no trace.

        Neither rows nor numbers, audit rows or events of it are left.
        """
        mark = _Mark(
            last=dict(self._last),
            chain_hash=self._chain_hash,
            audit_rows=len(self._audit_rows),
            events=len(self.events),
        )
        self.connection.savepoint()
        try:
            yield
        except BaseException:
            self.connection.rollback_to_savepoint()
            self._last = mark.last
            self._chain_hash = mark.chain_hash
            del self._audit_rows[mark.audit_rows :]
            del self.events[mark.events :]
            self.__dict__.pop("shop", None)
            raise
        self.connection.release()

    def finish(self) -> None:
        """Write what was gathered, and move the head last.

        Raises Conflict where another node was faster.
        """
        # After an import, or where the clock was set back, summed days are no longer true.
        if self._reaches_back_to_ms < self._summed_until_ms:
            self._summed_until_ms = self._reaches_back_to_ms
            days = schema.day_summaries
            outdated = days.c.until_ms > self._reaches_back_to_ms
            self.connection.execute(sa.delete(days).where(outdated))

        self.insert(schema.audit, self._audit_rows)
        encode = msgspec.json.encode
        journal_rows: list[tuple[Any, ...]] = [
            (
                event.n,
                event.at_ms,
                event.kind,
                encode(event.audience).decode(),
                encode(event.subject).decode(),
            )
            for event in self.events
        ]
        self.insert(schema.journal, journal_rows)

        old_n, old_hash = self._old
        new_numbers = {f"new_{name}": number for name, number in self._last.items()}
        head = {
            **new_numbers,
            "new_hash": self._chain_hash,
            "new_summed_until_ms": self._summed_until_ms,
            "old_n": old_n,
            "old_hash": old_hash,
        }
        advanced = self.connection.execute(_ADVANCE, head)
        if advanced.rowcount != 1:
            raise Conflict


@contextmanager
def write_transaction(
    connection: Connection,
    waits_on: Patience | None = None,
) -> Iterator[None]:
    """A transaction that may write, without the numbers and events of :class:`Tx`.

    Another writer is waited for as :meth:`begin_write` does. Raises BusyError.
    """
    connection.begin_write(waits_on)
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def writing(
    connection: Connection,
    clock: Clock,
    waits_on: Patience | None = None,
) -> Iterator[Tx]:
    """A transaction from BEGIN to COMMIT.

    On return what was done in it is on the disk; after an error, none of it. Another
    writer is waited for as long as ``waits_on`` says. Raises BusyError.
    """
    with write_transaction(connection, waits_on):
        transaction = Tx(connection, clock())
        yield transaction
        transaction.finish()


class read_snapshot:
    """One state of the shop from the first read on, whatever is written meanwhile."""

    __slots__ = ("_clock", "_connection")

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._clock = clock

    def __enter__(self) -> Snapshot:
        self._connection.begin_read()
        snapshot = Snapshot(self._connection, self._clock())
        _ = snapshot.n  # the first read fixes the state
        return snapshot

    def __exit__(self, *error: object) -> None:
        self._connection.rollback()
