"""Doing a thing once: a call that comes again under the same key gets the answer that it got the first time."""

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


def replay(key: IdempotencyKey, kept: Kept, kind: type[Value]) -> Outcome[Value]:
    """Return the answer kept; raise KeyReused where it was the answer to another request."""
    if kept.fingerprint != key.fingerprint:
        raise KeyReused
    return Outcome(msgspec.json.decode(kept.result, type=kind), replayed=True)


def once(
    transaction: Tx,
    key: IdempotencyKey | None,
    kind: type[Value],
    perform: Callable[[], Value],
) -> Outcome[Value]:
    """Perform and keep the answer under ``key``, or return the one kept. Only successes are kept."""
    if key is None:
        return Outcome(perform())
    kept = idempotency.find(transaction, [key]).get(key.place)
    if kept is not None:
        return replay(key, kept, kind)
    value = perform()
    idempotency.keep(transaction, [(key, msgspec.json.encode(value).decode())])
    return Outcome(value)
