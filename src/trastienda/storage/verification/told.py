"""Clause 2: the shop sends what it announces where administrators said, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from trastienda.domain.audit import Action
from trastienda.domain.verification import DOCUMENTS, Broken, Reason
from trastienda.domain.webhooks import seal_of
from trastienda.storage import schema
from trastienda.storage.verification.said import differing, registros
from trastienda.storage.verification.streams import Books, raw_rows

_WEBHOOKS = schema.webhooks.c


def broken_webhooks(books: Books) -> Iterator[Broken]:
    """Yield addresses that are not as they were made and changed, and those that are gone."""
    said: dict[str, dict[str, Any]] = {}
    for audit_id, _, action, detail in registros(books, *_OF_WEBHOOKS):
        webhook_id = detail["webhook"]
        if action == Action.WEBHOOK_REMOVED:
            del said[webhook_id]
        elif action == Action.WEBHOOK_STOPPED:
            said[webhook_id]["active"] = False
        else:
            fields = said.setdefault(webhook_id, {})
            fields |= detail.get("changes", detail)
            fields |= {"sealed": detail["sealed"], "sealed_by": audit_id}

    for position, row in enumerate(raw_rows(books.connection, _ROWS), start=1):
        webhook_id, url, secret, kinds, off = row
        place = (DOCUMENTS, "webhooks", position)
        expected = said.pop(webhook_id, None)
        if expected is None:
            yield Broken(*place, Reason.NOT_AUDITED)
            continue
        if seal_of(url, secret) != expected["sealed"]:
            data = {"audit": expected["sealed_by"]}
            yield Broken(*place, Reason.FINGERPRINT, data)
        stored = {
            "events": None if kinds is None else kinds.split(),
            "active": off is None,
        }
        yield from differing("webhooks", position, expected, stored)

    for position, _ in enumerate(said, start=1):
        yield Broken(DOCUMENTS, "webhooks", position, Reason.MISSING)


_OF_WEBHOOKS = (
    Action.WEBHOOK_MADE,
    Action.WEBHOOK_CHANGED,
    Action.WEBHOOK_STOPPED,
    Action.WEBHOOK_REMOVED,
)
_ROWS = sa.select(
    _WEBHOOKS.id,
    _WEBHOOKS.url,
    _WEBHOOKS.secret,
    _WEBHOOKS.kinds,
    _WEBHOOKS.off,
).order_by(_WEBHOOKS.created_at_ms, _WEBHOOKS.id)
