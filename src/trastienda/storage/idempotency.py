"""The answers to calls that came with a key.

They are looked up in sets, and kept in the transaction of what they did.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.storage import schema
from trastienda.storage.transactions import Tx

_KEYS = schema.idempotency_keys.c


class IdempotencyKey(Struct, frozen=True):
    """A caller's key for one request on one route.

    ``fingerprint`` tells equal requests from others.
    """

    user_id: int
    route: str
    key: str
    fingerprint: str

    @property
    def place(self) -> tuple[int, str, str]:
        """What makes two keys the same."""
        return self.user_id, self.route, self.key


class Kept(Struct, frozen=True):
    """The answer that was given, as JSON, and the fingerprint of its request."""

    fingerprint: str
    result: str


_FIND = sa.select(
    _KEYS.user_id, _KEYS.route, _KEYS.key, _KEYS.fingerprint, _KEYS.result
).where(
    sa.tuple_(_KEYS.user_id, _KEYS.route, _KEYS.key).in_(
        sa.bindparam("places", expanding=True)
    )
)


def find(
    transaction: Tx,
    keys: Sequence[IdempotencyKey],
) -> dict[tuple[int, str, str], Kept]:
    """Return the answers kept under these keys."""
    connection = transaction.connection
    places = sorted({key.place for key in keys})

    answers = {}
    for chunk in connection.chunks(places, width=3):
        key_rows = connection.execute(_FIND, {"places": chunk})
        for user_id, route, key, fingerprint, result in key_rows:
            answers[user_id, route, key] = Kept(fingerprint, result)
    return answers


def keep(
    transaction: Tx,
    answers: Sequence[tuple[IdempotencyKey, str]],
) -> None:
    """Keep answers under their keys.

    The head counts them, so that one that is gone is missed.
    """
    for _ in answers:
        transaction.take("key")
    key_rows: list[tuple[Any, ...]] = [
        (
            key.user_id,
            key.route,
            key.key,
            key.fingerprint,
            result,
            transaction.now_ms,
        )
        for key, result in answers
    ]
    transaction.insert(schema.idempotency_keys, key_rows)
