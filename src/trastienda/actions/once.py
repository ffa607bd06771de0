"""Doing a thing once.

A call that comes again under the same key gets the answer that it got the first time.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from trastienda.domain.errors import KeyReused
from trastienda.storage import idempotency
from trastienda.storage.idempotency import IdempotencyKey, Kept
from trastienda.storage.transactions import Tx

Value = TypeVar("Value")


class Outcome(Struct, Generic[Value], frozen=True):
    """What a call came to, and whether this is the answer of an earlier one."""

    value: Value
    replayed: bool = False


def replay(
    idempotency_key: IdempotencyKey,
    earlier: Kept,
    kind: type[Value],
) -> Outcome[Value]:
    """Return the earlier answer; raise KeyReused where it answered another request."""
    if earlier.fingerprint != idempotency_key.fingerprint:
        raise KeyReused
    return Outcome(msgspec.json.decode(earlier.result, type=kind), replayed=True)


def once(
    transaction: Tx,
    idempotency_key: IdempotencyKey | None,
    kind: type[Value],
    perform: Callable[[], Value],
) -> Outcome[Value]:
    """Perform and keep the answer under the key, or return the answer kept there.

    Only successes are kept.
    """
    if idempotency_key is None:
        return Outcome(perform())

    answers = idempotency.find(transaction, [idempotency_key])
    earlier = answers.get(idempotency_key.place)
    if earlier is not None:
        return replay(idempotency_key, earlier, kind)

    value = perform()
    result = msgspec.json.encode(value).decode()
    idempotency.keep(transaction, [(idempotency_key, result)])
    return Outcome(value)
