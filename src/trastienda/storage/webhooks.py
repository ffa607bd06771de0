"""Webhooks: rows in, rows out."""

import msgspec
import sqlalchemy as sa

from trastienda.domain.events import Kind
from trastienda.domain.webhooks import Off, Progress, Webhook
from trastienda.storage import lists, schema
from trastienda.storage.dialects import Connection
from trastienda.storage.transactions import Tx

_WEBHOOKS = schema.webhooks.c
_SELECT = sa.select(schema.webhooks)
_PROGRESS = msgspec.json.Decoder(Progress)


def _webhook(row: lists.Row) -> Webhook:
    kinds = None if row.kinds is None else tuple(map(Kind, row.kinds.split()))
    return Webhook(
        id=row.id,
        user_id=row.user_id,
        url=row.url,
        kinds=kinds,
        off=None if row.off is None else Off(row.off),
        secret=row.secret,
        previous_secret=row.previous_secret,
        previous_until_ms=row.previous_until_ms,
        created_at_ms=row.created_at_ms,
        version=row.version,
        progress=_PROGRESS.decode(row.progress),
    )


def _row(webhook: Webhook) -> dict[str, object]:
    kinds = webhook.kinds
    return {
        "id": webhook.id,
        "user_id": webhook.user_id,
        "url": webhook.url,
        "kinds": None if kinds is None else " ".join(kinds),
        "off": None if webhook.off is None else webhook.off.value,
        "secret": webhook.secret,
        "previous_secret": webhook.previous_secret,
        "previous_until_ms": webhook.previous_until_ms,
        "created_at_ms": webhook.created_at_ms,
        "version": webhook.version,
        "progress": _text(webhook.progress),
    }


def _text(progress: Progress) -> str:
    return msgspec.json.encode(progress).decode()


def add(
    transaction: Tx,
    webhook: Webhook,
) -> None:
    """Add a webhook; an IntegrityError where its address is taken."""
    transaction.connection.execute(sa.insert(schema.webhooks), _row(webhook))


def update(
    transaction: Tx,
    webhook: Webhook,
) -> None:
    """Write a webhook that has changed."""
    query = sa.update(schema.webhooks).where(_WEBHOOKS.id == webhook.id)
    transaction.connection.execute(query.values(_row(webhook)))


def note_progress(
    transaction: Tx,
    webhook_id: str,
    version: int,
    progress: Progress,
) -> None:
    """Write how far a webhook has got, if it has not been changed meanwhile."""
    query = sa.update(schema.webhooks).where(
        _WEBHOOKS.id == webhook_id,
        _WEBHOOKS.version == version,
    )
    transaction.connection.execute(query.values(progress=_text(progress)))


def delete(
    transaction: Tx,
    webhook_id: str,
) -> None:
    """Delete a webhook."""
    query = sa.delete(schema.webhooks).where(_WEBHOOKS.id == webhook_id)
    transaction.connection.execute(query)


def everything(connection: Connection) -> list[Webhook]:
    """Return all webhooks, newest first."""
    query = _SELECT.order_by(_WEBHOOKS.created_at_ms.desc(), _WEBHOOKS.id)
    return [_webhook(row) for row in connection.execute(query)]


def find(
    connection: Connection,
    webhook_id: str,
) -> Webhook | None:
    """Return the webhook with this id."""
    row = connection.execute(_SELECT.where(_WEBHOOKS.id == webhook_id)).first()
    return None if row is None else _webhook(row)
