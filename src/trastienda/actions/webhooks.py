"""Webhooks: made, changed and removed by administrators; and how far each has got."""

from collections.abc import Collection, Mapping

from msgspec import UNSET, Struct
from msgspec.structs import replace

from trastienda.actions.alerts import announce_webhook_off
from trastienda.domain.audit import Action
from trastienda.domain.destinations import parse_destination
from trastienda.domain.errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    TooManyWebhooks,
)
from trastienda.domain.events import NOBODY, Event, Kind, WebhookChanged
from trastienda.domain.people import HOUSE, Actor, Permission, Person, require
from trastienda.domain.webhooks import (
    MAX_WEBHOOKS,
    OVERLAP_MS,
    Off,
    Progress,
    Webhook,
    WebhookChange,
    WebhookDraft,
    is_for_webhooks,
    kind_names,
    seal_of,
)
from trastienda.storage import journal, people, webhooks
from trastienda.storage.transactions import Snapshot, Tx


def make(
    transaction: Tx,
    actor: Actor,
    draft: WebhookDraft,
    webhook_id: str,
    secret: str,
) -> Webhook:
    """Have announcements from now on be sent to an address.

    ``secret`` is sealed. Raises Forbidden, AlreadyExists or TooManyWebhooks.
    """
    require(actor, Permission.MANAGE_WEBHOOKS)
    if actor.user_id is None:
        raise Forbidden

    others = webhooks.everything(transaction.connection)
    if any(other.url == draft.url for other in others):
        raise AlreadyExists("url")
    if len(others) >= MAX_WEBHOOKS:
        raise TooManyWebhooks

    event = _announce(transaction, webhook_id)
    webhook = Webhook(
        id=webhook_id,
        user_id=actor.user_id,
        url=draft.url,
        kinds=draft.kinds,
        off=None if draft.active else Off.ASKED,
        secret=secret,
        previous_secret=None,
        previous_until_ms=None,
        created_at_ms=transaction.now_ms,
        version=1,
        progress=Progress(n=event.n),
    )
    webhooks.add(transaction, webhook)
    detail = {
        "webhook": webhook.id,
        "address": _origin(webhook),
        "events": kind_names(webhook.kinds),
        "active": draft.active,
        "sealed": seal_of(webhook.url, webhook.secret),
    }
    transaction.audit(actor, Action.WEBHOOK_MADE, detail)
    return webhook


def change(
    transaction: Tx,
    actor: Actor,
    webhook_id: str,
    changes: WebhookChange,
) -> Webhook:
    """Change an address, what is sent there, whether anything is, or its secret.

    It goes on behind the last announcement that was taken, at once. Raises NotFound,
    Forbidden or AlreadyExists.
    """
    require(actor, Permission.MANAGE_WEBHOOKS)
    old = _get(transaction, webhook_id)
    new = old
    differing: dict[str, object] = {}

    if changes.url is not UNSET and changes.url != old.url:
        for other in webhooks.everything(transaction.connection):
            if other.url == changes.url:
                raise AlreadyExists("url")
        new = replace(new, url=changes.url)
        differing["address"] = _origin(new)
    if changes.kinds is not UNSET and changes.kinds != old.kinds:
        new = replace(new, kinds=changes.kinds)
        differing["events"] = kind_names(new.kinds)
    if changes.active is not UNSET and changes.active != (old.off is None):
        new = replace(new, off=None if changes.active else Off.ASKED)
        differing["active"] = changes.active
    if changes.secret is not UNSET:
        new = replace(
            new,
            secret=changes.secret,
            previous_secret=old.secret,
            previous_until_ms=transaction.now_ms + OVERLAP_MS,
        )
    if new == old:
        return old

    afresh = Progress(
        n=old.progress.n,
        gap_n=old.progress.gap_n,
        last=old.progress.last,
    )
    new = replace(new, progress=afresh, version=old.version + 1)
    webhooks.update(transaction, new)
    detail = {
        "webhook": new.id,
        "changes": differing,
        "sealed": seal_of(new.url, new.secret),
    }
    transaction.audit(actor, Action.WEBHOOK_CHANGED, detail)
    _announce(transaction, new.id)
    return new


def remove(
    transaction: Tx,
    actor: Actor,
    webhook_id: str,
) -> None:
    """Send nothing to an address any more, and forget it. Raises NotFound or Forbidden."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    webhook = _get(transaction, webhook_id)
    webhooks.delete(transaction, webhook.id)
    detail = {"webhook": webhook.id, "address": _origin(webhook)}
    transaction.audit(actor, Action.WEBHOOK_REMOVED, detail)
    _announce(transaction, webhook.id)


def listed(
    snapshot: Snapshot,
    actor: Actor,
) -> list[tuple[Webhook, Person]]:
    """Return all webhooks with who made each, newest first."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    return [
        (webhook, _maker(snapshot, webhook))
        for webhook in webhooks.everything(snapshot.connection)
    ]


def get(
    snapshot: Snapshot,
    actor: Actor,
    webhook_id: str,
) -> tuple[Webhook, Person]:
    """Return a webhook with who made it. Raises NotFound or Forbidden."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    webhook = _get(snapshot, webhook_id)
    return webhook, _maker(snapshot, webhook)


def in_use(snapshot: Snapshot) -> list[Webhook]:
    """Return the webhooks to which something is sent."""
    return [
        webhook
        for webhook in webhooks.everything(snapshot.connection)
        if webhook.off is None
    ]


class Batch(Struct, frozen=True):
    """What is to be sent next."""

    events: list[Event]
    reached_n: int
    """Up to here nothing else is to be sent."""
    has_gap: bool
    """Whether announcements are lost: then ``events`` are none, and ``reached_n`` is the last."""


def waiting(
    snapshot: Snapshot,
    after_n: int,
    kinds: Collection[Kind],
    limit: int,
) -> Batch:
    """Return what of some kinds was announced after number ``after_n``, at most ``limit``."""
    connection = snapshot.connection
    if not journal.knows(connection, after_n):
        return Batch([], snapshot.n, has_gap=True)

    events = journal.after_of_kinds(connection, after_n, kinds, limit)
    reached_n = events[-1].n if len(events) == limit else snapshot.n
    return Batch(
        [event for event in events if is_for_webhooks(event)],
        reached_n,
        has_gap=False,
    )


def note_progress(
    transaction: Tx,
    progress: Mapping[tuple[str, int], Progress],
) -> None:
    """Keep how far webhooks have got, each by its id and its version."""
    for (webhook_id, version), how_far in progress.items():
        webhooks.note_progress(transaction, webhook_id, version, how_far)


def stop(
    transaction: Tx,
    webhook_id: str,
    version: int,
    progress: Progress,
    reason: Off,
) -> None:
    """Turn an address off, and say so to administrators.

    Nothing happens where somebody has changed it meanwhile.
    """
    webhook = webhooks.find(transaction.connection, webhook_id)
    if webhook is None or webhook.version != version:
        return
    stopped = replace(webhook, off=reason, progress=progress, version=version + 1)
    webhooks.update(transaction, stopped)
    origin = _origin(webhook)
    detail = {"webhook": webhook.id, "address": origin, "why": reason.value}
    transaction.audit(HOUSE, Action.WEBHOOK_STOPPED, detail)
    _announce(transaction, webhook.id)
    announce_webhook_off(transaction, webhook.id, origin, reason)


def restored(
    transaction: Tx,
    n: int,
) -> None:
    """Have every address begin anew at announcement ``n``, and be told that there is a gap.

    What the shop had announced between the copy and now is lost, though some of it was sent.
    """
    for webhook in webhooks.everything(transaction.connection):
        last_n = (
            webhook.progress.n
            if webhook.progress.gap_n is None
            else webhook.progress.gap_n
        )
        anew = Progress(n=n, gap_n=last_n, last=webhook.progress.last)
        webhooks.update(transaction, replace(webhook, progress=anew))


def _get(
    snapshot: Snapshot,
    webhook_id: str,
) -> Webhook:
    webhook = webhooks.find(snapshot.connection, webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def _maker(
    snapshot: Snapshot,
    webhook: Webhook,
) -> Person:
    maker = people.by_id(snapshot.connection, webhook.user_id)
    assert maker is not None
    return Person(maker.rut, maker.name)


def _origin(webhook: Webhook) -> str:
    """Return an address without its path, which may hold a secret of its receiver."""
    return parse_destination(webhook.url, allows_private=True).origin


def _announce(
    transaction: Tx,
    webhook_id: str,
) -> Event:
    """Have whoever sends hear that there is something new about a webhook."""
    return transaction.emit(Kind.WEBHOOK, NOBODY, WebhookChanged(webhook_id))
