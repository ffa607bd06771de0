"""Private messages: rows in, rows out, and which of them wait for somebody."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain.chat import PrivateMessage
from trastienda.storage import dialects, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_MESSAGES = schema.private_messages.c
_SELECT = sa.select(
    _MESSAGES.id,
    _MESSAGES.at_ms,
    _MESSAGES.sender,
    _MESSAGES.alias,
    _MESSAGES.recipient,
    _MESSAGES.recipient_alias,
    _MESSAGES.text,
    _MESSAGES.client_id,
)
_LAST_ID = dialects.Prepared(sa.select(sa.func.coalesce(sa.func.max(_MESSAGES.id), 0)))
_BY_CLIENT_ID = dialects.Prepared(
    _SELECT.where(
        _MESSAGES.client_id == sa.bindparam("client_id"),
        _MESSAGES.sender == sa.bindparam("sender"),
    )
)
_WAITING = dialects.Prepared(
    _SELECT.where(
        _MESSAGES.recipient == sa.bindparam("recipient"),
        _MESSAGES.delivered_at_ms.is_(None),
    ).order_by(_MESSAGES.id)
)
_FROM_SENDER = sa.case((_MESSAGES.sender == sa.bindparam("sender"), 1), else_=0)
_MAILBOX = dialects.Prepared(
    sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(sa.func.length(_MESSAGES.text)), 0),
        sa.func.coalesce(sa.func.sum(_FROM_SENDER), 0),
    ).where(
        _MESSAGES.recipient == sa.bindparam("recipient"),
        _MESSAGES.delivered_at_ms.is_(None),
    )
)


class Mailbox(Struct, frozen=True):
    """What waits for somebody: messages, their characters, and how many are of one sender."""

    messages: int
    chars: int
    from_sender: int


def _build(row: tuple[Any, ...]) -> PrivateMessage:
    message_id, at_ms, sender, alias, recipient, recipient_alias, text, client_id = row
    return PrivateMessage(
        id=message_id,
        at_ms=at_ms,
        sender=sender,
        alias=alias,
        recipient=recipient,
        recipient_alias=recipient_alias,
        text=text,
        client_id=client_id,
    )


def next_id(connection: Connection) -> int:
    """Return the id of the next private message."""
    ((last_id,),) = connection.fetch(_LAST_ID)
    return int(last_id) + 1


def find_by_client_id(
    connection: Connection,
    sender: str,
    client_id: str,
) -> PrivateMessage | None:
    """Return the message that its sender sent under this id of their own."""
    rows = connection.fetch(_BY_CLIENT_ID, client_id=client_id, sender=sender)
    return _build(rows[0]) if rows else None


def add(
    transaction: Tx,
    message: PrivateMessage,
    *,
    delivered: bool,
) -> None:
    """Add a message; one that is not ``delivered`` waits for its recipient."""
    row = (
        message.id,
        message.at_ms,
        message.sender,
        message.alias,
        message.recipient,
        message.recipient_alias,
        message.text,
        message.client_id,
        transaction.now_ms if delivered else None,
    )
    transaction.insert(schema.private_messages, [row])


def forget(
    transaction: Tx,
    before_ms: int,
    limit: int,
) -> int:
    """Delete the oldest messages from before that moment, delivered or not.

    Returns how many it were, at most ``limit``. The last one of all stays, since the
    next one is numbered after it.
    """
    connection = transaction.connection
    last_id = next_id(connection) - 1
    outdated = sa.select(_MESSAGES.id).where(
        _MESSAGES.at_ms < before_ms, _MESSAGES.id < last_id
    )
    oldest = outdated.order_by(_MESSAGES.id).limit(limit)
    message_ids = [row.id for row in connection.execute(oldest)]
    chosen = _MESSAGES.id.in_(message_ids)
    connection.execute(sa.delete(schema.private_messages).where(chosen))
    return len(message_ids)


def list_waiting(connection: Connection, recipient: str) -> list[PrivateMessage]:
    """Return the messages that wait for a member, oldest first."""
    message_rows = connection.fetch(_WAITING, recipient=recipient)
    return [_build(message_row) for message_row in message_rows]


def mailbox(
    connection: Connection,
    recipient: str,
    sender: str,
) -> Mailbox:
    """Return how much waits for a member, and how much of it is from ``sender``."""
    (sums,) = connection.fetch(_MAILBOX, recipient=recipient, sender=sender)
    return Mailbox(*sums)


def mark_delivered(
    transaction: Tx,
    ids: Collection[int],
) -> None:
    """Store that these messages have reached their recipient."""
    transaction.connection.execute(
        sa.update(schema.private_messages)
        .where(_MESSAGES.id.in_(list(ids)))
        .values(delivered_at_ms=transaction.now_ms)
    )
