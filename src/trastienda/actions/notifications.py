"""Notifying: one user, by an administrator; all administrators, by the shop itself."""

from collections.abc import Sequence

from msgspec.structs import replace

from trastienda.domain.audit import Action
from trastienda.domain.chat import Alert
from trastienda.domain.errors import NotFound
from trastienda.domain.events import Audience, Kind
from trastienda.domain.lists import Page, Window
from trastienda.domain.notifications import (
    PRODUCTS_LISTED,
    TOPIC_OF,
    UNSEEN_LISTED,
    Facts,
    LowProducts,
    Notification,
    NotificationSeen,
    Topic,
    check_words,
    facts_text,
)
from trastienda.domain.people import Actor, Permission, require
from trastienda.domain.products import Product
from trastienda.domain.rut import normalise
from trastienda.storage import notifications, people
from trastienda.storage.transactions import Snapshot, Tx


def notify(
    transaction: Tx,
    actor: Actor,
    rut: str,
    title: str,
    text: str,
) -> Notification:
    """Tell one user something, which is kept until they have seen it.

    Raises Forbidden, Invalid, or NotFound where nobody has this RUT.
    """
    require(actor, Permission.NOTIFY)
    title, text = check_words(title, text)
    user = people.by_rut(transaction.connection, normalise(rut))
    if user is None:
        raise NotFound

    notification = Notification(
        id=notifications.next_id(transaction.connection),
        user_id=user.id,
        at_ms=transaction.now_ms,
        topic=Topic.WRITTEN,
        title=title,
        text=text,
    )
    _add(transaction, [notification])
    # Who wrote to whom; the words are between the two of them.
    detail = {"notification": notification.id, "rut": user.rut}
    transaction.audit(actor, Action.NOTIFIED, detail)
    return notification


def notify_administrators(
    transaction: Tx,
    facts: Facts,
) -> None:
    """Tell every active administrator what the shop noticed."""
    connection = transaction.connection
    next_id = notifications.next_id(connection)
    user_ids = people.active_administrators(connection)
    batch = [
        Notification(
            id=notification_id,
            user_id=user_id,
            at_ms=transaction.now_ms,
            topic=TOPIC_OF[type(facts)],
            title="",
            text=facts_text(facts),
        )
        for notification_id, user_id in enumerate(user_ids, start=next_id)
    ]
    _add(transaction, batch)


def notify_of_low_stock(
    transaction: Tx,
    products: Sequence[Product],
) -> None:
    """Tell administrators what fell below its minimum: at once, all that fell together."""
    if not products:
        return

    alerts = tuple(map(Alert.of, products[:PRODUCTS_LISTED]))
    notify_administrators(transaction, LowProducts(alerts, len(products) - len(alerts)))


def _add(
    transaction: Tx,
    batch: Sequence[Notification],
) -> None:
    notifications.add(transaction, batch)
    for notification in batch:
        audience = Audience(user_ids=(notification.user_id,))
        transaction.emit(Kind.NOTIFICATION, audience, notification)


def unseen(
    snapshot: Snapshot,
    actor: Actor,
) -> list[Notification]:
    """Return what the actor has not seen yet, newest last.

    Of more than UNSEEN_LISTED it is the last ones.
    """
    user_id = _require_own(actor)
    return notifications.unseen(snapshot.connection, user_id, UNSEEN_LISTED)


def listed(
    snapshot: Snapshot,
    actor: Actor,
    window: Window,
    *,
    waiting: bool | None = None,
) -> Page[Notification]:
    """Return a page of the actor's notifications, newest first.

    ``waiting`` leaves only those that were not seen, or only those that were.
    """
    user_id = _require_own(actor)
    return notifications.listed(snapshot.connection, window, user_id, waiting=waiting)


def see(
    transaction: Tx,
    actor: Actor,
    notification_id: int,
) -> Notification:
    """Take a notification of the actor's as seen, and return it.

    The first time counts, and is announced to all of their sessions. Somebody else's is
    NotFound.
    """
    user_id = _require_own(actor)
    connection = transaction.connection
    notification = notifications.find(connection, notification_id, user_id)
    if notification is None:
        raise NotFound
    if notification.seen_at_ms is not None:
        return notification

    now_ms = transaction.now_ms
    notifications.mark_seen(transaction, notification_id)
    seen = NotificationSeen(notification_id, user_id, now_ms)
    transaction.emit(Kind.NOTIFICATION_SEEN, Audience(user_ids=(user_id,)), seen)
    return replace(notification, seen_at_ms=now_ms)


def _require_own(actor: Actor) -> int:
    """Return who the actor is.

    Programs have none of their own: their key may be of a lesser role than its maker.
    """
    require(actor, Permission.KEEP_ACCOUNT)
    if actor.user_id is None:
        raise NotFound
    return actor.user_id
