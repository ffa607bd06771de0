"""Doing a thing once.

A call that comes again under the same key gets the answer that it got the first time.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.errors import KeyReused
from trastienda.storage import idempotency
from trastienda.storage.idempotency import IdempotencyKey, Kept, NewAnswer
from trastienda.storage.transactions import Tx

Value = TypeVar("Value")


class Outcome(Struct, Generic[Value], frozen=True):
    """What a call came to, and whether this is the answer of an earlier one.

    ``body`` is the answer as it is kept, None without a key. Of a repeat that is all there
    is: only of old ones, which were kept unrendered, ``done`` is known instead.
    """

    done: Value | None
    body: bytes | None = None
    replayed: bool = False

    @property
    def value(self) -> Value:
        """What was done; to be asked only where there is no ``body`` of a repeat."""
        assert self.done is not None
        return self.done


def replay(
    idempotency_key: IdempotencyKey,
    earlier: Kept,
    kind: type[Value],
) -> Outcome[Value]:
    """Return the earlier answer; raise KeyReused where it answered another request."""
    if earlier.fingerprint != idempotency_key.fingerprint:
        raise KeyReused
    if earlier.is_rendered:
        return Outcome(None, earlier.result.encode(), replayed=True)
    done = msgspec.json.decode(earlier.result, type=kind)
    return Outcome(done, replayed=True)


def render(
    transaction: Tx,
    idempotency_key: IdempotencyKey,
    value: object,
) -> bytes:
    """Return the answer as the caller's wire writes it, here and now."""
    time_zone = transaction.shop.time_zone
    return idempotency_key.render(value, time_zone, transaction.now_ms)


def once(
    transaction: Tx,
    idempotency_key: IdempotencyKey | None,
    kind: type[Value],
    perform: Callable[[], Value],
) -> Outcome[Value]:
    """Perform and keep the answer under the key, or return the answer kept there.

    Only successes are kept. The first registro that is written is the one of the answer.
    """
    if idempotency_key is None:
        return Outcome(perform())

    answers = idempotency.find(transaction, [idempotency_key])
    earlier = answers.get(idempotency_key.place)
    if earlier is not None:
        return replay(idempotency_key, earlier, kind)

    audit_id = transaction.peek("audit")
    value = perform()
    body = render(transaction, idempotency_key, value)
    answer = NewAnswer(idempotency_key, body.decode(), audit_id)
    idempotency.keep(transaction, [answer])
    return Outcome(value, body)
