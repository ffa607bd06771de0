"""The answers to calls that came with a key.

They are looked up in sets, and kept in the transaction of what they did. What is kept is
what was answered, byte for byte: nothing that changes later may change it. Rows without a
digest are older: theirs is the JSON of what was done, which is rendered anew.
"""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.audit import digest
from trastienda.storage import schema
from trastienda.storage.transactions import Tx

_KEYS = schema.idempotency_keys.c

Render = Callable[[Any, ZoneInfo, int], bytes]
"""Makes the answer from what was done, in the shop's time zone and at a moment."""


class IdempotencyKey(Struct, frozen=True):
    """A caller's key for one request on one route.

    ``fingerprint`` tells equal requests from others, and ``render`` is how the caller's
    wire writes the answer.
    """

    user_id: int
    route: str
    key: str
    fingerprint: str
    render: Render

    @property
    def place(self) -> tuple[int, str, str]:
        """What makes two keys the same."""
        return self.user_id, self.route, self.key


class Kept(Struct, frozen=True):
    """The answer that was given, and the fingerprint of its request.

    ``is_rendered`` is false for an old answer: it is what was done, as JSON.
    """

    fingerprint: str
    result: str
    is_rendered: bool = True


class NewAnswer(Struct, frozen=True):
    """An answer to be kept, and the number of the registro of what was done."""

    key: IdempotencyKey
    result: str
    audit_id: int


def seal(
    place: tuple[int, str, str],
    fingerprint: str,
    result: str,
    at_ms: int,
    audit_id: int,
) -> str:
    """Return the digest of a kept answer: any later change of its row shows."""
    beside_it = msgspec.json.encode((*place, fingerprint, at_ms, audit_id))
    return digest(beside_it + result.encode())


_FIND = sa.select(
    _KEYS.user_id,
    _KEYS.route,
    _KEYS.key,
    _KEYS.fingerprint,
    _KEYS.result,
    _KEYS.audit_id,
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
        for user_id, route, key, fingerprint, result, audit_id in key_rows:
            is_rendered = audit_id is not None
            place = user_id, route, key
            answers[place] = Kept(fingerprint, result, is_rendered)
    return answers


def keep(
    transaction: Tx,
    answers: Sequence[NewAnswer],
) -> None:
    """Keep answers under their keys.

    The head counts them, so that one that is gone is missed.
    """
    now_ms = transaction.now_ms
    key_rows: list[tuple[Any, ...]] = []
    for answer in answers:
        transaction.take("key")
        place, fingerprint = answer.key.place, answer.key.fingerprint
        result, audit_id = answer.result, answer.audit_id
        sealed = seal(place, fingerprint, result, now_ms, audit_id)
        key_rows.append((*place, fingerprint, result, now_ms, audit_id, sealed))
    transaction.insert(schema.idempotency_keys, key_rows)
